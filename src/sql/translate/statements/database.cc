// Databases, which are catalogs of Unity Catalog.
// docs.databricks.com/sql/language-manual/sql-ref-syntax-ddl-create-catalog (2026-11).
#include "sql/translate/statement_rule.h"

namespace lakeshift::sql::statements::database {
namespace {

constexpr std::string_view kRows[] = {"create_database", "drop_database", "alter_database"};

std::string words_of(const Node* node) {
  std::string out;
  for (const Node* kid : node->children())
    if (kid->kind == Kind::words) out += (out.empty() ? "" : " ") + std::string(kid->text());
  return out;
}

Node* owner(Rewriter& rewriter, const Node* name, const Node* user) {
  return assemble(rewriter, nullptr, "alter_catalog",
                  {rewriter.words("ALTER CATALOG"), rewriter.output_name(name),
                   rewriter.words("SET OWNER TO"), rewriter.output_name(user)});
}

void option(Rewriter& rewriter, const Node* name, const Node* given) {
  if (const Node* user = given->get(Role::user)) {
    rewriter.after.push_back(owner(rewriter, name, user));
    return;
  }
  const std::string words = words_of(given);
  if (words == "COLLATE CASE_SENSITIVE" || words == "COLLATE CS") return;
  if (words == "COLLATE CASE_INSENSITIVE" || words == "COLLATE CI") {
    rewriter.refuse(given, "sql-collation",
                    "a database whose texts are compared without case has no equivalent",
                    "give its columns the collation UTF8_LCASE");
    return;
  }
  if (words.starts_with("CONNECTION LIMIT") || words.starts_with("ISOLATION LEVEL")) {
    rewriter.note(given, "sql-setting",
                  "limits of connections and levels of isolation are left out: a catalog has none",
                  "tables of Delta have delta.isolationLevel");
    return;
  }
  rewriter.refuse(given, "sql-no-equivalent", "this option of a database has no equivalent",
                  "create the catalog by hand: CREATE CATALOG, CREATE FOREIGN CATALOG");
}

Node* translate(Rewriter& rewriter, const Node* node) {
  const Node* name = node->get(Role::database);
  rewriter.applied("database-to-catalog");
  rewriter.assume("a database is a catalog, of the same name");
  if (node->text() == "drop_database")
    return assemble(rewriter, node, "drop_catalog",
                    {rewriter.words("DROP CATALOG"),
                     node->says("IF EXISTS") ? rewriter.words("IF EXISTS") : nullptr,
                     rewriter.output_name(name), rewriter.words("CASCADE")});
  if (node->text() == "alter_database") {
    if (const Node* user = node->get(Role::user))
      return rewriter.at(node, owner(rewriter, name, user));
    rewriter.refuse(node, "sql-no-equivalent",
                    "a catalog is not renamed, and has no limits, collation or integration",
                    "create another catalog, and move the schemas into it");
    return nullptr;
  }
  for (const Node* given : node->children()) {
    if (given->role != Role::attributes) continue;
    if (given->kind != Kind::list) {
      option(rewriter, name, given);
      continue;
    }
    for (const Node* one : given->children()) option(rewriter, name, one);
  }
  return assemble(rewriter, node, "create_catalog",
                  {rewriter.words("CREATE CATALOG"), rewriter.output_name(name)});
}

}  // namespace

extern const StatementRule kDefinition{.rows = kRows, .translate = translate};

}  // namespace lakeshift::sql::statements::database
