// What users, groups and service principals have in common: SCIM 2.0 as the workspace speaks it.
// Source: databricks-sdk 0.162 service/iam.py; PATCH paths as in the workspace SCIM API reference
// (2024).
#pragma once

#include <string>
#include <string_view>

#include "core/engine/kind.h"
#include "core/model/field.h"

namespace lakeshift::kinds::scim {

inline constexpr std::string_view kUserSchema = "urn:ietf:params:scim:schemas:core:2.0:User";
inline constexpr std::string_view kGroupSchema = "urn:ietf:params:scim:schemas:core:2.0:Group";
inline constexpr std::string_view kServicePrincipalSchema =
    "urn:ietf:params:scim:schemas:core:2.0:ServicePrincipal";

// Elements of the sets `entitlements`, `roles` and `members`: only `value` is wanted, the rest
// describes it.
inline constexpr model::Field kEntitlement[] = {
    {.name = "value"},
    {.name = "display", .role = model::Role::read_only},
    {.name = "primary", .role = model::Role::read_only},
    {.name = "type", .role = model::Role::read_only},
    {.name = "$ref", .role = model::Role::read_only},
};
inline constexpr model::Field kRole[] = {
    {.name = "value", .meaning = model::Meaning::cloud_identity, .target = "instance_profile"},
    {.name = "display", .role = model::Role::read_only},
    {.name = "primary", .role = model::Role::read_only},
    {.name = "type", .role = model::Role::read_only},
    {.name = "$ref", .role = model::Role::read_only},
};

// Makes a document's sets canonical: members that only describe are dropped ("$ref" also because
// plans use that name), elements are sorted by value. `name` is one of groups, members, roles,
// entitlements.
void tidy_set(Json& document, std::string_view name);

// Operations of a PATCH that turn what `actual` has into what `desired` has. Placeholders count as
// missing.
class Patch {
 public:
  // A set of {"value": …}: adds what is missing, removes what is too much unless `only_add`.
  void change_set(const Json& actual, const Json& desired, std::string_view name,
                  bool only_add = false);
  // One scalar at a dotted path; nothing when equal. `fallback`: what an absent member means.
  void change_value(const Json& actual, const Json& desired, std::string_view path,
                    const Json& fallback = {});
  void replace(std::string_view path, Json value);

  bool empty() const { return operations_.empty(); }
  // PATCH calls of at most 100 operations each and 100 values per operation, in order, appended to
  // the change. Each is idempotent: adding what is there and removing what is not there changes
  // nothing.
  void append_to(const engine::PlanContext& context, model::Change& change, const std::string& name,
                 const std::string& note = {});

 private:
  Json operations_ = Json::array();
};

// The body of a create: what the field table lets a create send, with the schema.
Json create_body(const engine::PlanContext& context, std::string_view schema);

// Records that the source's externalId (the identity provider's own id) is not carried over.
void note_external_id(const engine::PlanContext& context, model::Change& change);

// The user or application that carries out the plan, as the target knows it; empty when unknown.
std::string caller_of(const Json& platform);

}  // namespace lakeshift::kinds::scim
