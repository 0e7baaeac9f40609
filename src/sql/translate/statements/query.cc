// Queries, and SELECT … INTO, which makes a table.
#include "sql/translate/layout.h"
#include "sql/translate/statement_rule.h"

namespace lakeshift::sql::statements::query {
namespace {

constexpr std::string_view kRows[] = {"query", "explain"};

Node* translate(Rewriter& rewriter, const Node* node) {
  if (node->kind == Kind::statement) {
    Node* inner = rewriter.statement(node->get(Role::target));
    if (!inner) return nullptr;
    return assemble(rewriter, node, "explain",
                    {rewriter.words("EXPLAIN"), rewriter.as(Role::target, inner)});
  }
  const Node* body = node->get(Role::body);
  const bool into = body->kind == Kind::select && body->get(Role::into);
  QueryResult result = rewriter.query(node, into);
  if (!result.into) {
    for (const OutputColumn& column : result.columns)
      if (column.type.is(Base::geometry) || column.type.is(Base::geography))
        rewriter.assume(
            "who reads geometries from this query knows Databricks' form of them: Redshift sends "
            "hexadecimal EWKB");
    return result.node;
  }
  const Node* name = result.into->at(0);
  const bool temporary = result.into->text() == "TEMPORARY" || name->text().starts_with('#');
  return create_table_as(rewriter, node, name, result, temporary, {});
}

}  // namespace

extern const StatementRule kDefinition{.rows = kRows, .translate = translate};

}  // namespace lakeshift::sql::statements::query
