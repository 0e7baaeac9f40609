// parse ∘ render is the identity: on every case of tests/sql, and on what is left of them after
// random damage.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <string>

#include "sql/parse/grammar.h"
#include "sql/parser.h"
#include "sql/render.h"
#include "tests/unit/sql/sqltest_file.h"

namespace lakeshift::sql {
namespace {

std::vector<std::string> texts(std::string_view source, std::span<const Comment> comments) {
  std::vector<std::string> out;
  for (const Comment& comment : comments)
    out.emplace_back(source.substr(comment.begin, comment.end - comment.begin));
  return out;
}

// Renders what was read and reads it again: an equal IR, the same comments, and a rendering that
// stays as it is.
void expect_identity(std::string_view source, const Statement& statement, const Dialect& dialect,
                     const std::string& where) {
  for (const bool pretty : {true, false}) {
    const RenderOptions options{.pretty = pretty};
    const std::string out = render(statement.root, source, statement.comments, dialect, options);
    StatementReader reader(out, dialect);
    Statement again;
    ASSERT_TRUE(reader.next(again)) << where;
    ASSERT_FALSE(again.failed()) << where << "\n" << again.finding.message << "\nin: " << out;
    ASSERT_TRUE(equal(statement.root, again.root)) << where << "\n"
                                                   << out << "\n"
                                                   << dump(statement.root) << "\n"
                                                   << dump(again.root);
    ASSERT_EQ(texts(source, statement.comments), texts(out, again.comments)) << where << "\n"
                                                                             << out;
    ASSERT_EQ(render(again.root, out, again.comments, dialect, options), out) << where;
    Statement rest;
    ASSERT_FALSE(reader.next(rest) && !rest.empty) << where << ": one statement became two\n"
                                                   << out;
  }
}

TEST(Grammar, RowsOfEveryDialectAreSound) {
  for (const Dialect* dialect : all_dialects())
    for (const std::string& fault : compile(*dialect).faults)
      ADD_FAILURE() << dialect->name << ": " << fault;
}

TEST(SqlTests, SameRendersToItself) {
  int lines = 0;
  for (const SqlCase& one : read_all_sqltests()) {
    if (!one.title.starts_with("same ")) continue;
    const Dialect* dialect = find_dialect(one.title.substr(5));
    ASSERT_NE(dialect, nullptr) << one.where();
    std::istringstream source(one.source);
    for (std::string line; std::getline(source, line);) {
      if (line.empty() || line.starts_with("-- ")) continue;
      ++lines;
      StatementReader reader(line, *dialect);
      Statement statement;
      ASSERT_TRUE(reader.next(statement)) << line;
      ASSERT_FALSE(statement.failed()) << one.where() << "\n"
                                       << line << "\n"
                                       << statement.finding.message;
      EXPECT_EQ(render(statement.root, line, statement.comments, *dialect, {.pretty = false}), line)
          << one.where();
      expect_identity(line, statement, *dialect, one.where());
    }
  }
  EXPECT_GT(lines, 150);
}

TEST(SqlTests, CasesHold) {
  int checked = 0;
  for (const SqlCase& one : read_all_sqltests()) {
    for (const SqlExpectation& expectation : one.expectations) {
      if (expectation.kind != "pretty" && expectation.kind != "finding" && expectation.kind != "ir")
        continue;
      ++checked;
      const std::string name = expectation.kind == "finding" || expectation.argument.empty()
                                   ? "redshift"
                                   : expectation.argument;
      const Dialect* dialect = find_dialect(name);
      ASSERT_NE(dialect, nullptr) << one.where();
      StatementReader reader(one.source, *dialect);
      Statement statement;
      std::string got;
      while (reader.next(statement)) {
        if (statement.empty) continue;
        if (statement.failed()) {
          const Place place = locate(one.source, statement.finding.begin);
          got += statement.finding.code + " " + std::to_string(place.line) + ":" +
                 std::to_string(place.column) + " " + statement.finding.message + "\n";
          EXPECT_FALSE(statement.finding.remedy.empty()) << one.where();
        } else if (expectation.kind == "pretty") {
          got += render(statement.root, one.source, statement.comments, *dialect) + ";\n";
        } else if (expectation.kind == "ir") {
          got += dump(statement.root);
        }
        if (statement.root) expect_identity(one.source, statement, *dialect, one.where());
      }
      strip_blank_ends(got);
      EXPECT_EQ(got, expectation.text) << one.where();
    }
  }
  EXPECT_GT(checked, 20);
}

// Every byte of the source is in exactly one statement, whatever the source.
void expect_coverage(std::string_view source, const Dialect& dialect) {
  StatementReader reader(source, dialect);
  Statement statement;
  std::uint32_t at = 0;
  while (reader.next(statement)) {
    ASSERT_EQ(statement.begin, at) << source;
    ASSERT_GE(statement.end, statement.begin) << source;
    at = statement.end;
    if (!statement.root) continue;
    expect_identity(source, statement, dialect, std::string(source));
    if (testing::Test::HasFatalFailure()) return;
  }
  ASSERT_EQ(at, source.size()) << source;
}

// Passing over what is no CREATE cuts the source in the same places.
void expect_same_cuts(std::string_view source, const Dialect& dialect) {
  StatementReader whole(source, dialect);
  StatementReader creates(source, dialect);
  Statement one;
  Statement other;
  while (whole.next(one)) {
    const bool readable = one.root != nullptr;
    ASSERT_TRUE(creates.next_create(other)) << source;
    ASSERT_EQ(one.begin, other.begin) << source;
    ASSERT_EQ(one.end, other.end) << source;
    ASSERT_TRUE(readable || !other.root) << source;
  }
  ASSERT_FALSE(creates.next_create(other)) << source;
}

// A fixed sequence, so that a failure repeats.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed * 2654435761u + 1) {}
  std::size_t below(std::size_t n) {
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    return n == 0 ? 0 : static_cast<std::size_t>((state_ >> 33) % n);
  }

