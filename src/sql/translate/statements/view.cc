// Views, materialised views, and dropping of things.
#include "sql/translate/layout.h"
#include "sql/translate/statement_rule.h"

namespace lakeshift::sql::statements::view {
namespace {

constexpr std::string_view kRows[] = {"create_view",
                                      "create_materialized_view",
                                      "refresh_materialized_view",
                                      "drop_view",
                                      "drop_materialized_view",
                                      "drop_table",
                                      "create_schema",
                                      "drop_schema",
                                      "alter_schema",
                                      "drop_function",
                                      "drop_procedure"};

Node* optional_words(Rewriter& rewriter, bool there, std::string_view words) {
  return there ? rewriter.words(words) : nullptr;
}

Node* create(Rewriter& rewriter, const Node* node) {
  const bool materialised = node->text() == "create_materialized_view";
  const bool temporary = node->says("TEMP") || node->says("TEMPORARY");
  QueryResult query = rewriter.query(node->get(Role::query), true);
  const Node* columns = node->get(Role::columns);
  std::vector<Node*> names;
  if (columns)
    for (const Node* one : columns->children()) names.push_back(rewriter.output_name(one));
  Table table{plain_name(node->get(Role::table))};
  table.view = true;
  for (std::size_t i = 0; i < query.columns.size(); ++i)
    table.columns.push_back({columns && i < columns->count
                                 ? plain_name(columns->at(static_cast<std::uint32_t>(i)))
                                 : std::string(query.columns[i].name),
                             query.columns[i].type});
  if (query.complete) rewriter.created.push_back(std::move(table));
  if (node->says("WITH NO SCHEMA BINDING")) {
    rewriter.applied("late-binding-view");
    rewriter.note(node, "sql-late-binding",
                  "WITH NO SCHEMA BINDING is left out: views of Databricks bind late, but their "
                  "tables must be there when they are made",
                  "create the tables first");
  }
  if (node->says("RECURSIVE"))
    rewriter.refuse(node, "sql-no-equivalent", "CREATE RECURSIVE VIEW has no equivalent",
                    "write WITH RECURSIVE inside the view");
  Node* layout = materialised ? table_layout(rewriter, node, {}) : nullptr;
  if (materialised)
    rewriter.note(node, "sql-materialized-view", "AUTO REFRESH is left out",
                  "set a schedule: CREATE MATERIALIZED VIEW … SCHEDULE EVERY …");
  rewriter.applied(materialised ? "materialized-view" : "view");
  const std::string_view head =
      materialised ? "CREATE MATERIALIZED VIEW"
      : node->says("OR REPLACE")
          ? (temporary ? "CREATE OR REPLACE TEMPORARY VIEW" : "CREATE OR REPLACE VIEW")
      : temporary ? "CREATE TEMPORARY VIEW"
                  : "CREATE VIEW";
  return assemble(
      rewriter, node, materialised ? "create_materialized_view" : "create_view",
      {rewriter.words(head), rewriter.as(Role::table, rewriter.object_name(node->get(Role::table))),
       columns ? rewriter.as(Role::columns, rewriter.list(names, true)) : nullptr, layout,
       rewriter.words("AS"), rewriter.as(Role::query, query.node)});
}

// One statement a name: Databricks drops one at a time.
Node* drop(Rewriter& rewriter, const Node* node, std::string_view what, Role role) {
  if (node->says("CASCADE") && what != "SCHEMA")
    rewriter.warn(
        node, "sql-cascade",
        "CASCADE is left out: what depends on the object stays, and fails when it is used",
        "drop the views that depend on it");
  const Node* names = node->get(role);
  Node* last = nullptr;
  const bool many = names && names->kind == Kind::list;
  const std::uint32_t count = many ? names->count : 1;
  for (std::uint32_t i = 0; i < count; ++i) {
    const Node* one = many ? names->at(i) : names;
    const Node* name =
        one->kind == Kind::table || one->get(Role::name) ? one->get(Role::name) : one;
    Node* statement =
        assemble(rewriter, i == 0 ? node : nullptr, "drop",
                 {rewriter.words("DROP"), rewriter.words(what),
                  optional_words(rewriter, node->says("IF EXISTS"), "IF EXISTS"),
                  rewriter.as(Role::names, rewriter.object_name(name)),
                  what == "SCHEMA" && node->says("CASCADE") ? rewriter.words("CASCADE") : nullptr});
    if (i == 0)
      last = statement;
    else
      rewriter.after.push_back(statement);
  }
  return last;
}

Node* schema(Rewriter& rewriter, const Node* node) {
  const Node* name = node->get(Role::schema);
  if (!name || node->get(Role::objects)) {
    rewriter.refuse(node, "sql-no-equivalent",
                    "CREATE SCHEMA without a name or with statements inside is not translated",
                    "write the statements one after the other");
    return nullptr;
  }
  if (node->get(Role::user)) {
    rewriter.note(node->get(Role::user), "sql-owner", "AUTHORIZATION is left out",
                  "give the schema its owner: ALTER SCHEMA … SET OWNER TO …");
  }
  if (node->says("QUOTA"))
    rewriter.note(node, "sql-quota", "QUOTA is left out: Databricks has none", "");
  return assemble(rewriter, node, "create_schema",
                  {rewriter.words("CREATE SCHEMA"),
                   optional_words(rewriter, node->says("IF NOT EXISTS"), "IF NOT EXISTS"),
                   rewriter.as(Role::schema, rewriter.object_name(name))});
}

Node* translate(Rewriter& rewriter, const Node* node) {
  const std::string_view row = node->text();
  if (row == "create_view" || row == "create_materialized_view") return create(rewriter, node);
  if (row == "refresh_materialized_view")
    return assemble(rewriter, node, row,
                    {rewriter.words("REFRESH MATERIALIZED VIEW"),
                     rewriter.as(Role::table, rewriter.object_name(node->get(Role::table)))});
  if (row == "drop_view" || row == "drop_materialized_view")
    return drop(rewriter, node, row == "drop_view" ? "VIEW" : "MATERIALIZED VIEW", Role::names);
  if (row == "drop_table") return drop(rewriter, node, "TABLE", Role::names);
  if (row == "drop_schema") return drop(rewriter, node, "SCHEMA", Role::names);
  if (row == "drop_function") return drop(rewriter, node, "FUNCTION", Role::names);
  if (row == "drop_procedure") return drop(rewriter, node, "PROCEDURE", Role::names);
  if (row == "create_schema") return schema(rewriter, node);
  if (const Node* owner = node->get(Role::user); owner && node->says("OWNER TO"))
    return assemble(
        rewriter, node, "alter_schema",
        {rewriter.words("ALTER SCHEMA"),
         rewriter.as(Role::schema, rewriter.object_name(node->get(Role::schema))),
         rewriter.words("SET OWNER TO"), rewriter.as(Role::user, rewriter.output_name(owner))});
  rewriter.refuse(node, "sql-no-equivalent",
                  "schemas are not renamed and have no quota in Databricks",
                  "create a schema of the new name and move the tables");
  return nullptr;
}

}  // namespace

extern const StatementRule kDefinition{.rows = kRows, .translate = translate};

}  // namespace lakeshift::sql::statements::view
