// Operators of arithmetic, comparison and text.
#include "sql/translate/patterns.h"
#include "sql/translate/rewriter.h"
#include "sql/types/moment.h"

namespace lakeshift::sql {
namespace {

bool plain_chain(Op op) { return op == Op::kPlus || op == Op::kStar || op == Op::kConcat; }

std::optional<Arithmetic> arithmetic_of(Op op) {
  switch (op) {
    case Op::kPlus:
      return Arithmetic::add;
    case Op::kMinus:
      return Arithmetic::subtract;
    case Op::kStar:
      return Arithmetic::multiply;
    case Op::kSlash:
      return Arithmetic::divide;
    case Op::kPercent:
      return Arithmetic::modulo;
    default:
      return std::nullopt;
  }
}

bool is_comparison(Op op) {
  return op == Op::kEq || op == Op::kNe || op == Op::kLt || op == Op::kGt || op == Op::kLe ||
         op == Op::kGe;
}

}  // namespace

Expr Rewriter::unary(const Node* node) {
  const Op op = static_cast<Op>(node->code);
  Expr value = expression(node->at(0));
  const auto bare = [&] {
    Node* out = rebuilt(node, std::vector<Node*>{value.node});
    out->flags = static_cast<std::uint16_t>(out->flags & ~kAmbiguous);
    return out;
  };
  switch (op) {
    case Op::kNot:
      return {bare(), type_of(Base::boolean)};
    case Op::kMinus:
      // the smallest integers are a minus before a number that has no room in the type
      if (node->at(0)->kind == Kind::number) {
        if (node->at(0)->text() == "2147483648") value.type = type_of(Base::integer);
        if (node->at(0)->text() == "9223372036854775808") value.type = type_of(Base::bigint);
      }
      return {bare(), value.type};
    case Op::kPlus:
      return {bare(), value.type};
    case Op::kTilde:
      if (value.type.is(Base::varbyte)) refuse_on_bytes(node);
      return {bare(), value.type};
    case Op::kAt:
      applied("abs-operator");
      return {call("abs", {value.node}), value.type};
    case Op::kSqrt:
      applied("root-operator");
      return {call("sqrt", {value.node}), type_of(Base::double_)};
    case Op::kCbrt:
      applied("root-operator");
      return {call("cbrt", {value.node}), type_of(Base::double_)};
    default:
      refuse(node, "sql-operator", "the prefix operator has no equivalent in Databricks SQL",
             "write the expression with functions");
      return value;
  }
}

Expr Rewriter::binary(const Node* node) {
  const Op op = static_cast<Op>(node->code);
  if (op == Op::kAnd || op == Op::kOr) {
    std::vector<Node*> kids;
    kids.reserve(node->count);
    for (const Node* kid : node->children()) kids.push_back(rewrite(kid));
    return {rebuilt(node, kids), type_of(Base::boolean)};
  }
  if (is_comparison(op))
    return comparison(op, expression(node->at(0)), expression(node->at(1)), node);
  switch (op) {
    case Op::kTilde:
    case Op::kTildeStar:
    case Op::kNotTilde:
    case Op::kNotTildeStar:
      return regex_match(node, op);
    case Op::kOverlaps: {
      refuse(node, "sql-no-equivalent", "OVERLAPS has no equivalent in Databricks SQL",
             "compare the ends: a1 < b2 AND b1 < a2");
      return {as(Role::none, node), type_of(Base::boolean)};
    }
    default:
      return fold(op, node);
  }
}

// a op b op c is one node of three children: types are found two at a time, and what needs no
// rewriting stays one node.
Expr Rewriter::fold(Op op, const Node* node) {
  Expr total = expression(node->at(0));
  std::vector<Node*> chain;
  for (std::uint32_t i = 1; i < node->count; ++i) {
    Expr next = expression(node->at(i));
    const Node* left = total.node;
    Expr both = arithmetic(op, total, next, node);
    const bool plain = plain_chain(op) && both.node->kind == Kind::binary &&
                       both.node->count == 2 && both.node->at(0)->kids == left->kids &&
                       left->kind == Kind::binary && !chain.empty();
    if (plain) {
      chain.push_back(both.node->at(1));
      both.node = make(Kind::binary, chain, static_cast<std::uint16_t>(op));
    } else if (both.node->kind == Kind::binary && both.node->count == 2) {
      chain = {both.node->at(0), both.node->at(1)};
    } else {
      chain.clear();
    }
    total = both;
  }
  return total;
}

Expr Rewriter::arithmetic(Op op, Expr left, Expr right, const Node* place) {
  if (op == Op::kConcat) {
    if (left.type.is(Base::varbyte) && right.type.is(Base::varbyte))
      return {binary(op, {left.node, right.node}), left.type};
    if (left.type.is(Base::super) || right.type.is(Base::super))
      refuse(place, "sql-super-concat", "|| of SUPER values joins arrays or text by their content",
             "cast the operands to VARCHAR");
    return {binary(op, {text_of(left), text_of(right)}), varchar_of(65535)};
  }
  left = scalar(left, right.type);
  right = scalar(right, left.type);
  if (const auto which = arithmetic_of(op)) {
    if (left.type.is_moment() || right.type.is_moment() || left.type.is_interval() ||
        right.type.is_interval())
      return date_arithmetic(op, left, right, place);
    if (op == Op::kPlus && left.type.is_text() && right.type.is_text() &&
        (left.type.is_string() || right.type.is_string())) {
      applied("plus-concat");
      return {binary(Op::kConcat, {left.node, right.node}), varchar_of(65535)};
    }
    if (op == Op::kPlus && left.type.is(Base::varbyte) && right.type.is(Base::varbyte)) {
      applied("plus-concat");
      return {binary(Op::kConcat, {left.node, right.node}), left.type};
    }
    if (left.type.is(Base::literal) && right.type.is_number()) left = coerce(left, right.type);
    if (right.type.is(Base::literal) && left.type.is_number()) right = coerce(right, left.type);
    if (op == Op::kSlash) return division(left, right);
    const Type type = combine_numbers(*which, left.type, right.type);
    Node* out = binary(op, {left.node, right.node});
    const bool risky = !left.type.known() || !right.type.known();
    if (risky && op == Op::kMinus) {
      const bool date_like = !left.type.known() && !right.type.known();
      if (date_like) assume("a - b subtracts numbers, not dates, where the types are unknown");
    }
    return {out, type};
  }
  if (left.type.is(Base::varbyte) || right.type.is(Base::varbyte)) refuse_on_bytes(place);
  switch (op) {
    case Op::kCaret:
      applied("power-operator");
      return {call("power", {left.node, right.node}), type_of(Base::double_)};
    case Op::kHash:
      applied("xor-operator");
      return {binary(Op::kCaret, {left.node, right.node}), common_type(left.type, right.type)};
    case Op::kAmp:
    case Op::kPipe:
      return {binary(op, {left.node, right.node}), common_type(left.type, right.type)};
    case Op::kShiftLeft:
      return {fill("shiftleft($1, $2)", {left.node, right.node}), left.type};
    case Op::kShiftRight:
      return {fill("shiftright($1, $2)", {left.node, right.node}), left.type};
    default:
      refuse(place, "sql-operator", "the operator has no equivalent in Databricks SQL",
             "write the expression with functions");
      return {binary(op, {left.node, right.node}), {}};
  }
}

void Rewriter::refuse_on_bytes(const Node* place) {
  refuse(place, "sql-operator", "operators on the bits of VARBYTE have no equivalent in Databricks",
         "work on integers, or on the text that hex() gives");
}

// Integers divide to integers in Redshift; decimals get the scale of its rule.
Expr Rewriter::division(const Expr& left, const Expr& right) {
  const Type type = combine_numbers(Arithmetic::divide, left.type, right.type);
  if (type.is_integer()) {
    applied("integer-division");
    Node* quotient = fill("$1 DIV $2", {left.node, right.node});
    return {type.is(Base::bigint) ? quotient : cast(quotient, spell_databricks(type)), type};
  }
  if (type.is(Base::decimal)) {
    applied("decimal-division");
    // Spark gives an integer constant the precision of its digits, and the quotient too few digits
    const auto wide = [&](const Expr& one) {
      return one.type.is_integer() ? cast(one.node, spell_databricks(as_decimal(one.type)))
                                   : one.node;
    };
    return {cast(binary(Op::kSlash, {wide(left), wide(right)}), spell_databricks(type)), type};
  }
  if (type.known()) return {binary(Op::kSlash, {left.node, right.node}), type};
  const bool one_integer = (left.type.known() && !left.type.is_integer()) ||
                           (right.type.known() && !right.type.is_integer());
  if (!one_integer) {
    applied("integer-division", false);
    assume("a / b divides numbers that are not both integers, where the types are unknown");
    warn(left.node, "sql-type-unknown",
         "the types of the operands of / are unknown: integers would divide to an integer in "
         "Redshift",
         "add the table's DDL to the input, or a catalog file (--catalog-file)");
  }
  return {binary(Op::kSlash, {left.node, right.node}), {}};
}

Expr Rewriter::date_arithmetic(Op op, const Expr& a, const Expr& b, const Node* place) {
  const Base l = a.type.base;
  const Base r = b.type.base;
  const bool plus = op == Op::kPlus;
  const bool minus = op == Op::kMinus;
  if (minus && l == Base::date && r == Base::date) {
    applied("date-subtraction");
    return {call("datediff", {a.node, b.node}), type_of(Base::integer)};
  }
  if (minus && a.type.is_moment() && b.type.is(Base::literal))
    return date_arithmetic(op, a, coerce(b, a.type), place);
  if (minus && b.type.is_moment() && a.type.is(Base::literal))
    return date_arithmetic(op, coerce(a, b.type), b, place);
  if (minus && a.type.is_moment() && b.type.is_moment()) {
    const Type common = common_type(a.type, b.type);
    return {binary(op, {coerce(a, common).node, coerce(b, common).node}),
            type_of(Base::interval_day)};
  }
  if ((plus || minus) && a.type.is_moment() && b.type.is_integer()) {
    applied("date-plus-days");
    Node* days = r == Base::bigint ? cast(b.node, "INT") : b.node;
    if (l == Base::date)
      return {call(plus ? "date_add" : "date_sub", {a.node, days}), type_of(Base::date)};
    return {fill(plus ? "$1 + make_dt_interval($2)" : "$1 - make_dt_interval($2)", {a.node, days}),
            a.type};
  }
  if (plus && b.type.is_moment() && !a.type.is_moment()) return date_arithmetic(op, b, a, place);
  if (plus && l == Base::date && r == Base::time) {
    applied("date-plus-time");
    return {call("make_timestamp_ntz", {a.node, b.node}), type_of(Base::timestamp)};
  }
  if ((plus || minus) && a.type.is_moment() && b.type.is_interval()) {
    const Type type = l == Base::date ? type_of(Base::timestamp) : a.type;
    Node* from = coerce(a, type).node;
    if (l == Base::date) applied("date-plus-interval");
    return {binary(op, {from, b.node}), type};
  }
  if ((plus || minus) && a.type.is_interval() && b.type.is_interval() && l == r)
    return {binary(op, {a.node, b.node}), a.type};
  if (a.type.is_interval() && (b.type.is_number() || !b.type.known()) &&
      (op == Op::kStar || op == Op::kSlash))
    return {binary(op, {a.node, b.node}), a.type};
  if (op == Op::kStar && b.type.is_interval() && (a.type.is_number() || !a.type.known()))
    return {binary(op, {a.node, b.node}), b.type};
  if ((plus || minus) && a.type.is_moment() && !b.type.known()) {
    assume("what is added to or subtracted from " + spell_type(a.type) + " is a number of days");
    applied("date-plus-days", false);
    if (l == Base::date)
      return {call(plus ? "date_add" : "date_sub", {a.node, b.node}), type_of(Base::date)};
  }
  if ((plus || minus) && !a.type.known() && b.type.is_interval())
    return {binary(op, {a.node, b.node}), {}};
  refuse(place, "sql-date-arithmetic",
         "the operator between " + spell_type(a.type) + " and " + spell_type(b.type) +
             " has no equivalent that is known to give the same",
         "use DATEADD, DATEDIFF, or give the operands a type by a cast");
  return {binary(op, {a.node, b.node}), {}};
}

Expr Rewriter::comparison(Op op, Expr left, Expr right, const Node* place) {
  if (left.node->kind == Kind::row && right.node->kind == Kind::row &&
      left.node->count == right.node->count) {
    if (op != Op::kEq && op != Op::kNe) {
      refuse(place, "sql-row-comparison", "rows are compared by order, where NULLs count otherwise",
             "compare the columns one by one");
      return {binary(op, {left.node, right.node}), type_of(Base::boolean)};
    }
    std::vector<Node*> pairs;
    for (std::uint32_t i = 0; i < left.node->count; ++i)
      pairs.push_back(comparison(op, {left.node->at(i), {}}, {right.node->at(i), {}}, place).node);
    applied("row-comparison");
    return {
        make(Kind::paren, {make(Kind::binary, pairs,
                                static_cast<std::uint16_t>(op == Op::kEq ? Op::kAnd : Op::kOr))}),
        type_of(Base::boolean)};
  }
  left = scalar(left, right.type);
  right = scalar(right, left.type);
  const Type common = common_type(left.type, right.type);
  left = coerce(left, common);
  right = coerce(right, common);
  Node* out = binary(op, {comparable(left), comparable(right)});
  return {out, type_of(Base::boolean)};
}

// Redshift ignores trailing blanks when it compares. CHAR columns are kept without them.
Node* Rewriter::comparable(const Expr& value) {
  std::string text;
  if (value.node->kind == Kind::string && read_string(value.node, text)) {
    const std::size_t size = text.size();
    while (!text.empty() && text.back() == ' ') text.pop_back();
    if (text.size() == size) return value.node;
    applied("trailing-blanks");
    return string(text);
  }
  if (!value.type.is(Base::varchar)) return value.node;
  if (!options.exact_blanks) {
    assume("strings that are compared have no trailing blanks");
    return value.node;
  }
  const bool trimmed =
      value.node->kind == Kind::call &&
      (value.node->at(0)->text() == "rtrim" || value.node->at(0)->text() == "date_format" ||
       value.node->at(0)->text() == "trim");
  if (trimmed) return value.node;
  applied("trailing-blanks");
  return call("rtrim", {value.node});
}

Expr Rewriter::regex_match(const Node* node, Op op) {
  Expr value = expression(node->at(0));
  Expr pattern = expression(node->at(1));
  const bool insensitive = op == Op::kTildeStar || op == Op::kNotTildeStar;
  const bool negated = op == Op::kNotTilde || op == Op::kNotTildeStar;
  std::string text;
  Node* regex = nullptr;
  if (read_string(node->at(1), text)) {
    std::string fault;
    const auto java = java_regex(text, fault);
    if (!java) {
      refuse(node->at(1), "sql-regex", "the regular expression " + fault,
             "write it with constructs that POSIX and Java share");
      return {as(Role::none, node), type_of(Base::boolean)};
    }
    regex = string((insensitive ? "(?i)" : "") + *java);
  } else {
    assume("the regular expression means the same to Java as to POSIX");
    regex = insensitive ? fill("'(?i)' || $1", {pattern.node}) : pattern.node;
  }
  applied("regex-match");
  Node* out = make(Kind::like, {value.node, regex}, static_cast<std::uint16_t>(LikeKind::rlike));
  if (negated) out->flags = kNegated;
  return {out, type_of(Base::boolean)};
}

Expr Rewriter::like(const Node* node) {
  const auto which = static_cast<LikeKind>(node->code);
  Expr value = expression(node->at(0));
  const Node* escape = node->get(Role::escape);
  if (which == LikeKind::similar) {
    std::string text, fault, mark = "\\";
    const bool constant = read_string(node->at(1), text) && (!escape || read_string(escape, mark));
    const auto regex = constant && mark.size() <= 1
                           ? similar_regex(text, mark.empty() ? '\0' : mark[0], fault)
                           : std::nullopt;
    if (!regex) {
      refuse(node, "sql-similar-to",
             constant ? "the SIMILAR TO pattern " + fault : "the SIMILAR TO pattern is no constant",
             "write a regular expression with RLIKE");
      return {as(Role::none, node), type_of(Base::boolean)};
    }
    applied("similar-to");
    Node* out =
        make(Kind::like, {value.node, string(*regex)}, static_cast<std::uint16_t>(LikeKind::rlike));
    out->flags = node->flags & kNegated;
    return {out, type_of(Base::boolean)};
  }
  std::vector<Node*> kids{value.type.is_text() || !value.type.known() ? value.node
                                                                      : text_of(value)};
  for (std::uint32_t i = 1; i < node->count; ++i) {
    const Node* kid = node->at(i);
    if (kid->kind == Kind::list) {
      std::vector<Node*> items;
      for (const Node* item : kid->children()) items.push_back(rewrite(item));
      kids.push_back(rebuilt(kid, items));
    } else if (kid->role == Role::query) {
      refuse(node, "sql-no-equivalent", "LIKE with a subquery has no equivalent", "join with it");
    } else {
      kids.push_back(as(kid->role, rewrite(kid)));
    }
  }
  Node* out = rebuilt(node, kids);
  out->flags = static_cast<std::uint16_t>(out->flags & ~kAmbiguous);
  return {out, type_of(Base::boolean)};
}

}  // namespace lakeshift::sql
