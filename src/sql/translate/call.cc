// Calls: the row of a function that fits, and what stands behind a call.
#include <algorithm>

#include "sql/translate/replace.h"
#include "sql/translate/rewriter.h"

namespace lakeshift::sql {
namespace {

constexpr std::string_view kAggregates[] = {"any_value",
                                            "approx_count_distinct",
                                            "approx_percentile",
                                            "avg",
                                            "bit_and",
                                            "bit_or",
                                            "bool_and",
                                            "bool_or",
                                            "count",
                                            "every",
                                            "hll_sketch_agg",
                                            "hll_union_agg",
                                            "first_value",
                                            "lag",
                                            "last_value",
                                            "lead",
                                            "listagg",
                                            "max",
                                            "median",
                                            "min",
                                            "nth_value",
                                            "ntile",
                                            "percentile_cont",
                                            "percentile_disc",
                                            "rank",
                                            "dense_rank",
                                            "row_number",
                                            "cume_dist",
                                            "percent_rank",
                                            "stddev_pop",
                                            "stddev_samp",
                                            "stddev",
                                            "sum",
                                            "var_pop",
                                            "var_samp",
                                            "variance",
                                            "array_agg",
                                            "some",
                                            "collect_list",
                                            "try_sum"};

bool is_aggregate_name(std::string_view name) {
  for (const std::string_view one : kAggregates)
    if (same_word(one, name)) return true;
  return false;
}

// Ranking and offset functions need an order in Spark, which Redshift leaves open.
bool needs_order(std::string_view name) {
  for (const std::string_view one :
       {"row_number", "rank", "dense_rank", "percent_rank", "cume_dist", "ntile", "lag", "lead"})
    if (one == name) return true;
  return false;
}

bool has_grouping(const Node* node) {
  if (node->kind == Kind::call && plain_name(node->get(Role::name)) == "grouping") return true;
  return std::any_of(node->kids, node->kids + node->count,
                     [](const Node* kid) { return has_grouping(kid); });
}

// GROUPING(k) in ORDER BY, by the name that the select list has for it: Spark takes k for an item
// of that name, which may be the key without its blanks.
const Node* with_names(Draft& draft, const Node* key, const Node* items) {
  if (!has_grouping(key)) return key;
  return replaced(draft, key, [&](const Node* part) -> const Node* {
    if (!has_grouping(part)) return nullptr;
    for (const Node* item : items->children()) {
      const Node* alias = item->kind == Kind::select_item ? item->get(Role::alias) : nullptr;
      if (alias && alias->kind == Kind::ident && equal_expression(part, item->at(0))) return alias;
    }
    return nullptr;
  });
}

bool fits_letter(char letter, const Expr& argument, bool& unsure) {
  const Type& type = argument.type;
  if (letter == 'a') return true;
  if (!type.known() || type.is(Base::null)) {
    unsure = unsure || !type.known();
    return true;
  }
  const bool constant = type.is(Base::literal);
  switch (letter) {
    case 's':
      return type.is_text();
    case 'n':
      return type.is_number() || constant || type.is(Base::super);
    case 'i':
      return type.is_integer() || constant || type.is(Base::super);
    case 'e':
      return type.is_exact();
    case 'f':
      return type.is_float();
    case 'd':
    case 't':
    case 'm':
      return type.is_moment() || constant || type.is_string();
    case 'D':
      return type.is(Base::date);
    case 'z':
      return type.is(Base::timestamptz);
    case 'b':
      return type.is(Base::boolean) || constant;
    case 'j':
      return type.is(Base::super);
    case 'v':
      return type.is(Base::varbyte);
    case 'k':
      return type.is_interval();
    case 'g':
      return type.is(Base::geometry) || constant;
    case 'y':
      return type.is(Base::geography);
    case 'c':
      return argument.node->kind == Kind::string || argument.node->kind == Kind::number ||
             argument.node->kind == Kind::ident;
    default:
      return true;
  }
}

bool is_spatial(const Function& row) {
  return row.name.starts_with("st_") || row.result == "geometry" || row.result == "geography";
}

}  // namespace

bool Rewriter::fits(const Function& row, std::span<const Expr> arguments, bool& unsure) const {
  std::size_t i = 0;
  const std::string_view letters = row.arguments;
  for (std::size_t at = 0; at < letters.size(); ++at) {
    const char letter = letters[at];
    const char mark = at + 1 < letters.size() ? letters[at + 1] : '\0';
    if (mark == '*') {
      for (; i < arguments.size(); ++i)
        if (!fits_letter(letter, arguments[i], unsure)) return false;
      return true;
    }
    const bool optional = mark == '?';
    if (optional) ++at;
    if (i == arguments.size()) {
      if (!optional) return false;
      continue;
    }
    if (!fits_letter(letter, arguments[i], unsure)) return false;
    ++i;
  }
  return i == arguments.size();
}

// The first row that fits. Where an argument's type is unknown and another row would fit too, the
// choice is an assumption. Where none fits, numbers are made texts, as in Redshift: lpad(5, 3,
// '0').
const Function* Rewriter::choose(std::span<const Function* const> rows, const Call& call,
                                 bool& typed) {
  const Function* chosen = nullptr;
  bool unsure = false;
  for (const Function* row : rows) {
    bool doubt = false;
    if (!fits(*row, call.arguments, doubt)) continue;
    if (!chosen) {
      chosen = row;
      unsure = doubt;
      if (!doubt) break;
    } else {
      typed = false;
      break;
    }
  }
  if (!unsure) typed = true;
  if (chosen) return chosen;
  for (Expr& one : call.arguments) {
    if (!one.type.is_number()) continue;
    const Expr given = one;
    one = {cast(text_of(given), "STRING"), varchar_of(65535)};
    if (const Function* row = choose(rows, call, typed)) {
      applied("number-to-text");
      return row;
    }
    one = given;
  }
  return nullptr;
}

Expr Rewriter::apply_row(const Function& row, const Call& call, bool typed) {
  std::size_t i = 0;
  for (std::size_t at = 0; at < row.arguments.size() && i < call.arguments.size(); ++at) {
    const char letter = row.arguments[at];
    if (letter == '?' || letter == '*') continue;
    const bool many = at + 1 < row.arguments.size() && row.arguments[at + 1] == '*';
    for (; i < call.arguments.size(); ++i) {
      Expr& one = call.arguments[i];
      if (letter == 'd' && !one.type.is(Base::date))
        one = one.type.is(Base::literal) ? coerce(one, type_of(Base::date))
                                         : Expr{cast(one.node, "DATE"), type_of(Base::date)};
      else if (letter == 't' && !one.type.is(Base::timestamp))
        one = one.type.is(Base::literal)
                  ? coerce(one, type_of(Base::timestamp))
                  : Expr{cast(one.node, "TIMESTAMP_NTZ"), type_of(Base::timestamp)};
      else if (letter == 'm' && one.type.is(Base::literal))
        one = coerce(one, type_of(Base::timestamp));
      else if (letter == 'i' && (one.type.is(Base::bigint) || one.type.is(Base::super)))
        one = {cast(one.node, "INT"), type_of(Base::integer)};
      else if ((letter == 'n' || letter == 'i') && one.type.is(Base::literal))
        one = coerce(one, type_of(letter == 'i' ? Base::integer : Base::double_));
      else if (letter == 'g' && one.type.is(Base::literal))
        one = coerce(one, type_of(Base::geometry));
      else if (letter == 'n' && one.type.is(Base::super))
        one = {cast(one.node, "DOUBLE"), type_of(Base::double_)};
      else if (letter == 's' && !one.type.is_text() && one.type.known())
        one = {text_of(one), varchar_of(65535)};
      if (!many) {
        ++i;
        break;
      }
    }
  }
  Type type;
  if (row.result == "+") {
    bool first = true;
    for (const Expr& one : call.arguments) {
      type = first ? one.type : common_type(type, one.type);
      first = false;
    }
    for (Expr& one : call.arguments) one = coerce(one, type);
  } else if (row.result.starts_with('=')) {
    const auto index = static_cast<std::size_t>(row.result[1] - '1');
    if (index < call.arguments.size()) type = call.arguments[index].type;
    if (type.is(Base::literal)) type = varchar_of(65535);
  } else if (!row.result.empty()) {
    type = read_type(row.result);
  }
  if (is_spatial(row))
    assume(
        "the warehouse has GEOMETRY and GEOGRAPHY (Databricks Runtime 17.1 or later, no classic "
        "warehouse), and knows the SRIDs");
  if (row.hook) {
    Expr out = row.hook(*this, call);
    if (!typed) applied(call.name, false);
    return out;
  }
  std::vector<Node*> nodes;
  for (const Expr& one : call.arguments) nodes.push_back(one.node);
  Node* out = fill(row.spelling, nodes);
  const bool same = out->kind == Kind::call && out->count > 0 &&
                    same_word(out->at(0)->text(), row.name) && out->count == nodes.size() + 1;
  if (!same) applied(call.name, typed);
  if (!row.caveat.empty()) assume(std::string(row.caveat));
  return {out, type};
}

Expr Rewriter::user_function(const Node* node, std::vector<Expr>& arguments) {
  const Node* name = node->get(Role::name);
  const std::string plain = plain_name(name);
  const Type* known = catalog.find_function(plain);
  const bool qualified = plain.find('.') != plain.npos && !plain.starts_with("pg_catalog.");
  const bool templated = name->kind == Kind::parameter || name->kind == Kind::templated;
  if (!known && !qualified && !templated && !plain.starts_with("f_")) {
    refuse(node, "sql-function-unknown", "no function " + plain + " is known",
           "when it is a user-defined function, add its CREATE FUNCTION to the input or name its "
           "schema");
  }
  if (!known || !known->known())
    assume("the function " + plain + " exists in Databricks and means the same");
  std::vector<Node*> kids{as(Role::name, object_name(name))};
  for (const Expr& one : arguments) kids.push_back(as(Role::args, one.node));
  return {with_tail(make(Kind::call, kids), node), known ? *known : Type{}};
}

Expr Rewriter::call(const Node* node) {
  const Node* name = node->get(Role::name);
  std::string plain = plain_name(name);
  if (plain.starts_with("pg_catalog.")) plain = plain.substr(11);
  const bool built_in = name->kind == Kind::ident;
  const auto rows = built_in || plain.find('.') == plain.npos ? find_functions(plain)
                                                              : std::span<const Function* const>{};
  const bool aggregate = !rows.empty() && rows[0]->aggregate && !node->get(Role::over);
  if (aggregate) ++aggregates_;
  std::vector<Expr> arguments;
  for (const Node* kid : node->children()) {
    if (kid->role != Role::args) continue;
    if (kid->kind == Kind::argument) {
      refuse(kid, "sql-named-argument", "named and VARIADIC arguments are not translated",
             "give the arguments by position");
      continue;
    }
    const bool part = arguments.empty() && kid->kind == Kind::ident && takes_date_part(plain);
    arguments.push_back(kid->kind == Kind::star || part ? Expr{as(Role::none, kid), {}}
                                                        : expression(kid));
  }
  if (aggregate) --aggregates_;
  if (rows.empty()) return user_function(node, arguments);
  std::string held = plain;
  Call one{node, held, arguments};
  if (node->has(kApproximate)) {
    applied("approximate");
    if (plain != "count" && plain != "percentile_disc")
      refuse(node, "sql-no-equivalent", "APPROXIMATE " + plain + " has no equivalent",
             "leave APPROXIMATE out");
  }
  bool typed = true;
  const Function* row = choose(rows, one, typed);
  if (!row) {
    std::string types;
    for (const Expr& argument : arguments)
      types += (types.empty() ? "" : ", ") + spell_type(argument.type);
    refuse(node, "sql-function-arguments",
           plain + "(" + types + ") is not a call that the Redshift reference describes",
           "check the number and types of the arguments");
    return {as(Role::none, node), {}};
  }
  if (!typed)
    assume("the arguments of unknown type of " + plain + " are " + std::string(row->arguments) +
           " as in docs/sql.md");
  if (row->spelling.empty() && !row->hook) {
    const auto cut = row->refusal.find("; ");
    refuse(node, "sql-no-equivalent", plain + " " + std::string(row->refusal.substr(0, cut)),
           cut == row->refusal.npos ? "rewrite the expression"
                                    : std::string(row->refusal.substr(cut + 2)));
    return {as(Role::none, node), {}};
  }
  Expr out = apply_row(*row, one, typed);
  const bool has_tail = node->get(Role::over) || node->get(Role::filter) ||
                        node->get(Role::within) || node->get(Role::order_by) ||
                        (node->flags & (kDistinct | kIgnoreNulls | kRespectNulls)) != 0;
  if (has_tail) {
    if (!row->aggregate) {
      refuse(node, "sql-function-arguments",
             plain + " is no aggregate, but DISTINCT, FILTER or OVER stands with it",
             "check the call");
      return out;
    }
    out.node = with_tail(out.node, node);
  }
  return out;
}

Node* Rewriter::with_tail(Node* node, const Node* source) {
  if (node->kind != Kind::call || !is_aggregate_name(node->at(0)->text())) {
    std::vector<Node*> kids;
    kids.reserve(node->count);
    bool changed = false;
    for (Node* kid : node->children()) {
      Node* with = kid->count > 0 ? with_tail(kid, source) : kid;
      changed = changed || with != kid;
      kids.push_back(with);
    }
    return changed ? rebuilt(node, kids) : node;
  }
  std::vector<Node*> kids(node->children().begin(), node->children().end());
  const std::string function = lower_case(node->at(0)->text());
  if (const Node* order = source->get(Role::order_by); order && !node->get(Role::order_by))
    kids.push_back(as(Role::order_by, order_items(order)));
  const Node* within = source->get(Role::within);
  if (within && function == "listagg" && source->has(kDistinct)) {
    // Spark orders distinct values by themselves only
    Node* ordered = order_items(within);
    const bool own =
        ordered->count == 1 && equal_expression(within->at(0)->at(0), source->get(Role::args));
    if (own)
      ordered->kids[0] =
          rebuilt(ordered->at(0), std::vector<Node*>{as(Role::none, node->get(Role::args))});
    else
      refuse(within, "sql-no-equivalent",
             "LISTAGG(DISTINCT …) ordered by something else has no equivalent",
             "aggregate distinct rows of a subquery");
    kids.push_back(as(Role::within, ordered));
  } else if (within && !node->get(Role::within))
    kids.push_back(as(Role::within, function.starts_with("percentile") ? plain_order(within)
                                                                       : order_items(within)));
  if (const Node* filter = source->get(Role::filter))
    kids.push_back(as(Role::filter, rewrite(filter)));
  if (const Node* over = source->get(Role::over)) {
    if (over->kind == Kind::window)
      kids.push_back(as(Role::over, window(over, function)));
    else
      kids.push_back(as(Role::over, output_name(over)));
  }
  Node* out = rebuilt(node, kids);
  std::uint16_t flags = source->flags & (kDistinct | kIgnoreNulls | kRespectNulls);
  // Databricks has IGNORE NULLS behind the parentheses
  if (function == "listagg" || function == "percentile_cont" || function == "percentile_disc")
    flags = static_cast<std::uint16_t>(flags & kDistinct);
  if (function == "approx_count_distinct") flags = static_cast<std::uint16_t>(flags & ~kDistinct);
  out->flags = static_cast<std::uint16_t>(out->flags | flags);
  return out;
}

// NULLs sort last in Redshift, and first in Spark.
Node* Rewriter::order_items(const Node* list, bool ties) {
  std::vector<Node*> items;
  for (const Node* entry : list->children()) {
    const Node* key = output_items_ ? with_names(*this, entry->at(0), output_items_) : entry->at(0);
    Node* value = as(Role::none, key);
    const bool last = items.size() + 1 == list->count;
    const Node* item = key->kind == Kind::number ? item_at(output_items_, key->text()) : nullptr;
    if (item && !last) {
      const Expr one = expression(item);
      if (one.type.is(Base::varchar)) value = as(Role::none, comparable(one));
    } else if (key->kind != Kind::number) {
      const Expr one = expression(key);
      value = last && !ties ? one.node : as(Role::none, comparable(one));
    }
    Node* out = rebuilt(entry, std::vector<Node*>{value});
    const auto bits = static_cast<std::uint16_t>(Order::nulls_first) |
                      static_cast<std::uint16_t>(Order::nulls_last);
    if ((entry->code & bits) == 0) {
      const bool descending = (entry->code & static_cast<std::uint16_t>(Order::descending)) != 0;
      out->code = static_cast<std::uint16_t>(
          entry->code |
          static_cast<std::uint16_t>(descending ? Order::nulls_first : Order::nulls_last));
      applied("null-ordering");
    }
    items.push_back(out);
  }
  return rebuilt(list, items);
}

// Percentiles leave NULLs out: how they sort does not matter.
Node* Rewriter::plain_order(const Node* list) {
  std::vector<Node*> items;
  for (const Node* item : list->children())
    items.push_back(rebuilt(item, std::vector<Node*>{rewrite(item->at(0))}));
  return rebuilt(list, items);
}

Node* Rewriter::window(const Node* node, std::string_view function) {
  std::vector<Node*> kids;
  bool ordered = false;
  for (const Node* kid : node->children()) {
    if (kid->role == Role::base) {
      kids.push_back(as(Role::base, output_name(kid)));
      ordered = true;
    } else if (kid->role == Role::partition) {
      std::vector<Node*> items;
      for (const Node* item : kid->children())
        items.push_back(as(Role::none, comparable(expression(item))));
      kids.push_back(rebuilt(kid, items));
    } else if (kid->role == Role::order_by) {
      kids.push_back(as(Role::order_by, order_items(kid, true)));
      ordered = true;
    } else if (kid->role == Role::frame) {
      if (!ordered && needs_order(function)) continue;
      std::vector<Node*> bounds;
      for (const Node* bound : kid->children()) {
        std::vector<Node*> inside;
        for (const Node* value : bound->children()) inside.push_back(rewrite(value));
        bounds.push_back(rebuilt(bound, inside));
      }
      kids.push_back(rebuilt(kid, bounds));
    }
  }
  if (!ordered && needs_order(function)) {
    applied("window-order");
    Node* item = make(Kind::order_item, {number(1)});
    Node* order = make(Kind::list, {item});
    kids.push_back(as(Role::order_by, order));
  }
  return rebuilt(node, kids);
}

Expr Rewriter::special_call(const Node* node) {
  const auto form = static_cast<SpecialForm>(node->code);
  std::vector<Expr> arguments;
  const auto run = [&](std::string_view function) -> Expr {
    Call one{node, function, arguments};
    bool typed = true;
    const Function* row = choose(find_functions(function), one, typed);
    if (row && (row->hook || !row->spelling.empty())) return apply_row(*row, one, typed);
    refuse(node, "sql-function-arguments",
           std::string(function) + " is not called with such arguments in the reference",
           "check the arguments");
    return {as(Role::none, node), {}};
  };
  switch (form) {
    case SpecialForm::extract: {
      const Node* unit = node->get(Role::unit);
      std::string part;
      if (!read_string(unit, part)) part = unit->text();
      const Node* value = nullptr;
      for (const Node* kid : node->children())
        if (kid->role == Role::none) value = kid;
      arguments = {{string(part), type_of(Base::literal)}, expression(value)};
      return run("extract");
    }
    case SpecialForm::substring: {
      for (const Node* kid : node->children())
        if (kid->role == Role::none) arguments.push_back(expression(kid));
      const Node* from = node->get(Role::from_pos);
      arguments.push_back(from ? expression(from) : Expr{number(1), type_of(Base::integer)});
      if (const Node* length = node->get(Role::length)) arguments.push_back(expression(length));
      return run("substring");
    }
    case SpecialForm::position:
      arguments = {expression(node->at(0)), expression(node->at(1))};
      return run("position");
    case SpecialForm::overlay: {
      arguments = {expression(node->at(0)), expression(node->at(1)),
                   expression(node->get(Role::from_pos))};
      if (const Node* length = node->get(Role::length)) arguments.push_back(expression(length));
      return run("overlay");
    }
    default: {
      std::vector<Node*> kids;
      for (const Node* kid : node->children()) {
        Expr one = expression(kid);
        kids.push_back(
            as(kid->role, one.type.is_text() || !one.type.known() ? one.node : text_of(one)));
      }
      return {rebuilt(node, kids), varchar_of(65535)};
    }
  }
}

}  // namespace lakeshift::sql
