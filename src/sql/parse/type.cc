// Types: VARCHAR(10), DOUBLE PRECISION, TIMESTAMP WITH TIME ZONE, ARRAY<STRUCT<a:INT>>, INT[].
#include "sql/parse/parser.h"

namespace lakeshift::sql {

// A type node's text is its name with single blanks, in the source's spelling; its children are the
// arguments.
Node* Parser::parse_type() {
  NestingGuard guard(*this);
  if (guard.too_deep()) return nullptr;
  const Token first = token();
  const std::size_t at = mark();
  if (first.kind != TokenKind::word && !can_be_name(first)) return fail("a type");
  if (dialect_.reserved[first.kind == TokenKind::word ? first.code : 0] &&
      first.word() != Word::kTIMESTAMP && first.word() != Word::kINTERVAL &&
      first.word() != Word::kBINARY && first.word() != Word::kARRAY)
    return fail("a type");
  const Word head = first.word();
  if ((head == Word::kARRAY || head == Word::kSTRUCT || head == Word::kMAP) &&
      (is_op(Op::kLt, 1) || is_op(Op::kNe, 1)))
    return parse_nested_type(first);
  advance();
  std::string name(text(first));
  const auto also = [&] {
    name += ' ';
    name += text(token());
    advance();
  };
  while (kind() == TokenKind::dot) {
    advance();
    name += '.';
    name += text(token());
    if (!parse_any_ident()) return nullptr;
  }
  if (is_op(Op::kPercent) && kind(1) == TokenKind::word &&
      (word(1) == Word::kTYPE || word(1) == Word::kROWTYPE)) {
    advance();
    name += '%';
    name += text(token());
    advance();
  }
  if ((head == Word::kDOUBLE && word() == Word::kPRECISION) ||
      ((head == Word::kCHARACTER || head == Word::kCHAR || head == Word::kBIT ||
        head == Word::kBINARY) &&
       word() == Word::kVARYING))
    also();
  if (head == Word::kBINARY && word() == Word::kVARYING) also();
  if (!push_type_arguments()) return nullptr;
  if (head == Word::kTIME || head == Word::kTIMESTAMP) {
    if ((word() == Word::kWITH || word() == Word::kWITHOUT) && word(1) == Word::kTIME &&
        word(2) == Word::kZONE) {
      also();
      also();
      also();
    } else if (word() == Word::kWITH && word(1) == Word::kLOCAL && word(2) == Word::kTIME) {
      for (int i = 0; i < 4; ++i) also();
    }
  }
  if (head == Word::kINTERVAL) {
    while (word() == Word::kYEAR || word() == Word::kMONTH || word() == Word::kDAY ||
           word() == Word::kHOUR || word() == Word::kMINUTE || word() == Word::kSECOND ||
           word() == Word::kTO)
      also();
    if (!push_type_arguments()) return nullptr;
  }
  while (kind() == TokenKind::left_bracket &&
         (kind(1) == TokenKind::right_bracket ||
          (kind(1) == TokenKind::number && kind(2) == TokenKind::right_bracket))) {
    name += '[';
    advance();
    if (kind() == TokenKind::number) {
      name += text(token());
      advance();
    }
    name += ']';
    advance();
  }
  Node* node = build(Kind::type, at, first.begin);
  if (node) node->set_text(name == text(first) ? text(first) : arena_.copy(name));
  return node;
}

// ( 10 ), ( 10, 2 ), ( MAX ), ( GEOMETRY, 4326 )
bool Parser::push_type_arguments() {
  if (kind() != TokenKind::left_paren) return true;
  if (kind(1) != TokenKind::number && kind(1) != TokenKind::parameter &&
      kind(1) != TokenKind::template_ &&
      !(kind(1) == TokenKind::word &&
        (kind(2) == TokenKind::right_paren || kind(2) == TokenKind::comma)))
    return true;
  advance();
  do {
    if (!push(parse_value())) return false;
  } while (accept(TokenKind::comma));
  return expect(TokenKind::right_paren, ")");
}

// Makes two tokens of one: the operator `op` of `length` bytes, and what is left of the token.
void Parser::split_token(std::size_t index, std::uint32_t length, Op op) {
  std::vector<Token>& all = all_->tokens;
  Token rest = all[index];
  Token& first = all[index];
  first.kind = TokenKind::op;
  first.code = static_cast<std::uint16_t>(op);
  first.end = first.begin + length;
  rest.begin += length;
  if (rest.kind == TokenKind::parameter) {
    rest.kind = TokenKind::word;
    rest.code = static_cast<std::uint16_t>(find_word(text(rest)));
  } else {
    rest.code = static_cast<std::uint16_t>(rest.end - rest.begin == 1 ? Op::kGt : Op::kShiftRight);
  }
  all.insert(all.begin() + static_cast<std::ptrdiff_t>(index) + 1, rest);
  tokens_ = all.data();
  count_ = all.size();
}

// ARRAY<t>, MAP<k, v>, STRUCT<a: t, b t>; children are types, or options of a name and a type.
Node* Parser::parse_nested_type(Token first) {
  const std::size_t at = mark();
  const bool is_struct = first.word() == Word::kSTRUCT;
  advance();
  if (!accept_op(Op::kNe)) {  // STRUCT<>
    advance();
    do {
      if (!is_struct) {
        if (!push(parse_type())) return nullptr;
        continue;
      }
      const std::size_t field = mark();
      const std::uint32_t begin = token().begin;
      // a:int was lexed as the name a and the parameter :int
      if (kind(1) == TokenKind::parameter && source_[token(1).begin] == ':')
        split_token(position_ + 1, 1, Op::kColon);
      if (!push(parse_any_ident(), Role::name)) return nullptr;
      accept_op(Op::kColon);
      if (!push(parse_type(), Role::type)) return nullptr;
      if (accept(Word::kCOMMENT) && !push(parse_string(), Role::comment)) return nullptr;
      Node* option = build(Kind::option, field, begin);
      push(option);
    } while (accept(TokenKind::comma));
    // >> closes two levels
    if (is_op(Op::kShiftRight) || is_op(Op::kShiftRightZero)) split_token(position_, 1, Op::kGt);
    if (!accept_op(Op::kGt)) return fail(">");
  }
  Node* node = build(Kind::type, at, first.begin, 1);
  if (node) node->set_text(text(first));
  return node;
}

// DATE '…', TIMESTAMP '…' and so on: a type's name and a string.
bool Parser::starts_typed_literal() const {
  if (kind() != TokenKind::word) return false;
  switch (word()) {
    case Word::kDATE:
    case Word::kTIME:
    case Word::kTIMETZ:
    case Word::kTIMESTAMPTZ:
    case Word::kNUMERIC:
    case Word::kDECIMAL:
    case Word::kFLOAT:
    case Word::kREAL:
    case Word::kINTEGER:
    case Word::kINT:
    case Word::kBIGINT:
    case Word::kSMALLINT:
    case Word::kBOOLEAN:
    case Word::kCHAR:
    case Word::kVARCHAR:
    case Word::kTEXT:
    case Word::kTIMESTAMP:
    case Word::kTIMESTAMP_NTZ:
      return kind(1) == TokenKind::string || word(1) == Word::kWITH || word(1) == Word::kWITHOUT;
    case Word::kNEXT:
      return false;
    default:
      return false;
  }
}

}  // namespace lakeshift::sql
