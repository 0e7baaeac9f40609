#include "stages/translate_sql.h"

#include "core/base/json.h"
#include "sql/dialect.h"

namespace lakeshift::stages {
namespace {

std::string_view spell_severity(sql::Severity severity) {
  return severity == sql::Severity::error     ? "error"
         : severity == sql::Severity::warning ? "warning"
                                              : "note";
}

std::string_view without_end(std::string_view text) {
  while (!text.empty() && (text.back() == ';' || text.back() == ' ' || text.back() == '\n' ||
                           text.back() == '\r' || text.back() == '\t'))
    text.remove_suffix(1);
  return text;
}

}  // namespace

void translate_text(std::string_view source, sql::Catalog& catalog,
                    const sql::TranslateOptions& options,
                    const std::function<void(const SqlStatement&, const sql::Lines&)>& visit) {
  const sql::Lines lines(source);
  sql::learn_all(source, catalog);
  sql::Translator translator(catalog, options);
  sql::StatementReader reader(source, *sql::find_dialect("redshift"));
  sql::Statement statement;
  std::size_t index = 0;
  while (reader.next(statement)) {
    if (statement.empty) continue;
    SqlStatement one;
    one.index = ++index;
    one.place = lines.locate(statement.first_token);
    one.source = without_end(source.substr(statement.begin, statement.end - statement.begin));
    one.translation = translator.translate(statement, source);
    visit(one, lines);
  }
}

Json describe(const SqlStatement& statement, const sql::Lines& lines) {
  const sql::Translation& translation = statement.translation;
  Json findings = Json::array();
  for (const sql::Finding& finding : translation.findings) {
    const sql::Place place = lines.locate(finding.begin);
    findings.push_back({{"code", finding.code},
                        {"severity", spell_severity(finding.severity)},
                        {"line", place.line},
                        {"column", place.column},
                        {"message", finding.message},
                        {"remedy", finding.remedy}});
  }
  Json rules = Json::array();
  for (const sql::AppliedRule& rule : translation.rules)
    rules.push_back({{"name", rule.name}, {"basis", rule.typed ? "typed" : "assumed"}});
  return {{"index", statement.index},
          {"status", sql::spell_outcome(translation.outcome)},
          {"line", statement.place.line},
          {"column", statement.place.column},
          {"output", translation.output},
          {"findings", findings},
          {"rules", rules},
          {"assumptions", translation.assumptions}};
}

std::string finding_line(const sql::Finding& finding, const sql::Lines& lines) {
  const sql::Place place = lines.locate(finding.begin);
  std::string line = std::to_string(place.line) + ":" + std::to_string(place.column) + ": " +
                     std::string(spell_severity(finding.severity)) + " " + finding.code + ": " +
                     finding.message;
  if (!finding.remedy.empty()) line += "; " + finding.remedy;
  return line;
}

}  // namespace lakeshift::stages
