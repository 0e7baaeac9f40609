// The field table of "$permissions": direct grants as engine/generic.h reads them.
#pragma once

#include "core/model/field.h"

namespace lakeshift::kinds {

inline constexpr model::Field kDirectGrant[] = {
    {.name = "user_name", .meaning = model::Meaning::person, .target = "user"},
    {.name = "group_name", .meaning = model::Meaning::group, .target = "group"},
    {.name = "service_principal_name",
     .meaning = model::Meaning::application,
     .target = "service_principal",
     .target_field = "applicationId"},
    {.name = "permission_level"},
};

// Set by calls of its own, never inside a create or an update.
inline constexpr model::Field kPermissions{.name = "$permissions",
                                           .role = model::Role::observed,
                                           .fields = kDirectGrant,
                                           .default_json = "[]",
                                           .unordered = true};

}  // namespace lakeshift::kinds
