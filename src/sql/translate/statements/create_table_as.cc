// CREATE TABLE … AS, and what SELECT … INTO becomes.
#include "sql/translate/layout.h"
#include "sql/translate/statement_rule.h"

namespace lakeshift::sql {

Node* create_table_as(Rewriter& rewriter, const Node* place, const Node* name,
                      const QueryResult& query, bool temporary, Node* layout) {
  if (temporary) note_temporary(rewriter, name);
  Table table{plain_name(name)};
  table.temporary = temporary;
  for (const OutputColumn& one : query.columns)
    table.columns.push_back({std::string(one.name), one.type});
  if (query.complete) rewriter.created.push_back(std::move(table));
  std::vector<std::string> names;
  for (const OutputColumn& one : query.columns) names.emplace_back(one.name);
  rewriter.applied("create-table-as");
  return assemble(rewriter, place, "create_table",
                  {rewriter.words(temporary ? "CREATE OR REPLACE TABLE" : "CREATE TABLE"),
                   rewriter.as(Role::table, rewriter.object_name(name)), layout,
                   table_properties(rewriter, false, names), rewriter.words("AS"),
                   rewriter.as(Role::query, query.node)});
}

}  // namespace lakeshift::sql

namespace lakeshift::sql::statements::create_table_as {
namespace {

constexpr std::string_view kRows[] = {"create_table_as"};

Node* translate(Rewriter& rewriter, const Node* node) {
  const bool temporary = is_temporary(node);
  QueryResult query = rewriter.query(node->get(Role::query), true);
  if (const Node* columns = node->get(Role::columns))
    for (std::uint32_t i = 0; i < columns->count && i < query.columns.size(); ++i)
      query.columns[i].name = rewriter.copy(plain_name(columns->at(i)));
  Node* layout = table_layout(rewriter, node, {}, query.columns);
  if (node->says("IF NOT EXISTS") && !temporary)
    rewriter.note(node, "sql-if-not-exists",
                  "IF NOT EXISTS is kept: an existing table is left as it is", "");
  if (node->says("WITH NO DATA"))
    rewriter.refuse(node, "sql-no-equivalent", "WITH NO DATA has no equivalent",
                    "add WHERE FALSE to the query");
  if (const Node* columns = node->get(Role::columns)) {
    std::vector<Node*> names;
    for (const Node* one : columns->children()) names.push_back(rewriter.output_name(one));
    // CREATE TABLE t (a, b) AS … takes the names by a subquery's alias
    Node* alias =
        rewriter.make(Kind::alias, {rewriter.as(Role::name, rewriter.ident("renamed")),
                                    rewriter.as(Role::columns, rewriter.list(names, true))});
    Node* derived = rewriter.make(
        Kind::derived, {rewriter.as(Role::query, query.node), rewriter.as(Role::alias, alias)});
    Node* star = rewriter.make(Kind::star);
    Node* select = rewriter.make(Kind::select,
                                 {rewriter.as(Role::items, rewriter.make(Kind::list, {star})),
                                  rewriter.as(Role::from, rewriter.make(Kind::list, {derived}))});
    query.node = rewriter.make(Kind::query, {rewriter.as(Role::body, select)});
  }
  if (node->says("IF NOT EXISTS") && !temporary) {
    Node* made = lakeshift::sql::create_table_as(rewriter, node, node->get(Role::table), query,
                                                 false, layout);
    made->kids[0] = rewriter.words("CREATE TABLE IF NOT EXISTS");
    return made;
  }
  return lakeshift::sql::create_table_as(rewriter, node, node->get(Role::table), query, temporary,
                                         layout);
}

}  // namespace

extern const StatementRule kDefinition{.rows = kRows, .translate = translate};

}  // namespace lakeshift::sql::statements::create_table_as
