// Aggregate and window functions. docs.aws.amazon.com/redshift/latest/dg/c_Aggregate_Functions.html
// and c_Window_functions.html (2026-11).
#include "sql/functions/function.h"
#include "sql/translate/rewriter.h"

namespace lakeshift::sql::functions::aggregate {
namespace {

Expr count(Rewriter& rewriter, const Call& call) {
  const Node* source = call.source;
  if (source->has(kApproximate))
    return {rewriter.call("approx_count_distinct", {rewriter.comparable(call.arguments[0])}),
            type_of(Base::bigint)};
  Node* value =
      source->has(kDistinct) ? rewriter.comparable(call.arguments[0]) : call.arguments[0].node;
  return {rewriter.call("count", {value}), type_of(Base::bigint)};
}

// Sums of BIGINT are NUMERIC(38, 0), those of smaller integers BIGINT.
Expr sum(Rewriter& rewriter, const Call& call) {
  const Type& type = call.arguments[0].type;
  if (type.is(Base::bigint)) {
    rewriter.applied("sum-bigint");
    return {rewriter.fill("sum(CAST($1 AS DECIMAL(19, 0)))", {call.arguments[0].node}),
            decimal_of(38, 0)};
  }
  const Type result = type.is_integer()        ? type_of(Base::bigint)
                      : type.is(Base::decimal) ? decimal_of(38, type.scale)
                      : type.is_float()        ? type_of(Base::double_)
                                               : type;
  return {rewriter.call("sum", {call.arguments[0].node}), result};
}

// 0.01 for two digits: the unit that an average of decimals is cut to.
std::string unit_of(int scale) {
  return scale == 0 ? "1" : "0." + std::string(static_cast<std::size_t>(scale - 1), '0') + "1";
}

// The average of integers is an integer, of decimals it keeps their scale: cut, not rounded. The
// guide's PIVOT example shows the cut: the average of 2.50, 3.75 and 1.90 is 2.71.
Expr average(Rewriter& rewriter, const Call& call) {
  const Expr& value = call.arguments[0];
  if (value.type.is_integer()) {
    rewriter.applied("avg-integer");
    if (value.type.is(Base::bigint))  // whose sum may have no room in BIGINT
      return {rewriter.fill("sum(CAST($1 AS DECIMAL(19, 0))) DIV count($1)", {value.node}),
              type_of(Base::bigint)};
    return {rewriter.fill("sum($1) DIV count($1)", {value.node}), type_of(Base::bigint)};
  }
  if (value.type.is(Base::decimal)) {
    rewriter.applied("avg-decimal");
    const std::string unit = unit_of(value.type.scale);
    return {
        rewriter.cast(rewriter.fill("(sum($1) - sum($1) % (count($1) * " + unit + ")) / count($1)",
                                    {value.node}),
                      "DECIMAL(38, " + std::to_string(value.type.scale) + ")"),
        decimal_of(38, value.type.scale)};
  }
  if (!value.type.known()) {
    rewriter.applied("avg", false);
    rewriter.assume("what AVG is given is a floating point number");
    rewriter.warn(
        call.source, "sql-type-unknown",
        "the type of AVG's argument is unknown: the average of integers is an integer in Redshift",
        "add the table's DDL to the input, or a catalog file (--catalog-file)");
  }
  return {rewriter.call("avg", {value.node}),
          value.type.is_float() ? type_of(Base::double_) : Type{}};
}

// NULLs and empty strings are left out; the default delimiter is none.
Expr listagg(Rewriter& rewriter, const Call& call) {
  Node* value = rewriter.text_of(call.arguments[0]);
  const bool text = call.arguments[0].type.is_text();
  if (!text) value = rewriter.cast(value, "STRING");
  const bool distinct = call.source->has(kDistinct);
  if (distinct && call.source->get(Role::over)) {
    rewriter.refuse(call.source, "sql-no-equivalent", "LISTAGG(DISTINCT …) OVER has no equivalent",
                    "aggregate in a subquery and join with it");
    return {value, varchar_of(65535)};
  }
  if (distinct && text) value = rewriter.comparable(call.arguments[0]);
  Node* delimiter = call.arguments.size() > 1 ? call.arguments[1].node : rewriter.string("");
  rewriter.applied("listagg");
  rewriter.assume(
      "the result of LISTAGG has less than 64 kB, beyond which Redshift raises an error");
  if (!text) return {rewriter.fill("listagg($1, $2)", {value, delimiter}), varchar_of(65535)};
  return {rewriter.fill("listagg(nullif($1, ''), $2)", {value, delimiter}), varchar_of(65535)};
}

Expr same_type(Rewriter& rewriter, const Call& call) {
  return {rewriter.call(call.name, {call.arguments[0].node}),
          call.arguments[0].type.is(Base::literal) ? varchar_of(65535) : call.arguments[0].type};
}

Expr median(Rewriter& rewriter, const Call& call) {
  const Type& type = call.arguments[0].type;
  if (type.is_moment())
    rewriter.refuse(call.source, "sql-no-equivalent", "MEDIAN of dates has no equivalent",
                    "use percentile_disc, or the median of unix_micros");
  return {rewriter.call("median", {call.arguments[0].node}), type_of(Base::double_)};
}

// The value comes from WITHIN GROUP; the type of that is not seen here.
Expr percentile(Rewriter& rewriter, const Call& call) {
  return {rewriter.call(call.name, {call.arguments[0].node}),
          call.name == "percentile_cont" ? type_of(Base::double_) : Type{}};
}

constexpr std::string_view kEstimate =
    "estimated numbers of distinct values are right within a per cent in both, not the same, and "
    "sketches that Redshift made are made again from the data";

// Sketches of the two are as exact (2^15 registers), and different. Databricks takes integers,
// strings and bytes.
Expr sketch(Rewriter& rewriter, const Call& call) {
  const Expr& value = call.arguments[0];
  Node* counted = value.node;
  if (value.type.is_text()) {
    counted = rewriter.comparable(value);
    if (counted != value.node)
      rewriter.assume("texts that differ in blanks at their end only are one in a sketch");
  } else if (value.type.is(Base::smallint))
    counted = rewriter.cast(value.node, "INT");
  else if (!value.type.is_integer() && value.type.known())
    counted = rewriter.cast(rewriter.text_of(value), "STRING");
  rewriter.applied(call.name, value.type.known());
  if (!value.type.known())
    rewriter.assume("what " + std::string(call.name) + " is given is an integer or a text");
  rewriter.assume(std::string(kEstimate));
  if (call.name == "hll")
    return {rewriter.fill("hll_sketch_estimate(hll_sketch_agg($1, 15))", {counted}),
            type_of(Base::bigint)};
  return {rewriter.fill("hll_sketch_agg($1, 15)", {counted}), type_of(Base::sketch)};
}

// GROUPING (a, b): the bits of its columns, the first one highest.
Expr grouping(Rewriter& rewriter, const Call& call) {
  std::string sum;
  std::vector<Node*> nodes;
  for (std::size_t i = 0; i < call.arguments.size(); ++i) {
    nodes.push_back(call.arguments[i].node);
    const long long weight = 1LL << (call.arguments.size() - 1 - i);
    sum += (i == 0 ? "CAST(grouping($" : " + CAST(grouping($") + std::to_string(i + 1) +
           ") AS INT)" + (weight > 1 ? " * " + std::to_string(weight) : "");
  }
  if (nodes.size() > 1) rewriter.applied("grouping-bits");
  return {rewriter.fill(sum, nodes), type_of(Base::integer)};
}

constexpr Function kRows[] = {
    {.name = "count", .arguments = "a", .hook = count, .aggregate = true},
    {.name = "sum", .arguments = "n", .hook = sum, .aggregate = true},
    {.name = "sum", .arguments = "k", .hook = sum, .aggregate = true},
    {.name = "avg", .arguments = "n", .hook = average, .aggregate = true},
    {.name = "min", .arguments = "a", .hook = same_type, .aggregate = true},
    {.name = "max", .arguments = "a", .hook = same_type, .aggregate = true},
    {.name = "any_value", .arguments = "a", .hook = same_type, .aggregate = true},
    {.name = "listagg", .arguments = "as?", .hook = listagg, .aggregate = true},
    {.name = "median", .arguments = "n", .hook = median, .aggregate = true},
    {.name = "median", .arguments = "m", .hook = median, .aggregate = true},
    {.name = "percentile_cont", .arguments = "n", .hook = percentile, .aggregate = true},
    {.name = "percentile_disc", .arguments = "n", .hook = percentile, .aggregate = true},
    {.name = "stddev",
     .arguments = "n",
     .result = "double",
     .spelling = "stddev_samp($1)",
     .aggregate = true},
    {.name = "stddev_samp",
     .arguments = "n",
     .result = "double",
     .spelling = "stddev_samp($1)",
     .aggregate = true},
    {.name = "stddev_pop",
     .arguments = "n",
     .result = "double",
     .spelling = "stddev_pop($1)",
     .aggregate = true},
    {.name = "variance",
     .arguments = "n",
     .result = "double",
     .spelling = "var_samp($1)",
     .aggregate = true},
    {.name = "var_samp",
     .arguments = "n",
     .result = "double",
     .spelling = "var_samp($1)",
     .aggregate = true},
    {.name = "var_pop",
     .arguments = "n",
     .result = "double",
     .spelling = "var_pop($1)",
     .aggregate = true},
    {.name = "bool_and",
     .arguments = "b",
     .result = "boolean",
     .spelling = "bool_and($1)",
     .aggregate = true},
    {.name = "bool_or",
     .arguments = "b",
     .result = "boolean",
     .spelling = "bool_or($1)",
     .aggregate = true},
    {.name = "bit_and",
     .arguments = "i",
     .result = "=1",
     .spelling = "bit_and($1)",
     .aggregate = true},
    {.name = "bit_or",
     .arguments = "i",
     .result = "=1",
     .spelling = "bit_or($1)",
     .aggregate = true},
    {.name = "ratio_to_report",
     .arguments = "n",
     .result = "double",
     .spelling = "CAST($1 AS DOUBLE) / sum($1)",
     .aggregate = true},
    {.name = "row_number",
     .arguments = "",
     .result = "bigint",
     .spelling = "row_number()",
     .aggregate = true},
    {.name = "rank", .arguments = "", .result = "bigint", .spelling = "rank()", .aggregate = true},
    {.name = "dense_rank",
     .arguments = "",
     .result = "bigint",
     .spelling = "dense_rank()",
     .aggregate = true},
    {.name = "percent_rank",
     .arguments = "",
     .result = "double",
     .spelling = "percent_rank()",
     .aggregate = true},
    {.name = "cume_dist",
     .arguments = "",
     .result = "double",
     .spelling = "cume_dist()",
     .aggregate = true},
    {.name = "ntile",
     .arguments = "i",
     .result = "bigint",
     .spelling = "ntile($1)",
     .aggregate = true},
    {.name = "lag", .arguments = "ai?a?", .result = "=1", .spelling = "lag($0)", .aggregate = true},
    {.name = "lead",
     .arguments = "ai?a?",
     .result = "=1",
     .spelling = "lead($0)",
     .aggregate = true},
    {.name = "first_value",
     .arguments = "a",
     .result = "=1",
     .spelling = "first_value($1)",
     .aggregate = true},
    {.name = "last_value",
     .arguments = "a",
     .result = "=1",
     .spelling = "last_value($1)",
     .aggregate = true},
    {.name = "nth_value",
     .arguments = "ai",
     .result = "=1",
     .spelling = "nth_value($1, $2)",
     .aggregate = true},
    {.name = "grouping", .arguments = "aa*", .hook = grouping},
    {.name = "grouping_id",
     .arguments = "a*",
     .result = "int",
     .spelling = "CAST(grouping_id($0) AS INT)"},
    {.name = "hll", .arguments = "a", .hook = sketch, .aggregate = true},
    {.name = "hll_create_sketch", .arguments = "a", .hook = sketch, .aggregate = true},
    {.name = "hll_cardinality",
     .arguments = "a",
     .result = "bigint",
     .spelling = "hll_sketch_estimate($1)",
     .caveat = kEstimate},
    {.name = "hll_combine",
     .arguments = "a",
     .result = "hllsketch",
     .spelling = "hll_union_agg($1)",
     .caveat = kEstimate,
     .aggregate = true},
    {.name = "hll_combine_sketches",
     .arguments = "aa",
     .result = "hllsketch",
     .spelling = "hll_union($1, $2)",
     .caveat = kEstimate},
};

}  // namespace

extern const FunctionSet kDefinition{.title = "Aggregate and window functions", .rows = kRows};

}  // namespace lakeshift::sql::functions::aggregate
