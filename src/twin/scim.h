// The parts of SCIM (RFC 7644) that the platform serves: filters, attribute selection, PATCH
// operations.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "core/base/json.h"
#include "core/base/result.h"

namespace lakeshift::twin {

using ScimTest = std::function<bool(const Json& resource)>;
// `userName eq "a" and (active eq true or emails.value co "@b")`. An empty filter accepts
// everything. Errors: SCIM 400 invalidFilter.
Result<ScimTest> parse_scim_filter(std::string_view text);

// Carries out one operation {op, path, value} on a resource. Paths: attribute, attribute.member,
// attribute[filter], attribute[filter].member. Errors: SCIM 400 invalidPath, invalidValue,
// invalidSyntax.
Status apply_scim_operation(Json& resource, const Json& operation);

// Only the attributes of the comma separated list (and id and schemas); "" keeps all.
Json select_attributes(const Json& resource, std::string_view attributes,
                       std::string_view excluded);

}  // namespace lakeshift::twin
