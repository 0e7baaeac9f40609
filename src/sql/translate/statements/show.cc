// SHOW TABLE and SHOW VIEW: the statement that makes one; SHOW of a setting: its value; SHOW
// DATASHARES: shares. docs.databricks.com/sql/language-manual/sql-ref-syntax-aux-show-shares
// (2026-11).
#include "sql/translate/statement_rule.h"

namespace lakeshift::sql::statements::show {
namespace {

constexpr std::string_view kRows[] = {"show_table", "show_view", "show_external_table", "show",
                                      "show_datashares"};

// A pattern of LIKE as the regular expression of SHOW SHARES, where * is any text; empty where a
// mark could mean something else.
std::string share_pattern(std::string_view like) {
  std::string out;
  for (const char c : like) {
    const bool plain =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '%';
    if (!plain && c != '_') return "";
    out += c == '%' ? '*' : c == '_' ? '.' : c;
  }
  return out;
}

Node* shares(Rewriter& rewriter, const Node* node) {
  std::string like;
  std::string pattern;
  if (const Node* given = node->get(Role::value)) {
    read_string(given, like);
    pattern = share_pattern(like);
    if (pattern.empty()) {
      rewriter.refuse(node, "sql-no-equivalent",
                      "the pattern '" + like + "' is not known to mean the same in SHOW SHARES",
                      "use letters, digits, _ and % only");
      return nullptr;
    }
  }
  rewriter.applied("show-shares");
  rewriter.note(node, "sql-show-shares",
                "what is shown are the shares of Unity Catalog, in columns of their own",
                "datashares are made again as shares before");
  return assemble(
      rewriter, node, "show_shares",
      {rewriter.words("SHOW SHARES"), pattern.empty() ? nullptr : rewriter.words("LIKE"),
       pattern.empty() ? nullptr : rewriter.string(pattern)});
}

// Of Redshift's settings Databricks has two.
Node* setting(Rewriter& rewriter, const Node* node) {
  const std::string name = plain_name(node->get(Role::name));
  if (name == "datashares") return shares(rewriter, node);
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
  if (node->text() == "show_datashares") return shares(rewriter, node);
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
