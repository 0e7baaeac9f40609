// What of a dump does not go to the target, each with its reason.
#include <algorithm>

#include "core/base/strings.h"
#include "knowledge/transfers/postgres_schema.h"

namespace lakeshift::transfers {
namespace {

using databases::DumpStatement;

// The last word of "… OWNER TO ana" or "GRANT … TO ana", unquoted; "" when the statement is none.
std::string role_at_end(std::string_view sql, std::string_view mark) {
  const std::size_t place = sql.rfind(mark);
  if (place == std::string_view::npos) return {};
  std::string_view role = sql.substr(place + mark.size());
  constexpr std::string_view kOption = " WITH GRANT OPTION";
  if (role.ends_with(kOption)) role.remove_suffix(kOption.size());
  if (role.size() < 2 || role.front() != '"') return std::string(role);
  return replace_all(std::string(role.substr(1, role.size() - 2)), "\"\"", "\"");
}

SchemaIssue issue_of(const DumpStatement& statement, const std::string& code,
                     const std::string& reason, const std::string& remedy) {
  return {code, statement.kind,
          statement.schema.empty() ? statement.name : statement.schema + "." + statement.name,
          reason, remedy};
}

// A superuser of either side, whose things who is none may not give back to it.
bool is_superuser(const SchemaSides& sides, const std::string& role) {
  for (const auto* catalog : {&sides.source, &sides.target})
    for (const databases::PostgresThing* one : catalog->of("role"))
      if (one->name == role && bool_at(one->facts, "super")) return true;
  return false;
}

std::string concerned_role(const DumpStatement& statement) {
  if (contains(statement.sql, " OWNER TO ")) return role_at_end(statement.sql, " OWNER TO ");
  if (statement.sql.starts_with("GRANT ")) return role_at_end(statement.sql, " TO ");
  if (statement.sql.starts_with("REVOKE ")) return role_at_end(statement.sql, " FROM ");
  return {};
}

}  // namespace

SchemaIssue filter_statement(const DumpStatement& statement, const SchemaSides& sides) {
  const bool super = bool_at(sides.target.server, "super");
  if (statement.kind == "SUBSCRIPTION" ||
      (statement.kind == "COMMENT" && statement.name.starts_with("SUBSCRIPTION ")))
    return issue_of(statement, "subscription",
                    "it would fetch rows into the target before the switch, and holds a password",
                    "make it on the target at the switch");
  if (statement.kind == "USER MAPPING")
    return issue_of(statement, "user-mapping", "it may hold a password",
                    "make it by hand on the target");
  if (statement.kind.starts_with("PUBLICATION") &&
      (statement.name.starts_with("lakeshift") ||
       statement.name.find(" lakeshift") != std::string::npos))
    return issue_of(statement, "of-the-move", "lakeshift made it for this move", "nothing to do");
  if (statement.kind == "COMMENT" && statement.name.starts_with("EXTENSION ") && !super)
    return issue_of(
        statement, "extension-comment",
        "only the owner of an extension changes its comment, which is the service there",
        "nothing to do");
  const std::string role = concerned_role(statement);
  if (!super && contains(statement.sql, " OWNER TO ") && is_superuser(sides, role))
    return issue_of(statement, "owner-superuser",
                    "it belongs to superuser " + role + ", and to the user of the move there",
                    "nothing to do, or ALTER … OWNER TO another role");
  if (!role.empty() && sides.source_service.reserves_role(role))
    return issue_of(statement, "role-of-the-service",
                    "role " + role + " is one of the source's service", "nothing to do");
  return {};
}

}  // namespace lakeshift::transfers
