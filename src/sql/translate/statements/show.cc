// SHOW TABLE and SHOW VIEW: the statement that makes one; SHOW of a setting: its value.
#include "sql/translate/statement_rule.h"

namespace lakeshift::sql::statements::show {
namespace {

constexpr std::string_view kRows[] = {"show_table", "show_view", "show_external_table", "show"};

// Of Redshift's settings Databricks has two.
Node* setting(Rewriter& rewriter, const Node* node) {
  const std::string name = plain_name(node->get(Role::name));
  const std::string_view value = name == "search_path" ? "current_schema()"
                                 : name == "timezone"  ? "current_timezone()"
                                                       : "";
  if (value.empty()) {
    rewriter.refuse(node, "sql-setting", "the setting " + name + " is Redshift's own",
                    "leave the statement out");
    return nullptr;
  }
  rewriter.applied("show-setting");
  if (name == "search_path")
    rewriter.assume("the first schema of search_path is what SHOW search_path is asked for");
  return assemble(rewriter, node, "show_setting",
                  {rewriter.words("SELECT"), rewriter.fill(value, {}), rewriter.words("AS"),
                   rewriter.ident(name)});
}

Node* translate(Rewriter& rewriter, const Node* node) {
  if (node->text() == "show") return setting(rewriter, node);
  if (node->says("PARTITION")) {
    rewriter.refuse(node, "sql-no-equivalent",
                    "SHOW … PARTITION has no equivalent in one statement",
                    "SHOW PARTITIONS names them");
    return nullptr;
  }
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
