// SHOW TABLE and SHOW VIEW: the statement that makes one.
#include "sql/translate/statement_rule.h"

namespace lakeshift::sql::statements::show {
namespace {

constexpr std::string_view kRows[] = {"show_table", "show_view"};

Node* translate(Rewriter& rewriter, const Node* node) {
  rewriter.applied("show-create");
  rewriter.note(node, "sql-show-create", "what is shown is the statement of Databricks",
                "do not parse it as Redshift's");
  return assemble(
      rewriter, node, "show_create",
      {rewriter.words("SHOW CREATE TABLE"), rewriter.object_name(node->get(Role::table))});
}

}  // namespace

extern const StatementRule kDefinition{.rows = kRows, .translate = translate};

}  // namespace lakeshift::sql::statements::show
