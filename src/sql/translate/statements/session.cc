// Transactions, settings, upkeep: what a session says beside its queries.
#include "sql/translate/statement_rule.h"

namespace lakeshift::sql::statements::session {
namespace {

constexpr std::string_view kRows[] = {"begin",
                                      "start_transaction",
                                      "commit",
                                      "end",
                                      "rollback",
                                      "abort",
                                      "set",
                                      "set_time_zone",
                                      "reset",
                                      "vacuum",
                                      "analyze",
                                      "analyze_compression",
                                      "comment",
                                      "use",
                                      "lock",
                                      "set_session_authorization",
                                      "set_transaction"};

Node* nothing(Rewriter& rewriter, const Node* node, std::string_view code, std::string message,
              std::string remedy) {
  rewriter.applied("left-out");
  rewriter.note(node, code, std::move(message), std::move(remedy));
  return nullptr;
}

Node* upkeep(Rewriter& rewriter, const Node* node) {
  const Node* table = node->get(Role::table);
  const Node* name =
      table ? (table->kind == Kind::table ? table->get(Role::name) : table) : nullptr;
  if (node->text() == "vacuum") {
    if (!name)
      return nothing(rewriter, node, "sql-upkeep", "VACUUM of all tables is left out",
                     "let predictive optimization do it");
    rewriter.note(node, "sql-upkeep",
                  "VACUUM sorts and reclaims in Redshift: OPTIMIZE clusters, VACUUM removes old "
                  "files after their retention",
                  "");
    rewriter.applied("vacuum-to-optimize");
    return assemble(
        rewriter, node, "optimize",
        {rewriter.words("OPTIMIZE"), rewriter.as(Role::table, rewriter.object_name(name))});
  }
  if (node->text() == "analyze_compression" || !name)
    return nothing(rewriter, node, "sql-upkeep",
                   "ANALYZE without a table, and ANALYZE COMPRESSION, are left out", "");
  rewriter.applied("analyze");
  std::vector<Node*> columns;
  if (const Node* given = node->get(Role::columns))
    for (const Node* one : given->children()) columns.push_back(rewriter.output_name(one));
  return assemble(
      rewriter, node, "analyze",
      {rewriter.words("ANALYZE TABLE"), rewriter.as(Role::table, rewriter.object_name(name)),
       rewriter.words("COMPUTE STATISTICS"),
       rewriter.words(columns.empty() ? "FOR ALL COLUMNS" : "FOR COLUMNS"),
       columns.empty() ? nullptr : rewriter.as(Role::columns, rewriter.list(columns))});
}

Node* comment(Rewriter& rewriter, const Node* node) {
  const Node* text = node->get(Role::comment);
  std::string value;
  if (text) read_string(text, value);
  Node* said = text ? rewriter.string(value) : rewriter.words("NULL");
  const auto on = [&](std::string_view what, const Node* name) {
    return assemble(rewriter, node, "comment",
                    {rewriter.words("COMMENT ON"), rewriter.words(what), rewriter.object_name(name),
                     rewriter.words("IS"), rewriter.as(Role::comment, said)});
  };
  if (node->get(Role::constraint) || node->get(Role::function) || node->get(Role::database)) {
    rewriter.refuse(
        node, "sql-no-equivalent",
        "comments on constraints, functions, procedures and databases have no equivalent statement",
        "write COMMENT in their CREATE statement");
    return nullptr;
  }
  if (const Node* schema = node->get(Role::schema)) return on("SCHEMA", schema);
  if (const Node* table = node->get(Role::table)) return on("TABLE", table);
  const Node* column = node->get(Role::name);
  if (!column || column->kind != Kind::name) {
    rewriter.refuse(node, "sql-no-equivalent", "the comment names no table's column",
                    "write table.column");
    return nullptr;
  }
  return on("COLUMN", column);
}

// SET … TO DEFAULT and RESET of what SET is translated for.
Node* default_setting(Rewriter& rewriter, const Node* node, const std::string& setting) {
  if (setting == "search_path") {
    rewriter.refuse(node, "sql-setting", "the schema that search_path begins with is not known",
                    "write USE SCHEMA and its name");
    return nullptr;
  }
  rewriter.applied("set-time-zone");
  rewriter.assume("the time zone of a session is UTC by default, as Redshift's is");
  if (setting.empty())
    rewriter.warn(node, "sql-search-path", "RESET ALL leaves the session in its schema",
                  "write USE SCHEMA where search_path was set before");
  return assemble(rewriter, node, "set_time_zone",
                  {rewriter.words("SET TIME ZONE"), rewriter.string("UTC")});
}

Node* translate(Rewriter& rewriter, const Node* node) {
  const std::string_view row = node->text();
  if (row == "vacuum" || row == "analyze" || row == "analyze_compression")
    return upkeep(rewriter, node);
  if (row == "comment") return comment(rewriter, node);
  if (row == "commit" || row == "end")
    return nothing(rewriter, node, "sql-transaction",
                   "COMMIT is left out: each statement commits by itself",
                   "use BEGIN ATOMIC … END where statements belong together");
  if (row == "begin" || row == "start_transaction") {
    rewriter.warn(node, "sql-transaction",
                  "the transaction is left out: each statement commits by itself, and others see "
                  "the steps between",
                  "use BEGIN ATOMIC … END where statements belong together");
    return nullptr;
  }
  if (row == "rollback" || row == "abort") {
    rewriter.refuse(node, "sql-transaction",
                    "ROLLBACK has no equivalent: each statement has committed by itself",
                    "RESTORE TABLE … TO VERSION AS OF undoes one table");
    return nullptr;
  }
  if (row == "use") {
    return assemble(rewriter, node, "use",
                    {rewriter.words("USE CATALOG"), rewriter.object_name(node->get(Role::name))});
  }
  if (row == "set_time_zone") {
    return assemble(rewriter, node, "set_time_zone",
                    {rewriter.words("SET TIME ZONE"), rewriter.rewrite(node->get(Role::value))});
  }
  const Node* name = node->get(Role::name);
  const std::string setting = name ? plain_name(name) : "";
  const bool all = row == "reset" && node->says("ALL");
  const bool translated = setting == "search_path" || setting == "timezone";
  if (all || (translated && (row == "reset" || node->says("DEFAULT"))))
    return default_setting(rewriter, node, setting);
  if (row == "set" && setting == "search_path") {
    const Node* values = node->get(Role::value);
    const Node* first =
        values && values->kind == Kind::list && values->count > 0 ? values->at(0) : values;
    while (first && first->get(Role::value)) first = first->get(Role::value);
    if (values && values->kind == Kind::list && values->count > 1)
      rewriter.warn(node, "sql-search-path",
                    "only the first schema of search_path is used: Databricks looks into one",
                    "name the schemas of the others");
    if (first && (first->kind == Kind::ident || first->kind == Kind::string)) {
      std::string text;
      Node* schema =
          read_string(first, text) ? rewriter.ident(quote_name(text)) : rewriter.object_name(first);
      rewriter.applied("search-path");
      return assemble(rewriter, node, "use", {rewriter.words("USE SCHEMA"), schema});
    }
  }
  if (row == "set" && setting == "timezone") {  // a name says the same there; offsets do not
    std::string zone;
    const Node* given = node->get(Role::value);
    if (given && given->kind == Kind::list && given->count == 1) given = given->at(0);
    while (given && given->get(Role::value)) given = given->get(Role::value);
    if (given && read_string(given, zone) && zone.find('/') != zone.npos &&
        zone.find_first_of("0123456789") == zone.npos) {
      rewriter.applied("set-time-zone");
      return assemble(rewriter, node, "set_time_zone",
                      {rewriter.words("SET TIME ZONE"), rewriter.string(zone)});
    }
  }
  if (row == "set" &&
      (setting == "timezone" || setting == "datestyle" ||
       setting.starts_with("enable_case_sensitive") || setting == "default_identifier")) {
    rewriter.refuse(node, "sql-setting", "the setting " + setting + " changes what queries mean",
                    setting == "timezone" ? "write SET TIME ZONE"
                                          : "write the queries so that they do not depend on it");
    return nullptr;
  }
  return nothing(rewriter, node, "sql-setting",
                 (setting.empty() ? std::string("the statement") : "the setting " + setting) +
                     " is left out: it is Redshift's own",
                 "");
}

}  // namespace

extern const StatementRule kDefinition{.rows = kRows, .translate = translate};

}  // namespace lakeshift::sql::statements::session
