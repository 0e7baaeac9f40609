// Mutants that no rows could tell from the statement are not made; their neighbours are.
#include "stages/prove_mutate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "stages/prove_idle.h"

namespace lakeshift::stages {
namespace {

using ::testing::IsEmpty;

const std::vector<ProveTable>& tables() {
  static const std::vector<ProveTable> kTables = read_tables(
      "CREATE TABLE t (id int NOT NULL, a int, b int, k varchar(5), d decimal(6,2));"
      "CREATE TABLE u (c int, e decimal(6,2));");
  return kTables;
}

std::vector<std::string> changes(std::string_view statement) {
  std::vector<std::string> found;
  for (const Mutant& mutant : make_mutants(statement, 100, true, tables()))
    found.push_back(mutant.change);
  return found;
}

bool is_made(std::string_view statement, std::string_view change) {
  for (const std::string& one : changes(statement))
    if (one.starts_with(change)) return true;
  return false;
}

struct Pair {
  const char* change;
  const char* idle;       // where it is not made
  const char* neighbour;  // where it is
};

// For the names of tests: what is changed, and where it is not.
void PrintTo(const Pair& pair, std::ostream* out) { *out << pair.change << " in " << pair.idle; }

class IdleMutants : public ::testing::TestWithParam<Pair> {};

TEST_P(IdleMutants, AreNotMadeAndTheirNeighboursAre) {
  EXPECT_FALSE(is_made(GetParam().idle, GetParam().change)) << GetParam().idle;
  EXPECT_TRUE(is_made(GetParam().neighbour, GetParam().change)) << GetParam().neighbour;
}

INSTANTIATE_TEST_SUITE_P(
    Prove, IdleMutants,
    ::testing::Values(
        Pair{"last becomes first", "SELECT a FROM t WHERE a > 3 ORDER BY a NULLS LAST",
             "SELECT a FROM t WHERE b > 3 ORDER BY a NULLS LAST"},
        Pair{"last becomes first", "SELECT a FROM t WHERE b = 1 AND a > 3 ORDER BY a NULLS LAST",
             "SELECT a FROM t WHERE b = 1 OR a > 3 ORDER BY a NULLS LAST"},
        Pair{"last becomes first", "SELECT a FROM t WHERE a IN (1, 2) ORDER BY 1 NULLS LAST",
             "SELECT a, b FROM t WHERE a IN (1, 2) ORDER BY 2 NULLS LAST"},
        Pair{"last becomes first", "SELECT a FROM t WHERE NOT rtrim(k) = 'x' ORDER BY k NULLS LAST",
             "SELECT a FROM t WHERE NOT (a = 1 AND k = 'x') ORDER BY k NULLS LAST"},
        Pair{"last becomes first", "SELECT a FROM t WHERE a IS NOT NULL ORDER BY a + 1 NULLS LAST",
             "SELECT a FROM t WHERE a IS NOT NULL ORDER BY a + b NULLS LAST"},
        Pair{"last becomes first", "SELECT id FROM t ORDER BY id NULLS LAST",
             "SELECT id FROM u LEFT JOIN t ON c = id ORDER BY id NULLS LAST"},
        Pair{"last becomes first",
             "SELECT max(k) AS k FROM t WHERE k > 'a' GROUP BY rtrim(k) ORDER BY k NULLS LAST",
             "SELECT rtrim(k) AS k FROM t WHERE k > 'a' GROUP BY ROLLUP (rtrim(k)) ORDER BY k "
             "NULLS LAST"},
        Pair{"last becomes first",
             "SELECT a, count(*) AS n FROM t GROUP BY a ORDER BY n NULLS LAST",
             "SELECT a, max(b) AS n FROM t GROUP BY a ORDER BY n NULLS LAST"},
        Pair{"last becomes first",
             "SELECT nullif(a, 5) AS x FROM t WHERE a > 3 ORDER BY a NULLS LAST",
             "SELECT nullif(a, 5) AS a FROM t WHERE a > 3 ORDER BY a NULLS LAST"},
        Pair{"last becomes first",
             "SELECT listagg(nullif(k, ''), ',') WITHIN GROUP (ORDER BY k NULLS LAST) FROM t",
             "SELECT listagg(nullif(k, ''), ',') WITHIN GROUP (ORDER BY a NULLS LAST) FROM t"},
        Pair{"max becomes min", "SELECT max(k) AS k FROM t GROUP BY rtrim(k)",
             "SELECT max(k) AS k FROM t GROUP BY a"},
        Pair{"'e' becomes", "SELECT CASE WHEN a > 1 THEN raise_error('e') ELSE 1 END FROM t",
             "SELECT CASE WHEN a > 1 THEN concat('e') ELSE 1 END FROM t"},
        Pair{"1 becomes 2", "SELECT a FROM t WHERE EXISTS (SELECT 1 FROM u WHERE c = a)",
             "SELECT a FROM t WHERE a IN (SELECT 1 FROM u WHERE c = a)"},
        Pair{"1 becomes 2", "SELECT count(1) FROM t", "SELECT sum(1) FROM t"},
        Pair{"7 becomes 8", "SELECT coalesce(id, 7) FROM t", "SELECT coalesce(a, 7) FROM t"},
        Pair{"7 becomes 8", "SELECT a FROM t WHERE a NOT IN (7, NULL)",
             "SELECT a FROM t WHERE a NOT IN (7, 9)"},
        Pair{"7 becomes 8", "SELECT a FROM t WHERE b > 1 AND a NOT IN (7, NULL)",
             "SELECT a NOT IN (7, NULL) FROM t"},
        Pair{"+ becomes -", "SELECT a + NULL FROM t", "SELECT a + b FROM t"},
        Pair{"'x' becomes", "SELECT CASE a WHEN NULL THEN 'x' END FROM t",
             "SELECT CASE a WHEN 1 THEN 'x' END FROM t"},
        Pair{">= becomes >", "SELECT CASE WHEN d >= 0 THEN floor(d, 1) ELSE ceil(d, 1) END FROM t",
             "SELECT CASE WHEN d >= 1 THEN floor(d, 1) ELSE ceil(d, 1) END FROM t"},
        Pair{"< becomes <=", "SELECT a FROM t WHERE d < 2.505", "SELECT a FROM t WHERE d < 2.50"},
        Pair{"< becomes <=", "SELECT a FROM t WHERE a < 2.5", "SELECT a FROM t WHERE a < 2.0"}));

TEST(ProveMutate, EachIdlePlaceHasItsReason) {
  const auto places = find_idle_places(
      "SELECT max(k) AS k, coalesce(id, 7) FROM t WHERE k > 'a' GROUP BY rtrim(k) ORDER BY k NULLS "
      "LAST",
      tables());
  EXPECT_EQ(places.size(), 3U);
  for (const IdlePlace& place : places) EXPECT_FALSE(place.reason.empty());
}

TEST(ProveMutate, NothingIsIdleInWhatCannotBeRead) {
  EXPECT_THAT(find_idle_places("SELECT FROM WHERE ((", tables()), IsEmpty());
}

TEST(ProveMutate, KeepsTheDigitsOfANumber) {
  EXPECT_TRUE(is_made("SELECT d * 0.01 FROM t", "0.01 becomes 0.02"));
  EXPECT_TRUE(is_made("SELECT d * 9.99 FROM t", "9.99 becomes 9.98"));
}

}  // namespace
}  // namespace lakeshift::stages
