// Translation: the cases of tests/sql/translate, the soundness of all function rows, and that no
// text makes the translator lose a statement.
#include "sql/translate.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "sql/dialect.h"
#include "sql/functions/function.h"
#include "sql/translate/draft.h"
#include "tests/unit/sql/sqltest_file.h"

namespace lakeshift::sql {
namespace {

std::vector<SqlCase> translation_cases() {
  std::vector<SqlCase> all;
  for (const auto& entry : std::filesystem::directory_iterator(std::string(LAKESHIFT_SOURCE_DIR) +
                                                               "/tests/sql/translate"))
    for (SqlCase& one : read_sqltest(entry.path())) all.push_back(std::move(one));
  return all;
}

// All statements of a text, as the command translates them.
std::vector<Translation> translate_all(std::string_view source, bool pretty = false,
                                       ProcedureForm form = ProcedureForm::databricks) {
  Catalog catalog;
  learn_all(source, catalog);
  Translator translator(catalog, {.procedures = form, .pretty = pretty});
  StatementReader reader(source, *find_dialect("redshift"));
  Statement statement;
  std::vector<Translation> all;
  while (reader.next(statement))
    if (!statement.empty) all.push_back(translator.translate(statement, source));
  return all;
}

const Finding* find_error(const Translation& translation) {
  for (const Finding& finding : translation.findings)
    if (finding.severity == Severity::error) return &finding;
  return nullptr;
}

TEST(Translate, TablesOfRedshiftItselfAreReadWhereACopyIsKept) {
  constexpr std::string_view kSource =
      "CREATE TABLE sys_users (a int);"
      "SELECT q.query FROM stl_query q JOIN pg_catalog.pg_user ON q.userid = usesysid;"
      "SELECT stl_query.query FROM stl_query;"
      "SELECT a FROM sys_users;"
      "SELECT count(*) FROM information_schema.tables";
  Catalog catalog;
  learn_all(kSource, catalog);
  TranslateOptions options;
  options.schemas["pg_catalog"] = "lake.kept";
  options.pretty = false;
  Translator translator(catalog, options);
  StatementReader reader(kSource, *find_dialect("redshift"));
  std::vector<Translation> all;
  for (Statement statement; reader.next(statement);)
    all.push_back(translator.translate(statement, kSource));
  ASSERT_EQ(all.size(), 5U);
  EXPECT_EQ(all[1].output,
            "SELECT q.query FROM lake.kept.stl_query AS q JOIN lake.kept.pg_user ON q.userid = "
            "usesysid");
  ASSERT_FALSE(all[1].assumptions.empty());
  EXPECT_NE(std::find(all[1].assumptions.begin(), all[1].assumptions.end(),
                      "lake.kept holds a copy of Redshift's stl_query"),
            all[1].assumptions.end());
  EXPECT_EQ(all[2].output, "SELECT stl_query.query FROM lake.kept.stl_query");
  EXPECT_EQ(all[3].output, "SELECT a FROM sys_users");
  ASSERT_NE(find_error(all[4]), nullptr);
  EXPECT_EQ(find_error(all[4])->code, "sql-system-table");
}

// Each line of a case is a statement; the tables of all cases are declared in the first case of the
// file ("## tables").
TEST(Translate, Cases) {
  std::string tables;
  std::string file;
  std::size_t count = 0;
  for (const SqlCase& one : translation_cases()) {
    if (one.file != file) tables.clear();
    file = one.file;
    if (one.title == "tables") {
      tables = one.source;
      continue;
    }
    const std::vector<Translation> all = translate_all(tables + "\n" + one.source, true);
    ASSERT_FALSE(all.empty()) << one.where();
    const Translation& last = all.back();
    ASSERT_FALSE(one.expectations.empty()) << one.where();
    for (const SqlExpectation& expected : one.expectations) {
      ++count;
      if (expected.kind == "databricks") {
        EXPECT_EQ(last.outcome, Outcome::translated)
            << one.where() << (find_error(last) ? ": " + find_error(last)->message : "");
        EXPECT_EQ(last.output, expected.text) << one.where();
      } else if (expected.kind == "script") {
        const std::vector<Translation> scripts =
            translate_all(tables + "\n" + one.source, true, ProcedureForm::script);
        EXPECT_EQ(scripts.back().output, expected.text) << one.where();
      } else if (expected.kind == "refused") {
        EXPECT_EQ(last.outcome, Outcome::refused) << one.where();
        ASSERT_NE(find_error(last), nullptr) << one.where();
        EXPECT_EQ(find_error(last)->code, expected.argument) << one.where();
        EXPECT_TRUE(last.output.empty()) << one.where();
      } else if (expected.kind == "finding") {
        const bool found =
            std::any_of(last.findings.begin(), last.findings.end(),
                        [&](const Finding& finding) { return finding.code == expected.argument; });
        EXPECT_TRUE(found) << one.where() << ": no finding " << expected.argument;
      } else if (expected.kind == "assumed") {
        const bool found = std::any_of(
            last.rules.begin(), last.rules.end(),
            [&](const AppliedRule& rule) { return rule.name == expected.argument && !rule.typed; });
        EXPECT_TRUE(found) << one.where() << ": " << expected.argument << " is not assumed";
      } else if (expected.kind == "assumption") {  // by some words of it
        const bool found = std::any_of(
            last.assumptions.begin(), last.assumptions.end(),
            [&](const std::string& said) { return said.find(expected.argument) != said.npos; });
        EXPECT_TRUE(found) << one.where() << ": nothing is assumed of " << expected.argument;
      } else {
        ADD_FAILURE() << one.where() << ": no expectation is called " << expected.kind;
      }
    }
  }
  EXPECT_GE(count, 100u);
}

TEST(Translate, EveryRowSaysWhatItMeans) {
  Patterns patterns;
  for (const FunctionSet* set : functions::all_function_sets())
    for (const Function& row : set->rows) {
      const int ways =
          (row.spelling.empty() ? 0 : 1) + (row.hook ? 1 : 0) + (row.refusal.empty() ? 0 : 1);
      EXPECT_EQ(ways, 1) << row.name << ": one of spelling, hook and refusal";
      EXPECT_EQ(row.name, lower_case(row.name));
      if (!row.spelling.empty()) {
        EXPECT_NE(patterns.find(row.spelling), nullptr) << row.name;
      }
      if (!row.refusal.empty()) {
        EXPECT_NE(row.refusal.find("; "), std::string_view::npos) << row.name << ": no remedy";
      }
      if (!row.result.empty() && row.result != "+" && !row.result.starts_with('=')) {
        EXPECT_TRUE(read_type(row.result).known()) << row.name << " yields " << row.result;
      }
    }
}

TEST(Translate, AllButTypesOfTheReferenceAreRead) {
  EXPECT_EQ(read_type("numeric"), decimal_of(18, 0));
  EXPECT_EQ(read_type("character varying(20)"), varchar_of(20));
  EXPECT_EQ(combine_numbers(Arithmetic::divide, decimal_of(8, 2), type_of(Base::integer)),
            decimal_of(19, 13));
  EXPECT_EQ(combine_numbers(Arithmetic::divide, type_of(Base::smallint), type_of(Base::bigint)),
            type_of(Base::bigint));
  EXPECT_EQ(common_type(type_of(Base::integer), decimal_of(3, 1)), decimal_of(11, 1));
  EXPECT_FALSE(read_type("regclass").known());
}

TEST(Catalog, ReadsAndRefuses) {
  Catalog catalog;
  EXPECT_TRUE(catalog.read("# c\ns.t\ta\tint\nS.T\tb\tvarchar(3)\n").empty());
  ASSERT_NE(catalog.find("t"), nullptr);
  EXPECT_EQ(catalog.find("db.s.t")->find("B")->type, varchar_of(3));
  const std::vector<Finding> bad = catalog.read("s.t a int\n");
  ASSERT_EQ(bad.size(), 1u);
  EXPECT_EQ(bad[0].code, "sql-bad-catalog");
}

// Whatever is read is translated or refused with a finding, once; damage loses nothing either.
TEST(Translate, NoStatementIsLost) {
  std::vector<std::string> texts;
  for (const SqlCase& one : read_all_sqltests()) texts.push_back(one.source);
  for (const SqlCase& one : translation_cases()) texts.push_back(one.source);
  std::uint32_t seed = 20261128;
  const auto next = [&] { return seed = seed * 1664525u + 1013904223u; };
  for (std::string text : texts) {
    for (int round = 0; round < 3; ++round) {
      for (const bool pretty : {false, true}) {
        for (const Translation& one : translate_all(text, pretty)) {
          ASSERT_NE(one.outcome, Outcome::empty) << text;
          const bool refused = one.outcome == Outcome::refused;
          ASSERT_EQ(find_error(one) != nullptr, refused) << text;
          ASSERT_TRUE(!refused || one.output.empty()) << text;
          for (const Finding& finding : one.findings) {
            ASSERT_FALSE(finding.code.empty());
            ASSERT_FALSE(finding.message.empty());
            ASSERT_LE(finding.end, text.size());
            ASSERT_NE(finding.code, "sql-internal") << finding.message;
          }
        }
      }
      if (text.empty()) break;
      for (int i = 0; i < 3; ++i) text[next() % text.size()] = "(),;'ax0. "[next() % 10];
    }
  }
}

}  // namespace
}  // namespace lakeshift::sql
