// The parts of the prover that need no engine.
#include "stages/prove.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "stages/prove_compare.h"
#include "stages/prove_data.h"
#include "stages/prove_mutate.h"
#include "stages/prove_names.h"
#include "stages/prove_tables.h"
#include "tests/unit/stages/prove_form.h"

namespace lakeshift::stages {
namespace {

using engines::Answer;
using engines::Family;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Answer rows(Family family, const std::vector<engines::Cell>& cells) {
  Answer answer;
  answer.rows.columns = {{"c", "", family}};
  for (const engines::Cell& cell : cells) answer.rows.rows.push_back({cell});
  return answer;
}

Answer failure() {
  Answer answer;
  answer.failed = true;
  return answer;
}

TEST(ProveSource, SaysDatePartsAsTexts) {
  EXPECT_EQ(form_of("SELECT dateadd(day, 1, d) FROM t").text, "SELECT dateadd('day', 1, d) FROM t");
  EXPECT_EQ(form_of("SELECT extract(year FROM d) FROM t").text,
            "SELECT extract_of('year', d) FROM t");
}

TEST(ProveSource, RunsRemoveDuplicatesStepByStep) {
  const SourceForm form = form_of("MERGE INTO s.t USING u AS x ON t.a = x.a REMOVE DUPLICATES");
  ASSERT_EQ(form.set_up.size(), 4U);
  EXPECT_THAT(form.set_up[1], HasSubstr("SELECT t.ctid AS target_row FROM s.t CROSS JOIN u AS x"));
  EXPECT_THAT(form.set_up[2], HasSubstr("HAVING count(*) > 1"));
  EXPECT_EQ(form.text, "INSERT INTO s.t SELECT * FROM u AS x");
  EXPECT_EQ(form.changed, "t");
}

TEST(ProveSource, WalksHierarchies) {
  const std::string text =
      form_of(
          "SELECT e.a, level FROM t e START WITH a = 1 AND LEVEL = 1 CONNECT BY PRIOR e.a = b "
          "AND LEVEL < 3 ORDER BY 1")
          .text;
  EXPECT_EQ(text,
            "SELECT e.a, level FROM (WITH RECURSIVE walk AS (SELECT e AS row_there, 1 AS level, "
            "ARRAY[e.ctid] AS path FROM t e WHERE a = 1 AND 1 = 1 UNION ALL SELECT e, walk.level "
            "+ 1, walk.path || e.ctid FROM walk, t e WHERE (walk.row_there).a = b AND (walk.level "
            "+ 1) < 3) SELECT (row_there).*, level FROM walk) AS e ORDER BY 1");
  EXPECT_THAT(form_of("SELECT a FROM t CONNECT BY PRIOR a = b").text,
              HasSubstr("t.ctid = ANY(walk.path)"));
  EXPECT_EQ(form_of("SELECT *, level FROM t CONNECT BY PRIOR a = b").obstacle,
            "CONNECT BY with * and LEVEL");
  EXPECT_EQ(form_of("SELECT PRIOR a FROM t CONNECT BY PRIOR a = b").obstacle, "this PRIOR");
}

TEST(ProveSource, SaysTopAsLimitBehindTheOrder) {
  const std::string text = form_of("SELECT TOP 2 a FROM t ORDER BY a").text;
  EXPECT_THAT(text, HasSubstr("ORDER BY a LIMIT 2"));
  EXPECT_THAT(text, ::testing::Not(HasSubstr("TOP")));
}

TEST(ProveSource, ComparesNullsInDecode) {
  EXPECT_EQ(form_of("SELECT decode(a, NULL, 1, 2) FROM t").text,
            "SELECT CASE WHEN (a) IS NOT DISTINCT FROM (NULL) THEN 1 ELSE 2 END FROM t");
}

TEST(ProveSource, LeavesOutEmptyTextsInListagg) {
  EXPECT_THAT(form_of("SELECT listagg(s, ',') WITHIN GROUP (ORDER BY i) FROM t").text,
              HasSubstr("string_agg(nullif((s)::varchar, ''), ',' ORDER BY i)"));
}

TEST(ProveSource, GivesNumericItsDefault) {
  EXPECT_EQ(form_of("SELECT CAST(a AS numeric) FROM t").text,
            "SELECT CAST(a AS numeric(18,0)) FROM t");
}

TEST(ProveSource, NamesWhatItRestsOn) {
  EXPECT_THAT(form_of("SELECT len(s), upper(s) FROM t").shims, ElementsAre("len"));
}

TEST(ProveSource, NamesTablesKeysAndOrder) {
  const SourceForm form = form_of("SELECT a, b AS x FROM s.T JOIN u ON t.k = u.l ORDER BY x, 1");
  EXPECT_THAT(form.tables, ElementsAre("t", "u"));
  EXPECT_THAT(form.keys, ElementsAre("k", "l"));
  EXPECT_THAT(form.order, ElementsAre(1U, 0U));
}

TEST(ProveSource, SaysWhatTheStandInCannotShow) {
  EXPECT_EQ(form_of("SELECT a FROM t QUALIFY row_number() OVER (ORDER BY a) = 1").obstacle,
            "QUALIFY");
  EXPECT_THAT(form_of("SELECT random()").obstacle, HasSubstr("not the same twice"));
  EXPECT_THAT(form_of("SELECT a FROM t, u WHERE t.a = u.a(+)").obstacle, HasSubstr("(+)"));
  EXPECT_THAT(form_of("VACUUM t").obstacle, HasSubstr("a statement of the kind"));
}

TEST(ProveTables, ReadsTypesAndSizes) {
  const auto tables = read_tables(
      "CREATE TABLE s.T (id int NOT NULL, d decimal(10,2) ENCODE az64, n numeric, c char(3), v "
      "varchar, "
      "PRIMARY KEY (id)) DISTKEY(id);");
  ASSERT_EQ(tables.size(), 1U);
  EXPECT_EQ(tables[0].name, "t");
  ASSERT_EQ(tables[0].columns.size(), 5U);
  EXPECT_TRUE(tables[0].columns[0].not_null);
  EXPECT_EQ(tables[0].columns[1].size, 10);
  EXPECT_EQ(tables[0].columns[1].scale, 2);
  EXPECT_EQ(tables[0].columns[2].size, 18);
  EXPECT_TRUE(tables[0].columns[3].fixed);
  EXPECT_EQ(tables[0].columns[4].size, 256);
}

TEST(ProveData, HoldsTheConstantsAndTheirNeighbours) {
  const std::string ddl = "CREATE TABLE t (a int, s varchar(20), d date);";
  const auto tables = read_tables(ddl);
  const auto all = make_prove_data(
      form_of("SELECT 1 FROM t WHERE a > 40 AND s = 'Abc' AND d = '2021-05-06'"), tables);
  std::vector<Value> numbers, texts, days;
  for (const ProveData& data : all)
    for (const ValueRow& row : data.rows[0]) {
      numbers.push_back(row[0]);
      texts.push_back(row[1]);
      days.push_back(row[2]);
    }
  for (const char* value : {"39", "40", "41"}) EXPECT_THAT(numbers, Contains(Value(value)));
  for (const char* value : {"Abc", "abc", "Abc ", ""}) EXPECT_THAT(texts, Contains(Value(value)));
  for (const char* value : {"2021-05-06", "2020-02-29"}) EXPECT_THAT(days, Contains(Value(value)));
  EXPECT_THAT(numbers, Contains(Value()));
}

TEST(ProveData, LeavesKeysWithoutAMatchOnBothSides) {
  const auto tables = read_tables("CREATE TABLE t (k int); CREATE TABLE u (l int);");
  const auto all = make_prove_data(form_of("SELECT 1 FROM t JOIN u ON t.k = u.l"), tables);
  const auto keys = [&](std::size_t table) {
    std::vector<Value> found;
    for (const ValueRow& row : all[0].rows[table]) found.push_back(row[0]);
    std::sort(found.begin(), found.end());
    found.erase(std::unique(found.begin(), found.end()), found.end());
    return found;
  };
  std::vector<Value> only_left, only_right, both;
  const auto left = keys(0), right = keys(1);
  std::set_difference(left.begin(), left.end(), right.begin(), right.end(),
                      std::back_inserter(only_left));
  std::set_difference(right.begin(), right.end(), left.begin(), left.end(),
                      std::back_inserter(only_right));
  std::set_intersection(left.begin(), left.end(), right.begin(), right.end(),
                        std::back_inserter(both));
  EXPECT_FALSE(only_left.empty());
  EXPECT_FALSE(only_right.empty());
  EXPECT_FALSE(both.empty());
}

TEST(ProveData, FitsTheColumns) {
  const auto tables = read_tables("CREATE TABLE t (s varchar(3), d decimal(3,2) NOT NULL);");
  for (const ProveData& data :
       make_prove_data(form_of("SELECT 12345 FROM t WHERE s = 'long text'"), tables))
    for (const ValueRow& row : data.rows[0]) {
      EXPECT_LE(row[0].value_or("").size(), 3U);
      ASSERT_TRUE(row[1].has_value());
      EXPECT_LT(std::abs(std::stod(*row[1])), 10);
    }
}

TEST(ProveCompare, ComparesValuesNotTexts) {
  EXPECT_THAT(compare_answers(rows(Family::decimal, {"2.50"}), rows(Family::decimal, {"2.5"}), {}),
              IsEmpty());
  EXPECT_THAT(compare_answers(rows(Family::boolean, {"t"}), rows(Family::boolean, {"true"}), {}),
              IsEmpty());
  EXPECT_THAT(compare_answers(rows(Family::real, {"0.1"}), rows(Family::real, {"1e-1"}), {}),
              IsEmpty());
  EXPECT_THAT(compare_answers(rows(Family::timestamp, {"2020-01-01 00:00:00"}),
                              rows(Family::timestamp, {"2020-01-01 00:00:00.000"}), {}),
              IsEmpty());
  EXPECT_THAT(compare_answers(rows(Family::padded, {"a  "}), rows(Family::text, {"a"}), {}),
              IsEmpty());
}

TEST(ProveCompare, TellsWhatDiffers) {
  EXPECT_EQ(compare_answers(rows(Family::text, {"a "}), rows(Family::text, {"a"}), {}),
            "the rows differ");
  EXPECT_EQ(compare_answers(rows(Family::text, {engines::Cell()}), rows(Family::text, {""}), {}),
            "the rows differ");
  EXPECT_THAT(compare_answers(rows(Family::integer, {"1"}), rows(Family::real, {"1.0"}), {}),
              HasSubstr("column 1 is integer"));
  EXPECT_THAT(compare_answers(rows(Family::integer, {"1"}), rows(Family::integer, {}), {}),
              HasSubstr("1 rows"));
  EXPECT_THAT(compare_answers(failure(), rows(Family::integer, {}), {}), HasSubstr("source fails"));
  EXPECT_THAT(compare_answers(failure(), failure(), {}), IsEmpty());
}

TEST(ProveCompare, LooksAtTheOrderOnlyWhereThereIsOne) {
  const Answer up = rows(Family::integer, {"1", "2"}), down = rows(Family::integer, {"2", "1"});
  EXPECT_THAT(compare_answers(up, down, {}), IsEmpty());
  EXPECT_THAT(compare_answers(up, down, {0}), HasSubstr("their order is not"));
}

TEST(ProveMutate, ChangesOneThingAtATime) {
  const auto mutants =
      make_mutants("SELECT min(a) FROM t LEFT JOIN u ON t.k = u.k WHERE a < 5", 50);
  std::vector<std::string> texts;
  for (const Mutant& mutant : mutants) texts.push_back(mutant.text);
  EXPECT_THAT(texts, Contains("SELECT max(a) FROM t LEFT JOIN u ON t.k = u.k WHERE a < 5"));
  EXPECT_THAT(texts, Contains("SELECT min(a) FROM t inner JOIN u ON t.k = u.k WHERE a < 5"));
  EXPECT_THAT(texts, Contains("SELECT min(a) FROM t LEFT JOIN u ON t.k = u.k WHERE a <= 5"));
  EXPECT_THAT(texts, Contains("SELECT min(a) FROM t LEFT JOIN u ON t.k = u.k WHERE a < 6"));
}

TEST(ProveMutate, LeavesStarsAndSignsAlone) {
  EXPECT_THAT(make_mutants("SELECT count(*), t.* FROM t WHERE a IS NOT NULL", 50), IsEmpty());
}

TEST(ProveNames, TablesLoseTheSchemaTheyWereMadeWith) {
  const auto tables = read_tables("CREATE TABLE sales.t (a int); CREATE TABLE u (b int)");
  EXPECT_EQ(without_schemas("SELECT sales.t.a, t.a, x.t.a, 's.t' FROM sales.t, u, other.t",
                            "postgres", tables),
            "SELECT t.a, t.a, x.t.a, 's.t' FROM t, u, other.t");
  EXPECT_EQ(without_schemas("SELECT * FROM main.`sales`.t AS z", "databricks", tables),
            "SELECT * FROM t AS z");
}

TEST(ProveSource, KnowsWhereAnyOfEqualTextsMayComeOut) {
  EXPECT_TRUE(form_of("SELECT a FROM t GROUP BY a").merges);
  EXPECT_TRUE(form_of("SELECT count(*) FROM (SELECT DISTINCT a FROM t) x").merges);
  EXPECT_TRUE(form_of("SELECT a FROM t UNION SELECT b FROM u").merges);
  EXPECT_FALSE(form_of("SELECT a FROM t UNION ALL SELECT count(DISTINCT b) FROM u").merges);
}

TEST(ProveMutate, LeavesAssignmentsAlone) {
  EXPECT_THAT(make_mutants("UPDATE t SET a = b, c = d WHERE e = f", 50), ::testing::SizeIs(1));
}

TEST(ProveMutate, LeavesSizesOfTypesAlone) {
  EXPECT_THAT(make_mutants("SELECT CAST(a AS DECIMAL(10, 2)) FROM t", 50), IsEmpty());
}

TEST(ProveMutate, LeavesAnOrderAloneThatIsNotCompared) {
  const std::string text = "SELECT a FROM t ORDER BY a DESC NULLS LAST";
  EXPECT_THAT(make_mutants(text, 50, false), IsEmpty());
  EXPECT_FALSE(make_mutants(text, 50, true).empty());
}

TEST(ProveCandidate, LeavesOutWhatMakesTables) {
  const auto all = read_candidate("CREATE TABLE t (a INT) USING delta; SELECT 1;\nSELECT 'a;b'");
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].text, "SELECT 1");
  EXPECT_EQ(all[1].text, "SELECT 'a;b'");
}

}  // namespace
}  // namespace lakeshift::stages
