// GRANT and REVOKE, as privileges of Unity Catalog.
// docs.databricks.com/data-governance/unity-catalog/manage-privileges/privileges (2026-11).
#include <algorithm>

#include "sql/translate/statement_rule.h"

namespace lakeshift::sql::statements::grant {
namespace {

constexpr std::string_view kRows[] = {"grant", "revoke"};

// Where a column is empty, Unity Catalog has no such privilege there; "-" is what needs none.
struct Privilege {
  std::string_view redshift, table, schema, function, database;
};
constexpr Privilege kPrivileges[] = {
    {"SELECT", "SELECT", "SELECT", "", ""},
    {"INSERT", "MODIFY", "MODIFY", "", ""},
    {"UPDATE", "MODIFY", "MODIFY", "", ""},
    {"DELETE", "MODIFY", "MODIFY", "", ""},
    {"TRUNCATE", "MODIFY", "MODIFY", "", ""},
    {"ALL PRIVILEGES", "ALL PRIVILEGES", "ALL PRIVILEGES", "ALL PRIVILEGES", ""},
    {"ALL", "ALL PRIVILEGES", "ALL PRIVILEGES", "ALL PRIVILEGES", ""},
    {"USAGE", "", "USE SCHEMA", "", "USE CATALOG"},
    {"CREATE", "", "CREATE TABLE", "", "CREATE SCHEMA"},
    {"TEMP", "", "", "", "-"},
    {"TEMPORARY", "", "", "", "-"},
    {"EXECUTE", "", "EXECUTE", "EXECUTE", ""},
    {"DROP", "MANAGE", "MANAGE", "MANAGE", ""},
    {"ALTER", "MANAGE", "MANAGE", "MANAGE", ""},
};

std::string words_of(const Node* node) {
  std::string out;
  for (const Node* kid : node->children())
    if (kid->kind == Kind::words) out += (out.empty() ? "" : " ") + std::string(kid->text());
  return out;
}

std::string principal(Rewriter& rewriter, const Node* grantee) {
  const Node* user = grantee->get(Role::user);
  if (grantee->says("PUBLIC")) return "`account users`";
  const Node* role = grantee->get(Role::role);
  const Node* name = user ? user : role;
  if (!name || name->kind == Kind::string) {
    rewriter.refuse(grantee, "sql-grantee", "the grantee is no user, group or role",
                    "grant to a group of the account");
    return "``";
  }
  std::string plain = plain_name(name);
  return "`" + plain + "`";
}

Node* translate(Rewriter& rewriter, const Node* node) {
  const Node* objects = node->get(Role::objects);
  const bool revoke = node->text() == "revoke";
  std::string what;
  const Node* names = nullptr;
  const std::string words = words_of(objects);
  if (words.starts_with("ALL TABLES IN SCHEMA") || words.starts_with("ALL FUNCTIONS IN SCHEMA") ||
      words.starts_with("ALL PROCEDURES IN SCHEMA")) {
    what = "SCHEMA";
    names = objects->get(Role::schema);
    rewriter.note(node, "sql-grant-schema",
                  "privileges on a schema hold for what is in it, and for what will be", "");
  } else if (objects->get(Role::schema)) {
    what = "SCHEMA";
    names = objects->get(Role::schema);
  } else if (objects->get(Role::names)) {
    what = "TABLE";
    names = objects->get(Role::names);
  } else if (objects->get(Role::function)) {
    what = words.find("PROCEDURE") != words.npos ? "PROCEDURE" : "FUNCTION";
    names = objects->get(Role::function);
  }
  if (!names && objects->get(Role::language) && !revoke) {
    rewriter.applied("left-out");
    rewriter.warn(node, "sql-grant-language",
                  "USAGE ON LANGUAGE is left out: who may create functions in a schema may write "
                  "them in SQL and Python",
                  "grant CREATE FUNCTION on the schemas where they shall");
    return nullptr;
  }
  if (const Node* database = objects->get(Role::database)) {
    what = "CATALOG";
    names = database;
    rewriter.assume("a database is a catalog, of the same name");
  }
  if (!names) {
    rewriter.refuse(node, "sql-grant",
                    "privileges on " + (words.empty() ? std::string("this") : words) +
                        " have no equivalent in Unity Catalog",
                    "grant privileges on catalogs, schemas, tables or functions");
    return nullptr;
  }
  std::vector<std::string> privileges;
  for (const Node* one : node->get(Role::privileges)->children()) {
    const std::string said = words_of(one);
    if (one->get(Role::columns))
      rewriter.refuse(one, "sql-grant-columns",
                      "privileges on columns have no equivalent in Unity Catalog",
                      "use a column mask, or a view of the columns");
    std::string_view found;
    for (const Privilege& row : kPrivileges)
      if (row.redshift == said)
        found = what == "TABLE"     ? row.table
                : what == "SCHEMA"  ? row.schema
                : what == "CATALOG" ? row.database
                                    : row.function;
    if (found == "-") {
      if (revoke)
        rewriter.refuse(one, "sql-grant",
                        "temporary tables need no privilege that could be revoked",
                        "leave it out, if that is no matter");
      else
        rewriter.note(one, "sql-grant-temporary",
                      said + " is left out: temporary tables need no privilege", "");
      continue;
    }
    if (found.empty()) {
      rewriter.refuse(
          one, "sql-grant",
          "the privilege " + said + " on a " + what + " has no equivalent in Unity Catalog",
          "leave it out, or choose one of SELECT, MODIFY, USE SCHEMA, EXECUTE, MANAGE");
      continue;
    }
    if (std::find(privileges.begin(), privileges.end(), std::string(found)) == privileges.end())
      privileges.emplace_back(found);
    if (found == "MODIFY" && said != "MODIFY")
      rewriter.note(one, "sql-grant-modify",
                    said + " becomes MODIFY, which is INSERT, UPDATE, DELETE and TRUNCATE in one",
                    "");
  }
  if (node->says("WITH GRANT OPTION") || words_of(node).find("GRANT OPTION") != std::string::npos)
    rewriter.warn(node, "sql-grant-option", "GRANT OPTION is left out",
                  "give MANAGE to those who shall grant");
  if (privileges.empty()) {
    rewriter.applied("left-out");
    return nullptr;
  }
  std::string list;
  for (const std::string& one : privileges) list += (list.empty() ? "" : ", ") + one;
  Node* first = nullptr;
  std::vector<const Node*> targets;
  if (names->kind == Kind::list)
    targets.assign(names->children().begin(), names->children().end());
  else
    targets.push_back(names);
  for (const Node* grantee : node->get(Role::grantees)->children()) {
    if (grantee->says("WITH GRANT OPTION"))
      rewriter.warn(grantee, "sql-grant-option", "GRANT OPTION is left out",
                    "give MANAGE to those who shall grant");
    const std::string who = principal(rewriter, grantee);
    for (const Node* target : targets) {
      const Node* name =
          target->get(Role::name) && target->kind != Kind::name ? target->get(Role::name) : target;
      Node* statement =
          assemble(rewriter, nullptr, "grant",
                   {rewriter.words(revoke ? "REVOKE" : "GRANT"), rewriter.words(list),
                    rewriter.words("ON"), rewriter.words(what), rewriter.object_name(name),
                    rewriter.words(revoke ? "FROM" : "TO"), rewriter.ident(who)});
      if (!first)
        first = rewriter.at(node, statement);
      else
        rewriter.after.push_back(statement);
    }
  }
  rewriter.applied("grant");
  return first;
}

}  // namespace

extern const StatementRule kDefinition{.rows = kRows, .translate = translate};

}  // namespace lakeshift::sql::statements::grant
