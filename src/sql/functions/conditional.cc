// Conditional functions. docs.aws.amazon.com/redshift/latest/dg/c_conditional_expressions.html
// (2026-11).
#include "sql/functions/function.h"
#include "sql/translate/rewriter.h"

namespace lakeshift::sql::functions::conditional {
namespace {

Expr nullif(Rewriter& rewriter, const Call& call) {
  const Type common = common_type(call.arguments[0].type, call.arguments[1].type);
  const Expr a = rewriter.coerce(call.arguments[0], common);
  const Expr b = rewriter.coerce(call.arguments[1], common);
  Node* left = rewriter.comparable(a);
  Node* right = rewriter.comparable(b);
  if (left == a.node) return {rewriter.call("nullif", {a.node, right}), common};
  return {rewriter.fill("CASE WHEN $1 = $2 THEN NULL ELSE $3 END", {left, right, a.node}), common};
}

Expr nvl2(Rewriter& rewriter, const Call& call) {
  const Type common = common_type(call.arguments[1].type, call.arguments[2].type);
  return {rewriter.call("nvl2",
                        {call.arguments[0].node, rewriter.coerce(call.arguments[1], common).node,
                         rewriter.coerce(call.arguments[2], common).node}),
          common};
}

// DECODE (expression, search, result, … [, default]): NULL equals NULL, in both.
Expr decode(Rewriter& rewriter, const Call& call) {
  const auto arguments = call.arguments;
  if (arguments.size() < 3) {
    rewriter.refuse(call.source, "sql-function-arguments", "DECODE needs at least three arguments",
                    "check the call");
    return arguments[0];
  }
  Type compared = arguments[0].type;
  Type common;
  bool first = true;
  const std::size_t pairs = (arguments.size() - 1) / 2;
  const auto join = [&](const Type& type) {
    common = first ? type : common_type(common, type);
    first = false;
  };
  for (std::size_t i = 0; i < pairs; ++i) {
    compared = common_type(compared, arguments[1 + 2 * i].type);
    join(arguments[2 + 2 * i].type);
  }
  const bool otherwise = arguments.size() % 2 == 0;
  if (otherwise) join(arguments.back().type);
  std::vector<Node*> kids{
      rewriter.as(Role::name, rewriter.ident("decode")),
      rewriter.as(Role::args, rewriter.comparable(rewriter.coerce(arguments[0], compared)))};
  for (std::size_t i = 0; i < pairs; ++i) {
    kids.push_back(rewriter.as(
        Role::args, rewriter.comparable(rewriter.coerce(arguments[1 + 2 * i], compared))));
    kids.push_back(rewriter.as(Role::args, rewriter.coerce(arguments[2 + 2 * i], common).node));
  }
  if (otherwise)
    kids.push_back(rewriter.as(Role::args, rewriter.coerce(arguments.back(), common).node));
  return {rewriter.make(Kind::call, kids), common};
}

constexpr Function kRows[] = {
    {.name = "coalesce", .arguments = "a*", .result = "+", .spelling = "coalesce($0)"},
    {.name = "nvl", .arguments = "a*", .result = "+", .spelling = "coalesce($0)"},
    {.name = "nvl2", .arguments = "aaa", .hook = nvl2},
    {.name = "nullif", .arguments = "aa", .hook = nullif},
    {.name = "decode", .arguments = "a*", .hook = decode},
    {.name = "greatest", .arguments = "a*", .result = "+", .spelling = "greatest($0)"},
    {.name = "least", .arguments = "a*", .result = "+", .spelling = "least($0)"},
};

}  // namespace

extern const FunctionSet kDefinition{.title = "Conditional functions", .rows = kRows};

}  // namespace lakeshift::sql::functions::conditional
