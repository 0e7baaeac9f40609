#include "surfaces/capi/lakeshift_sql.h"

#include <memory>
#include <new>
#include <string>
#include <vector>

#include "sql/dialect.h"
#include "sql/lines.h"
#include "sql/translate.h"

namespace sql = lakeshift::sql;

struct lakeshift_sql_translator {
  sql::Catalog catalog{};
  sql::TranslateOptions options{};
  std::string error{};
};

namespace {

struct Statement {
  std::int32_t status = LAKESHIFT_SQL_TRANSLATED;
  std::uint32_t begin = 0, end = 0;
  sql::Place place{};
  sql::Translation translation{};
  std::vector<sql::Place> places{};  // of the findings
};

lakeshift_sql_text view(const std::string& text) { return {text.data(), text.size()}; }

std::int32_t spell(sql::Severity severity) {
  return severity == sql::Severity::error     ? LAKESHIFT_SQL_ERROR
         : severity == sql::Severity::warning ? LAKESHIFT_SQL_WARNING
                                              : LAKESHIFT_SQL_NOTE;
}

bool read_flag(std::string_view value, bool& flag) {
  if (value != "true" && value != "false") return false;
  flag = value == "true";
  return true;
}

// What `work` returns; memory that runs out is no exception for the caller.
template <typename Work>
std::int32_t guarded(lakeshift_sql_translator* translator, Work&& work) noexcept {
  if (!translator) return LAKESHIFT_SQL_BAD_ARGUMENT;
  try {
    translator->error.clear();
    translator->error = work();
    return translator->error.empty() ? LAKESHIFT_SQL_OK : LAKESHIFT_SQL_BAD_ARGUMENT;
  } catch (...) {
    return LAKESHIFT_SQL_NO_MEMORY;
  }
}

}  // namespace

struct lakeshift_sql_result {
  std::vector<Statement> statements{};
};

namespace {

void translate_all(lakeshift_sql_translator& translator, std::string_view text,
                   lakeshift_sql_result& result) {
  const sql::Lines lines(text);
  sql::learn_all(text, translator.catalog);
  sql::Translator translate(translator.catalog, translator.options);
  sql::StatementReader reader(text, *sql::find_dialect("redshift"));
  sql::Statement statement;
  while (reader.next(statement)) {
    if (statement.empty) continue;
    Statement& one = result.statements.emplace_back();
    one.begin = statement.begin;
    one.end = statement.end;
    one.place = lines.locate(statement.first_token);
    one.translation = translate.translate(statement, text);
    if (statement.failed())
      one.status = LAKESHIFT_SQL_UNPARSED;
    else if (one.translation.outcome == sql::Outcome::refused)
      one.status = LAKESHIFT_SQL_REFUSED;
    for (const sql::Finding& finding : one.translation.findings)
      one.places.push_back(lines.locate(finding.begin));
  }
}

const Statement* statement_of(const lakeshift_sql_result* result, std::size_t index) {
  return result && index < result->statements.size() ? &result->statements[index] : nullptr;
}

}  // namespace

