#include "core/base/result.h"

#include <gtest/gtest.h>

namespace lakeshift {
namespace {

Result<int> half(int number) {
  if (number % 2 != 0) return fail("odd", "3 is odd", "number", "take an even one");
  return number / 2;
}
Result<int> quarter(int number) {
  LS_ASSIGN(const int first, half(number));
  LS_ASSIGN(const int second, half(first));
  return second;
}
Status check(int number) {
  LS_TRY(half(number));
  return {};
}

TEST(ResultMacros, PassErrorsOn) {
  EXPECT_EQ(quarter(8).value_or(-1), 2);
  ASSERT_FALSE(quarter(6));
  EXPECT_EQ(quarter(6).error().code, "odd");
  EXPECT_TRUE(check(2));
  EXPECT_FALSE(check(3));
}

TEST(ErrorText, NamesThingRemedyAndCause) {
  EXPECT_EQ(half(3).error().to_text(), "number: 3 is odd (odd); take an even one");
  const auto outer = fail_because(half(3).error(), "job 'nightly'", "could not be read");
  const Error& error = outer.value();
  EXPECT_EQ(error.code, "odd");
  EXPECT_EQ(
      error.to_text(),
      "job 'nightly': could not be read (odd); take an even one because number: 3 is odd (odd)");
}

}  // namespace
}  // namespace lakeshift
