// Names, aliases and literals.
#include "sql/parse/parser.h"

namespace lakeshift::sql {

bool Parser::can_be_name(const Token& token) const {
  switch (token.kind) {
    case TokenKind::word:
      return !dialect_.reserved[token.code];
    case TokenKind::quoted_name:
    case TokenKind::template_:
      return true;
    case TokenKind::parameter:
      return source_[token.begin] == ':';  // psql replaces :schema before the server sees it
    default:
      return false;
  }
}

bool Parser::can_be_alias(const Token& token) const {
  if (token.word() == Word::kAT) {
    // t AS x AT i names the position; "at" is an alias only when no name follows
    const Token& next = tokens_[position_ + 1];
    return next.kind != TokenKind::end && next.kind != TokenKind::quoted_name &&
           next.kind != TokenKind::template_ &&
           (next.kind != TokenKind::word || dialect_.not_alias[next.code]);
  }
  if (token.word() == Word::kEXCLUDE) {
    const Token& next = tokens_[position_ + 1];
    return next.word() == Word::kFROM || next.kind == TokenKind::comma ||
           next.kind == TokenKind::end || next.kind == TokenKind::semicolon ||
           next.kind == TokenKind::right_paren;
  }
  if (token.kind == TokenKind::word)
    return !dialect_.not_alias[token.code] && !(in_routine_ && token.word() == Word::kLOOP);
  return token.kind == TokenKind::quoted_name || token.kind == TokenKind::template_;
}

Node* Parser::parse_ident() {
  if (!can_be_name(token())) return fail("a name");
  const Token& at = token();
  advance();
  return leaf(at.kind == TokenKind::parameter ? Kind::parameter : Kind::ident, at);
}

// Behind AS or a dot even reserved words are names.
Node* Parser::parse_any_ident() {
  const Token& at = token();
  if (at.kind != TokenKind::word && !can_be_name(at)) return fail("a name");
  advance();
  return leaf(at.kind == TokenKind::parameter ? Kind::parameter : Kind::ident, at);
}

Node* Parser::parse_name() {
  const std::uint32_t begin = token().begin;
  Node* first = parse_ident();
  if (!first || kind() != TokenKind::dot) return first;
  const std::size_t at = mark();
  push(first);
  while (kind() == TokenKind::dot && !is_op(Op::kStar, 1)) {
    advance();
    if (!push(parse_any_ident())) return nullptr;
  }
  if (stack_.size() == at + 1) {
    stack_.resize(at);
    return first;
  }
  return build(Kind::name, at, begin);
}

// A user, role or group: a name, or one with its identity provider, as in sys:dba and "my idp":bob.
Node* Parser::parse_principal() {
  const Token first = token();
  if (kind(1) != TokenKind::parameter || token(1).begin != first.end || source_[first.end] != ':')
    return parse_name();
  if (!can_be_name(first)) return fail("a name");
  position_ += 2;
  Node* node = leaf(Kind::ident, first);
  node->end = last_end();
  node->set_text(source_.substr(first.begin, node->end - first.begin));
  return node;
}

// A template or variable that stands for a whole clause.
Node* Parser::parse_placeholder() {
  const Token at = token();
  if (at.kind != TokenKind::template_ && at.kind != TokenKind::parameter) return fail("an option");
  advance();
  return leaf(at.kind == TokenKind::parameter ? Kind::parameter : Kind::templated, at);
}

// ( a, b ): a list of names; nothing when a query stands in the parentheses.
Node* Parser::parse_columns() {
  const std::uint32_t begin = token().begin;
  if (kind() != TokenKind::left_paren) return fail("(");
  if (starts_query(1)) {
    advance();
    return fail("a column");
  }
  advance();
  const std::size_t at = mark();
  do {
    if (!push(parse_name())) return nullptr;
  } while (accept(TokenKind::comma));
  if (!expect(TokenKind::right_paren, ")")) return nullptr;
  return build(Kind::list, at, begin, kInParentheses);
}

// [AS] alias [( columns )]; null without an error when there is none.
Node* Parser::parse_alias_clause(bool with_columns) {
  const std::uint32_t begin = token().begin;
  Node* name = nullptr;
  if (word() == Word::kAS && !(with_columns && kind(1) == TokenKind::left_paren)) {
    advance();
    name = kind() == TokenKind::string ? parse_string() : parse_any_ident();
    if (!name) return nullptr;
  } else if (can_be_alias(token())) {
    name = parse_ident();
  }
  if (!name) return nullptr;
  const std::size_t at = mark();
  push(name, Role::name);
  if (with_columns && kind() == TokenKind::left_paren) {
    const std::uint32_t list_begin = token().begin;
    advance();
    const std::size_t list = mark();
    do {
      const std::size_t column = mark();
      const std::uint32_t column_begin = token().begin;
      if (!push(parse_ident(), Role::name)) return nullptr;
      // f(…) AS t (a int, b text): columns with types
      if (kind() != TokenKind::comma && kind() != TokenKind::right_paren)
        if (!push(parse_type(), Role::type)) return nullptr;
      Node* entry =
          stack_.size() == column + 1 ? stack_.back() : build(Kind::option, column, column_begin);
      stack_.resize(column);
      push(entry);
    } while (accept(TokenKind::comma));
    if (!expect(TokenKind::right_paren, ")")) return nullptr;
    push(build(Kind::list, list, list_begin, kInParentheses), Role::columns);
  }
  return build(Kind::alias, at, begin);
}

Node* Parser::parse_string() {
  if (kind() != TokenKind::string) return fail("a string");
  const Token& first = token();
  advance();
  // 'a' and 'b' on the next line are one string by the standard; keep the text whole.
  if (first.flags == static_cast<std::uint8_t>(Quote::dollar) || kind() != TokenKind::string)
    return leaf(Kind::string, first, first.flags);
  const std::size_t at = mark();
  push(leaf(Kind::string, first, first.flags));
  while (kind() == TokenKind::string &&
         (rules_.lexical.raw_strings ||
          source_.substr(last_end(), token().begin - last_end()).find('\n') !=
              std::string_view::npos)) {
    push(leaf(Kind::string, token(), token().flags));
    advance();
  }
  if (stack_.size() == at + 1) {
    Node* only = stack_.back();
    stack_.resize(at);
    return only;
  }
  return build(Kind::string, at, first.begin, first.flags);
}

Node* Parser::parse_number() {
  const bool negative = is_op(Op::kMinus);
  const Token& at = token(negative || is_op(Op::kPlus) ? 1 : 0);
  if (at.kind != TokenKind::number) return fail("a number");
  const std::uint32_t begin = token().begin;
  position_ += negative || is_op(Op::kPlus) ? 2 : 1;
  Node* number = leaf(Kind::number, at);
  if (negative) return wrap(Kind::unary, number, begin, static_cast<std::uint16_t>(Op::kMinus));
  return number;
}

Node* Parser::parse_value() {
  switch (kind()) {
    case TokenKind::string:
      return parse_string();
    case TokenKind::number:
    case TokenKind::op:
      return parse_number();
    case TokenKind::parameter: {
      const Token& at = token();
      advance();
      return leaf(Kind::parameter, at);
    }
    default:
      break;
  }
  if (kind() == TokenKind::word || can_be_name(token())) {
    const std::size_t at = mark();
    const std::uint32_t begin = token().begin;
    Node* first = parse_any_ident();
    if (kind() != TokenKind::dot) return first;
    push(first);
    while (accept(TokenKind::dot))
      if (!push(parse_any_ident())) return nullptr;
    return build(Kind::name, at, begin);
  }
  return fail("a value");
}

}  // namespace lakeshift::sql
