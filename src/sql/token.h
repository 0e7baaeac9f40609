// What the lexer yields. Tokens name places in the source and own nothing; what lies between two
// tokens is blanks and comments, so source == blanks and comments and tokens in order, byte for
// byte.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sql/keyword.h"

namespace lakeshift::sql {

// Operators of all dialects; a dialect says which it has and how tightly they bind. `custom` is an
// operator we have no row for (PostgreSQL lets users define them): its text says which.
// clang-format off
#define LS_SQL_OPERATORS(X)                                                                       \
  X(kNone, "")                                                                                    \
  X(kOr, "OR")                                                                                    \
  X(kAnd, "AND")                                                                                  \
  X(kNot, "NOT")                                                                                  \
  X(kEq, "=")                                                                                     \
  X(kNe, "<>")                                                                                    \
  X(kLt, "<")                                                                                     \
  X(kGt, ">")                                                                                     \
  X(kLe, "<=")                                                                                    \
  X(kGe, ">=")                                                                                    \
  X(kNullSafeEq, "<=>")                                                                           \
  X(kPlus, "+")                                                                                   \
  X(kMinus, "-")                                                                                  \
  X(kStar, "*")                                                                                   \
  X(kSlash, "/") X(kPercent, "%") X(kCaret, "^") X(kConcat, "||") X(kPipe, "|") X(kAmp, "&")      \
      X(kHash, "#") X(kShiftLeft, "<<") X(kShiftRight, ">>") X(kShiftRightZero, ">>>")            \
          X(kTilde, "~") X(kTildeStar, "~*") X(kNotTilde, "!~") X(kNotTildeStar, "!~*")           \
              X(kSqrt, "|/") X(kCbrt, "||/") X(kAt, "@") X(kBang, "!") X(kQuestion, "?")          \
                  X(kCast, "::") X(kAssign, ":=") X(kArrow, "=>") X(kColon, ":") X(kDotDot, "..") \
                      X(kDiv, "DIV") X(kOverlaps, "OVERLAPS") X(kThinArrow, "->") X(kCustom, "")
// clang-format on

enum class Op : std::uint16_t {
#define LS_OP(id, text) id,
  LS_SQL_OPERATORS(LS_OP)
#undef LS_OP
      count_
};
inline constexpr std::size_t kOpCount = static_cast<std::size_t>(Op::count_);
std::string_view spell_op(Op op);

enum class TokenKind : std::uint8_t {
  end,
  word,         // code: Word; flag templated when {{…}} or ${…} is glued to it
  quoted_name,  // "a""b", or `a``b`
  number,       // 1, 1.5e3, .5
  string,       // flags: Quote
  parameter,    // :name, :'name', :"name", $1, ?
  template_,    // {{…}} or ${…} on its own
  op,           // code: Op
  left_paren,
  right_paren,
  left_bracket,
  right_bracket,
  left_brace,
  right_brace,
  comma,
  semicolon,
  dot,
  error,  // where the lexer gave up; LexError says why
};

// How a string is quoted; kept in Token::flags and in the IR.
enum class Quote : std::uint8_t {
  plain,
  escaped,
  bits,
  hex,
  national,
  unicode,
  dollar,
  raw,
  doubled
};

inline constexpr std::uint8_t kTemplated = 1;

struct Token {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  std::uint16_t code = 0;
  TokenKind kind = TokenKind::end;
  std::uint8_t flags = 0;

  Word word() const { return kind == TokenKind::word ? static_cast<Word>(code) : Word::none; }
  Op op() const { return kind == TokenKind::op ? static_cast<Op>(code) : Op::kNone; }
};

struct Comment {
  enum class Kind : std::uint8_t {
    line,       // -- up to, not including, the line's end
    block,      // /* … */, may be nested
    template_,  // {% … %}, {# … #}, and {{ … }} that stands alone before a statement
    meta,       // a psql command: \timing on
  };
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  Kind kind = Kind::line;
};

struct LexError {
  std::string code{};  // empty: none. "sql-unterminated", "sql-bad-character", "sql-bad-encoding"
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  std::string message{};
  std::string remedy{};
};

// The tokens of one statement (or of one procedure body). The last one is of kind `end`.
struct Tokens {
  std::vector<Token> tokens{};
  std::vector<Comment> comments{};
  LexError error{};

  void clear() {
    tokens.clear();
    comments.clear();
    error = {};
  }
};

}  // namespace lakeshift::sql
