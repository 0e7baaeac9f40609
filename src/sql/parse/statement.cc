// Statements: which row of grammar, and running it.
#include <algorithm>

#include "sql/parse/parser.h"

namespace lakeshift::sql {

Node* Parser::parse_statement(Tokens& tokens) {
  all_ = &tokens;
  tokens_ = tokens.tokens.data();
  count_ = tokens.tokens.size();
  position_ = 0;
  stack_.clear();
  forget_wanted();
  fatal_ = false;
  if (!tokens.error.code.empty()) {
    error_ = {tokens.error.code, Severity::error,      tokens.error.begin,
              tokens.error.end,  tokens.error.message, tokens.error.remedy};
    return nullptr;
  }
  take_leading_templates();
  if (kind() == TokenKind::end || kind() == TokenKind::semicolon) return nullptr;
  Node* node = parse_one_statement();
  if (node && !at_statement_end()) node = fail("the end of the statement");
  if (node && !read_routine_body(node)) node = nullptr;
  if (node) {
    error_ = {};
    return node;
  }
  explain_error();
  return nullptr;
}

Node* Parser::parse_only_expression(Tokens& tokens) {
  all_ = &tokens;
  tokens_ = tokens.tokens.data();
  count_ = tokens.tokens.size();
  position_ = 0;
  forget_wanted();
  Node* node = parse_expression();
  if (node && kind() != TokenKind::end) node = fail("an operator or the end");
  if (node)
    error_ = {};
  else
    explain_error();
  return node;
}

// {{ config(…) }} and psql's :EXPLAIN before a statement are like comments of it.
void Parser::take_leading_templates() {
  while ((kind() == TokenKind::template_ ||
          (kind() == TokenKind::parameter && source_[token().begin] == ':')) &&
         (kind(1) == TokenKind::end || kind(1) == TokenKind::semicolon ||
          kind(1) == TokenKind::template_ || word(1) != Word::none ||
          (kind(1) == TokenKind::left_paren && starts_query(1)))) {
    const Comment taken{token().begin, token().end, Comment::Kind::template_};
    auto& comments = all_->comments;
    const auto later = [](const Comment& a, const Comment& b) { return a.begin < b.begin; };
    comments.insert(std::upper_bound(comments.begin(), comments.end(), taken, later), taken);
    advance();
  }
}

Node* Parser::parse_one_statement() {
  NestingGuard guard(*this);
  if (guard.too_deep()) return nullptr;
  const std::uint32_t begin = token().begin;
  if (word() == Word::kWITH) {
    Node* with = parse_with();
    if (!with) return nullptr;
    const bool query =
        word() == Word::kSELECT || word() == Word::kVALUES || kind() == TokenKind::left_paren;
    if (query) return finish_query(with, begin);
    with->role = Role::with;
    return parse_by_rows(dialect_.statements, dialect_.statements_by_word, with);
  }
  if (starts_query() || kind() == TokenKind::left_paren) return parse_query();
  if (word() == Word::kTABLE && rules_.custom_operators) return parse_query();
  return parse_by_rows(dialect_.statements, dialect_.statements_by_word, nullptr);
}

Node* Parser::parse_by_rows(const std::vector<CompiledRow>& rows,
                            const std::vector<std::vector<std::uint16_t>>& index, Node* prefix) {
  if (kind() != TokenKind::word) return fail("a statement");
  const std::size_t position = position_;
  for (const std::uint16_t i : index[token().code]) {
    Node* node = parse_row(rows[i], Kind::statement, prefix);
    const bool closed = at_statement_end() || kind() == TokenKind::right_paren;
    if (node && (closed || in_routine_)) return node;
    if (node) fail("the end of the statement");
    if (fatal_) return nullptr;
    position_ = position;
  }
  return fail("a statement");
}

Node* Parser::parse_row(const CompiledRow& row, Kind kind, Node* prefix) {
  const std::size_t at = mark();
  const std::uint32_t begin = prefix ? prefix->begin : token().begin;
  if (prefix) stack_.push_back(prefix);
  if (!match(row.root)) {
    stack_.resize(at);
    return nullptr;
  }
  Node* node = build(kind, at, begin);
  if (node) node->set_text(row.name);
  return node;
}

bool Parser::match(const Element& element) {
  switch (element.type) {
    case Element::Type::words:
      return match_words(element);
    case Element::Type::mark:
      return match_mark(element);
    case Element::Type::capture:
      return match_capture(element);
    case Element::Type::sequence:
      return match_sequence(element);
    case Element::Type::any:
    case Element::Type::some:
      return match_repeat(element);
    case Element::Type::optional: {
      const std::size_t position = position_;
      const std::size_t at = mark();
      if (match(element.parts.front())) return true;
      position_ = position;
      stack_.resize(at);
      return !fatal_;
    }
    case Element::Type::choice: {
      const std::size_t position = position_;
      const std::size_t at = mark();
      for (const Element& part : element.parts) {
        if (match(part)) return true;
        if (fatal_) return false;
        position_ = position;
        stack_.resize(at);
      }
      return false;
    }
  }
  return false;
}

bool Parser::match_sequence(const Element& element) {
  for (const Element& part : element.parts)
    if (!match(part)) return false;
  return true;
}

bool Parser::match_repeat(const Element& element) {
  bool any = element.type == Element::Type::any;
  while (true) {
    const std::size_t position = position_;
    const std::size_t at = mark();
    if (match(element.parts.front()) && position_ > position) {
      any = true;
      continue;
    }
    position_ = position;
    stack_.resize(at);
    return any && !fatal_;
  }
}

bool Parser::match_words(const Element& element) {
  const std::uint32_t begin = token().begin;
  const std::size_t position = position_;
  for (const Word wanted : element.words) {
    if (accept(wanted)) continue;
    fail(spell_word(wanted));
    position_ = position;
    return false;
  }
  Node* node = build(Kind::words, mark(), begin);
  node->set_text(element.text);
  return push(node);
}

bool Parser::match_mark(const Element& element) {
  const bool here = element.mark == TokenKind::op ? is_op(element.op) : kind() == element.mark;
  if (!here) {
    fail(element.text);
    return false;
  }
  Node* node = leaf(Kind::words, token(), 1);
  node->set_text(element.text);
  advance();
  return push(node);
}

bool Parser::match_capture(const Element& element) {
  switch (element.mode) {
    case Element::Mode::one:
      return push(parse_rule(element), element.role);
    case Element::Mode::comma: {
      const std::size_t at = mark();
      const std::uint32_t begin = token().begin;
      do {
        if (!push(parse_rule(element))) return false;
      } while (accept(TokenKind::comma));
      return push(build(Kind::list, at, begin), element.role);
    }
    case Element::Mode::any:
    case Element::Mode::some: {
      bool any = element.mode == Element::Mode::any;
      while (true) {
        const std::size_t position = position_;
        const std::size_t at = mark();
        if (push(parse_rule(element), element.role) && position_ > position) {
          any = true;
          continue;
        }
        position_ = position;
        stack_.resize(at);
        return any && !fatal_;
      }
    }
  }
  return false;
}

Node* Parser::parse_rule(const Element& element) {
  switch (element.rule) {
    case Rule::fragment: {
      NestingGuard guard(*this);
      if (guard.too_deep()) return nullptr;
      return parse_row(dialect_.fragments[element.fragment], Kind::clause, nullptr);
    }
    case Rule::expr:
      return parse_expression();
    case Rule::ident:
      return parse_ident();
    case Rule::any_ident:
      return parse_any_ident();
    case Rule::name:
      return parse_name();
    case Rule::type:
      return parse_type();
    case Rule::string:
      return parse_string();
    case Rule::number:
      return parse_number();
    case Rule::value:
      return parse_value();
    case Rule::query:
      return starts_query() ? parse_query() : fail("a query");
    case Rule::with:
      return parse_with();
    case Rule::columns:
      return parse_columns();
    case Rule::table:
      return parse_table(true);
    case Rule::table_name:
      return parse_table(false);
    case Rule::from_list:
      return parse_from_list();
    case Rule::from_item:
      return parse_from_item();
    case Rule::alias:
      return can_be_alias(token()) ? parse_ident() : fail("an alias");
    case Rule::order_item:
      return parse_order_item();
    case Rule::select_items:
      return parse_select_items();
    case Rule::assignment:
      return parse_assignment();
    case Rule::values_row:
      return parse_values_row();
    case Rule::body:
      return parse_body();
    case Rule::block:
      return parse_block();
    case Rule::routine_block:
      return parse_routine_block();
    case Rule::declarations:
      return parse_declarations();
    case Rule::statement:
      return parse_one_statement();
    case Rule::principal:
      return parse_principal();
    case Rule::placeholder:
      return parse_placeholder();
    case Rule::loose:
      return parse_loose();
  }
  return nullptr;
}

}  // namespace lakeshift::sql
