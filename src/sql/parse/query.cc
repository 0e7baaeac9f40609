// SELECT and what is built of it.
#include "sql/parse/parser.h"

namespace lakeshift::sql {

// Whether a query starts at that token: SELECT, WITH, VALUES, or parentheses that hold a query and
// nothing else.
bool Parser::starts_query(std::size_t ahead) const {
  switch (word(ahead)) {
    case Word::kSELECT:
    case Word::kWITH:
      return true;
    case Word::kVALUES:
      return kind(ahead + 1) == TokenKind::left_paren;
    default:
      break;
  }
  std::size_t open = position_ + ahead;
  if (open >= count_ || tokens_[open].kind != TokenKind::left_paren) return false;
  std::size_t first = open;
  while (first < count_ && tokens_[first].kind == TokenKind::left_paren) ++first;
  if (first >= count_) return false;
  const Word word = tokens_[first].word();
  if (word != Word::kSELECT && word != Word::kWITH && word != Word::kVALUES) return false;
  return holds_only_a_query(open);
}

// '(' at `open` leads to a query. False for ((SELECT 1) + 1) and ((SELECT 1) AS a JOIN b):
// something follows the inner parentheses that no query continues with.
bool Parser::holds_only_a_query(std::size_t open) const {
  std::size_t depth = 0;
  std::size_t i = open;
  for (; i < count_; ++i) {
    if (tokens_[i].kind == TokenKind::left_paren) ++depth;
    if (tokens_[i].kind == TokenKind::right_paren && --depth == 0) break;
  }
  if (i + 1 >= count_) return true;
  const Token& next = tokens_[i + 1];
  switch (next.kind) {
    case TokenKind::right_paren:
    case TokenKind::semicolon:
    case TokenKind::end:
      return true;
    case TokenKind::word:
      break;
    default:
      return false;
  }
  switch (next.word()) {
    case Word::kUNION:
    case Word::kINTERSECT:
    case Word::kEXCEPT:
    case Word::kMINUS:
    case Word::kORDER:
    case Word::kLIMIT:
    case Word::kOFFSET:
    case Word::kFETCH:
    case Word::kFOR:
    case Word::kWITH:
    case Word::kLOOP:
      return true;
    default:
      return false;
  }
}

Node* Parser::parse_query() {
  NestingGuard guard(*this);
  if (guard.too_deep()) return nullptr;
  const std::uint32_t begin = token().begin;
  Node* with = nullptr;
  if (word() == Word::kWITH) {
    with = parse_with();
    if (!with) return nullptr;
  }
  return finish_query(with, begin);
}

Node* Parser::finish_query(Node* with, std::uint32_t begin) {
  const std::size_t at = mark();
  if (with) push(with, Role::with);
  if (!push(parse_set_operation(0), Role::body)) return nullptr;
  if (!push_query_tail()) return nullptr;
  return build(Kind::query, at, begin);
}

Node* Parser::parse_with() {
  const std::uint32_t begin = token().begin;
  if (!expect(Word::kWITH)) return nullptr;
  const bool recursive = accept(Word::kRECURSIVE);
  const std::size_t at = mark();
  do {
    const std::uint32_t cte_begin = token().begin;
    const std::size_t cte = mark();
    std::uint16_t code = 0;
    if (!push(parse_ident(), Role::name)) return nullptr;
    if (kind() == TokenKind::left_paren && !push(parse_columns(), Role::columns)) return nullptr;
    if (!expect(Word::kAS)) return nullptr;
    if (accept(Word::kMATERIALIZED))
      code = 1;
    else if (word() == Word::kNOT && word(1) == Word::kMATERIALIZED) {
      code = 2;
      position_ += 2;
    }
    if (!expect(TokenKind::left_paren, "(")) return nullptr;
    Node* body = starts_query() ? parse_query() : parse_one_statement();
    if (!push(body, Role::query) || !expect(TokenKind::right_paren, ")")) return nullptr;
    push(build(Kind::cte, cte, cte_begin, code));
  } while (accept(TokenKind::comma));
  return build(Kind::with, at, begin, 0, recursive ? kRecursive : 0);
}

// UNION and EXCEPT bind less tightly than INTERSECT. A chain of one operator is one node.
Node* Parser::parse_set_operation(int level) {
  Node* left = level == 0 ? parse_set_operation(1) : parse_query_primary();
  while (left) {
    const auto read = [&](SetKind& kind, std::uint16_t& flags) {
      const Word which = word();
      if (level == 0 && which == Word::kUNION)
        kind = SetKind::union_;
      else if (level == 0 && (which == Word::kEXCEPT || which == Word::kMINUS))
        kind = SetKind::except;
      else if (level == 1 && which == Word::kINTERSECT)
        kind = SetKind::intersect;
      else
        return 0;
      flags = word(1) == Word::kALL ? kAll : word(1) == Word::kDISTINCT ? kDistinct : 0;
      return flags == 0 ? 1 : 2;
    };
    SetKind which{};
    std::uint16_t flags = 0;
    int length = read(which, flags);
    if (length == 0) return left;
    const std::size_t at = mark();
    push(left);
    SetKind next = which;
    std::uint16_t next_flags = flags;
    while (length > 0 && next == which && next_flags == flags) {
      position_ += static_cast<std::size_t>(length);
      if (!push(level == 0 ? parse_set_operation(1) : parse_query_primary())) return nullptr;
      length = read(next, next_flags);
    }
    left = build(Kind::set_operation, at, left->begin, static_cast<std::uint16_t>(which), flags);
  }
  return nullptr;
}

Node* Parser::parse_query_primary() {
  const std::uint32_t begin = token().begin;
  switch (word()) {
    case Word::kSELECT:
      return parse_select();
    case Word::kVALUES:
      return parse_values();
    case Word::kTABLE: {
      advance();
      const std::size_t at = mark();
      if (!push(parse_name(), Role::name)) return nullptr;
      return build(Kind::table, at, begin, 1);
    }
    default:
      break;
  }
  if (kind() != TokenKind::left_paren) return fail("SELECT");
  advance();
  const std::size_t at = mark();
  if (!push(parse_query()) || !expect(TokenKind::right_paren, ")")) return nullptr;
  return build(Kind::paren, at, begin);
}

Node* Parser::parse_select() {
  NestingGuard guard(*this);
  if (guard.too_deep()) return nullptr;
  const std::uint32_t begin = token().begin;
  advance();
  const std::size_t at = mark();
  std::uint16_t flags = 0;
  if (!push_select_head(flags) || !push_select_tail()) return nullptr;
  return build(Kind::select, at, begin, 0, flags);
}

// [ALL | DISTINCT [ON (…)]] [TOP n] items [EXCLUDE …] [INTO …]
bool Parser::push_select_head(std::uint16_t& flags) {
  const bool top_first =
      word() == Word::kTOP && kind(1) == TokenKind::number && word(2) == Word::kDISTINCT;
  if (top_first) {
    flags = kDistinct;
    push(wrap(Kind::limit, leaf(Kind::number, token(1)), token().begin), Role::top);
    position_ += 3;
  }
  if (accept(Word::kDISTINCT)) {
    flags = kDistinct;
    if (word() == Word::kON && kind(1) == TokenKind::left_paren) {
      position_ += 2;
      const std::uint32_t begin = token().begin;
      const std::size_t list = mark();
      if (!push_expression_list() || !expect(TokenKind::right_paren, ")")) return false;
      push(build(Kind::list, list, begin), Role::quantifier);
    }
  } else if (accept(Word::kALL)) {
    flags = kAll;
  }
  if (word() == Word::kTOP &&
      (kind(1) == TokenKind::number || kind(1) == TokenKind::left_paren ||
       kind(1) == TokenKind::parameter || kind(1) == TokenKind::template_)) {
    const std::uint32_t begin = token().begin;
    advance();
    const std::size_t top = mark();
    if (!push(parse_primary())) return false;
    const bool percent = accept(Word::kPERCENT);
    push(build(Kind::limit, top, begin, percent ? 1 : 0), Role::top);
  }
  Node* into = nullptr;
  if (word() == Word::kINTO && !(into = parse_into())) return false;
  if (word() != Word::kFROM && kind() != TokenKind::semicolon && kind() != TokenKind::right_paren &&
      kind() != TokenKind::end) {
    if (!push(parse_select_items(), Role::items)) return false;
    if (at_exclude() && !push(parse_exclude(), Role::exclude)) return false;
  } else if (!rules_.empty_select) {
    fail("an expression");
    return false;
  }
  if (!into && word() == Word::kINTO && !(into = parse_into())) return false;
  return !into || push(into, Role::into);
}

// A new table, or in a routine the variables that receive the row.
Node* Parser::parse_into() {
  const std::uint32_t begin = token().begin;
  advance();
  if (in_routine_) {
    const bool strict = accept(Word::kSTRICT);
    Node* targets = parse_names_list();
    if (targets && strict) targets->set_text("STRICT");
    return targets;
  }
  std::string_view how;
  if (accept(Word::kTEMP) || accept(Word::kTEMPORARY))
    how = "TEMPORARY";
  else if (accept(Word::kUNLOGGED))
    how = "UNLOGGED";
  accept(Word::kTABLE);
  Node* node = wrap(Kind::option, parse_name(), begin);
  if (node) node->set_text(how);
  return node;
}

Node* Parser::parse_names_list() {
  const std::uint32_t begin = token().begin;
  const std::size_t at = mark();
  do {
    Node* target = parse_name();
    if (!target) return nullptr;
    while (target && kind() == TokenKind::left_bracket) target = parse_subscript(target);
    if (!push(target)) return nullptr;
  } while (accept(TokenKind::comma));
  return build(Kind::list, at, begin);
}

bool Parser::push_select_tail() {
  if (accept(Word::kFROM) && !push(parse_from_list(), Role::from)) return false;
  if (accept(Word::kWHERE) && !push(parse_expression(), Role::where)) return false;
  while (word() == Word::kSTART || word() == Word::kCONNECT) {
    const bool start = word() == Word::kSTART;
    if (word(1) != (start ? Word::kWITH : Word::kBY)) break;
    position_ += 2;
    const std::uint32_t begin = token().begin;
    const bool nocycle = !start && accept(Word::kNOCYCLE);
    Node* node = wrap(Kind::option, parse_expression(), begin);
    if (node && nocycle) node->set_text("NOCYCLE");
    if (!push(node, start ? Role::start_with : Role::connect_by)) return false;
  }
  if (word() == Word::kGROUP && word(1) == Word::kBY && !push(parse_group_by(), Role::group_by))
    return false;
  if (accept(Word::kHAVING) && !push(parse_expression(), Role::having)) return false;

  if (accept(Word::kQUALIFY) && !push(parse_expression(), Role::qualify)) return false;
  if (word() == Word::kWINDOW && word(2) == Word::kAS && !push(parse_windows(), Role::windows))
    return false;
  return true;
}

Node* Parser::parse_select_items() {
  const std::uint32_t begin = token().begin;
  const std::size_t at = mark();
  do {
    if (!push(parse_select_item())) return nullptr;
  } while (accept(TokenKind::comma));
  return build(Kind::list, at, begin);
}

// An expression, and its alias if it has one: select_item(expression, alias: name).
Node* Parser::parse_select_item() {
  const std::uint32_t begin = token().begin;
  if (is_op(Op::kStar)) return parse_star(nullptr);
  Node* expression = parse_expression();
  if (!expression) return nullptr;
  Node* name = nullptr;
  if (accept(Word::kAS)) {
    name = kind() == TokenKind::string ? parse_string() : parse_any_ident();
    if (!name) return nullptr;
  } else if (can_be_alias(token())) {
    name = parse_ident();
  }
  if (!name) return expression;
  const std::size_t at = mark();
  push(expression);
  push(name, Role::alias);
  return build(Kind::select_item, at, begin);
}

Node* Parser::parse_group_by() {
  position_ += 2;
  const std::uint32_t begin = token().begin;
  const std::size_t at = mark();
  if (word() == Word::kALL && kind(1) != TokenKind::comma) {
    advance();
    return build(Kind::grouping, at, begin, static_cast<std::uint16_t>(GroupingKind::group), kAll);
  }
  do {
    if (word() == Word::kROLLUP && kind(1) == TokenKind::left_paren) {
      if (!push(parse_grouping_function(GroupingKind::rollup))) return nullptr;
    } else if (word() == Word::kCUBE && kind(1) == TokenKind::left_paren) {
      if (!push(parse_grouping_function(GroupingKind::cube))) return nullptr;
    } else if (word() == Word::kGROUPING && word(1) == Word::kSETS) {
      advance();
      if (!push(parse_grouping_function(GroupingKind::sets))) return nullptr;
    } else if (!push(parse_expression())) {
      return nullptr;
    }
  } while (accept(TokenKind::comma));
  return build(Kind::list, at, begin);
}

// ROLLUP ( … ), CUBE ( … ), GROUPING SETS ( …, ROLLUP (…) )
Node* Parser::parse_grouping_function(GroupingKind which) {
  NestingGuard guard(*this);
  if (guard.too_deep()) return nullptr;
  const std::uint32_t begin = token().begin;
  advance();
  if (!expect(TokenKind::left_paren, "(")) return nullptr;
  const std::size_t at = mark();
  do {
    if (which == GroupingKind::sets && kind(1) == TokenKind::left_paren &&
        (word() == Word::kROLLUP || word() == Word::kCUBE)) {
      if (!push(parse_grouping_function(word() == Word::kCUBE ? GroupingKind::cube
                                                              : GroupingKind::rollup)))
        return nullptr;
    } else if (!push(parse_expression())) {
      return nullptr;
    }
  } while (accept(TokenKind::comma));
  if (!expect(TokenKind::right_paren, ")")) return nullptr;
  return build(Kind::grouping, at, begin, static_cast<std::uint16_t>(which));
}

Node* Parser::parse_values() {
  const std::uint32_t begin = token().begin;
  advance();
  const std::size_t at = mark();
  do {
    if (!push(parse_values_row())) return nullptr;
  } while (accept(TokenKind::comma));
  return build(Kind::values, at, begin);
}

Node* Parser::parse_values_row() {
  const std::uint32_t begin = token().begin;
  if (!expect(TokenKind::left_paren, "(")) return nullptr;
  const std::size_t at = mark();
  if (!push_expression_list() || !expect(TokenKind::right_paren, ")")) return nullptr;
  return build(Kind::row, at, begin);
}

// ORDER BY, LIMIT, OFFSET, FETCH, FOR UPDATE; LIMIT and OFFSET in either order.
bool Parser::push_query_tail() {
  if (word() == Word::kORDER && word(1) == Word::kBY && !push(parse_order_list(), Role::order_by))
    return false;
  Node* limit = nullptr;
  Node* offset = nullptr;
  while (true) {
    const std::uint32_t begin = token().begin;
    if (word() == Word::kLIMIT && !limit) {
      advance();
      if (!(limit = parse_limit())) return false;
    } else if (word() == Word::kOFFSET && !offset) {
      advance();
      if (!(offset = wrap(Kind::limit, parse_expression(), begin))) return false;
      if (!accept(Word::kROWS)) accept(Word::kROW);
    } else if (word() == Word::kFETCH && (word(1) == Word::kFIRST || word(1) == Word::kNEXT) &&
               !limit) {
      position_ += 2;
      const std::size_t at = mark();
      if (word() == Word::kROW || word() == Word::kROWS) {
        Node* one = arena_.make<Node>();
        one->kind = Kind::number;
        one->set_text("1");
        push(one);
      } else if (!push(parse_expression())) {
        return false;
      }
      if (!accept(Word::kROWS)) accept(Word::kROW);
      std::uint16_t code = 0;
      if (accept(Word::kWITH)) {
        if (!expect(Word::kTIES)) return false;
        code = 2;
      } else if (!expect(Word::kONLY)) {
        return false;
      }
      if (!(limit = build(Kind::limit, at, begin, code))) return false;
    } else {
      break;
    }
  }
  if (limit) push(limit, Role::limit);
  if (offset) push(offset, Role::offset);
  if (word() == Word::kFOR && (word(1) == Word::kUPDATE || word(1) == Word::kSHARE ||
                               word(1) == Word::kNO || word(1) == Word::kKEY))
    return push(parse_locking(), Role::locking);
  return true;
}

Node* Parser::parse_limit() {
  const std::uint32_t begin = token().begin;
  const std::size_t at = mark();
  if (accept(Word::kALL)) return build(Kind::limit, at, begin, 3);
  if (!push(parse_expression())) return nullptr;
  return build(Kind::limit, at, begin);
}

// FOR UPDATE [OF t] [NOWAIT | SKIP LOCKED]; the text is what follows FOR, in capitals where it is
// keywords.
Node* Parser::parse_locking() {
  const std::uint32_t begin = token().begin;
  advance();
  const std::size_t at = mark();
  const Token first = token();
  if (accept(Word::kNO) && !expect(Word::kKEY)) return nullptr;
  accept(Word::kKEY);
  if (!accept(Word::kUPDATE) && !accept(Word::kSHARE)) return fail("UPDATE or SHARE");
  const std::uint32_t end = last_end();
  if (accept(Word::kOF) && !push(parse_names_list(), Role::table)) return nullptr;
  std::uint16_t code = 0;
  if (accept(Word::kNOWAIT)) code = 1;
  Node* node = build(Kind::locking, at, begin, code);
  if (node) node->set_text(source_.substr(first.begin, end - first.begin));
  return node;
}

// WINDOW w AS (…), …
Node* Parser::parse_windows() {
  advance();
  const std::uint32_t begin = token().begin;
  const std::size_t at = mark();
  do {
    const std::uint32_t window_begin = token().begin;
    const std::size_t window = mark();
    if (!push(parse_ident(), Role::name) || !expect(Word::kAS) ||
        !push(parse_window_spec(), Role::over))
      return nullptr;
    push(build(Kind::window_definition, window, window_begin));
  } while (accept(TokenKind::comma));
  return build(Kind::list, at, begin);
}

}  // namespace lakeshift::sql
