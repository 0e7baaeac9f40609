// What stands for itself in an expression: names, literals, parentheses, CASE, CAST and their like.
#include "sql/parse/parser.h"

namespace lakeshift::sql {

Node* Parser::parse_primary() {
  const Token first = token();
  switch (first.kind) {
    case TokenKind::word:
      return parse_word_primary();
    case TokenKind::number:
      advance();
      return leaf(Kind::number, first);
    case TokenKind::string:
      return parse_string();
    case TokenKind::left_paren:
      return parse_parenthesised();
    case TokenKind::quoted_name:
      break;
    case TokenKind::parameter:
      if (kind(1) == TokenKind::dot || kind(1) == TokenKind::left_paren) break;
      advance();
      return leaf(Kind::parameter, first);
    case TokenKind::template_:
      if (kind(1) == TokenKind::dot || kind(1) == TokenKind::left_paren) break;
      advance();
      return leaf(Kind::templated, first);
    case TokenKind::op:
      if (first.op() == Op::kQuestion) {
        advance();
        return leaf(Kind::parameter, first);
      }
      return fail("an expression");
    default:
      return fail("an expression");
  }
  Node* name = parse_name();
  if (!name) return nullptr;
  if (kind() == TokenKind::dot && is_op(Op::kStar, 1)) return parse_star(name);
  if (kind() == TokenKind::left_paren &&
      !(is_op(Op::kPlus, 1) && kind(2) == TokenKind::right_paren))
    return parse_call(name);
  return name;
}

Node* Parser::parse_word_primary() {
  const Token first = token();
  const bool calls = kind(1) == TokenKind::left_paren;
  switch (first.word()) {
    case Word::none:
      break;
    case Word::kNULL:
      advance();
      return leaf(Kind::null, first);
    case Word::kTRUE:
    case Word::kFALSE:
      advance();
      return leaf(Kind::boolean, first, first.word() == Word::kTRUE ? 1 : 0);
    case Word::kDEFAULT:
      advance();
      return leaf(Kind::default_value, first);
    case Word::kCASE:
      return parse_case();
    case Word::kCAST:
      if (calls) return parse_cast(false);
      break;
    case Word::kTRY_CAST:
      if (calls) return parse_cast(true);
      break;
    case Word::kCONVERT:
      if (calls) return parse_convert();
      break;
    case Word::kEXTRACT:
    case Word::kPOSITION:
    case Word::kOVERLAY:
      if (calls) return parse_special(first.word());
      break;
    case Word::kTRIM:
      if (calls) return parse_trim();
      break;
    case Word::kSUBSTRING:
      if (calls) return parse_substring();
      break;
    case Word::kEXISTS:
      if (calls) return parse_exists();
      break;
    case Word::kINTERVAL:
      return parse_interval();
    case Word::kARRAY:
      if (calls || kind(1) == TokenKind::left_bracket) return parse_array();
      break;
    case Word::kROW:
      if (calls) return parse_row();
      break;
    case Word::kOBJECT_TRANSFORM:
      if (calls) return parse_object_transform();
      break;
    case Word::kAPPROXIMATE: {
      if (kind(1) != TokenKind::word || kind(2) != TokenKind::left_paren) break;
      advance();
      Node* name = parse_name();
      Node* call = name ? parse_call(name, kApproximate) : nullptr;
      if (call) call->begin = first.begin;
      return call;
    }
    case Word::kCURRENT_DATE:
    case Word::kCURRENT_TIME:
    case Word::kCURRENT_TIMESTAMP:
    case Word::kCURRENT_USER:
    case Word::kCURRENT_USER_ID:
    case Word::kSESSION_USER:
    case Word::kLOCALTIME:
    case Word::kLOCALTIMESTAMP:
    case Word::kUSER:
    case Word::kSYSDATE: {
      if (!rules_.bare_calls || kind(1) == TokenKind::dot) break;
      advance();
      Node* name = leaf(Kind::ident, first);
      if (calls) return parse_call(name);
      const std::size_t at = mark();
      push(name, Role::name);
      return build(Kind::call, at, first.begin, 0, kNoParens);
    }
    case Word::kCOLLATE:
    case Word::kLEFT:
    case Word::kRIGHT:
      if (!calls) break;
      advance();
      return parse_call(leaf(Kind::ident, first));
    default:
      if (!starts_typed_literal()) break;
      {
        const std::size_t at = mark();
        if (!push(parse_type(), Role::type) || !push(parse_string(), Role::value)) return nullptr;
        return build(Kind::typed_literal, at, first.begin);
      }
  }
  if (starts_typed_literal()) {
    const std::size_t at = mark();
    if (!push(parse_type(), Role::type) || !push(parse_string(), Role::value)) return nullptr;
    return build(Kind::typed_literal, at, first.begin);
  }
  Node* name = parse_name();
  if (!name) return nullptr;
  if (kind() == TokenKind::dot && is_op(Op::kStar, 1)) return parse_star(name);
  if (kind() == TokenKind::left_paren &&
      !(is_op(Op::kPlus, 1) && kind(2) == TokenKind::right_paren))
    return parse_call(name);
  return name;
}

// ( query ), ( a, b ) as a row, ( a ).
Node* Parser::parse_parenthesised() {
  const std::uint32_t begin = token().begin;
  const std::size_t at = mark();
  if (starts_query(1)) {
    // ((SELECT 1)) + 2 also starts like a query
    const std::size_t position = position_;
    advance();
    if (push(parse_query(), Role::query) && accept(TokenKind::right_paren))
      return build(Kind::subquery, at, begin);
    if (fatal_) return nullptr;
    stack_.resize(at);
    if (tokens_[position + 1].kind != TokenKind::left_paren) return fail(")");
    position_ = position;
  }
  advance();
  if (kind() == TokenKind::right_paren) {
    advance();
    return build(Kind::row, at, begin);
  }
  if (!push(parse_expression())) return nullptr;
  const bool row = kind() == TokenKind::comma;
  while (accept(TokenKind::comma))
    if (!push(parse_expression())) return nullptr;
  if (!expect(TokenKind::right_paren, ")")) return nullptr;
  return build(row ? Kind::row : Kind::paren, at, begin);
}

Node* Parser::parse_case() {
  const std::uint32_t begin = token().begin;
  advance();
  const std::size_t at = mark();
  if (word() != Word::kWHEN && !push(parse_expression(), Role::base)) return nullptr;
  while (word() == Word::kWHEN) {
    const std::uint32_t when_begin = token().begin;
    advance();
    const std::size_t when = mark();
    if (!push(parse_expression(), Role::condition) || !expect(Word::kTHEN)) return nullptr;
    if (!push(parse_expression(), Role::then)) return nullptr;
    push(build(Kind::when, when, when_begin), Role::when);
  }
  if (stack_.size() == at || stack_.back()->kind != Kind::when) return fail("WHEN");
  if (accept(Word::kELSE) && !push(parse_expression(), Role::otherwise)) return nullptr;
  if (!expect(Word::kEND)) return nullptr;
  return build(Kind::case_, at, begin);
}

Node* Parser::parse_cast(bool is_try) {
  const std::uint32_t begin = token().begin;
  position_ += 2;
  const std::size_t at = mark();
  if (!push(parse_expression()) || !expect(Word::kAS) || !push(parse_type(), Role::type))
    return nullptr;
  if (!expect(TokenKind::right_paren, ")")) return nullptr;
  return build(Kind::cast, at, begin, 0, is_try ? kTry : 0);
}

// CONVERT ( type, expression )
Node* Parser::parse_convert() {
  const std::uint32_t begin = token().begin;
  const std::size_t position = position_;
  const std::size_t at = mark();
  position_ += 2;
  Node* type = parse_type();
  if (type && accept(TokenKind::comma)) {
    if (!push(parse_expression())) return nullptr;
    push(type, Role::type);
    if (!expect(TokenKind::right_paren, ")")) return nullptr;
    return build(Kind::cast, at, begin, 0, kConvertForm);
  }
  // CONVERT('text', 'from', 'to') is a function
  position_ = position;
  const Token name = token();
  advance();
  return parse_call(leaf(Kind::ident, name));
}

// EXTRACT(f FROM x), POSITION(a IN b), OVERLAY(a PLACING b FROM n FOR m); with commas they are
// calls.
Node* Parser::parse_special(Word which) {
  const Token first = token();
  position_ += 2;
  const std::size_t at = mark();
  if (which == Word::kEXTRACT) {
    const bool quoted = kind() == TokenKind::string;
    if ((quoted || kind() == TokenKind::word) && word(1) == Word::kFROM) {
      push(quoted ? parse_string() : parse_any_ident(), Role::unit);
      advance();
      if (!push(parse_expression()) || !expect(TokenKind::right_paren, ")")) return nullptr;
      return build(Kind::special_call, at, first.begin,
                   static_cast<std::uint16_t>(SpecialForm::extract));
    }
  } else {
    const std::size_t position = position_;
    if (!push(parse_expression(rules_.levels.predicate))) return nullptr;
    if (which == Word::kPOSITION && accept(Word::kIN)) {
      if (!push(parse_expression()) || !expect(TokenKind::right_paren, ")")) return nullptr;
      return build(Kind::special_call, at, first.begin,
                   static_cast<std::uint16_t>(SpecialForm::position));
    }
    if (which == Word::kOVERLAY && accept(Word::kPLACING)) {
      if (!push(parse_expression()) || !expect(Word::kFROM) ||
          !push(parse_expression(), Role::from_pos))
        return nullptr;
      if (accept(Word::kFOR) && !push(parse_expression(), Role::length)) return nullptr;
      if (!expect(TokenKind::right_paren, ")")) return nullptr;
      return build(Kind::special_call, at, first.begin,
                   static_cast<std::uint16_t>(SpecialForm::overlay));
    }
    stack_.resize(at);
    position_ = position;
  }
  --position_;
  return parse_call(leaf(Kind::ident, first));
}

// TRIM([BOTH|LEADING|TRAILING] ['x' FROM] s)
Node* Parser::parse_trim() {
  const Token first = token();
  position_ += 2;
  const std::size_t at = mark();
  SpecialForm form = SpecialForm::trim;
  if (accept(Word::kBOTH))
    form = SpecialForm::trim_both;
  else if (accept(Word::kLEADING))
    form = SpecialForm::trim_leading;
  else if (accept(Word::kTRAILING))
    form = SpecialForm::trim_trailing;
  const std::size_t position = position_;
  if (accept(Word::kFROM)) {
    // TRIM(FROM s) is TRIM(s)
    const bool plain = form == SpecialForm::trim;
    if (plain) push(leaf(Kind::ident, first), Role::name);
    if (!push(parse_expression(), plain ? Role::args : Role::none)) return nullptr;
    if (!expect(TokenKind::right_paren, ")")) return nullptr;
    if (plain) return build(Kind::call, at, first.begin);
    return build(Kind::special_call, at, first.begin, static_cast<std::uint16_t>(form));
  }
  Node* left = parse_expression();
  if (!left) return nullptr;
  if (accept(Word::kFROM)) {
    if (!push(parse_expression())) return nullptr;
    push(left, Role::value);
    if (!expect(TokenKind::right_paren, ")")) return nullptr;
    return build(Kind::special_call, at, first.begin, static_cast<std::uint16_t>(form));
  }
  if (form != SpecialForm::trim && accept(TokenKind::right_paren)) {
    push(left);
    return build(Kind::special_call, at, first.begin, static_cast<std::uint16_t>(form));
  }
  if (form != SpecialForm::trim) return fail("FROM");
  position_ = position - 1;
  return parse_call(leaf(Kind::ident, first));
}

// SUBSTRING(s FROM a [FOR b]); with commas it is a call.
Node* Parser::parse_substring() {
  const Token first = token();
  position_ += 2;
  const std::size_t position = position_;
  const std::size_t at = mark();
  if (!push(parse_expression())) return nullptr;
  const bool from = word() == Word::kFROM;
  if (!from && word() != Word::kFOR) {
    stack_.resize(at);
    position_ = position - 1;
    return parse_call(leaf(Kind::ident, first));
  }
  if (accept(Word::kFROM) && !push(parse_expression(), Role::from_pos)) return nullptr;
  if (accept(Word::kFOR) && !push(parse_expression(), Role::length)) return nullptr;
  if (!expect(TokenKind::right_paren, ")")) return nullptr;
  return build(Kind::special_call, at, first.begin,
               static_cast<std::uint16_t>(SpecialForm::substring));
}

Node* Parser::parse_exists() {
  const std::uint32_t begin = token().begin;
  position_ += 2;
  const std::size_t at = mark();
  if (!push(parse_query(), Role::query) || !expect(TokenKind::right_paren, ")")) return nullptr;
  return build(Kind::exists, at, begin);
}

// INTERVAL '1 day', INTERVAL '1' DAY, INTERVAL '1-2' YEAR TO MONTH, INTERVAL 3 DAYS. The text is
// the unit.
Node* Parser::parse_interval() {
  const Token first = token();
  const bool value_follows = kind(1) == TokenKind::string || kind(1) == TokenKind::parameter ||
                             kind(1) == TokenKind::template_ ||
                             (rules_.lexical.raw_strings &&
                              (kind(1) == TokenKind::number || kind(1) == TokenKind::left_paren ||
                               is_op(Op::kMinus, 1) || kind(1) == TokenKind::word));
  if (!value_follows) {
    Node* name =
        dialect_.reserved[static_cast<std::size_t>(Word::kINTERVAL)] ? nullptr : parse_name();
    if (!name) return fail("a string after INTERVAL");
    return kind() == TokenKind::left_paren ? parse_call(name) : name;
  }
  advance();
  const std::size_t at = mark();
  if (!push(kind() == TokenKind::string ? parse_string() : parse_expression(rules_.levels.additive),
            Role::value))
    return nullptr;
  const auto is_unit = [&](std::size_t ahead) {
    switch (word(ahead)) {
      case Word::kYEAR:
      case Word::kYEARS:
      case Word::kMONTH:
      case Word::kMONTHS:
      case Word::kDAY:
      case Word::kDAYS:
      case Word::kHOUR:
      case Word::kHOURS:
      case Word::kMINUTE:
      case Word::kMINUTES:
      case Word::kSECOND:
      case Word::kSECONDS:
      case Word::kWEEK:
      case Word::kWEEKS:
      case Word::kQUARTER:
        return true;
      default:
        return false;
    }
  };
  if (is_unit(0)) {
    push(leaf(Kind::words, token()), Role::unit);
    stack_.back()->set_text(spell_word(word()));
    advance();
    if (kind() == TokenKind::left_paren && kind(1) == TokenKind::number &&
        kind(2) == TokenKind::right_paren) {
      push(leaf(Kind::number, token(1)), Role::length);
      position_ += 3;
    }
    if (word() == Word::kTO && is_unit(1)) {
      advance();
      push(leaf(Kind::words, token()), Role::to);
      stack_.back()->set_text(spell_word(word()));
      advance();
      if (kind() == TokenKind::left_paren && kind(1) == TokenKind::number &&
          kind(2) == TokenKind::right_paren) {
        push(leaf(Kind::number, token(1)), Role::count);
        position_ += 3;
      }
    }
  }
  return build(Kind::interval, at, first.begin);
}

// ARRAY[1, 2], ARRAY(SELECT …), ARRAY(1, 2)
Node* Parser::parse_array() {
  const Token first = token();
  if (kind(1) == TokenKind::left_paren) {
    if (!starts_query(2)) {
      advance();
      return parse_call(leaf(Kind::ident, first));
    }
    position_ += 2;
    const std::size_t at = mark();
    if (!push(parse_query(), Role::query) || !expect(TokenKind::right_paren, ")")) return nullptr;
    return build(Kind::array, at, first.begin);
  }
  position_ += 2;
  const std::size_t at = mark();
  while (kind() != TokenKind::right_bracket) {
    // ARRAY[[1, 2], [3, 4]]
    if (kind() == TokenKind::left_bracket) {
      --position_;
      if (!push(parse_array())) return nullptr;
    } else if (!push(parse_expression())) {
      return nullptr;
    }
    if (!accept(TokenKind::comma)) break;
  }
  if (!expect(TokenKind::right_bracket, "]")) return nullptr;
  return build(Kind::array, at, first.begin);
}

Node* Parser::parse_row() {
  const std::uint32_t begin = token().begin;
  position_ += 2;
  const std::size_t at = mark();
  if (kind() != TokenKind::right_paren && !push_expression_list()) return nullptr;
  if (!expect(TokenKind::right_paren, ")")) return nullptr;
  return build(Kind::row, at, begin, 1);
}

// *, t.*, with EXCLUDE (a, b) or EXCEPT (a, b) behind.
Node* Parser::parse_star(Node* qualifier) {
  const std::uint32_t begin = qualifier ? qualifier->begin : token().begin;
  position_ += qualifier ? 2 : 1;
  const std::size_t at = mark();
  if (qualifier) push(qualifier, Role::base);
  const bool except = word() == Word::kEXCEPT && rules_.lexical.raw_strings &&
                      kind(1) == TokenKind::left_paren && !starts_query(2);
  if (except || at_exclude())
    if (!push(parse_exclude(), Role::exclude)) return nullptr;
  return build(Kind::star, at, begin);
}

// EXCLUDE with columns behind it; without any it is a name.
bool Parser::at_exclude() const {
  return word() == Word::kEXCLUDE && (kind(1) == TokenKind::left_paren || can_be_name(token(1)));
}

// EXCLUDE (a, b), EXCEPT (a, b), EXCLUDE a, b
Node* Parser::parse_exclude() {
  const std::uint32_t begin = token().begin;
  advance();
  const std::size_t at = mark();
  const bool open = accept(TokenKind::left_paren);
  do {
    if (!push(parse_name())) return nullptr;
  } while (accept(TokenKind::comma));
  if (open && !expect(TokenKind::right_paren, ")")) return nullptr;
  return build(Kind::exclude, at, begin);
}

// OBJECT_TRANSFORM(input KEEP 'a', 'b' SET 'c', expr, …)
Node* Parser::parse_object_transform() {
  const std::uint32_t begin = token().begin;
  position_ += 2;
  const std::size_t at = mark();
  if (!push(parse_expression(), Role::base)) return nullptr;
  for (const auto& [which, role] :
       {std::pair{Word::kKEEP, Role::columns}, std::pair{Word::kSET, Role::set}}) {
    if (word() != which) continue;
    const std::uint32_t list_begin = token().begin;
    advance();
    const std::size_t list = mark();
    if (!push_expression_list()) return nullptr;
    push(build(Kind::list, list, list_begin), role);
  }
  if (!expect(TokenKind::right_paren, ")")) return nullptr;
  return build(Kind::object_transform, at, begin);
}

}  // namespace lakeshift::sql
