// Mathematical functions. docs.aws.amazon.com/redshift/latest/dg/Math_functions.html (2026-11).
// Where Redshift raises an error, Spark returns NULL or NaN for some: raise_error keeps the error.
#include "sql/functions/function.h"
#include "sql/translate/rewriter.h"

namespace lakeshift::sql::functions::mathematics {
namespace {

bool positive_constant(const Node* node) {
  return node->kind == Kind::number &&
         node->text().find_first_of("123456789") != std::string_view::npos;
}

std::string_view spark_name(std::string_view name) {
  if (name == "dlog1") return "ln";
  if (name == "dlog10" || name == "log") return "log10";
  return name;
}

Expr logarithm(Rewriter& rewriter, const Call& call) {
  const std::string_view name = spark_name(call.name);
  if (name != call.name) rewriter.applied(call.name);
  if (call.arguments.size() == 2)
    return {rewriter.fill("log($1, $2)", {call.arguments[0].node, call.arguments[1].node}),
            type_of(Base::double_)};
  Node* value = call.arguments[0].node;
  if (!positive_constant(value)) {
    rewriter.applied("logarithm-domain");
    value = rewriter.fill(
        "CASE WHEN $1 <= 0 THEN raise_error('cannot take logarithm of a number that is not "
        "positive') ELSE $1 END",
        {value});
  }
  return {rewriter.call(name, {value}), type_of(Base::double_)};
}

Expr root(Rewriter& rewriter, const Call& call) {
  Node* value = call.arguments[0].node;
  if (value->kind != Kind::number) {
    rewriter.applied("root-domain");
    value = rewriter.fill(
        "CASE WHEN $1 < 0 THEN raise_error('cannot take square root of a negative number') ELSE $1 "
        "END",
        {value});
  }
  return {rewriter.call("sqrt", {value}), type_of(Base::double_)};
}

Expr arc(Rewriter& rewriter, const Call& call) {
  Node* value = call.arguments[0].node;
  const bool inside = value->kind == Kind::number &&
                      (value->text() == "0" || value->text() == "1" ||
                       value->text().starts_with("0.") || value->text().starts_with('.'));
  if (!inside) {
    rewriter.applied("arc-domain");
    value = rewriter.fill(
        "CASE WHEN abs($1) > 1 THEN raise_error('input is out of range') ELSE $1 END", {value});
  }
  return {rewriter.call(call.name, {value}), type_of(Base::double_)};
}

Expr modulo(Rewriter& rewriter, const Call& call) {
  return rewriter.arithmetic(Op::kPercent, call.arguments[0], call.arguments[1], call.source);
}

// Half away from zero for exact numbers; half to even for floating point, as in PostgreSQL.
Expr round(Rewriter& rewriter, const Call& call) {
  const Expr& value = call.arguments[0];
  if (call.arguments.size() > 1) {
    Type type = value.type;
    if (type.is(Base::decimal) && call.arguments[1].node->kind == Kind::number) {
      const int digits = std::atoi(std::string(call.arguments[1].node->text()).c_str());
      if (digits < type.scale) type = decimal_of(type.precision - type.scale + digits + 1, digits);
    }
    return {rewriter.call("round", {value.node, call.arguments[1].node}), type};
  }
  if (value.type.is_float()) {
    rewriter.applied("round-half-even");
    return {rewriter.call("bround", {value.node}), value.type};
  }
  if (value.type.is_integer()) return {value.node, value.type};
  Type type = value.type;
  if (type.is(Base::decimal)) type = decimal_of(type.precision - type.scale + 1, 0);
  return {rewriter.call("round", {value.node}), type};
}

Expr truncate(Rewriter& rewriter, const Call& call) {
  const Expr& value = call.arguments[0];
  if (value.type.is_moment()) {
    rewriter.applied("trunc-date");
    return {rewriter.cast(value.node, "DATE"), type_of(Base::date)};
  }
  if (value.type.is_integer() && call.arguments.size() == 1) return value;
  rewriter.applied("trunc-number", value.type.known());
  Node* digits = call.arguments.size() > 1 ? call.arguments[1].node : nullptr;
  const bool constant = !digits || digits->kind == Kind::number ||
                        (digits->kind == Kind::unary && digits->at(0)->kind == Kind::number);
  if (!constant)
    rewriter.refuse(call.source, "sql-function-arguments",
                    "TRUNC with a number of digits that is no constant has no equivalent",
                    "write the digits as a constant");
  Node* out =
      digits ? rewriter.fill("CASE WHEN $1 >= 0 THEN floor($1, $2) ELSE ceil($1, $2) END",
                             {value.node, digits})
             : rewriter.fill("CASE WHEN $1 >= 0 THEN floor($1) ELSE ceil($1) END", {value.node});
  if (value.type.is_float()) return {rewriter.cast(out, "DOUBLE"), type_of(Base::double_)};
  if (!value.type.known()) rewriter.assume("what TRUNC is given is a number");
  Type type = value.type;
  if (type.is(Base::decimal))
    type = decimal_of(
        type.precision,
        digits
            ? std::min<int>(type.scale, std::max(0, std::atoi(std::string(digits->text()).c_str())))
            : 0);
  return {out, type};
}

Expr whole(Rewriter& rewriter, const Call& call) {
  const Expr& value = call.arguments[0];
  const std::string_view name = call.name == "ceiling" ? "ceil" : call.name;
  Node* out = rewriter.call(name, {value.node});
  if (value.type.is_float()) {
    rewriter.applied(call.name);
    return {rewriter.cast(out, "DOUBLE"), type_of(Base::double_)};
  }
  if (value.type.is(Base::decimal))
    return {out, decimal_of(value.type.precision - value.type.scale + 1, 0)};
  if (value.type.is_integer()) return {out, type_of(Base::double_)};
  return {out, {}};
}

constexpr Function kRows[] = {
    {.name = "abs", .arguments = "n", .result = "=1", .spelling = "abs($1)"},
    {.name = "acos", .arguments = "n", .hook = arc},
    {.name = "asin", .arguments = "n", .hook = arc},
    {.name = "atan", .arguments = "n", .result = "double", .spelling = "atan($1)"},
    {.name = "atan2", .arguments = "nn", .result = "double", .spelling = "atan2($1, $2)"},
    {.name = "cbrt", .arguments = "n", .result = "double", .spelling = "cbrt($1)"},
    {.name = "ceil", .arguments = "n", .hook = whole},
    {.name = "ceiling", .arguments = "n", .hook = whole},
    {.name = "floor", .arguments = "n", .hook = whole},
    {.name = "cos", .arguments = "n", .result = "double", .spelling = "cos($1)"},
    {.name = "cot", .arguments = "n", .result = "double", .spelling = "cot($1)"},
    {.name = "degrees", .arguments = "n", .result = "double", .spelling = "degrees($1)"},
    {.name = "radians", .arguments = "n", .result = "double", .spelling = "radians($1)"},
    {.name = "dexp", .arguments = "n", .result = "double", .spelling = "exp($1)"},
    {.name = "exp", .arguments = "n", .result = "double", .spelling = "exp($1)"},
    {.name = "dlog1", .arguments = "n", .hook = logarithm},
    {.name = "dlog10", .arguments = "n", .hook = logarithm},
    {.name = "ln", .arguments = "n", .hook = logarithm},
    {.name = "log", .arguments = "nn?", .hook = logarithm},
    {.name = "mod", .arguments = "nn", .hook = modulo},
    {.name = "pi", .arguments = "", .result = "double", .spelling = "pi()"},
    {.name = "power", .arguments = "nn", .result = "double", .spelling = "power($1, $2)"},
    {.name = "pow", .arguments = "nn", .result = "double", .spelling = "power($1, $2)"},
    {.name = "random", .arguments = "", .result = "double", .spelling = "random()"},
    {.name = "round", .arguments = "ni?", .hook = round},
    {.name = "sign", .arguments = "i", .result = "int", .spelling = "CAST(sign($1) AS INT)"},
    {.name = "sign",
     .arguments = "e",
     .result = "decimal(1,0)",
     .spelling = "CAST(sign($1) AS DECIMAL(1, 0))"},
    {.name = "sign", .arguments = "n", .result = "double", .spelling = "sign($1)"},
    {.name = "sin", .arguments = "n", .result = "double", .spelling = "sin($1)"},
    {.name = "sqrt", .arguments = "n", .hook = root},
    {.name = "tan", .arguments = "n", .result = "double", .spelling = "tan($1)"},
    {.name = "trunc", .arguments = "ni?", .hook = truncate},
    {.name = "trunc", .arguments = "m", .hook = truncate},
};

}  // namespace

extern const FunctionSet kDefinition{.title = "Mathematical functions", .rows = kRows};

}  // namespace lakeshift::sql::functions::mathematics
