// Arithmetic on TIME, which runs around midnight in Redshift and has no operators in Databricks.
// docs.aws.amazon.com/redshift/latest/dg/r_DATEADD_function.html, r_DATEDIFF_function.html,
// r_DATE-CONCATENATE_function.html (2026-11);
// docs.databricks.com/sql/language-manual/functions/time_from_micros, time_to_micros and
// …/data-types/time-type (2026-11).
#pragma once

#include <string_view>

#include "sql/translate/rewriter.h"

namespace lakeshift::sql {

// DATEADD (part, count, value): 13:24:55 and twelve hours are 01:24:55.
Expr add_to_time(Rewriter& rewriter, const Node* place, std::string_view part, Node* count,
                 const Expr& value);
// DATEDIFF (part, from, to): the boundaries between the two in one day.
Expr time_difference(Rewriter& rewriter, const Node* place, std::string_view part, const Expr& from,
                     const Expr& to);

}  // namespace lakeshift::sql