extern "C" {

int32_t lakeshift_sql_abi(void) { return LAKESHIFT_SQL_ABI; }
const char* lakeshift_sql_version(void) { return LAKESHIFT_VERSION; }

lakeshift_sql_translator* lakeshift_sql_new(void) {
  return new (std::nothrow) lakeshift_sql_translator;
}
void lakeshift_sql_free(lakeshift_sql_translator* translator) { delete translator; }

int32_t lakeshift_sql_set(lakeshift_sql_translator* translator, const char* name,
                          const char* value) {
  return guarded(translator, [&]() -> std::string {
    if (!name || !value) return "name and value must not be null";
    const std::string_view key = name;
    sql::TranslateOptions& options = translator->options;
    if (key == "catalog")
      options.catalog = value;
    else if (key.starts_with("schema:") && key.size() > 7)
      options.schemas[sql::lower_case(key.substr(7))] = value;
    else if (key != "exact_blanks" && key != "pretty")
      return "there is no option '" + std::string(key) +
             "': catalog, schema:<name>, exact_blanks, pretty";
    else if (!read_flag(value, key == "pretty" ? options.pretty : options.exact_blanks))
      return std::string(key) + " is '" + value + "': write true or false";
    return {};
  });
}

int32_t lakeshift_sql_add_types(lakeshift_sql_translator* translator, const char* text,
                                size_t size) {
  return guarded(translator, [&]() -> std::string {
    if (!text && size > 0) return "the text must not be null";
    const std::string_view types(text, size);
    for (const sql::Finding& finding : translator->catalog.read(types))
      return "line " + std::to_string(sql::locate(types, finding.begin).line) + ": " +
             finding.message + "; " + finding.remedy;
    return {};
  });
}

const char* lakeshift_sql_error(const lakeshift_sql_translator* translator) {
  return translator ? translator->error.c_str() : "the translator is null";
}

int32_t lakeshift_sql_translate(lakeshift_sql_translator* translator, const char* text, size_t size,
                                lakeshift_sql_result** result) {
  if (!result) return LAKESHIFT_SQL_BAD_ARGUMENT;
  *result = nullptr;
  return guarded(translator, [&]() -> std::string {
    if (!text && size > 0) return "the text must not be null";
    auto all = std::make_unique<lakeshift_sql_result>();
    translate_all(*translator, size ? std::string_view(text, size) : std::string_view(), *all);
    *result = all.release();
    return {};
  });
}

void lakeshift_sql_result_free(lakeshift_sql_result* result) { delete result; }

size_t lakeshift_sql_count(const lakeshift_sql_result* result) {
  return result ? result->statements.size() : 0;
}

int32_t lakeshift_sql_statement_at(const lakeshift_sql_result* result, size_t index,
                                   lakeshift_sql_statement* out) {
  const Statement* one = statement_of(result, index);
  if (!one || !out) return LAKESHIFT_SQL_BAD_ARGUMENT;
  const sql::Translation& done = one->translation;
  *out = {one->status,          one->place.line,   one->place.column,
          one->begin,           one->end,          view(done.output),
          done.findings.size(), done.rules.size(), done.assumptions.size()};
  return LAKESHIFT_SQL_OK;
}

int32_t lakeshift_sql_finding_at(const lakeshift_sql_result* result, size_t statement, size_t index,
                                 lakeshift_sql_finding* out) {
  const Statement* one = statement_of(result, statement);
  if (!one || !out || index >= one->translation.findings.size()) return LAKESHIFT_SQL_BAD_ARGUMENT;
  const sql::Finding& finding = one->translation.findings[index];
  *out = {spell(finding.severity), one->places[index].line, one->places[index].column,
          view(finding.code),      view(finding.message),   view(finding.remedy)};
  return LAKESHIFT_SQL_OK;
}

int32_t lakeshift_sql_rule_at(const lakeshift_sql_result* result, size_t statement, size_t index,
                              lakeshift_sql_rule* out) {
  const Statement* one = statement_of(result, statement);
  if (!one || !out || index >= one->translation.rules.size()) return LAKESHIFT_SQL_BAD_ARGUMENT;
  const sql::AppliedRule& rule = one->translation.rules[index];
  *out = {view(rule.name), rule.typed ? 1 : 0};
  return LAKESHIFT_SQL_OK;
}

int32_t lakeshift_sql_assumption_at(const lakeshift_sql_result* result, size_t statement,
                                    size_t index, lakeshift_sql_text* out) {
  const Statement* one = statement_of(result, statement);
  if (!one || !out || index >= one->translation.assumptions.size())
    return LAKESHIFT_SQL_BAD_ARGUMENT;
  *out = view(one->translation.assumptions[index]);
  return LAKESHIFT_SQL_OK;
}

}  // extern "C"