 private:
  std::uint64_t state_;
};

std::string damage(std::string text, const std::vector<std::string>& others, Dice& dice) {
  static constexpr std::string_view kPieces[] = {
      "(",  ")",  ",",  ";",   "'",     "\"",    "$$",    "/*",     "*/",    "--",
      "\n", "{{", "}}", ".",   "::int", " not ", " and ", " case ", " end ", " select ",
      "-",  "- ", "~",  "[1]", "\\",    "\xC3",  " in ",  " as x ", "*",     " is null"};
  const std::size_t rounds = 1 + dice.below(3);
  for (std::size_t i = 0; i < rounds; ++i) {
    const std::size_t at = dice.below(text.size() + 1);
    switch (dice.below(5)) {
      case 0:
        text.erase(at, 1 + dice.below(4));
        break;
      case 1:
        text.insert(at, kPieces[dice.below(std::size(kPieces))]);
        break;
      case 2:
        text.insert(at, text.substr(dice.below(text.size() + 1), dice.below(20)));
        break;
      case 3:
        text = text.substr(0, at);
        break;
      default: {
        const std::string& other = others[dice.below(others.size())];
        text.insert(at, other.substr(dice.below(other.size() + 1), dice.below(30)));
        break;
      }
    }
  }
  return text;
}

TEST(Property, DamagedTextIsReadOrRefusedButNeverLost) {
  std::vector<std::pair<std::string, const Dialect*>> seeds;
  std::vector<std::string> sources;
  for (const SqlCase& one : read_all_sqltests()) {
    const Dialect* dialect =
        find_dialect(one.title.starts_with("same ") ? one.title.substr(5) : "redshift");
    if (!one.title.starts_with("same ")) {
      seeds.emplace_back(one.source, dialect);
      continue;
    }
    std::istringstream lines(one.source);
    for (std::string line; std::getline(lines, line);) seeds.emplace_back(line, dialect);
  }
  for (const auto& seed : seeds) sources.push_back(seed.first);
  for (std::size_t i = 0; i < seeds.size(); ++i) {
    Dice dice(i);
    for (int round = 0; round < 12; ++round) {
      const std::string text = damage(seeds[i].first, sources, dice);
      expect_coverage(text, *seeds[i].second);
      expect_same_cuts(text, *seeds[i].second);
      if (HasFatalFailure()) {
        ADD_FAILURE() << "seed " << i << ", round " << round << ":\n" << text;
        return;
      }
    }
  }
}

std::string repeat(std::string_view text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}

TEST(Depth, DeepNestingIsRefusedWithItsPlace) {
  const Dialect& dialect = *find_dialect("redshift");
  for (const std::string& source :
       {"select " + repeat("(", 100000) + "1" + repeat(")", 100000),
        "select " + repeat("(select ", 100000) + "1",
        "select " + repeat("-", 0) + repeat("not ", 100000) + "a",
        "select " + repeat("case when a then ", 50000) + "1", "select " + repeat("f(", 100000),
        "select * from " + repeat("(", 100000) + "t", "select " + repeat("array[", 100000),
        "select a::" + repeat("array<", 100000), "select " + repeat("- ", 100000) + "1",
        "select a" + repeat("[b", 100000)}) {
    StatementReader reader(source, dialect);
    Statement statement;
    ASSERT_TRUE(reader.next(statement));
    EXPECT_TRUE(statement.failed()) << source.substr(0, 40);
    if (source.find("array") == std::string::npos) {
      EXPECT_EQ(statement.finding.code, "sql-too-deep") << source.substr(0, 40);
    }
  }
}

TEST(Depth, LongChainsAreNotDeep) {
  const Dialect& dialect = *find_dialect("redshift");
  for (const std::string& source :
       {"select * from t where a = 1" + repeat(" or a = 2", 50000),
        "select 1" + repeat(" union all select 1", 50000), "select 'a'" + repeat(" || 'b'", 50000),
        "select 1" + repeat(", 1", 50000), "insert into t values (1)" + repeat(", (1)", 50000),
        "select 1" + repeat(" + 1 - 1", 900)}) {
    StatementReader reader(source, dialect);
    Statement statement;
    ASSERT_TRUE(reader.next(statement));
    EXPECT_FALSE(statement.failed()) << source.substr(0, 40) << statement.finding.message;
    expect_identity(source, statement, dialect, source.substr(0, 40));
  }
  // one level of the tree for each operator: refused rather than a stack that overflows
  const std::string mixed = "select 1" + repeat(" + 1 - 1", 50000);
  StatementReader reader(mixed, dialect);
  Statement statement;
  ASSERT_TRUE(reader.next(statement));
  EXPECT_EQ(statement.finding.code, "sql-too-deep");
}

TEST(Recovery, OneBadStatementTakesNoOtherAlong) {
  const std::string source =
      "select 1;\nselect from where;\ncreate tabel x;\nselect 'open;\nselect 2;\n\xFF;\nselect 3";
  StatementReader reader(source, *find_dialect("redshift"));
  Statement statement;
  std::vector<std::string> outcomes;
  while (reader.next(statement))
    outcomes.push_back(statement.failed() ? statement.finding.code
                       : statement.empty  ? "empty"
                                          : "read");
  EXPECT_EQ(outcomes,
            (std::vector<std::string>{"read", "sql-syntax", "sql-syntax", "sql-unterminated",
                                      "read", "sql-bad-encoding", "read"}));
}

}  // namespace
}  // namespace lakeshift::sql
