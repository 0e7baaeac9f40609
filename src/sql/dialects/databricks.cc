// Databricks SQL. Precedence: docs.databricks.com/sql/language-manual/sql-ref-functions-builtin,
// "Operators and predicates"; words: sql-ref-reserved-words (2026-11). Databricks reserves next to
// nothing in ANSI-off mode; we reserve what the grammar needs to tell clauses from names.
#include "sql/dialect.h"
#include "sql/rows/rows.h"

namespace lakeshift::sql::databricks {
namespace {

constexpr OperatorRow kOperators[] = {
    {Op::kEq, 5},
    {Op::kNe, 5},
    {Op::kLt, 5},
    {Op::kGt, 5},
    {Op::kLe, 5},
    {Op::kGe, 5},
    {Op::kNullSafeEq, 5},
    {Op::kPipe, 6},
    {Op::kCaret, 7},
    {Op::kAmp, 8},
    {Op::kShiftLeft, 9},
    {Op::kShiftRight, 9},
    {Op::kShiftRightZero, 9},
    {Op::kPlus, 12},
    {Op::kMinus, 12},
    {Op::kConcat, 12},
    {Op::kStar, 13},
    {Op::kSlash, 13},
    {Op::kPercent, 13},
    {Op::kDiv, 13},
    {Op::kThinArrow, 1},  // x -> …
};
constexpr const RowSet* kRows[] = {&kDmlRows, &kSessionRows, &kDatabricksRows};

}  // namespace

extern const Dialect kDefinition{
    .name = "databricks",
    .title = "Databricks SQL",
    .lexical = {.backslash_escapes = true,
                .double_quotes_names = false,
                .backticks = true,
                .raw_strings = true,
                .colon_paths = true,
                .number_suffixes = true,
                .compound = true},
    // IS NULL, IN, LIKE and BETWEEN stand on one level, below comparison.
    .levels = {.is = 4, .comparison = 5, .predicate = 4, .other = 11},
    .operators = kOperators,
    .order_by_all = true,
    .name_quote = '`',
    .reserved =
        "ALL AND ANTI ANY AS ASC BETWEEN CASE CAST CROSS DESC DISTINCT ELSE END EXCEPT EXISTS FOR "
        "FROM FULL GROUP HAVING IN INNER INTERSECT "
        "INTO IS JOIN LATERAL LEFT LIKE LIMIT MINUS NATURAL NOT NULL ON OR ORDER OUTER PIVOT "
        "QUALIFY RIGHT SELECT SEMI THEN UNION "
        "UNPIVOT USING WHEN WHERE WITH TRUE FALSE",
    .not_alias =
        "CLUSTER DISTRIBUTE SORT WINDOW OFFSET SET TABLESAMPLE VALUES FETCH ILIKE RLIKE REGEXP "
        "COLLATE DIV DO LOOP",
    .rows = kRows,
};

}  // namespace lakeshift::sql::databricks
