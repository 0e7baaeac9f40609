// What can stand behind FROM.
#include "sql/parse/parser.h"

namespace lakeshift::sql {

Node* Parser::parse_from_list() {
  const std::uint32_t begin = token().begin;
  const std::size_t at = mark();
  do {
    if (!push(parse_from_item())) return nullptr;
  } while (accept(TokenKind::comma));
  return build(Kind::list, at, begin);
}

Node* Parser::parse_from_item() {
  NestingGuard guard(*this);
  if (guard.too_deep()) return nullptr;
  Node* left = parse_from_primary();
  return left ? parse_joins(left) : nullptr;
}

// Reads the words of a join up to and including JOIN; false, with nothing read, when there is none.
bool Parser::read_join(std::uint16_t& code) {
  std::size_t ahead = 0;
  code = word() == Word::kNATURAL ? kNaturalJoin : 0;
  if (code != 0) ++ahead;
  JoinKind which = JoinKind::inner;
  switch (word(ahead)) {
    case Word::kINNER:
      ++ahead;
      break;
    case Word::kLEFT:
      which = JoinKind::left;
      ++ahead;
      break;
    case Word::kRIGHT:
      which = JoinKind::right;
      ++ahead;
      break;
    case Word::kFULL:
      which = JoinKind::full;
      ++ahead;
      break;
    case Word::kCROSS:
      which = JoinKind::cross;
      ++ahead;
      break;
    case Word::kSEMI:
      which = JoinKind::semi;
      ++ahead;
      break;
    case Word::kANTI:
      which = JoinKind::anti;
      ++ahead;
      break;
    default:
      break;
  }
  if (which == JoinKind::left && (word(ahead) == Word::kSEMI || word(ahead) == Word::kANTI)) {
    which = word(ahead) == Word::kSEMI ? JoinKind::semi : JoinKind::anti;
    ++ahead;
  } else if (word(ahead) == Word::kOUTER &&
             (which == JoinKind::left || which == JoinKind::right || which == JoinKind::full)) {
    ++ahead;
  }
  if (word(ahead) != Word::kJOIN) return false;
  position_ += ahead + 1;
  code = static_cast<std::uint16_t>(code | static_cast<std::uint16_t>(which));
  return true;
}

Node* Parser::parse_joins(Node* left) {
  std::uint16_t code = 0;
  while (left && read_join(code)) {
    const std::size_t at = mark();
    push(left, Role::left);
    const bool lateral = word() == Word::kLATERAL;
    Node* right = parse_from_primary();
    if (!right) return nullptr;
    const bool needs_condition =
        (code & kNaturalJoin) == 0 && static_cast<JoinKind>(code & 255) != JoinKind::cross;
    // a JOIN b JOIN c ON … ON …: the inner join comes first
    if (needs_condition && word() != Word::kON && word() != Word::kUSING) {
      NestingGuard guard(*this);
      if (guard.too_deep()) return nullptr;
      right = parse_joins(right);
      if (!right) return nullptr;
    }
    push(right, Role::right);
    if (accept(Word::kON)) {
      if (!push(parse_expression(), Role::condition)) return nullptr;
    } else if (accept(Word::kUSING)) {
      if (!push(parse_columns(), Role::using_)) return nullptr;
    } else if (needs_condition && !lateral && !rules_.lexical.raw_strings) {
      return fail("ON or USING");
    }
    left = build(Kind::join, at, left->begin, code);
  }
  return left;
}

Node* Parser::parse_from_primary() {
  const std::uint32_t begin = token().begin;
  std::uint16_t flags = 0;
  if (word() == Word::kLATERAL &&
      (kind(1) == TokenKind::left_paren || kind(2) == TokenKind::left_paren)) {
    advance();
    flags = kLateral;
  }
  Node* item = nullptr;
  const std::size_t at = mark();
  if (kind() == TokenKind::left_paren) {
    if (starts_query(1)) {
      advance();
      if (!push(parse_query(), Role::query) || !expect(TokenKind::right_paren, ")") ||
          !push_table_tail())
        return nullptr;
      item = build(Kind::derived, at, begin, 0, flags);
    } else {
      advance();
      if (!push(parse_from_item()) || !expect(TokenKind::right_paren, ")") || !push_table_tail())
        return nullptr;
      item = build(Kind::paren, at, begin);
    }
  } else if (word() == Word::kUNPIVOT && kind(1) != TokenKind::left_paren) {
    // UNPIVOT object AS value AT attribute
    advance();
    Node* object = parse_name();
    bool done = false;
    while (object && !done && (kind() == TokenKind::left_bracket || kind() == TokenKind::dot))
      object =
          kind() == TokenKind::left_bracket ? parse_subscript(object) : parse_postfix(object, done);
    if (!push(object, Role::base) || !push_table_tail()) return nullptr;
    item = build(Kind::unpivot, at, begin, 1);
  } else {
    item = parse_table(true);
    if (item) item->flags |= flags;
  }
  const auto pivots = [&] { return word() == Word::kPIVOT && kind(1) == TokenKind::left_paren; };
  const auto unpivots = [&] {
    return word() == Word::kUNPIVOT && (kind(1) == TokenKind::left_paren ||
                                        word(1) == Word::kINCLUDE || word(1) == Word::kEXCLUDE);
  };
  while (item && (pivots() || unpivots()))
    item = pivots() ? parse_pivot(item) : parse_unpivot(item);
  return item;
}

// [ONLY] name, name(args), or a SUPER path name.a[0].b; alias, AT index, sample.
Node* Parser::parse_table(bool with_alias) {
  const std::uint32_t begin = token().begin;
  const std::size_t at = mark();
  const bool only = word() == Word::kONLY && kind(1) != TokenKind::dot;
  if (only) advance();
  if ((word() == Word::kLEFT || word() == Word::kRIGHT) && kind(1) != TokenKind::left_paren)
    return fail("a table");
  Node* name =
      word() == Word::kTABLE && kind(1) == TokenKind::left_paren ? parse_any_ident() : parse_name();
  if (!name) return nullptr;
  if (kind() == TokenKind::left_paren && with_alias) {
    Node* call = parse_call(name);
    if (!push(call, Role::function)) return nullptr;
    if (word() == Word::kWITH && word(1) == Word::kORDINALITY) {
      position_ += 2;
      call->code = 1;
    }
    if (!push_table_tail()) return nullptr;
    return build(Kind::function_table, at, begin);
  }
  bool done = false;
  while (name && !done && (kind() == TokenKind::left_bracket || kind() == TokenKind::dot))
    name = kind() == TokenKind::left_bracket ? parse_subscript(name) : parse_postfix(name, done);
  if (!push(name, Role::name)) return nullptr;
  if (!only) accept_op(Op::kStar);  // PostgreSQL: t * means t and what inherits from it, as t does
  if (with_alias && !push_table_tail()) return nullptr;
  return build(Kind::table, at, begin, 0, only ? kAll : 0);
}

// [TABLESAMPLE …] [[AS] alias [(columns)]] [AT index] [TABLESAMPLE …]
bool Parser::push_table_tail() {
  Node* sample = nullptr;
  if (word() == Word::kTABLESAMPLE && !(sample = parse_sample())) return false;
  if (word() == Word::kAS || can_be_alias(token())) {
    if (!push(parse_alias_clause(true), Role::alias)) return false;
  }
  if (word() == Word::kAT && word(1) != Word::kTIME) {
    advance();
    if (!push(parse_ident(), Role::at)) return false;
  }
  if (!sample && word() == Word::kTABLESAMPLE && !(sample = parse_sample())) return false;
  return !sample || push(sample, Role::sample);
}

// TABLESAMPLE BERNOULLI (10) REPEATABLE (1), TABLESAMPLE (10 PERCENT)
Node* Parser::parse_sample() {
  const std::uint32_t begin = token().begin;
  advance();
  const std::size_t at = mark();
  if (kind() == TokenKind::word && !push(parse_ident(), Role::name)) return nullptr;
  if (!expect(TokenKind::left_paren, "(") || !push(parse_expression(), Role::value)) return nullptr;
  std::uint16_t code = 0;
  if (accept(Word::kPERCENT))
    code = 1;
  else if (accept(Word::kROWS))
    code = 2;
  if (!expect(TokenKind::right_paren, ")")) return nullptr;
  if (accept(Word::kREPEATABLE)) {
    if (!expect(TokenKind::left_paren, "(") || !push(parse_expression(), Role::count) ||
        !expect(TokenKind::right_paren, ")"))
      return nullptr;
  }
  return build(Kind::sample, at, begin, code);
}

// PIVOT ( aggregate [AS a], … FOR column IN ( value [AS a], … ) ) [alias]
Node* Parser::parse_pivot(Node* source) {
  position_ += 2;
  const std::size_t at = mark();
  push(source, Role::source);
  const std::uint32_t begin = token().begin;
  const std::size_t aggregates = mark();
  do {
    if (!push(parse_select_item())) return nullptr;
  } while (accept(TokenKind::comma));
  push(build(Kind::list, aggregates, begin), Role::aggregates);
  if (!expect(Word::kFOR)) return nullptr;
  if (!push(kind() == TokenKind::left_paren ? parse_columns() : parse_name(), Role::for_))
    return nullptr;
  if (!expect(Word::kIN) || !expect(TokenKind::left_paren, "(")) return nullptr;
  if (!push(parse_select_items(), Role::items)) return nullptr;
  if (!expect(TokenKind::right_paren, ")") || !expect(TokenKind::right_paren, ")") ||
      !push_table_tail())
    return nullptr;
  return build(Kind::pivot, at, source->begin);
}

// UNPIVOT [INCLUDE | EXCLUDE NULLS] ( value FOR name IN ( column [AS a], … ) ) [alias]
Node* Parser::parse_unpivot(Node* source) {
  advance();
  const std::size_t at = mark();
  push(source, Role::source);
  std::uint16_t flags = 0;
  if ((word() == Word::kINCLUDE || word() == Word::kEXCLUDE) && word(1) == Word::kNULLS) {
    flags = word() == Word::kINCLUDE ? kRespectNulls : kIgnoreNulls;
    position_ += 2;
  }
  if (!expect(TokenKind::left_paren, "(")) return nullptr;
  if (!push(kind() == TokenKind::left_paren ? parse_columns() : parse_ident(), Role::value))
    return nullptr;
  if (!expect(Word::kFOR) || !push(parse_ident(), Role::for_)) return nullptr;
  if (!expect(Word::kIN) || !expect(TokenKind::left_paren, "(")) return nullptr;
  if (!push(parse_select_items(), Role::items)) return nullptr;
  if (!expect(TokenKind::right_paren, ")") || !expect(TokenKind::right_paren, ")") ||
      !push_table_tail())
    return nullptr;
  return build(Kind::unpivot, at, source->begin, 0, flags);
}

}  // namespace lakeshift::sql
