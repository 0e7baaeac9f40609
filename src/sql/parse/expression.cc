// Operators: the Pratt loop. What stands for itself is in primary.cc.
#include <utility>

#include "sql/parse/parser.h"

namespace lakeshift::sql {

Node* Parser::parse_expression(std::uint8_t level) {
  NestingGuard guard(*this);
  if (guard.too_deep()) return nullptr;
  Node* left = parse_prefix(level);
  bool done = false;
  while (left && !done) left = continue_expression(left, level, done);
  return left;
}

Node* Parser::parse_prefix(std::uint8_t level) {
  // one prefix operator may follow another of its level: - -1, NOT NOT a
  if (std::exchange(after_prefix_, false) && level > 0) --level;
  const std::uint32_t begin = token().begin;
  const Levels& levels = rules_.levels;
  if (word() == Word::kNOT) return parse_prefix_operator(Op::kNot, levels.not_, level);
  if (word() == Word::kPRIOR && kind(1) != TokenKind::comma && kind(1) != TokenKind::right_paren) {
    advance();
    return wrap(Kind::prior, parse_expression(levels.unary), begin);
  }
  if (kind() != TokenKind::op) return parse_primary();
  const Op op = token().op();
  switch (op) {
    case Op::kPlus:
    case Op::kMinus:
      return parse_prefix_operator(op, levels.unary, level);
    case Op::kTilde:
    case Op::kAt:
    case Op::kSqrt:
    case Op::kCbrt:
    case Op::kBang:
      return parse_prefix_operator(op, rules_.custom_operators ? levels.other : levels.unary,
                                   level);
    case Op::kCustom:
      if (!rules_.custom_operators) return fail("an expression");
      return parse_prefix_operator(op, levels.other, level);
    default:
      return parse_primary();
  }
}

// A prefix operator may bind less tightly than what stands left of it (1 + ~2 * 3 is 1 + (~(2 *
// 3))): the IR then has the parentheses that say so.
Node* Parser::parse_prefix_operator(Op op, std::uint8_t own, std::uint8_t level) {
  const Token spelled = token();
  advance();
  after_prefix_ = true;
  Node* node =
      wrap(Kind::unary, parse_expression(own), spelled.begin, static_cast<std::uint16_t>(op));
  if (!node) return nullptr;
  if (op == Op::kCustom) node->set_text(text(spelled));
  return own <= level ? wrap(Kind::paren, node, spelled.begin) : node;
}

// x IS NULL || y is (x IS NULL) || y: what ends by itself may bind less tightly than the operator
// behind it. The IR then has the parentheses that say so.
Node* Parser::enclose(Node* left, std::uint8_t level) {
  std::uint8_t own = 255;
  switch (left->kind) {
    case Kind::is_test:
      own = rules_.levels.is;
      break;
    case Kind::in:
      own = rules_.levels.predicate;
      break;
    case Kind::like:
      own = left->text_size > 0 ? rules_.levels.predicate : own;
      break;
    case Kind::quantified:
      own = dialect_.operator_level[left->code];
      break;
    case Kind::collate:
      own = rules_.levels.collate;
      break;
    default:
      break;
  }
  return own < level ? wrap(Kind::paren, left, left->begin) : left;
}

// Takes one more operator behind `left` if it binds tighter than `level`; otherwise sets `done`.
Node* Parser::continue_expression(Node* left, std::uint8_t level, bool& done) {
  const Levels& levels = rules_.levels;
  const Token& next = token();
  switch (next.kind) {
    case TokenKind::op: {
      const Op op = next.op();
      if (op == Op::kCast || op == Op::kColon)
        return parse_postfix(enclose(left, levels.postfix), done);
      const std::uint8_t bind = dialect_.operator_level[next.code];
      if (bind == 0 || bind <= level) break;
      return parse_binary(enclose(left, bind), op, bind);
    }
    case TokenKind::left_bracket:
      return parse_subscript(enclose(left, levels.postfix));
    case TokenKind::dot:
    case TokenKind::left_paren:
      return parse_postfix(left, done);
    case TokenKind::word:
      switch (next.word()) {
        case Word::kAND:
          if (levels.and_ <= level) break;
          return parse_binary(left, Op::kAnd, levels.and_);
        case Word::kOR:
          if (levels.or_ <= level) break;
          return parse_binary(left, Op::kOr, levels.or_);
        case Word::kDIV:
        case Word::kOVERLAPS: {
          const Op op = next.word() == Word::kDIV ? Op::kDiv : Op::kOverlaps;
          const std::uint8_t bind = dialect_.operator_level[static_cast<std::size_t>(op)];
          if (bind == 0 || bind <= level) break;
          return parse_binary(enclose(left, bind), op, bind);
        }
        case Word::kIS:
        case Word::kISNULL:
        case Word::kNOTNULL:
          if (levels.is <= level) break;
          return parse_is(left);
        case Word::kNOT:
        case Word::kIN:
        case Word::kBETWEEN:
        case Word::kLIKE:
        case Word::kILIKE:
        case Word::kRLIKE:
        case Word::kREGEXP:
        case Word::kSIMILAR:
          if (levels.predicate <= level) break;
          return parse_predicate(enclose(left, levels.predicate), done);
        case Word::kAT:
          if (word(1) != Word::kTIME || word(2) != Word::kZONE || levels.zone <= level) break;
          position_ += 3;
          {
            left = enclose(left, levels.zone);
            const std::size_t at = mark();
            push(left);
            if (!push(parse_expression(levels.zone), Role::zone)) return nullptr;
            return build(Kind::at_time_zone, at, left->begin);
          }
        case Word::kCOLLATE:
          if (levels.collate <= level) break;
          advance();
          {
            left = enclose(left, levels.collate);
            const std::size_t at = mark();
            push(left);
            if (!push(parse_name(), Role::collation)) return nullptr;
            return build(Kind::collate, at, left->begin);
          }
        default:
          break;
      }
      break;
    default:
      break;
  }
  done = true;
  return left;
}

Node* Parser::parse_binary(Node* left, Op op, std::uint8_t level) {
  const Token spelled = token();
  const std::size_t at = mark();
  push(left);
  const auto quantified = [&] {
    return (word() == Word::kANY || word() == Word::kALL || word() == Word::kSOME) &&
           kind(1) == TokenKind::left_paren;
  };
  // a AND b AND c is one node of three children, however long the chain.
  do {
    advance();
    if (quantified()) break;
    if (!push(parse_expression(level))) return nullptr;
  } while (token().kind == spelled.kind && token().code == spelled.code && op != Op::kCustom &&
           level != rules_.levels.comparison);
  if (quantified()) {
    if (stack_.size() > at + 1) {
      push(build(Kind::binary, at, left->begin, static_cast<std::uint16_t>(op)));
    }
    const Token which = token();
    position_ += 2;
    if (starts_query() ? !push(parse_query(), Role::query) : !push(parse_expression(), Role::value))
      return nullptr;
    if (!expect(TokenKind::right_paren, ")")) return nullptr;
    Node* node = build(Kind::quantified, at, left->begin, static_cast<std::uint16_t>(op));
    if (node) node->set_text(which.word() == Word::kALL ? "ALL" : "ANY");
    return node;
  }
  Node* node = build(Kind::binary, at, left->begin, static_cast<std::uint16_t>(op));
  if (node && op == Op::kCustom) node->set_text(text(spelled));
  if (node && rules_.old_precedence && op != Op::kAnd && op != Op::kOr) mark_ambiguity(node);
  return node;
}

Node* Parser::parse_is(Node* left) {
  const std::size_t at = mark();
  push(left);
  std::uint16_t flags = 0;
  IsKind which = IsKind::null;
  if (word() != Word::kIS) {
    flags = kOperatorForm;
    if (word() == Word::kNOTNULL) flags |= kNegated;
    advance();
  } else {
    advance();
    if (accept(Word::kNOT)) flags = kNegated;
    switch (word()) {
      case Word::kNULL:
        which = IsKind::null;
        break;
      case Word::kTRUE:
        which = IsKind::true_;
        break;
      case Word::kFALSE:
        which = IsKind::false_;
        break;
      case Word::kUNKNOWN:
        which = IsKind::unknown;
        break;
      case Word::kJSON:
        which = IsKind::json;
        break;
      case Word::kDISTINCT:
        which = IsKind::distinct_from;
        break;
      default:
        return fail("NULL, TRUE, FALSE, UNKNOWN or DISTINCT FROM");
    }
    advance();
    if (which == IsKind::distinct_from) {
      if (!expect(Word::kFROM)) return nullptr;
      if (!push(parse_expression(rules_.levels.is))) return nullptr;
    }
  }
  Node* node = build(Kind::is_test, at, left->begin, static_cast<std::uint16_t>(which), flags);
  if (node && rules_.old_precedence) mark_ambiguity(node);
  return node;
}

// [NOT] IN, BETWEEN, LIKE, ILIKE, SIMILAR TO, RLIKE.
Node* Parser::parse_predicate(Node* left, bool& done) {
  const bool negated = word() == Word::kNOT;
  const Word which = word(negated ? 1 : 0);
  const std::size_t before = position_;
  if (negated) advance();
  advance();
  Node* node = nullptr;
  switch (which) {
    case Word::kIN:
      node = parse_in(left, negated);
      break;
    case Word::kBETWEEN:
      node = parse_between(left, negated);
      break;
    case Word::kLIKE:
      node = parse_like(left, LikeKind::like, negated);
      break;
    case Word::kILIKE:
      node = parse_like(left, LikeKind::ilike, negated);
      break;
    case Word::kRLIKE:
    case Word::kREGEXP:
      node = parse_like(left, LikeKind::rlike, negated);
      break;
    case Word::kSIMILAR:
      if (!expect(Word::kTO)) return nullptr;
      node = parse_like(left, LikeKind::similar, negated);
      break;
    default:
      // NOT that belongs to what comes next: DEFAULT 1 NOT NULL
      position_ = before;
      done = true;
      return left;
  }
  if (node && rules_.old_precedence) mark_ambiguity(node);
  return node;
}

Node* Parser::parse_in(Node* left, bool negated) {
  const std::size_t at = mark();
  push(left);
  if (kind() != TokenKind::left_paren) {
    // x IN :list, IN {{ values }}: a template stands for the list
    if (kind() != TokenKind::template_ && kind() != TokenKind::parameter) return fail("(");
    if (!push(parse_value(), Role::value)) return nullptr;
    return build(Kind::in, at, left->begin, 0, negated ? kNegated : 0);
  }
  if (starts_query(1)) {
    advance();
    if (!push(parse_query(), Role::query) || !expect(TokenKind::right_paren, ")")) return nullptr;
    return build(Kind::in, at, left->begin, 0, negated ? kNegated : 0);
  }
  const std::uint32_t begin = token().begin;
  advance();
  const std::size_t list = mark();
  if (!push_expression_list() || !expect(TokenKind::right_paren, ")")) return nullptr;
  push(build(Kind::list, list, begin), Role::items);
  return build(Kind::in, at, left->begin, 0, negated ? kNegated : 0);
}

bool Parser::push_expression_list() {
  do {
    if (!push(parse_expression())) return false;
  } while (accept(TokenKind::comma));
  return true;
}

Node* Parser::parse_between(Node* left, bool negated) {
  const std::size_t at = mark();
  std::uint16_t flags = negated ? kNegated : 0;
  push(left);
  if (accept(Word::kSYMMETRIC))
    flags |= kSymmetric;
  else
    accept(Word::kASYMMETRIC);
  if (!push(parse_expression(rules_.levels.predicate))) return nullptr;
  if (!expect(Word::kAND)) return nullptr;
  if (!push(parse_expression(rules_.levels.predicate))) return nullptr;
  return build(Kind::between, at, left->begin, 0, flags);
}

Node* Parser::parse_like(Node* left, LikeKind which, bool negated) {
  const std::size_t at = mark();
  push(left);
  std::string_view quantifier;
  if ((word() == Word::kANY || word() == Word::kSOME || word() == Word::kALL) &&
      kind(1) == TokenKind::left_paren) {
    quantifier = word() == Word::kALL ? "ALL" : "ANY";
    position_ += 2;
    const std::uint32_t begin = token().begin;
    const std::size_t list = mark();
    if (starts_query()) {
      if (!push(parse_query(), Role::query)) return nullptr;
    } else {
      if (!push_expression_list()) return nullptr;
      push(build(Kind::list, list, begin), Role::items);
    }
    if (!expect(TokenKind::right_paren, ")")) return nullptr;
  } else if (!push(parse_expression(rules_.levels.predicate))) {
    return nullptr;
  }
  if (accept(Word::kESCAPE) && !push(parse_expression(rules_.levels.predicate), Role::escape))
    return nullptr;
  Node* node =
      build(Kind::like, at, left->begin, static_cast<std::uint16_t>(which), negated ? kNegated : 0);
  if (node) node->set_text(quantifier);
  return node;
}

// x::t, x.field behind a subscript or parentheses, x(+), v:path.
Node* Parser::parse_postfix(Node* left, bool& done) {
  const bool names_column = left->kind == Kind::ident || left->kind == Kind::name;
  if (is_op(Op::kCast) && rules_.double_colon) {
    advance();
    const std::size_t at = mark();
    push(left);
    if (!push(parse_type(), Role::type)) return nullptr;
    return build(Kind::cast, at, left->begin, 0, kOperatorForm);
  }
  if (is_op(Op::kColon) && rules_.lexical.colon_paths) return parse_path(left);
  if (kind() == TokenKind::left_paren && names_column && is_op(Op::kPlus, 1) &&
      kind(2) == TokenKind::right_paren) {
    position_ += 3;
    return wrap(Kind::outer_mark, left, left->begin);
  }
  if (kind() == TokenKind::dot &&
      (left->kind == Kind::subscript || left->kind == Kind::paren || left->kind == Kind::field ||
       left->kind == Kind::call || left->kind == Kind::parameter)) {
    if (is_op(Op::kStar, 1)) return parse_star(left);
    advance();
    const std::size_t at = mark();
    push(left);
    if (!push(parse_any_ident(), Role::name)) return nullptr;
    return build(Kind::field, at, left->begin);
  }
  done = true;
  return left;
}

// v:a.b[0]: the path into a VARIANT, as fields and subscripts; the first field is flagged.
Node* Parser::parse_path(Node* left) {
  advance();
  const std::size_t at = mark();
  push(left);
  if (kind() == TokenKind::left_bracket) {
    stack_.resize(at);
    // v:['a b'] looks into a document; v['a b'] into a map
    Node* node = parse_subscript(left);
    if (node) node->code = 1;
    return node;
  }
  if (kind() == TokenKind::parameter) return fail("a name");
  if (!push(parse_any_ident(), Role::name)) return nullptr;
  return build(Kind::field, at, left->begin, 1);
}

Node* Parser::parse_subscript(Node* left) {
  const std::size_t at = mark();
  advance();
  push(left);
  const bool open_start = is_op(Op::kColon);
  if (!open_start && !push(parse_expression(), Role::index)) return nullptr;
  const bool slice = accept_op(Op::kColon);
  if (slice && kind() != TokenKind::right_bracket && !push(parse_expression(), Role::upper))
    return nullptr;
  if (!expect(TokenKind::right_bracket, "]")) return nullptr;
  return build(slice ? Kind::slice : Kind::subscript, at, left->begin);
}

// The level PostgreSQL 8 gives the operator at the top of `node`; 0 when it has none (a primary).
std::uint8_t Parser::old_level(const Node* node) const {
  switch (node->kind) {
    case Kind::binary:
    case Kind::quantified:
      switch (static_cast<Op>(node->code)) {
        case Op::kOr:
          return 1;
        case Op::kAnd:
          return 2;
        case Op::kEq:
          return 4;
        case Op::kLt:
        case Op::kGt:
          return 5;
        case Op::kOverlaps:
          return 7;
        case Op::kPlus:
        case Op::kMinus:
          return 12;
        case Op::kStar:
        case Op::kSlash:
        case Op::kPercent:
          return 13;
        case Op::kCaret:
          return 14;
        default:
          return 10;
      }
    case Kind::unary:
      return static_cast<Op>(node->code) == Op::kNot ? 3 : 0;
    case Kind::like:
      return 6;
    case Kind::between:
      return 8;
    case Kind::in:
      return 9;
    case Kind::is_test:
      return 11;
    default:
      return 0;
  }
}

// Sets kAmbiguous where PostgreSQL 8's order of operators would read the same text as another tree.
void Parser::mark_ambiguity(Node* node) const {
  const std::uint8_t own = old_level(node);
  const std::uint32_t last = node->kind == Kind::between                       ? 3
                             : node->kind == Kind::is_test && node->count == 1 ? 1
                                                                               : node->count;
  for (std::uint32_t i = 0; i < last; ++i) {
    const Node* kid = node->kids[i];
    if (node->kind == Kind::in && i > 0) break;
    if (kid->role != Role::none || kid->kind == Kind::list) continue;
    const std::uint8_t inner = old_level(kid);
    if (inner == 0) continue;
    // The left operand may have the same level when the level associates to the left.
    const bool left_associative = own >= 10 && own != 11;
    if (inner > own || (inner == own && i == 0 && left_associative)) continue;
    node->flags |= kAmbiguous;
  }
}

}  // namespace lakeshift::sql
