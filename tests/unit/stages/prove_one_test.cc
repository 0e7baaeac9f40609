// Verdicts where an engine does not give all rows, with engines that answer what a test says.
#include "stages/prove_one.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "tests/unit/fakes/fake_world.h"
#include "tests/unit/stages/prove_form.h"

namespace lakeshift::stages {
namespace {

using engines::Answer;
using ::testing::Contains;
using ::testing::HasSubstr;

constexpr std::string_view kTable = "CREATE TABLE t (k int, up int);";
constexpr std::string_view kWalk = "SELECT k FROM t START WITH k = 1 CONNECT BY PRIOR k = up";

// Answers each statement by what `answer` makes of it; the last one that is asked is the one of the
// proof.
class Told final : public engines::Session {
 public:
  explicit Told(std::function<Answer()> answer) : answer_(std::move(answer)) {}
  Result<std::vector<Answer>> run(const std::vector<std::string>& statements) override {
    ++asked;
    std::vector<Answer> answers(statements.size());
    answers.back() = answer_();
    return answers;
  }
  std::size_t asked = 0;

 private:
  std::function<Answer()> answer_;
};

Answer one_row() {
  Answer answer;
  answer.rows = {{{"k", "int", engines::Family::integer}}, {{"1"}}};
  return answer;
}

Answer endless() {
  Answer answer;
  answer.failed = true;
  answer.state = engines::kEndless;
  return answer;
}

Answer cut() {
  Answer answer = one_row();
  answer.truncated = true;
  return answer;
}

Proof prove(Told& source, Told& target, std::string_view text = kWalk) {
  fakes::FakeWorld world;
  Proof proof;
  proof.target = "SELECT k FROM t";
  EXPECT_TRUE(prove_one(world.run, source, target, form_of(text), read_tables(kTable), 0, proof)
                  .has_value());
  return proof;
}

TEST(ProveOne, WhatOneSideDoesNotEndIsNotADifference) {
  Told source(one_row), target(endless);
  const Proof proof = prove(source, target);
  EXPECT_EQ(proof.verdict, Verdict::rule);
  EXPECT_THAT(proof.notes, Contains(HasSubstr("the target does not come to an end")));
  EXPECT_THAT(proof.notes.back(), HasSubstr("no more are tried"));
  EXPECT_EQ(target.asked, 3U);
}

TEST(ProveOne, AnswersThatWereCutAreNotCompared) {
  for (const bool of_source : {true, false}) {
    Told source(of_source ? cut : one_row), target(of_source ? one_row : cut);
    const Proof proof = prove(source, target);
    EXPECT_EQ(proof.verdict, Verdict::rule);
    EXPECT_THAT(proof.notes, Contains(HasSubstr("more than 1000 rows")));
    EXPECT_GT(source.asked, 3U);  // others may be smaller
  }
}

TEST(ProveOne, WholeAnswersAre) {
  Told source(one_row), target(one_row), other([] {
    Answer answer = one_row();
    answer.rows.rows = {{"2"}};
    return answer;
  });
  EXPECT_EQ(prove(source, target).verdict, Verdict::proved);
  EXPECT_EQ(prove(source, other).verdict, Verdict::differs);
}

}  // namespace
}  // namespace lakeshift::stages
