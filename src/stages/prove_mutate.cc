#include "stages/prove_mutate.h"

#include <algorithm>

#include "core/base/strings.h"
#include "sql/dialect.h"
#include "sql/finding.h"
#include "sql/lexer.h"
#include "stages/prove_idle.h"

namespace lakeshift::stages {
namespace {

struct Swap {
  std::string_view from, to;
};
// Operators and words, in lower case, with what each becomes.
constexpr Swap kSwaps[] = {
    {"<", "<="},
    {"<=", "<"},
    {">", ">="},
    {">=", ">"},
    {"=", "<>"},
    {"<>", "="},
    {"!=", "="},
    {"+", "-"},
    {"-", "+"},
    {"*", "+"},
    {"/", "*"},
    {"div", "*"},
    {"%", "+"},
    {"||", "||'x'||"},
    {"and", "or"},
    {"or", "and"},
    {"inner", "left"},
    {"left", "inner"},
    {"right", "inner"},
    {"full", "left"},
    {"min", "max"},
    {"max", "min"},
    {"sum", "max"},
    {"avg", "min"},
    {"asc", "desc"},
    {"desc", "asc"},
    {"distinct", ""},
    {"first", "last"},
    {"last", "first"},
    {"union", "union all"},
    {"intersect", "except"},
    {"except", "intersect"},
    {"lag", "lead"},
    {"lead", "lag"},
    {"rank", "row_number"},
    {"dense_rank", "rank"},
    {"row_number", "rank"},
    {"upper", "lower"},
    {"lower", "upper"},
    {"floor", "ceil"},
    {"ceil", "floor"},
    {"ltrim", "rtrim"},
    {"rtrim", "ltrim"},
    {"preceding", "following"},
    {"stddev_samp", "stddev_pop"},
    {"var_samp", "var_pop"},
    {"bool_and", "bool_or"},
    {"greatest", "least"},
    {"least", "greatest"},
    {"not", ""},
};

// Words that make a name or a keyword of what stands before or behind them, so that a swap would
// only be nonsense.
bool is_word_of_a_pair(std::string_view word, std::string_view before, std::string_view behind) {
  if (word == "left" || word == "right") return behind == "(";
  if (word == "union") return behind == "all";
  if (word == "first" || word == "last") return before != "nulls";
  if (word == "not") return behind == "null" || before == "is";
  if (word == "distinct") return before == "is" || before == "not";
  if (word == "and") return false;
  if (word == "*") return before == "(" || before == "select" || before == "," || before == ".";
  if (word == "-" || word == "+")
    return before == "(" || before == "," || before == "select" || before == "then" ||
           before == "else" || before == "when" || before == "";
  if (word == "preceding") return before == "unbounded";
  if (word == "=") return before == "set";
  return false;
}

// The 10 and the 2 of DECIMAL(10, 2): a wider type holds the same values.
template <typename TextOf>
bool is_size_of_a_type(const TextOf& text_of, std::size_t i) {
  const auto is_type = [](const std::string& word) {
    return word == "decimal" || word == "varchar" || word == "char" || word == "time";
  };
  if (i < 2 || is_type(text_of(i - 2))) return i >= 2;
  return i >= 4 && text_of(i - 1) == "," && is_type(text_of(i - 4));
}

// The last digit another: as many digits as before, so that no rounding takes the change away.
std::string next_decimal(std::string text) {
  if (text.find('.') == std::string::npos ||
      text.find_first_not_of("0123456789.") != std::string::npos || text.back() == '.')
    return {};
  text.back() = text.back() == '9' ? '8' : static_cast<char>(text.back() + 1);
  return text;
}

std::string number_after(std::string_view text) {
  if (text.size() > 9 || text.find_first_not_of("0123456789") != std::string_view::npos)
    return next_decimal(std::string(text));
  return std::to_string(std::stol(std::string(text)) + 1);
}

}  // namespace

std::vector<Mutant> make_mutants(std::string_view statement, std::size_t limit, bool ordered,
                                 const std::vector<ProveTable>& tables) {
  const std::vector<IdlePlace> idle = find_idle_places(statement, tables);
  sql::Lexer lexer(statement, 0, static_cast<std::uint32_t>(statement.size()),
                   sql::find_dialect("databricks")->lexical);
  sql::Tokens tokens;
  lexer.all(tokens);
  const auto text_of = [&](std::size_t i) {
    if (i >= tokens.tokens.size()) return std::string();
    const sql::Token& token = tokens.tokens[i];
    return to_lower(statement.substr(token.begin, token.end - token.begin));
  };
  std::vector<Mutant> all;
  const auto put = [&](std::size_t i, const std::string& to) {
    const sql::Token& token = tokens.tokens[i];
    const std::string of_words = " " + text_of(i) + " ";
    if (std::any_of(idle.begin(), idle.end(), [&](const IdlePlace& place) {
          return place.begin <= token.begin && token.end <= place.end &&
                 (place.words.empty() || contains(" " + std::string(place.words) + " ", of_words));
        }))
      return;
    Mutant mutant;
    mutant.text = std::string(statement.substr(0, token.begin)) + to +
                  std::string(statement.substr(token.end));
    mutant.change = text_of(i) + " becomes " + (to.empty() ? "nothing" : to) + " at line " +
                    std::to_string(sql::locate(statement, token.begin).line);
    all.push_back(std::move(mutant));
  };
  int depth = 0;
  bool in_order = false;  // in the ORDER BY of the whole
  bool in_set = false;    // where = assigns
  for (std::size_t i = 0; i < tokens.tokens.size(); ++i) {
    const sql::Token& token = tokens.tokens[i];
    if (token.kind == sql::TokenKind::left_paren) ++depth;
    if (token.kind == sql::TokenKind::right_paren) --depth;
    if (depth == 0 && text_of(i) == "order" && text_of(i + 1) == "by") in_order = true;
    if (depth == 0 && text_of(i) == "limit") in_order = false;
    if (in_order && !ordered) continue;
    if (depth == 0 && text_of(i) == "set") in_set = true;
    if (depth == 0 && (text_of(i) == "where" || text_of(i) == "when")) in_set = false;
    if (in_set && depth == 0 && text_of(i) == "=") continue;
    const std::string word = text_of(i), before = i > 0 ? text_of(i - 1) : std::string();
    if (token.kind == sql::TokenKind::word || token.kind == sql::TokenKind::op) {
      for (const Swap& swap : kSwaps)
        if (swap.from == word && !is_word_of_a_pair(word, before, text_of(i + 1)))
          put(i, std::string(swap.to));
    } else if (in_order && token.kind == sql::TokenKind::string) {
      continue;  // a format that rows are ordered by orders them the same with one letter more
    } else if (token.kind == sql::TokenKind::number) {
      if (is_size_of_a_type(text_of, i)) continue;
      const std::string next = number_after(word);
      if (!next.empty()) put(i, next);
    } else if (token.kind == sql::TokenKind::string && word.size() > 2 && word.front() == '\'') {
      put(i, std::string(statement.substr(token.begin, token.end - token.begin - 1)) + "q'");
    }
  }
  if (all.size() <= limit) return all;
  std::vector<Mutant> chosen;
  for (std::size_t i = 0; i < limit; ++i) chosen.push_back(all[i * all.size() / limit]);
  return chosen;
}

}  // namespace lakeshift::stages
