// Amazon Redshift. Reserved words: docs.aws.amazon.com/redshift/latest/dg/r_pg_keywords.html
// (2026-11), of which we reserve those that the grammar cannot tell from names; a name that
// Redshift would refuse is no harm to read.
#include "sql/dialect.h"
#include "sql/rows/rows.h"

namespace lakeshift::sql::redshift {
namespace {

constexpr OperatorRow kOperators[] = {
    {Op::kEq, 5},        {Op::kNe, 5},           {Op::kLt, 5},       {Op::kGt, 5},
    {Op::kLe, 5},        {Op::kGe, 5},           {Op::kPlus, 12},    {Op::kMinus, 12},
    {Op::kStar, 13},     {Op::kSlash, 13},       {Op::kPercent, 13}, {Op::kCaret, 14},
    {Op::kConcat, 7},    {Op::kPipe, 7},         {Op::kAmp, 7},      {Op::kHash, 7},
    {Op::kShiftLeft, 7}, {Op::kShiftRight, 7},   {Op::kTilde, 7},    {Op::kTildeStar, 7},
    {Op::kNotTilde, 7},  {Op::kNotTildeStar, 7}, {Op::kOverlaps, 7},
};
constexpr const RowSet* kRows[] = {&kDmlRows,
                                   &kSessionRows,
                                   &kRedshiftTableRows,
                                   &kRedshiftObjectRows,
                                   &kRedshiftSecurityRows,
                                   &kRedshiftLoadRows,
                                   &kPlpgsqlRows};

}  // namespace

extern const Dialect kDefinition{
    .name = "redshift",
    .title = "Amazon Redshift",
    .lexical = {.backslash_escapes = true,
                .dollar_quotes = true,
                .hash_temporary = true,
                .meta_commands = true},
    .operators = kOperators,
    .custom_operators = true,
    .old_precedence = true,
    .reserved =
        "ALL AND ANY AS ASC BOTH CASE CAST CHECK COLLATE COLUMN CONSTRAINT CREATE CROSS DEFAULT "
        "DEFERRABLE DESC DISTINCT DO "
        "ELSE END EXCEPT EXISTS FALSE FOR FOREIGN FROM FULL GRANT GROUP HAVING ILIKE IN INITIALLY "
        "INNER INTERSECT INTERVAL INTO IS ISNULL "
        "JOIN LEADING LEFT LIKE LIMIT MINUS NATURAL NOT NOTNULL NULL OFFSET ON ONLY OR ORDER OUTER "
        "OVERLAPS PIVOT PRIMARY "
        "REFERENCES RIGHT SELECT SIMILAR SOME TABLE THEN TO TRAILING TRUE UNION UNIQUE UNPIVOT "
        "USING WHEN WHERE WITH QUALIFY",
    .not_alias =
        "CONNECT VALUES START WINDOW FETCH SET EXCLUDE BETWEEN WITHIN OVER RETURNING TABLESAMPLE "
        "LATERAL "
        "REMOVE PARTITION BACKUP DISTKEY DISTSTYLE SORTKEY COMPOUND INTERLEAVED INCLUDE",
    .rows = kRows,
};

}  // namespace lakeshift::sql::redshift
