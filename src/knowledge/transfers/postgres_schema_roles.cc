// Roles, memberships, passwords; settings, comment and rights of the database: what pg_dump of one
// database leaves out.
#include <algorithm>
#include <set>

#include "core/base/strings.h"
#include "knowledge/transfers/postgres_schema.h"

namespace lakeshift::transfers {
namespace {

using databases::PostgresCatalog;
using databases::PostgresSession;
using databases::PostgresThing;
using databases::quote_literal;
using databases::quote_name;

bool has_role(const PostgresCatalog& catalog, const std::string& name) {
  const auto roles = catalog.of("role");
  return std::any_of(roles.begin(), roles.end(),
                     [&](const PostgresThing* role) { return role->name == name; });
}

// Rights that only a superuser gives, and what CREATE ROLE calls them.
constexpr std::pair<const char*, const char*> kSuperRights[] = {
    {"super", "SUPERUSER"}, {"replication", "REPLICATION"}, {"bypass_rls", "BYPASSRLS"}};

std::string create_role(const PostgresThing& role, bool super, std::string& lost) {
  std::string sql = "CREATE ROLE " + quote_name(role.name);
  if (bool_at(role.facts, "login")) sql += " LOGIN";
  if (!bool_at(role.facts, "inherit", true)) sql += " NOINHERIT";
  if (bool_at(role.facts, "create_db")) sql += " CREATEDB";
  if (bool_at(role.facts, "create_role")) sql += " CREATEROLE";
  for (const auto& [fact, word] : kSuperRights) {
    if (!bool_at(role.facts, fact)) continue;
    if (super)
      sql += std::string(" ") + word;
    else
      lost += (lost.empty() ? "" : ", ") + std::string(word);
  }
  if (const long long limit = int_at(role.facts, "connection_limit", -1); limit != -1)
    sql += " CONNECTION LIMIT " + std::to_string(limit);
  if (const std::string until = text_at(role.facts, "valid_until"); !until.empty())
    sql += " VALID UNTIL " + quote_literal(until);
  return sql;
}

bool has_membership(const databases::PostgresCatalog& target, const PostgresThing& wanted) {
  const auto there = target.of("membership");
  return std::any_of(there.begin(), there.end(), [&](const PostgresThing* one) {
    return one->name == wanted.name &&
           (bool_at(one->facts, "admin") || !bool_at(wanted.facts, "admin"));
  });
}

std::string grant_membership(const PostgresThing& membership, bool with_options) {
  const auto truth = [&](const char* fact) {
    return bool_at(membership.facts, fact) ? "TRUE" : "FALSE";
  };
  std::string sql = "GRANT " + quote_name(text_at(membership.facts, "of_role")) + " TO " +
                    quote_name(text_at(membership.facts, "member"));
  if (with_options && membership.facts.contains("inherit"))
    return sql + " WITH ADMIN " + truth("admin") + ", INHERIT " + truth("inherit") + ", SET " +
           truth("set");
  return bool_at(membership.facts, "admin") ? sql + " WITH ADMIN OPTION" : sql;
}

// Parameters whose value is a list of names: its text is spelled as SET wants it.
bool is_list(const std::string& name) {
  static const std::set<std::string> kLists = {
      "local_preload_libraries",  "search_path",      "session_preload_libraries",
      "shared_preload_libraries", "temp_tablespaces", "unix_socket_directories"};
  return kLists.contains(to_lower(name));
}

void add_setting(const SchemaSides& sides, const PostgresThing& setting, SchemaScript& script) {
  const std::string database = text_at(setting.facts, "database"),
                    role = text_at(setting.facts, "role"),
                    assignment = text_at(setting.facts, "assignment");
  const std::size_t equals = assignment.find('=');
  const std::string name = assignment.substr(0, equals), value = assignment.substr(equals + 1);
  if (!role.empty() && !moves_role(sides, role)) return;
  const auto superuser_settings = sides.target.of("superuser_setting");
  if (!bool_at(sides.target.server, "super") &&
      std::any_of(superuser_settings.begin(), superuser_settings.end(),
                  [&](const PostgresThing* one) { return one->name == name; })) {
    script.left_out.push_back({"setting-superuser", "SETTING", setting.name,
                               "only a superuser sets " + name + " there",
                               "set it with the service's parameters"});
    return;
  }
  const std::string here = quote_name(text_at(sides.target.server, "database"));
  std::string sql = role.empty() ? "ALTER DATABASE " + here
                                 : "ALTER ROLE " + quote_name(role) +
                                       (database.empty() ? "" : " IN DATABASE " + here);
  sql += " SET " + quote_name(name) + " TO " +
         (is_list(name) && !trim(replace_all(value, "\"\"", "")).empty() ? value
                                                                         : quote_literal(value));
  script.after_data.push_back({"SETTING", setting.name, sql});
}

void add_database_rights(const SchemaSides& sides, SchemaScript& script) {
  const std::string here = quote_name(text_at(sides.target.server, "database")),
                    owner = text_at(sides.source.server, "owner");
  bool began = false;
  for (const PostgresThing* grant : sides.source.of("grant")) {
    if (text_at(grant->facts, "on_kind") != "database") continue;
    if (!began)
      script.after_data.push_back(
          {"ACL", "DATABASE", "REVOKE ALL ON DATABASE " + here + " FROM PUBLIC"});
    began = true;
    const std::string grantee = text_at(grant->facts, "grantee");
    if (grantee == owner || (grantee != "public" && !moves_role(sides, grantee))) continue;
    script.after_data.push_back(
        {"ACL", grant->name,
         "GRANT " + text_at(grant->facts, "privilege") + " ON DATABASE " + here + " TO " +
             (grantee == "public" ? "PUBLIC" : quote_name(grantee)) +
             (bool_at(grant->facts, "grantable") ? " WITH GRANT OPTION" : "")});
  }
}

}  // namespace

bool moves_role(const SchemaSides& sides, const std::string& role) {
  return !role.starts_with("pg_") && !sides.source_service.reserves_role(role);
}

void add_roles(const SchemaSides& sides, SchemaScript& script) {
  const bool super = bool_at(sides.target.server, "super");
  std::set<std::string> made;
  for (const PostgresThing* role : sides.source.of("role")) {
    if (!moves_role(sides, role->name)) {
      script.left_out.push_back({"role-of-the-service", "ROLE", role->name,
                                 "it is one of the source's service", "nothing to do"});
      continue;
    }
    if (has_role(sides.target, role->name)) continue;  // adopted as it is
    std::string lost;
    script.before_data.push_back({"ROLE", role->name, create_role(*role, super, lost)});
    made.insert(role->name);
    if (!lost.empty())
      script.left_out.push_back({"role-right", "ROLE", role->name,
                                 "the target's user cannot give it " + lost,
                                 "give it what the service has instead"});
    // Who is no superuser gives things only to roles that it is a member of.
    if (!super)
      script.before_data.push_back({"ROLE", role->name + " to the user of the move",
                                    "GRANT " + quote_name(role->name) + " TO CURRENT_USER"});
  }
  const bool options = sides.target.version >= 160000 && sides.source.version >= 160000;
  for (const PostgresThing* membership : sides.source.of("membership")) {
    const std::string of_role = text_at(membership->facts, "of_role"),
                      of_member = text_at(membership->facts, "member");
    if (!moves_role(sides, of_member) || sides.source_service.reserves_role(of_role)) continue;
    if (has_membership(sides.target, *membership)) continue;
    if (!super && of_member == text_at(sides.target.server, "role")) {
      script.left_out.push_back({"of-the-move", "MEMBERSHIP", membership->name,
                                 "the user of the move keeps the rights that it has there",
                                 "nothing to do"});
      continue;
    }
    script.before_data.push_back(
        {"MEMBERSHIP", membership->name, grant_membership(*membership, options)});
  }
  for (const PostgresThing* comment : sides.source.of("comment"))
    if (text_at(comment->facts, "on_kind") == "role" && made.contains(comment->name))
      script.before_data.push_back({"COMMENT", "ROLE " + comment->name,
                                    "COMMENT ON ROLE " + quote_name(comment->name) + " IS " +
                                        quote_literal(text_at(comment->facts, "text"))});
}

void add_database(const SchemaSides& sides, SchemaScript& script) {
  for (const PostgresThing* setting : sides.source.of("setting"))
    add_setting(sides, *setting, script);
  for (const PostgresThing* comment : sides.source.of("comment"))
    if (text_at(comment->facts, "on_kind") == "database")
      script.after_data.push_back({"COMMENT", "DATABASE",
                                   "COMMENT ON DATABASE " +
                                       quote_name(text_at(sides.target.server, "database")) +
                                       " IS " + quote_literal(text_at(comment->facts, "text"))});
  add_database_rights(sides, script);
}

Result<std::vector<SchemaIssue>> copy_role_passwords(PostgresSession& source,
                                                     PostgresSession& target,
                                                     const SchemaSides& sides) {
  std::vector<SchemaIssue> issues;
  const auto without = [&](const std::string& role, const std::string& reason) {
    issues.push_back({"role-password", "ROLE", role, reason,
                      "set it on the target: \\password " + role + " in psql"});
  };
  auto hashes = source.query("SELECT rolname, rolpassword FROM pg_authid WHERE rolcanlogin");
  if (!hashes) {
    if (!source.alive() || hashes.error().code == "cancelled") return fail(hashes.error());
    for (const PostgresThing* role : sides.source.of("role"))
      if (bool_at(role->facts, "login") && moves_role(sides, role->name))
        without(role->name, "the source does not show password hashes");
    return issues;
  }
  const std::string self = text_at(sides.target.server, "role");
  for (int r = 0; r < hashes->size(); ++r) {
    const std::string role = hashes->text(r, 0);
    if (!moves_role(sides, role) || role == self || !hashes->cell(r, 1)) continue;
    const Status set = target.exec("ALTER ROLE " + quote_name(role) + " PASSWORD " +
                                   quote_literal(*hashes->cell(r, 1)));
    if (set) continue;
    if (!target.alive() || set.error().code == "cancelled") return fail(set.error());
    without(role, "the target refused it (" + set.error().code + ")");
  }
  return issues;
}

}  // namespace lakeshift::transfers
