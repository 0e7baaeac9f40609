// Expressions: the kinds of nodes, one by one.
#include <algorithm>

#include "sql/dialect.h"
#include "sql/render.h"
#include "sql/translate/nested.h"
#include "sql/translate/rewriter.h"
#include "sql/types/moment.h"

namespace lakeshift::sql {

Expr Rewriter::expression(const Node* node) {
  Expr out;
  if (node->has(kAmbiguous) && node->kind != Kind::call)
    warn(node, "sql-precedence",
         "PostgreSQL 8, from which Redshift descends, may read these operators in another order",
         "put parentheses where you mean them");
  switch (node->kind) {
    case Kind::ident:
    case Kind::name:
      out = column(node);
      break;
    case Kind::number:
      out = {as(Role::none, node), type_of_number(node->text())};
      break;
    case Kind::string: {
      std::string value;
      const bool read = read_string(node, value);
      const auto quote = static_cast<Quote>(node->code);
      if (!read && node->text().find("${") != std::string_view::npos) placeholder(node);
      if (!read && quote == Quote::hex)
        out = {as(Role::none, node), type_of(Base::varbyte)};
      else
        out = {read ? string(value) : as(Role::none, node), type_of(Base::literal)};
      break;
    }
    case Kind::null:
      out = {as(Role::none, node), type_of(Base::null)};
      break;
    case Kind::boolean:
      out = {as(Role::none, node), type_of(Base::boolean)};
      break;
    case Kind::paren: {
      Expr inner = expression(node->at(0));
      out = {make(Kind::paren, {as(Role::none, inner.node)}), inner.type};
      break;
    }
    case Kind::unary:
      out = unary(node);
      break;
    case Kind::binary:
      out = binary(node);
      break;
    case Kind::is_test:
      out = is_test(node);
      break;
    case Kind::between:
      out = between(node);
      break;
    case Kind::in:
      out = in(node);
      break;
    case Kind::like:
      out = like(node);
      break;
    case Kind::quantified:
      out = quantified(node);
      break;
    case Kind::exists: {
      QueryResult inner = query(node->get(Role::query), false);
      out = {rebuilt(node, std::vector<Node*>{as(Role::query, inner.node)}),
             type_of(Base::boolean)};
      break;
    }
    case Kind::subquery: {
      QueryResult inner = query(node->get(Role::query), false);
      out = {rebuilt(node, std::vector<Node*>{as(Role::query, inner.node)}),
             inner.columns.size() == 1 ? inner.columns[0].type : Type{}};
      break;
    }
    case Kind::case_:
      out = case_when(node);
      break;
    case Kind::cast:
      out = convert(expression(node->at(0)), read_type(node->get(Role::type)), node);
      break;
    case Kind::typed_literal:
      out = convert(expression(node->get(Role::value)), read_type(node->get(Role::type)), node);
      break;
    case Kind::interval: {
      std::string value;
      const Node* unit = node->get(Role::unit);
      const Node* to = node->get(Role::to);
      const std::string_view part = to ? std::string_view("second") : unit ? unit->text() : "";
      std::optional<Interval> interval;
      if (read_string(node->get(Role::value), value)) interval = read_interval(value, part);
      if (!interval || (interval->months != 0 && interval->micros != 0)) {
        refuse(node, "sql-interval",
               interval ? "an interval of months and of days or seconds has no type in Databricks"
                        : "the interval cannot be read",
               "write it as a sum of two intervals, one of months, one of days and seconds");
        out = {as(Role::none, node), type_of(Base::interval)};
        break;
      }
      const bool months =
          interval->months != 0 ||
          (unit && (same_word(unit->text(), "year") || same_word(unit->text(), "month")));
      out = {fill(months ? spell_months(interval->months) : spell_day_time(interval->micros), {}),
             type_of(months ? Base::interval_month : Base::interval_day)};
      break;
    }
    case Kind::call:
      out = call(node);
      break;
    case Kind::special_call:
      out = special_call(node);
      break;
    case Kind::at_time_zone:
      out = at_time_zone(node);
      break;
    case Kind::collate:
      out = collate(node);
      break;
    case Kind::subscript:
    case Kind::field:
      out = path(node);
      break;
    case Kind::array:
      out = array(node);
      break;
    case Kind::row: {
      std::vector<Node*> kids;
      for (const Node* kid : node->children()) kids.push_back(rewrite(kid));
      out = {rebuilt(node, kids), type_of(Base::other)};
      out.node->code = 0;
      break;
    }
    case Kind::parameter: {
      out = {as(Role::none, node), {}};
      const std::string_view text = node->text();
      const std::size_t index =
          text.starts_with('$')
              ? static_cast<std::size_t>(std::atoi(std::string(text.substr(1)).c_str()))
              : 0;
      if (index >= 1 && index <= parameter_types.size()) out.type = parameter_types[index - 1];
      if (locals && index >= 1) {
        const std::string spelled(text);
        std::size_t used = 0;
        if (std::optional<Expr> value = locals->find(node, {&spelled, 1}, false, used))
          out = *value;
      }
      break;
    }
    case Kind::templated:
      out = {as(Role::none, node), {}};
      break;
    case Kind::star:
    case Kind::default_value:
      out = {as(Role::none, node), {}};
      break;
    case Kind::outer_mark:
      refuse(node, "sql-outer-mark", "(+) stands where no outer join can be read from it",
             "write LEFT JOIN … ON");
      out = expression(node->at(0));
      break;
    case Kind::prior:
      refuse(node, "sql-connect-by", "PRIOR stands outside of a condition of CONNECT BY",
             "join the parent row: LEFT JOIN t AS parent ON …");
      out = {as(Role::none, node), {}};
      break;
    default:
      refuse(node, "sql-no-equivalent",
             "\"" + std::string(spell_kind(node->kind)) + "\" has no equivalent in Databricks SQL",
             "rewrite the expression");
      out = {as(Role::none, node), {}};
      break;
  }
  if (is_key(node)) out.node = comparable(out);
  out.node = as(Role::none, out.node);
  at(node, out.node);
  return out;
}

// '${date}' alone is a placeholder that a tool fills in before. Within a text it may be meant as
// it is; Spark would replace it, by nothing where it is not set.
void Rewriter::placeholder(const Node* text) {
  const std::string_view inside = text->text().substr(1, text->text().size() - 2);
  if (inside.starts_with("${") && inside.find('}') == inside.size() - 1) {
    note(text, "sql-placeholder", "'" + std::string(inside) + "' is kept as a placeholder",
         "fill it in before the statement runs, or use a parameter marker");
    return;
  }
  refuse(text, "sql-placeholder",
         "${…} within a text is replaced in Databricks before the statement is read, and is text "
         "in Redshift",
         "fill the placeholder in before translating; where it is text, write '$' || '{…}'");
}

Expr Rewriter::is_test(const Node* node) {
  Expr left = expression(node->at(0));
  const auto which = static_cast<IsKind>(node->code);
  std::vector<Node*> kids{left.node};
  if (which == IsKind::distinct_from) {
    Expr right = expression(node->at(1));
    const Type common = common_type(left.type, right.type);
    left = coerce(left, common);
    right = coerce(right, common);
    kids = {comparable(left), comparable(right)};
  }
  Node* out = rebuilt(node, kids);
  out->flags = static_cast<std::uint16_t>(out->flags & ~(kOperatorForm | kAmbiguous));
  if (which == IsKind::unknown) {
    kids = {left.node};
    out->code = static_cast<std::uint16_t>(IsKind::null);
  }
  return {out, type_of(Base::boolean)};
}

Expr Rewriter::between(const Node* node) {
  Expr value = expression(node->at(0));
  Expr low = expression(node->at(1));
  Expr high = expression(node->at(2));
  Type common = common_type(common_type(value.type, low.type), high.type);
  value = coerce(value, common);
  low = coerce(low, common);
  high = coerce(high, common);
  const Node* const kids[] = {comparable(value), comparable(low), comparable(high)};
  std::vector<Node*> parts{as(Role::none, kids[0]), as(Role::none, kids[1]),
                           as(Role::none, kids[2])};
  if (node->has(kSymmetric)) {
    applied("between-symmetric");
    const std::string_view pattern = node->has(kNegated)
                                         ? "NOT ($1 BETWEEN least($2, $3) AND greatest($2, $3))"
                                         : "$1 BETWEEN least($2, $3) AND greatest($2, $3)";
    return {fill(pattern, parts), type_of(Base::boolean)};
  }
  Node* out = rebuilt(node, parts);
  out->flags = static_cast<std::uint16_t>(out->flags & ~kAmbiguous);
  return {out, type_of(Base::boolean)};
}

Expr Rewriter::in(const Node* node) {
  const Node* what = node->at(1);
  Expr left = expression(node->at(0));
  if (what->role == Role::value) {
    const std::vector<Node*> kids{left.node, as(Role::value, what)};
    return {rebuilt(node, kids), type_of(Base::boolean)};
  }
  if (what->role == Role::query) {
    trim_output_ = left.type.is_text();
    QueryResult inner = query(what, false);
    if (inner.columns.size() == 1 && left.type.known())
      left = coerce(left, common_type(left.type, inner.columns[0].type));
    const std::vector<Node*> kids{as(Role::none, comparable(left)), as(Role::query, inner.node)};
    return {rebuilt(node, kids), type_of(Base::boolean)};
  }
  if (left.node->kind == Kind::row) {  // (a, b) IN ((1, 2), …) compares NULL as a value in Spark
    std::vector<Node*> alternatives;
    for (const Node* item : what->children())
      alternatives.push_back(
          comparison(Op::kEq, expression(node->at(0)), expression(item), item).node);
    Node* any = alternatives.size() == 1
                    ? alternatives[0]
                    : make(Kind::binary, alternatives, static_cast<std::uint16_t>(Op::kOr));
    if (node->has(kNegated))
      any = make(Kind::unary, {make(Kind::paren, {any})}, static_cast<std::uint16_t>(Op::kNot));
    else
      any = make(Kind::paren, {any});
    applied("row-in-list");
    return {any, type_of(Base::boolean)};
  }
  std::vector<Expr> items;
  Type common = left.type;
  for (const Node* item : what->children()) {
    items.push_back(expression(item));
    common = common_type(common, items.back().type);
  }
  left = coerce(left, common);
  std::vector<Node*> listed;
  for (Expr& item : items) listed.push_back(as(Role::none, comparable(coerce(item, common))));
  const std::vector<Node*> kids{as(Role::none, comparable(left)),
                                as(Role::items, rebuilt(what, listed))};
  Node* out = rebuilt(node, kids);
  out->flags = static_cast<std::uint16_t>(out->flags & ~kAmbiguous);
  return {out, type_of(Base::boolean)};
}

Expr Rewriter::quantified(const Node* node) {
  Expr left = expression(node->at(0));
  const Op op = static_cast<Op>(node->code);
  const Node* what = node->at(1);
  const bool any = node->text() == "ANY";
  if (what->role == Role::query && ((any && op == Op::kEq) || (!any && op == Op::kNe))) {
    trim_output_ = left.type.is_text();
    QueryResult inner = query(what, false);
    applied("quantified-to-in");
    Node* out = make(Kind::in, {as(Role::none, comparable(left)), as(Role::query, inner.node)});
    if (!any) out->flags = kNegated;
    return {out, type_of(Base::boolean)};
  }
  refuse(
      node, "sql-no-equivalent",
      "comparison with " + std::string(node->text()) + " (…) has no equivalent in Databricks SQL",
      "compare with min() or max() of the subquery, minding NULLs and the empty set");
  return {as(Role::none, node), type_of(Base::boolean)};
}

Expr Rewriter::case_when(const Node* node) {
  std::vector<Expr> conditions, results;
  std::optional<Expr> base, otherwise;
  Type compared, common;
  bool first = true;
  const auto join = [&](Type& total, const Type& one) {
    total = first ? one : common_type(total, one);
  };
  if (const Node* own = node->get(Role::base)) {
    base = expression(own);
    compared = base->type;
  }
  for (const Node* kid : node->children()) {
    if (kid->role == Role::when) {
      conditions.push_back(expression(kid->get(Role::condition)));
      if (base) compared = common_type(compared, conditions.back().type);
      results.push_back(expression(kid->get(Role::then)));
      join(common, results.back().type);
      first = false;
    } else if (kid->role == Role::otherwise) {
      otherwise = expression(kid);
      join(common, otherwise->type);
    }
  }
  std::vector<Node*> kids;
  std::size_t i = 0;
  for (const Node* kid : node->children()) {
    if (kid->role == Role::base) {
      kids.push_back(as(Role::base, comparable(coerce(*base, compared))));
    } else if (kid->role == Role::when) {
      Node* condition = base ? comparable(coerce(conditions[i], compared)) : conditions[i].node;
      const std::vector<Node*> parts{as(Role::condition, condition),
                                     as(Role::then, coerce(results[i], common).node)};
      kids.push_back(rebuilt(kid, parts));
      ++i;
    } else {
      kids.push_back(as(Role::otherwise, coerce(*otherwise, common).node));
    }
  }
  return {rebuilt(node, kids), common};
}

Expr Rewriter::at_time_zone(const Node* node) {
  Expr value = expression(node->at(0));
  Expr zone = expression(node->at(1));
  const bool instant = value.type.is(Base::timestamptz);
  const bool typed = value.type.known();
  if (value.type.is_text() || value.type.is(Base::date))
    value = coerce(value, type_of(Base::timestamp));
  if (!typed) assume("what stands before AT TIME ZONE is a TIMESTAMP without time zone");
  applied("at-time-zone", typed);
  if (instant)
    return {fill("convert_timezone(current_timezone(), $2, CAST($1 AS TIMESTAMP_NTZ))",
                 {value.node, zone.node}),
            type_of(Base::timestamp)};
  return {cast(local_to_zone(zone.node, call("current_timezone", {}), value.node), "TIMESTAMP"),
          type_of(Base::timestamptz)};
}

// A local time that occurs twice when clocks go back is the later one in Redshift, as in
// PostgreSQL, and the earlier one in Spark.
Node* Rewriter::local_to_zone(Node* from, Node* to, Node* value) {
  std::string name;
  const bool steady =
      read_string(from, name) && (same_word(name, "utc") || name.find_first_of("+-") == 0);
  if (steady) return call("convert_timezone", {from, to, value});
  applied("clocks-go-back");
  return fill(
      "CASE WHEN convert_timezone('UTC', $1, convert_timezone($1, 'UTC', $3) + INTERVAL '1' HOUR) "
      "= $3 THEN convert_timezone('UTC', $2, convert_timezone($1, 'UTC', $3) + INTERVAL '1' HOUR) "
      "ELSE convert_timezone($1, $2, $3) END",
      {from, to, value});
}

Expr Rewriter::collate(const Node* node) {
  Expr value = expression(node->at(0));
  const std::string named = plain_name(node->get(Role::collation));
  const bool insensitive = named == "case_insensitive" || named == "ci";
  if (!insensitive && named != "case_sensitive" && named != "cs") {
    refuse(node, "sql-collation", "the collation " + named + " is not known",
           "Redshift has case_sensitive and case_insensitive");
    return value;
  }
  applied("collation");
  return {fill(insensitive ? "$1 COLLATE UTF8_LCASE" : "$1 COLLATE UTF8_BINARY", {value.node}),
          value.type};
}

// SUPER: a.b[0].c. A column, then steps into the document.
Expr Rewriter::path(const Node* node) {
  Expr base = expression(node->at(0));
  const bool document = base.type.is(Base::super);
  if (is_nested_path(*this, node)) return nested_path(*this, node, base);
  if (!document && base.type.known()) {
    refuse(node, "sql-path", "a path leads into a value of type " + spell_type(base.type),
           "only SUPER has paths");
    return base;
  }
  if (!base.type.known()) assume("columns with paths behind them are SUPER");
  applied("super-path", base.type.known());
  const bool inside = base.node->kind == Kind::subscript || base.node->kind == Kind::field;
  std::vector<Node*> kids{base.node};
  Node* out = nullptr;
  if (node->kind == Kind::field) {
    kids.push_back(as(Role::name, ident(quote_name(node->get(Role::name)->text()))));
    out = rebuilt(node, kids);
  } else {
    const Node* index = node->get(Role::index);
    if (index->kind != Kind::number && index->kind != Kind::string) {
      refuse(node, "sql-path", "the index of a SUPER array is no constant",
             "unnest the array with its position and filter");
      return base;
    }
    kids.push_back(as(Role::index, rewrite(index)));
    out = rebuilt(node, kids);
  }
  out->code = inside ? 0 : 1;
  return {out, type_of(Base::super)};
}

Expr Rewriter::array(const Node* node) {
  if (node->get(Role::query)) {
    refuse(node, "sql-no-equivalent", "ARRAY(SELECT …) has no equivalent with an order",
           "use array_agg in a subquery");
    return {as(Role::none, node), {}};
  }
  std::vector<Node*> kids{as(Role::name, ident("array"))};
  Type common = type_of(Base::null);
  for (const Node* kid : node->children()) {
    Expr one = expression(kid);
    const bool first = kids.size() == 1;
    const Type own = one.type.is(Base::literal) ? varchar_of(65535) : one.type;
    common = first ? own : common_type(common, own);
    if (!common.known() && one.type.known()) {
      refuse(node, "sql-mixed-array", "the array holds values of different types",
             "build it with parse_json, or give the elements one type");
    }
    kids.push_back(as(Role::args, one.node));
  }
  applied("array-to-variant");
  return {cast(make(Kind::call, kids), "VARIANT"), type_of(Base::super)};
}

}  // namespace lakeshift::sql
