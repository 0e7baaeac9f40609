// The three kinds of SCIM resources: how they are named, checked, shown and changed.
#pragma once

#include <string>
#include <string_view>

#include "twin/context.h"

namespace lakeshift::twin {

struct ScimKind {
  std::string_view kind;      // user
  std::string_view resource;  // Users
  std::string_view title;     // User
  std::string_view name;      // member that names it: userName
};
const ScimKind& scim_users();
const ScimKind& scim_groups();
const ScimKind& scim_service_principals();

// Shows rows as the API answers them: groups of a principal and names of members are looked up.
class ScimShow {
 public:
  ScimShow(const Context& context, const ScimKind& kind) : context_(context), kind_(kind) {}
  Json full(const Row& row) const;

 private:
  void show_members(Json& document) const;
  const Context& context_;
  const ScimKind& kind_;
};

// Checks and adds; returns the new id. Errors are SCIM errors.
Result<std::string> create_scim(Context& context, const ScimKind& kind, const Json& body);
Status change_scim(Context& context, const ScimKind& kind, const std::string& id, Json wanted);
Status remove_scim(Context& context, const ScimKind& kind, const Row& row);
// From a file: ids and built-in groups are kept, members may name principals that come later.
Status load_scim(Context& context, const ScimKind& kind, Json document);

}  // namespace lakeshift::twin
