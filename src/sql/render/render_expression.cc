#include "sql/render/renderer.h"

namespace lakeshift::sql {

bool Renderer::expression(const Node* n) {
  switch (n->kind) {
    case Kind::binary:
      binary(n);
      return true;
    case Kind::unary:
      unary(n);
      return true;
    case Kind::is_test:
      is_test(n);
      return true;
    case Kind::between:
      between(n);
      return true;
    case Kind::in:
      in(n);
      return true;
    case Kind::like:
      like(n);
      return true;
    case Kind::quantified:
      quantified(n);
      return true;
    case Kind::case_:
      case_when(n);
      return true;
    case Kind::cast:
      cast(n);
      return true;
    case Kind::call:
      call(n);
      return true;
    case Kind::special_call:
      special_call(n);
      return true;
    case Kind::window:
      window(n);
      return true;
    case Kind::frame:
      frame(n);
      return true;
    case Kind::interval:
      interval(n);
      return true;
    case Kind::type:
      type(n);
      return true;
    case Kind::order_item:
      order_item(n);
      return true;
    case Kind::array:
      array(n);
      return true;
    case Kind::grouping:
      grouping(n);
      return true;
    case Kind::object_transform:
      object_transform(n);
      return true;
    case Kind::subscript:
    case Kind::slice:
    case Kind::field:
      subscript(n);
      return true;
    case Kind::exists:
      put("EXISTS (");
      glued_ = true;
      tail(n->get(Role::query));
      return true;
    case Kind::paren:
      put("(");
      glued_ = true;
      tail(n->kids[0]);
      for (std::uint32_t i = 1; i < n->count; ++i) node(n->kids[i]);
      return true;
    case Kind::row:
      put(n->code == 1 ? "ROW(" : "(");
      glued_ = true;
      list(n);
      glue(")");
      return true;
    case Kind::at_time_zone:
      operand(n->kids[0], rules_.levels.zone);
      put("AT TIME ZONE");
      operand(n->kids[1], static_cast<std::uint8_t>(rules_.levels.zone + 1));
      return true;
    case Kind::collate:
      operand(n->kids[0], rules_.levels.collate);
      put("COLLATE");
      node(n->kids[1]);
      return true;
    case Kind::outer_mark:
      node(n->kids[0]);
      glue("(+)");
      return true;
    case Kind::prior:
      put("PRIOR");
      operand(n->kids[0], static_cast<std::uint8_t>(rules_.levels.unary + 1));
      return true;
    case Kind::typed_literal:
      node(n->get(Role::type));
      node(n->get(Role::value));
      return true;
    case Kind::argument:
      if (n->has(kVariadic)) {
        put("VARIADIC");
        node(n->kids[0]);
      } else {
        node(n->get(Role::name));
        put("=>");
        node(n->get(Role::value));
      }
      return true;
    default:
      return false;
  }
}

// Behind an opening parenthesis: the content, on lines of its own when it is long, and the closing
// one.
void Renderer::tail(const Node* n) {
  const bool lines = n->kind == Kind::query && broken(n);
  if (!lines) {
    const bool deeper = n->kind == Kind::binary;
    depth_ += deeper ? 1 : 0;
    node(n);
    depth_ -= deeper ? 1 : 0;
    return glue(")");
  }
  ++depth_;
  newline();
  node(n);
  --depth_;
  newline();
  glue(")");
}

void Renderer::binary(const Node* n) {
  const Op op = static_cast<Op>(n->code);
  const std::uint8_t own = binary_level(n);
  const std::string_view spelled = op == Op::kCustom ? n->text() : spell_op(op);
  const bool lines = (op == Op::kAnd || op == Op::kOr) && broken(n);
  if (lines) ++depth_;
  operand(n->kids[0], own);
  for (std::uint32_t i = 1; i < n->count; ++i) {
    if (lines) newline();
    put(spelled);
    operand(n->kids[i], static_cast<std::uint8_t>(own + 1));
  }
  if (lines) --depth_;
}

void Renderer::unary(const Node* n) {
  const Op op = static_cast<Op>(n->code);
  const std::uint8_t own = level(n);
  put(op == Op::kCustom ? n->text() : spell_op(op));
  const Node* kid = n->kids[0];
  // - -1 must not become a comment, nor @ -1 one operator
  glued_ = op != Op::kNot && kid->kind != Kind::unary && op != Op::kCustom;
  operand(kid, kid->kind == Kind::unary && level(kid) >= own
                   ? own
                   : static_cast<std::uint8_t>(own + (op == Op::kNot ? 0 : 1)));
}

void Renderer::is_test(const Node* n) {
  operand(n->kids[0], rules_.levels.is);
  const bool negated = n->has(kNegated);
  if (n->has(kOperatorForm)) return put(negated ? "NOTNULL" : "ISNULL");
  put(negated ? "IS NOT" : "IS");
  static constexpr std::string_view kWords[] = {"NULL",          "TRUE", "FALSE",   "UNKNOWN",
                                                "DISTINCT FROM", "JSON", "DOCUMENT"};
  put(kWords[n->code]);
  if (n->count > 1) operand(n->kids[1], static_cast<std::uint8_t>(rules_.levels.is + 1));
}

void Renderer::between(const Node* n) {
  const std::uint8_t own = rules_.levels.predicate;
  operand(n->kids[0], own);
  put(n->has(kNegated) ? "NOT BETWEEN" : "BETWEEN");
  if (n->has(kSymmetric)) put("SYMMETRIC");
  operand(n->kids[1], static_cast<std::uint8_t>(own + 1));
  put("AND");
  operand(n->kids[2], static_cast<std::uint8_t>(own + 1));
}

void Renderer::in(const Node* n) {
  operand(n->kids[0], rules_.levels.predicate);
  put(n->has(kNegated) ? "NOT IN" : "IN");
  const Node* what = n->kids[1];
  if (what->role == Role::value) return node(what);
  put("(");
  glued_ = true;
  if (what->role == Role::query) return tail(what);
  if (what->end > 0) flush_comments(what->begin);
  list(what);
  glue(")");
}

void Renderer::like(const Node* n) {
  static constexpr std::string_view kWords[] = {"LIKE", "ILIKE", "SIMILAR TO", "RLIKE"};
  const std::uint8_t own = rules_.levels.predicate;
  operand(n->kids[0], own);
  if (n->has(kNegated)) put("NOT");
  put(kWords[n->code]);
  const Node* pattern = n->kids[1];
  if (n->text_size > 0) {
    put(n->text());
    put("(");
    glued_ = true;
    if (pattern->kind == Kind::list)
      list(pattern);
    else
      node(pattern);
    glue(")");
  } else {
    operand(pattern, static_cast<std::uint8_t>(own + 1));
  }
  if (const Node* escape = n->get(Role::escape)) {
    put("ESCAPE");
    operand(escape, static_cast<std::uint8_t>(own + 1));
  }
}

void Renderer::quantified(const Node* n) {
  operand(n->kids[0], binary_level(n));
  put(spell_op(static_cast<Op>(n->code)));
  put(n->text());
  put("(");
  glued_ = true;
  tail(n->kids[1]);
}

void Renderer::case_when(const Node* n) {
  const bool lines = broken(n);
  put("CASE");
  if (const Node* base = n->get(Role::base)) node(base);
  ++depth_;
  for (const Node* kid : n->children()) {
    if (kid->role == Role::base) continue;
    if (kid->end > 0) flush_comments(kid->begin);
    if (lines) newline();
    if (kid->role == Role::otherwise) {
      put("ELSE");
      node(kid);
      continue;
    }
    put("WHEN");
    node(kid->get(Role::condition));
    put("THEN");
    node(kid->get(Role::then));
  }
  --depth_;
  if (lines) newline();
  put("END");
}

void Renderer::cast(const Node* n) {
  const Node* value = n->kids[0];
  const Node* to = n->get(Role::type);
  if (n->has(kOperatorForm) && rules_.double_colon) {
    operand(value, rules_.levels.postfix);
    glue("::");
    glued_ = true;
    return node(to);
  }
  if (n->has(kConvertForm)) {
    put("CONVERT(");
    glued_ = true;
    node(to);
    glue(",");
    node(value);
    return glue(")");
  }
  put(n->has(kTry) ? "TRY_CAST(" : "CAST(");
  glued_ = true;
  node(value);
  put("AS");
  node(to);
  glue(")");
}

void Renderer::call(const Node* n) {
  if (n->has(kApproximate)) put("APPROXIMATE");
  node(n->get(Role::name));
  if (n->has(kNoParens)) return;
  glue("(");
  glued_ = true;
  if (n->has(kDistinct)) put("DISTINCT");
  if (n->has(kAll)) put("ALL");
  bool first = true;
  for (const Node* kid : n->children()) {
    if (kid->role != Role::args) continue;
    if (!first) glue(",");
    first = false;
    // a query as the only argument needs no parentheses of its own
    if (kid->kind == Kind::subquery && kid->code == 1)
      node(kid->get(Role::query));
    else
      node(kid);
  }
  if (const Node* order = n->get(Role::order_by)) {
    put("ORDER BY");
    list(order);
  }
  const std::string_view nulls = n->has(kIgnoreNulls)    ? "IGNORE NULLS"
                                 : n->has(kRespectNulls) ? "RESPECT NULLS"
                                                         : "";
  if (n->has(kNullsInside)) put(nulls);
  glue(")");
  if (const Node* within = n->get(Role::within)) {
    put("WITHIN GROUP (ORDER BY");
    list(within);
    glue(")");
  }
  if (const Node* filter = n->get(Role::filter)) {
    put("FILTER (WHERE");
    node(filter);
    glue(")");
  }
  if (!nulls.empty() && !n->has(kNullsInside)) put(nulls);
  if (const Node* over = n->get(Role::over)) {
    put("OVER");
    node(over);
  }
}

void Renderer::special_call(const Node* n) {
  const auto form = static_cast<SpecialForm>(n->code);
  static constexpr std::string_view kNames[] = {"EXTRACT(",      "TRIM(",     "TRIM(LEADING",
                                                "TRIM(TRAILING", "TRIM(BOTH", "SUBSTRING(",
                                                "POSITION(",     "OVERLAY("};
  put(kNames[n->code]);
  glued_ = form != SpecialForm::trim_leading && form != SpecialForm::trim_trailing &&
           form != SpecialForm::trim_both;
  const Node* value = nullptr;
  for (const Node* kid : n->children())
    if (kid->role == Role::none && !value) value = kid;
  switch (form) {
    case SpecialForm::extract:
      node(n->get(Role::unit));
      put("FROM");
      node(value);
      break;
    case SpecialForm::position:
      operand(n->kids[0], static_cast<std::uint8_t>(rules_.levels.predicate + 1));
      put("IN");
      node(n->kids[1]);
      break;
    case SpecialForm::overlay:
      operand(n->kids[0], static_cast<std::uint8_t>(rules_.levels.predicate + 1));
      put("PLACING");
      node(n->kids[1]);
      break;
    case SpecialForm::substring:
      node(value);
      break;
    default:
      if (const Node* characters = n->get(Role::value)) {
        node(characters);
        put("FROM");
      }
      node(value);
      break;
  }
  if (const Node* from = n->get(Role::from_pos)) {
    put("FROM");
    node(from);
  }
  if (const Node* length = n->get(Role::length)) {
    put("FOR");
    node(length);
  }
  glue(")");
}

void Renderer::window(const Node* n) {
  put("(");
  glued_ = true;
  if (const Node* base = n->get(Role::base)) node(base);
  if (const Node* partition = n->get(Role::partition)) {
    put("PARTITION BY");
    list(partition);
  }
  if (const Node* order = n->get(Role::order_by)) {
    put("ORDER BY");
    list(order);
  }
  if (const Node* own = n->get(Role::frame)) node(own);
  glue(")");
}

void Renderer::frame(const Node* n) {
  static constexpr std::string_view kUnits[] = {"ROWS", "RANGE", "GROUPS"};
  static constexpr std::string_view kBounds[] = {"UNBOUNDED PRECEDING", "PRECEDING", "CURRENT ROW",
                                                 "FOLLOWING", "UNBOUNDED FOLLOWING"};
  put(kUnits[n->code]);
  if (n->count > 1) put("BETWEEN");
  for (std::uint32_t i = 0; i < n->count; ++i) {
    if (i > 0) put("AND");
    const Node* bound = n->kids[i];
    if (bound->count > 0)
      operand(bound->kids[0], static_cast<std::uint8_t>(rules_.levels.predicate + 1));
    put(kBounds[bound->code]);
  }
}

void Renderer::interval(const Node* n) {
  put("INTERVAL");
  const Node* value = n->get(Role::value);
  operand(value, static_cast<std::uint8_t>(rules_.levels.additive + 1));
  const auto unit = [&](Role role, Role precision) {
    const Node* words = n->get(role);
    if (!words) return;
    if (role == Role::to) put("TO");
    put(words->text());
    if (const Node* digits = n->get(precision)) {
      glue("(");
      glue(digits->text());
      glue(")");
    }
  };
  unit(Role::unit, Role::length);
  unit(Role::to, Role::count);
}

void Renderer::type(const Node* n) {
  const std::string_view text = n->text();
  if (n->code == 1) {  // ARRAY<…>
    put(text);
    glue("<");
    glued_ = true;
    for (std::uint32_t i = 0; i < n->count; ++i) {
      if (i > 0) glue(",");
      const Node* kid = n->kids[i];
      if (kid->kind != Kind::option) {
        node(kid);
        continue;
      }
      node(kid->get(Role::name));
      glue(":");
      glued_ = true;
      node(kid->get(Role::type));
      if (const Node* comment = kid->get(Role::comment)) {
        put("COMMENT");
        node(comment);
      }
    }
    return glue(">");
  }
  // The arguments stand before WITH TIME ZONE and before the brackets of an array.
  std::size_t cut = text.find('[');
  for (const std::string_view zone : {" with", " WITH", " With"})
    cut = std::min(cut, text.find(zone));
  put(text.substr(0, cut));
  if (n->count > 0) {
    glue("(");
    glued_ = true;
    list(n);
    glue(")");
  }
  if (cut != std::string_view::npos) glue(text.substr(cut));
}

void Renderer::order_item(const Node* n) {
  node(n->kids[0]);
  const auto has = [&](Order bit) { return (n->code & static_cast<std::uint16_t>(bit)) != 0; };
  if (has(Order::ascending)) put("ASC");
  if (has(Order::descending)) put("DESC");
  if (has(Order::nulls_first)) put("NULLS FIRST");
  if (has(Order::nulls_last)) put("NULLS LAST");
}

void Renderer::array(const Node* n) {
  if (const Node* query = n->get(Role::query)) {
    put("ARRAY(");
    glued_ = true;
    return tail(query);
  }
  put("ARRAY[");
  glued_ = true;
  list(n);
  glue("]");
}

void Renderer::grouping(const Node* n) {
  static constexpr std::string_view kNames[] = {"ROLLUP", "CUBE", "GROUPING SETS", "ALL"};
  put(kNames[n->code]);
  if (n->has(kAll)) return;
  put("(");
  glued_ = true;
  list(n);
  glue(")");
}

void Renderer::object_transform(const Node* n) {
  put("OBJECT_TRANSFORM(");
  glued_ = true;
  node(n->get(Role::base));
  if (const Node* keep = n->get(Role::columns)) {
    put("KEEP");
    list(keep);
  }
  if (const Node* set = n->get(Role::set)) {
    put("SET");
    list(set);
  }
  glue(")");
}

void Renderer::subscript(const Node* n) {
  operand(n->kids[0], rules_.levels.postfix);
  if (n->kind == Kind::field) {
    glue(n->code == 1 ? ":" : ".");
    glued_ = true;
    return node(n->get(Role::name));
  }
  glue(n->code == 1 ? ":[" : "[");
  glued_ = true;
  if (const Node* index = n->get(Role::index)) node(index);
  if (n->kind == Kind::slice) {
    put(":");
    if (const Node* upper = n->get(Role::upper)) node(upper);
  }
  glue("]");
}

}  // namespace lakeshift::sql
