#include "sql/translate/time_of_day.h"

namespace lakeshift::sql {
namespace {

constexpr std::string_view kRuntime =
    "the runtime is Databricks Runtime 18 LTS, which has the type TIME (beta in 2026-11)";

// Microseconds of a part of the day; empty for parts that a time has not.
std::string_view micros_of(std::string_view part) {
  if (part == "hour") return "3600000000";
  if (part == "minute") return "60000000";
  if (part == "second") return "1000000";
  if (part == "millisecond") return "1000";
  return part == "microsecond" ? "1" : "";
}

void refuse_part(Rewriter& rewriter, const Node* place, std::string_view function,
                 std::string_view part) {
  rewriter.refuse(place, "sql-date-part",
                  std::string(function) + " of a time has no part " + std::string(part),
                  "use hour, minute, second, millisecond or microsecond");
}

}  // namespace

Expr add_to_time(Rewriter& rewriter, const Node* place, std::string_view part, Node* count,
                 const Expr& value) {
  const std::string_view micros = micros_of(part);
  if (micros.empty()) {
    refuse_part(rewriter, place, "DATEADD", part);
    return value;
  }
  rewriter.applied("time-around-midnight");
  rewriter.assume(std::string(kRuntime));
  return {rewriter.fill("time_from_micros(pmod(time_to_micros($1) + $2 * " + std::string(micros) +
                            "L, 86400000000L))",
                        {value.node, count}),
          type_of(Base::time)};
}

Expr time_difference(Rewriter& rewriter, const Node* place, std::string_view part, const Expr& from,
                     const Expr& to) {
  const std::string_view micros = micros_of(part);
  if (micros.empty()) {
    refuse_part(rewriter, place, "DATEDIFF", part);
    return from;
  }
  rewriter.assume(std::string(kRuntime));
  const std::string unit = micros == "1" ? "" : " DIV " + std::string(micros) + "L";
  return {rewriter.fill("time_to_micros($2)" + unit + " - time_to_micros($1)" + unit,
                        {from.node, to.node}),
          type_of(Base::bigint)};
}

}  // namespace lakeshift::sql
