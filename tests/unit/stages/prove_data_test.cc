// Rows that pass a statement's conditions, and rows that are sorted one way only.
#include "stages/prove_data.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "tests/unit/stages/prove_form.h"

namespace lakeshift::stages {
namespace {

using ::testing::Contains;

const ProveData& find(const std::vector<ProveData>& all, std::string_view name) {
  const auto found = std::find_if(
      all.begin(), all.end(), [&](const ProveData& data) { return data.name.starts_with(name); });
  EXPECT_NE(found, all.end());
  return *found;
}

TEST(ProveData, ManyRowsPassTheConditions) {
  const auto tables = read_tables("CREATE TABLE t (a int, s varchar(20), d date, o int);");
  const auto all = make_prove_data(
      form_of(
          "SELECT o FROM t WHERE a IN (40, 80) AND s LIKE '%xyz%' AND extract(month FROM d) = 11"),
      tables);
  std::set<Value> others;
  for (const ValueRow& row : find(all, "passing").rows[0])
    if ((row[0] == "40" || row[0] == "80") && row[1] && row[1]->find("xyz") != std::string::npos &&
        row[2] && row[2]->substr(5, 2) == "11")
      others.insert(row[3]);
  EXPECT_GE(others.size(), 2U);
}

TEST(ProveData, ProductsAndSumsOfConstantsAreReached) {
  const auto tables = read_tables("CREATE TABLE t (a int, s varchar(20));");
  const auto rows =
      find(make_prove_data(form_of("SELECT 1 FROM t WHERE a / 12 = 7 AND len(s) > 9"), tables),
           "passing")
          .rows[0];
  std::vector<Value> numbers;
  std::size_t longest = 0;
  for (const ValueRow& row : rows) {
    numbers.push_back(row[0]);
    longest = std::max(longest, row[1].value_or("").size());
  }
  EXPECT_THAT(numbers, Contains(Value("84")));
  EXPECT_GE(longest, 10U);
}

TEST(ProveData, SortedRowsHaveOneOrder) {
  const auto tables = read_tables("CREATE TABLE t (a int, b int);");
  const auto all = make_prove_data(form_of("SELECT b, lag(b) OVER (ORDER BY a) FROM t"), tables);
  std::map<Value, ValueRow> by_key;
  bool twice = false;
  for (const ValueRow& row : find(all, "sorted").rows[0]) {
    const auto [found, fresh] = by_key.emplace(row[0], row);
    if (!fresh) {
      EXPECT_EQ(found->second, row);  // only as a whole
      twice = true;
    }
  }
  EXPECT_TRUE(twice);
  EXPECT_TRUE(by_key.contains(Value()));
  EXPECT_GE(by_key.size(), 6U);
}

TEST(ProveData, RowsOfARecursionMakeTrees) {
  const auto tables =
      read_tables("CREATE TABLE t (s varchar(9), k int, up int, far int not null);");
  const SourceForm form = form_of("SELECT s FROM t START WITH k = 40 CONNECT BY PRIOR k = up");
  ASSERT_TRUE(form.recurses);
  EXPECT_FALSE(form_of("WITH w AS (SELECT 1) SELECT * FROM w").recurses);
  EXPECT_TRUE(form_of("WITH RECURSIVE w (a) AS (SELECT 1) SELECT * FROM w").recurses);
  std::set<Value> keys;
  for (std::size_t round = 0; round < 6; ++round) {
    const auto rows = make_more_data(form, tables, round).rows[0];
    const std::size_t own = round % 3 == 2 ? 3 : 1;
    EXPECT_EQ(rows.size(), 6 + 2 * round);
    std::size_t inner = 0;
    for (const ValueRow& row : rows)
      for (const std::size_t other : {1, 2, 3}) {
        if (other == own || !row[own]) continue;
        keys.insert(row[own]);
        if (!row[other] || row[other] == "0") continue;
        EXPECT_LT(std::atoi(row[other]->c_str()), std::atoi(row[own]->c_str()));
        ++inner;
      }
    EXPECT_GE(inner, 3U);
  }
  EXPECT_TRUE(keys.contains("40"));
}

TEST(ProveData, MoreRoundsGiveOtherRowsAndTheSameEachTime) {
  const auto tables = read_tables("CREATE TABLE t (a int, b int);");
  const SourceForm form = form_of("SELECT b FROM t WHERE a > 5");
  std::set<std::vector<ValueRow>> seen;
  for (std::size_t round = 0; round < 8; ++round) {
    const ProveData data = make_more_data(form, tables, round);
    EXPECT_EQ(data.rows, make_more_data(form, tables, round).rows);
    EXPECT_TRUE(seen.insert(data.rows[0]).second) << round;
  }
}

TEST(ProveData, DocumentsHaveTheKeysThatAreLookedFor) {
  const auto tables = read_tables("CREATE TABLE t (j varchar(200));");
  std::vector<Value> seen;
  for (const ProveData& data :
       make_prove_data(form_of("SELECT json_extract_path_text(j, 'b', 'c') FROM t"), tables))
    for (const ValueRow& row : data.rows[0]) seen.push_back(row[0]);
  EXPECT_THAT(seen, Contains(Value("{\"b\": {\"c\": 1}}")));
}

TEST(ProveSource, KnowsConditionsOrdersAndWhatIsWritten) {
  const SourceForm form =
      form_of("UPDATE t SET v = 1 WHERE a BETWEEN 4 AND 5 AND lower(s) = 'x' AND 3 < b");
  EXPECT_EQ(form.changed, "t");
  EXPECT_THAT(form.near.at("a").numbers, ::testing::ElementsAre("4", "5"));
  EXPECT_THAT(form.near.at("s").texts, ::testing::ElementsAre("x"));
  EXPECT_THAT(form.near.at("b").numbers, ::testing::ElementsAre("3"));
  EXPECT_FALSE(form.near.contains("v"));
  EXPECT_THAT(form_of("SELECT sum(a) OVER (ORDER BY b) FROM t ORDER BY c DESC").sorted,
              ::testing::ElementsAre("b", "c"));
}

}  // namespace
}  // namespace lakeshift::stages
