// PostgreSQL, as far as queries, tables and procedures go. Precedence and words:
// postgresql.org/docs/15, sql-syntax-lexical and sql-keywords-appendix.
#include "sql/dialect.h"
#include "sql/rows/rows.h"

namespace lakeshift::sql::postgres {
namespace {

constexpr OperatorRow kOperators[] = {
    {Op::kEq, 5},        {Op::kNe, 5},           {Op::kLt, 5},         {Op::kGt, 5},
    {Op::kLe, 5},        {Op::kGe, 5},           {Op::kPlus, 12},      {Op::kMinus, 12},
    {Op::kStar, 13},     {Op::kSlash, 13},       {Op::kPercent, 13},   {Op::kCaret, 14},
    {Op::kConcat, 7},    {Op::kPipe, 7},         {Op::kAmp, 7},        {Op::kHash, 7},
    {Op::kShiftLeft, 7}, {Op::kShiftRight, 7},   {Op::kTilde, 7},      {Op::kTildeStar, 7},
    {Op::kNotTilde, 7},  {Op::kNotTildeStar, 7}, {Op::kOverlaps, 7},   {Op::kThinArrow, 7},
    {Op::kQuestion, 7},  {Op::kAt, 7},           {Op::kNullSafeEq, 7}, {Op::kShiftRightZero, 7},
};
constexpr const RowSet* kRows[] = {
    &kDmlRows,     &kSessionRows, &kRedshiftTableRows, &kRedshiftObjectRows, &kRedshiftSecurityRows,
    &kPlpgsqlRows, &kPostgresRows};

}  // namespace

extern const Dialect kDefinition{
    .name = "postgres",
    .title = "PostgreSQL",
    .lexical = {.dollar_quotes = true,
                .compound = true,
                .only_atomic = true,
                .meta_commands = true},
    .operators = kOperators,
    .custom_operators = true,
    .empty_select = true,
    .reserved =
        "ALL ANALYSE ANALYZE AND ANY AS ASC ASYMMETRIC BOTH CASE CAST CHECK COLLATE COLUMN "
        "CONSTRAINT CREATE CROSS DEFAULT DEFERRABLE DESC DISTINCT "
        "DO ELSE END EXCEPT EXISTS FALSE FETCH FOR FOREIGN FROM FULL GRANT GROUP HAVING ILIKE IN "
        "INITIALLY INNER INTERSECT INTO IS ISNULL JOIN "
        "LATERAL LEADING LEFT LIKE LIMIT NATURAL NOT NOTNULL NULL OFFSET ON ONLY OR ORDER OUTER "
        "OVERLAPS PLACING PRIMARY REFERENCES RETURNING "
        "RIGHT SELECT SIMILAR SOME SYMMETRIC TABLE TABLESAMPLE THEN TO TRAILING TRUE UNION UNIQUE "
        "USING VARIADIC WHEN WHERE WINDOW WITH",
    .not_alias = "VALUES SET BETWEEN WITHIN OVER FILTER",
    .rows = kRows,
};

}  // namespace lakeshift::sql::postgres
