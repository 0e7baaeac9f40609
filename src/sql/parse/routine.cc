// Bodies of procedures and functions, and the statements that stand only there.
#include <algorithm>

#include "sql/lexer.h"
#include "sql/parse/parser.h"

namespace lakeshift::sql {

// column = expr, (a, b) = (…), column = DEFAULT
Node* Parser::parse_assignment() {
  const std::uint32_t begin = token().begin;
  const std::size_t at = mark();
  Node* target = kind() == TokenKind::left_paren ? parse_columns() : parse_name();
  while (target && kind() == TokenKind::left_bracket) target = parse_subscript(target);
  if (!push(target, Role::target)) return nullptr;
  if (!accept_op(Op::kEq)) return fail("=");
  if (!push(parse_expression(), Role::value)) return nullptr;
  return build(Kind::assignment, at, begin);
}

// Tokens up to ',' or ')' on the level of the first, at least one; the text as it stands.
Node* Parser::parse_loose() {
  const Token first = token();
  std::size_t depth = 0;
  while (!at_statement_end()) {
    if (kind() == TokenKind::left_paren) ++depth;
    if (kind() == TokenKind::right_paren && depth-- == 0) break;
    if (kind() == TokenKind::comma && depth == 0) break;
    advance();
  }
  if (last_end() <= first.begin) return fail("a value");
  Node* node = build(Kind::words, mark(), first.begin, 2);
  node->set_text(source_.substr(first.begin, node->end - first.begin));
  return node;
}

// The text of a body; read_routine_body reads what is in it once the language is known.
Node* Parser::parse_body() {
  if (kind() != TokenKind::string) return fail("the routine's body in $$ … $$");
  const Token body = token();
  advance();
  return leaf(Kind::body, body, body.flags);
}

// Behind CREATE PROCEDURE and CREATE FUNCTION: reads the body, in place, if its language is ours.
bool Parser::read_routine_body(Node* statement) {
  if (statement->kind != Kind::statement) return true;
  Node* body = nullptr;
  std::string language;
  const auto visit = [&](const auto& self, Node* node) -> void {
    for (Node* kid : node->children()) {
      if (kid->kind == Kind::body) body = kid;
      if (kid->role == Role::language) language = kid->text();
      if (kid->kind == Kind::clause) self(self, kid);
    }
  };
  visit(visit, statement);
  if (!body) return true;
  for (char& c : language) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  if (!language.empty() && language.front() == '\'' && language.size() > 2)
    language = language.substr(1, language.size() - 2);
  const bool plpgsql = language == "plpgsql" || statement->text() == "do";
  if (!plpgsql && language != "sql") return true;
  return read_body(body, plpgsql);
}

bool Parser::read_body(Node* body, bool plpgsql) {
  const bool dollar = body->code == static_cast<std::uint16_t>(Quote::dollar);
  const std::string_view whole = body->text();
  const std::size_t quote = dollar ? whole.find('$', 1) + 1 : whole.find('\'') + 1;
  const std::string_view inner = whole.substr(quote, whole.size() - quote - (dollar ? quote : 1));
  Token where;
  where.begin = body->begin;
  where.end = body->begin + static_cast<std::uint32_t>(quote);
  if (!dollar &&
      (inner.find("''") != std::string_view::npos || inner.find('\\') != std::string_view::npos)) {
    fail_with("sql-body-quoting", where,
              "the routine's body is in plain quotes, with quotes inside written twice",
              "write the body between $$ and $$, with single quotes inside");
    return false;
  }
  const auto begin = static_cast<std::uint32_t>(body->begin + quote);
  Tokens inside;
  Lexer(source_, begin, begin + static_cast<std::uint32_t>(inner.size()), rules_.lexical)
      .all(inside);
  Parser parser(source_, dialect_, arena_);
  parser.nesting_ = nesting_;
  parser.in_routine_ = plpgsql;
  Node* block = parser.parse_inside(inside, plpgsql);
  if (!block) {
    error_ = parser.error_;
    fatal_ = true;
    return false;
  }
  body->kids = arena_.make_array<Node*>(1);
  body->kids[0] = block;
  body->count = 1;
  body->depth = static_cast<std::uint16_t>(block->depth + 1);
  block->role = Role::statements;
  body->set_text(whole.substr(0, quote));
  auto& comments = all_->comments;
  comments.insert(comments.end(), inside.comments.begin(), inside.comments.end());
  std::sort(comments.begin(), comments.end(),
            [](const Comment& a, const Comment& b) { return a.begin < b.begin; });
  return true;
}

// All of a body's tokens: a PL/pgSQL block, or statements of SQL.
Node* Parser::parse_inside(Tokens& tokens, bool plpgsql) {
  all_ = &tokens;
  tokens_ = tokens.tokens.data();
  count_ = tokens.tokens.size();
  if (!tokens.error.code.empty()) {
    error_ = {tokens.error.code, Severity::error,      tokens.error.begin,
              tokens.error.end,  tokens.error.message, tokens.error.remedy};
    return nullptr;
  }
  const std::uint32_t begin = token().begin;
  Node* node = nullptr;
  if (plpgsql) {
    node = parse_routine_block();
    accept(TokenKind::semicolon);
  } else {
    const std::size_t at = mark();
    while (kind() != TokenKind::end) {
      if (accept(TokenKind::semicolon)) continue;
      if (!push(parse_one_statement())) break;
      if (!at_statement_end()) {
        fail("; or the end of the body");
        break;
      }
    }
    node = build(Kind::block, at, begin);
  }
  if (node && kind() != TokenKind::end) node = fail("the end of the body");
  if (!node) explain_error();
  return node;
}

// [<<label>>] [DECLARE …] BEGIN … [EXCEPTION …] END [label]: a clause "routine_block".
Node* Parser::parse_routine_block() {
  NestingGuard guard(*this);
  if (guard.too_deep()) return nullptr;
  const std::uint32_t begin = token().begin;
  const std::size_t at = mark();
  if (is_op(Op::kShiftLeft) && !push(parse_label(), Role::label)) return nullptr;
  while (accept(Word::kDECLARE))
    if (!push(parse_declarations(), Role::declarations)) return nullptr;
  if (!expect(Word::kBEGIN)) return nullptr;
  if (!push(parse_block(), Role::statements)) return nullptr;
  if (accept(Word::kEXCEPTION)) {
    const std::uint32_t list_begin = token().begin;
    const std::size_t list = mark();
    while (word() == Word::kWHEN) {
      const std::uint32_t when_begin = token().begin;
      advance();
      const std::size_t when = mark();
      if (!push(parse_expression(), Role::condition) || !expect(Word::kTHEN) ||
          !push(parse_block(), Role::then))
        return nullptr;
      push(build(Kind::when, when, when_begin));
    }
    if (stack_.size() == list) return fail("WHEN");
    push(build(Kind::list, list, list_begin), Role::handlers);
  }
  if (!expect(Word::kEND)) return nullptr;
  if (can_be_name(token()) && !push(parse_ident(), Role::name)) return nullptr;
  Node* node = build(Kind::clause, at, begin);
  if (node) node->set_text("routine_block");
  return node;
}

// << name >>
Node* Parser::parse_label() {
  if (!accept_op(Op::kShiftLeft)) return fail("<<");
  Node* label = parse_any_ident();
  if (label && !accept_op(Op::kShiftRight)) return fail(">>");
  return label;
}

Node* Parser::parse_declarations() {
  const std::uint32_t begin = token().begin;
  const std::size_t at = mark();
  const auto row = std::find_if(dialect_.fragments.begin(), dialect_.fragments.end(),
                                [](const CompiledRow& r) { return r.name == "declaration"; });
  if (row == dialect_.fragments.end()) return fail("BEGIN");
  while (word() != Word::kBEGIN && word() != Word::kDECLARE) {
    if (!push(parse_row(*row, Kind::clause, nullptr))) return nullptr;
    if (!expect(TokenKind::semicolon, ";")) return nullptr;
  }
  return build(Kind::block, at, begin);
}

bool Parser::ends_block() const {
  switch (word()) {
    case Word::kEND:
    case Word::kELSE:
    case Word::kELSIF:
    case Word::kELSEIF:
    case Word::kWHEN:
    case Word::kEXCEPTION:
    case Word::kUNTIL:
      return true;
    default:
      return kind() == TokenKind::end;
  }
}

// Statements, each closed by ';', up to a word that ends the block.
Node* Parser::parse_block() {
  const std::uint32_t begin = token().begin;
  const std::size_t at = mark();
  while (!ends_block()) {
    if (accept(TokenKind::semicolon)) continue;
    if (!push(parse_routine_statement())) return nullptr;
    if (!expect(TokenKind::semicolon, ";")) return nullptr;
  }
  return build(Kind::block, at, begin);
}

Node* Parser::parse_routine_statement() {
  NestingGuard guard(*this);
  if (guard.too_deep()) return nullptr;
  const std::size_t position = position_;
  Node* label = nullptr;
  if (is_op(Op::kShiftLeft) && !(label = parse_label())) return nullptr;
  if (word() == Word::kDECLARE || word() == Word::kBEGIN) {
    position_ = position;
    return parse_routine_block();
  }
  if (label) label->role = Role::label;
  const bool assigns = is_op(Op::kAssign, 1) || is_op(Op::kEq, 1) || kind(1) == TokenKind::dot ||
                       kind(1) == TokenKind::left_bracket;
  if (assigns && can_be_name(token())) return parse_assignment_statement();
  if (kind() == TokenKind::word && !dialect_.routine_by_word[token().code].empty()) {
    const std::size_t before = position_;
    if (Node* node = parse_by_rows(dialect_.routine, dialect_.routine_by_word, label)) return node;
    if (fatal_ || label) return nullptr;
    position_ = before;
  }
  if (label) return fail("LOOP, WHILE, FOR or BEGIN");
  return parse_one_statement();
}

// variable := expr; a row of a query without SELECT may follow, as in x := a + b FROM t.
Node* Parser::parse_assignment_statement() {
  const std::uint32_t begin = token().begin;
  const std::size_t at = mark();
  Node* target = parse_name();
  bool done = false;
  while (target && !done && (kind() == TokenKind::left_bracket || kind() == TokenKind::dot))
    target =
        kind() == TokenKind::left_bracket ? parse_subscript(target) : parse_postfix(target, done);
  if (!push(target, Role::target)) return nullptr;
  if (!accept_op(Op::kAssign) && !accept_op(Op::kEq)) return fail(":=");
  if (!push(parse_expression(), Role::value)) return nullptr;
  Node* node = build(Kind::assignment, at, begin, 1);
  return node;
}

}  // namespace lakeshift::sql
