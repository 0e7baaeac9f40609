// Calls and what can follow them: WITHIN GROUP, FILTER, IGNORE NULLS, OVER.
#include "sql/parse/parser.h"

namespace lakeshift::sql {

// At '('. Children: the name, the arguments (role args, one child each), then the tail by role.
Node* Parser::parse_call(Node* name, std::uint16_t flags) {
  NestingGuard guard(*this);
  if (guard.too_deep()) return nullptr;
  const std::size_t at = mark();
  const std::uint32_t begin = name->begin;
  push(name, Role::name);
  advance();
  if (!push_call_arguments(flags)) return nullptr;
  if (!expect(TokenKind::right_paren, ") or ,")) return nullptr;
  if (!push_call_tail(flags)) return nullptr;
  return build(Kind::call, at, begin, 0, flags);
}

bool Parser::push_call_arguments(std::uint16_t& flags) {
  if (kind() == TokenKind::right_paren) return true;
  if (accept(Word::kDISTINCT))
    flags |= kDistinct;
  else if (word() == Word::kALL && kind(1) != TokenKind::comma &&
           kind(1) != TokenKind::right_paren) {
    advance();
    flags |= kAll;
  }
  do {
    if (!push(parse_argument(), Role::args)) return false;
  } while (accept(TokenKind::comma));
  if (word() == Word::kORDER && word(1) == Word::kBY) {
    if (!push(parse_order_list(), Role::order_by)) return false;
  }
  if ((word() == Word::kIGNORE || word() == Word::kRESPECT) && word(1) == Word::kNULLS) {
    flags |= static_cast<std::uint16_t>((word() == Word::kIGNORE ? kIgnoreNulls : kRespectNulls) |
                                        kNullsInside);
    position_ += 2;
  }
  return true;
}

// expr, name => expr, name := expr, * , a query without further parentheses, VARIADIC expr.
Node* Parser::parse_argument() {
  const std::uint32_t begin = token().begin;
  if (is_op(Op::kStar)) return parse_star(nullptr);
  if (word() == Word::kVARIADIC) {
    advance();
    return wrap(Kind::argument, parse_expression(), begin, 0, kVariadic);
  }
  if (kind() == TokenKind::word && (is_op(Op::kArrow, 1) || is_op(Op::kAssign, 1))) {
    const std::size_t at = mark();
    push(parse_any_ident(), Role::name);
    advance();
    if (!push(parse_expression(), Role::value)) return nullptr;
    return build(Kind::argument, at, begin);
  }
  if (starts_query() && kind() == TokenKind::word) {
    const std::size_t at = mark();
    if (!push(parse_query(), Role::query)) return nullptr;
    return build(Kind::subquery, at, begin, 1);
  }
  return parse_expression();
}

bool Parser::push_call_tail(std::uint16_t& flags) {
  if (kind() != TokenKind::word) return true;
  if (word() == Word::kWITHIN && word(1) == Word::kGROUP) {
    position_ += 2;
    if (!expect(TokenKind::left_paren, "(") || !push(parse_order_list(), Role::within) ||
        !expect(TokenKind::right_paren, ")"))
      return false;
  }
  if (word() == Word::kFILTER && kind(1) == TokenKind::left_paren) {
    position_ += 2;
    if (!expect(Word::kWHERE) || !push(parse_expression(), Role::filter) ||
        !expect(TokenKind::right_paren, ")"))
      return false;
  }
  if ((word() == Word::kIGNORE || word() == Word::kRESPECT) && word(1) == Word::kNULLS) {
    flags |= word() == Word::kIGNORE ? kIgnoreNulls : kRespectNulls;
    position_ += 2;
  }
  if (word() == Word::kOVER) {
    advance();
    if (kind() != TokenKind::left_paren) return push(parse_ident(), Role::over);
    return push(parse_window_spec(), Role::over);
  }
  return true;
}

// ( [base] [PARTITION BY …] [ORDER BY …] [frame] )
Node* Parser::parse_window_spec() {
  const std::uint32_t begin = token().begin;
  if (!expect(TokenKind::left_paren, "(")) return nullptr;
  const std::size_t at = mark();
  if (can_be_name(token()) && word() != Word::kPARTITION && word() != Word::kROWS &&
      word() != Word::kRANGE && word() != Word::kGROUPS)
    if (!push(parse_ident(), Role::base)) return nullptr;
  if (accept(Word::kPARTITION)) {
    if (!expect(Word::kBY)) return nullptr;
    const std::uint32_t list_begin = token().begin;
    const std::size_t list = mark();
    if (!push_expression_list()) return nullptr;
    push(build(Kind::list, list, list_begin), Role::partition);
  }
  if (word() == Word::kORDER && !push(parse_order_list(), Role::order_by)) return nullptr;
  if (word() == Word::kROWS || word() == Word::kRANGE || word() == Word::kGROUPS)
    if (!push(parse_frame(), Role::frame)) return nullptr;
  if (!expect(TokenKind::right_paren, ")")) return nullptr;
  return build(Kind::window, at, begin);
}

Node* Parser::parse_frame() {
  const std::uint32_t begin = token().begin;
  const FrameUnit unit = word() == Word::kROWS    ? FrameUnit::rows
                         : word() == Word::kRANGE ? FrameUnit::range
                                                  : FrameUnit::groups;
  advance();
  const std::size_t at = mark();
  if (accept(Word::kBETWEEN)) {
    if (!push(parse_bound()) || !expect(Word::kAND) || !push(parse_bound())) return nullptr;
  } else if (!push(parse_bound())) {
    return nullptr;
  }
  return build(Kind::frame, at, begin, static_cast<std::uint16_t>(unit));
}

Node* Parser::parse_bound() {
  const std::uint32_t begin = token().begin;
  const std::size_t at = mark();
  BoundKind which = BoundKind::current_row;
  if (accept(Word::kCURRENT)) {
    if (!expect(Word::kROW)) return nullptr;
    return build(Kind::bound, at, begin, static_cast<std::uint16_t>(which));
  }
  const bool unbounded = accept(Word::kUNBOUNDED);
  if (!unbounded && !push(parse_expression(rules_.levels.predicate))) return nullptr;
  if (accept(Word::kPRECEDING))
    which = unbounded ? BoundKind::unbounded_preceding : BoundKind::preceding;
  else if (accept(Word::kFOLLOWING))
    which = unbounded ? BoundKind::unbounded_following : BoundKind::following;
  else
    return fail("PRECEDING or FOLLOWING");
  return build(Kind::bound, at, begin, static_cast<std::uint16_t>(which));
}

// ORDER BY item, …
Node* Parser::parse_order_list() {
  if (!expect(Word::kORDER) || !expect(Word::kBY)) return nullptr;
  const std::uint32_t begin = token().begin;
  const std::size_t at = mark();
  do {
    if (!push(parse_order_item())) return nullptr;
  } while (accept(TokenKind::comma));
  return build(Kind::list, at, begin);
}

Node* Parser::parse_order_item() {
  const std::uint32_t begin = token().begin;
  const std::size_t at = mark();
  if (word() == Word::kALL && rules_.order_by_all) {
    push(leaf(Kind::ident, token()));
    advance();
  } else if (!push(parse_expression())) {
    return nullptr;
  }
  std::uint16_t order = 0;
  if (accept(Word::kASC))
    order = static_cast<std::uint16_t>(Order::ascending);
  else if (accept(Word::kDESC))
    order = static_cast<std::uint16_t>(Order::descending);
  if (word() == Word::kNULLS && (word(1) == Word::kFIRST || word(1) == Word::kLAST)) {
    order = static_cast<std::uint16_t>(order | static_cast<std::uint16_t>(word(1) == Word::kFIRST
                                                                              ? Order::nulls_first
                                                                              : Order::nulls_last));
    position_ += 2;
  }
  return build(Kind::order_item, at, begin, order);
}

}  // namespace lakeshift::sql
