#include "stages/prove_probe.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace lakeshift::stages {
namespace {

TEST(ProveProbe, OtherOrdersPutOtherRowsOfAKeyLast) {
  const TableRows rows = {
      {{"12", "0.75"}, {"12", "5001"}, {"12", "19"}, {"7", std::nullopt}}, {}, {{"x"}, {"y"}}};
  std::set<Value> last;
  for (const TableRows& turned : other_orders(rows)) {
    ASSERT_EQ(turned.size(), rows.size());
    for (std::size_t t = 0; t < rows.size(); ++t)
      EXPECT_TRUE(
          std::is_permutation(turned[t].begin(), turned[t].end(), rows[t].begin(), rows[t].end()));
    Value of_key;
    for (const ValueRow& row : turned[0])
      if (row[0] == "12") of_key = row[1];
    last.insert(of_key);
  }
  EXPECT_TRUE(last.contains("0.75") && last.contains("5001"));
}

}  // namespace
}  // namespace lakeshift::stages
