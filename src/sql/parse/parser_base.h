// What every part of the parser builds on: the tokens of one statement, the furthest error, and
// nodes.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sql/arena.h"
#include "sql/finding.h"
#include "sql/node.h"
#include "sql/parse/grammar.h"
#include "sql/token.h"

namespace lakeshift::sql {

inline constexpr int kMaxNesting = 500;
inline constexpr std::uint16_t kMaxDepth = 4000;

// Functions that fail return null or false and note what was wanted. The furthest error wins, so
// that trying alternatives does not blur the message.
class ParserBase {
 public:
  const Finding& error() const { return error_; }

 protected:
  friend class NestingGuard;

  ParserBase(std::string_view source, const CompiledDialect& dialect, Arena& arena)
      : source_(source), dialect_(dialect), rules_(*dialect.dialect), arena_(arena) {}

  // Tokens.
  const Token& token(std::size_t ahead = 0) const {
    const std::size_t i = position_ + ahead;
    return i < count_ ? tokens_[i] : tokens_[count_ - 1];
  }
  Word word(std::size_t ahead = 0) const { return token(ahead).word(); }
  TokenKind kind(std::size_t ahead = 0) const { return token(ahead).kind; }
  bool is_op(Op op, std::size_t ahead = 0) const { return token(ahead).op() == op; }
  std::string_view text(const Token& token) const {
    return source_.substr(token.begin, token.end - token.begin);
  }
  void advance() { ++position_; }
  bool accept(Word wanted);
  bool accept(TokenKind wanted);
  bool accept_op(Op wanted);
  bool expect(Word wanted);
  bool expect(TokenKind wanted, std::string_view spelled);
  // `wanted` outlives the parser: a literal, or a text of the dialect.
  std::nullptr_t fail(std::string_view wanted);
  std::nullptr_t fail_with(std::string code, const Token& where, std::string message,
                           std::string remedy);
  std::string describe(const Token& token) const;

  void forget_wanted();

  // Nodes. Children are pushed on a stack, then a node takes all above a mark.
  std::size_t mark() const { return stack_.size(); }
  bool push(Node* node, Role role = Role::none) {
    if (!node) return false;
    node->role = role;
    stack_.push_back(node);
    return true;
  }
  Node* leaf(Kind kind, const Token& token, std::uint16_t code = 0);
  Node* build(Kind kind, std::size_t mark, std::uint32_t begin, std::uint16_t code = 0,
              std::uint16_t flags = 0);
  Node* wrap(Kind kind, Node* kid, std::uint32_t begin, std::uint16_t code = 0,
             std::uint16_t flags = 0);
  std::uint32_t last_end() const { return position_ > 0 ? tokens_[position_ - 1].end : 0; }

  void explain_error();
  bool at_statement_end() const {
    return kind() == TokenKind::end || kind() == TokenKind::semicolon;
  }

  std::string_view source_;
  const CompiledDialect& dialect_;
  const Dialect& rules_;
  Arena& arena_;
  Tokens* all_ = nullptr;
  const Token* tokens_ = nullptr;
  std::size_t count_ = 0;
  std::size_t position_ = 0;
  std::vector<Node*> stack_{};
  int nesting_ = 0;
  bool fatal_ = false;       // do not try alternatives: too deep, or damaged text
  bool in_routine_ = false;  // `SELECT … INTO a, b` and := have the meaning of a routine
  std::size_t furthest_ = 0;
  // What was wanted at the furthest place, each once; more than these and the message names none.
  static constexpr std::size_t kMostWanted = 7;
  std::array<std::string_view, kMostWanted> wanted_{};
  std::size_t wanted_count_ = 0;
  Finding error_{};
};

// Counts a level of recursion for as long as it lives.
class NestingGuard {
 public:
  explicit NestingGuard(ParserBase& parser) : parser_(parser) { ++parser_.nesting_; }
  ~NestingGuard() { --parser_.nesting_; }
  NestingGuard(const NestingGuard&) = delete;
  NestingGuard& operator=(const NestingGuard&) = delete;
  bool too_deep() const {
    if (parser_.nesting_ <= kMaxNesting) return false;
    parser_.fail_with("sql-too-deep", parser_.token(),
                      "nested deeper than " + std::to_string(kMaxNesting) + " levels",
                      "flatten the expression, or split the statement");
    return true;
  }

 private:
  ParserBase& parser_;
};

}  // namespace lakeshift::sql
