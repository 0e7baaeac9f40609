// What was defined otherwise since a script was written.
#include <algorithm>
#include <map>
#include <set>

#include "knowledge/transfers/postgres_schema.h"

namespace lakeshift::transfers {
namespace {

using Things = std::map<std::pair<std::string, std::string>, std::multiset<std::string>>;

// Rights and logins come and go with the fence, roles are written only while the target lacks them;
// what views hold is no definition.
bool is_definition(const SchemaStep& step) {
  static const std::set<std::string> kOthers = {"ACL",     "DEFAULT ACL", "ROLE",
                                                "SETTING", "MEMBERSHIP",  "MATERIALIZED VIEW DATA"};
  const bool of_role = step.kind == "COMMENT" && step.name.starts_with("ROLE ");
  return !step.is_setting && !of_role && !kOthers.contains(step.kind);
}

Things things_of(const SchemaScript& script) {
  Things things;
  for (const SchemaPart part :
       {SchemaPart::before_data, SchemaPart::after_data, SchemaPart::validation})
    for (const SchemaStep& step : script.of(part))
      if (is_definition(step)) things[{step.kind, step.name}].insert(step.sql);
  return things;
}

}  // namespace

std::vector<std::string> changed_definitions(const SchemaScript& before, const SchemaScript& now) {
  const Things was = things_of(before);
  const Things is = things_of(now);
  std::vector<std::string> changes;
  for (const auto& [thing, sql] : is) {
    const auto known = was.find(thing);
    if (known != was.end() && known->second == sql) continue;
    changes.push_back((known == was.end() ? "new " : "changed ") + thing.first + " " +
                      thing.second);
  }
  for (const auto& [thing, sql] : was)
    if (!is.contains(thing)) changes.push_back("gone " + thing.first + " " + thing.second);
  return changes;
}

}  // namespace lakeshift::transfers
