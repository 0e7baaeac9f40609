// What makes a dialect: constant tables (words, operators, statements), and hooks where a table
// does not reach. A dialect is one file in dialects/ that defines kDefinition.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "sql/lexical.h"
#include "sql/token.h"

namespace lakeshift::sql {

// How tightly operators bind: higher binds tighter. 0: the dialect has no such operator.
struct Levels {
  std::uint8_t or_ = 1;
  std::uint8_t and_ = 2;
  std::uint8_t not_ = 3;
  std::uint8_t is = 4;          // IS NULL, ISNULL, IS DISTINCT FROM
  std::uint8_t comparison = 5;  // = <> < > <= >=
  std::uint8_t predicate = 6;   // IN, LIKE, BETWEEN, SIMILAR TO
  std::uint8_t other = 7;       // operators with no level of their own
  std::uint8_t additive = 12;
  std::uint8_t multiplicative = 13;
  std::uint8_t power = 14;
  std::uint8_t zone = 15;  // AT TIME ZONE
  std::uint8_t collate = 16;
  std::uint8_t unary = 17;    // + and -
  std::uint8_t postfix = 18;  // [ ], ::, . and :
};
struct OperatorRow {
  Op op = Op::kNone;
  std::uint8_t level = 0;
};

// A statement, or a fragment that statements share, as a line of grammar. grammar.h has the
// notation.
struct Row {
  std::string_view name{};
  std::string_view pattern{};
};
struct RowSet {
  std::span<const Row> statements{};
  std::span<const Row> fragments{};
  std::span<const Row> routine{};  // only inside BEGIN … END of a procedure
};

struct Dialect {
  std::string_view name{};
  std::string_view title{};
  Lexical lexical{};
  Levels levels{};
  std::span<const OperatorRow> operators{};
  bool custom_operators = false;  // unknown operators are users' own, at Levels::other
  bool double_colon = true;       // x::t
  bool empty_select = false;      // SELECT FROM t
  bool order_by_all = false;      // ORDER BY ALL
  bool bare_calls = true;         // CURRENT_DATE, SYSDATE
  bool question_cast = false;     // TRY_CAST spelled x?::t
  char name_quote = '"';
  bool old_precedence = false;   // PostgreSQL 8: mark where 9.5 would read the same text otherwise
  std::string_view reserved{};   // no column or table is called so without quotes
  std::string_view not_alias{};  // beside these: no alias without AS
  std::span<const RowSet* const> rows{};
};

// All dialects, and one by name ("redshift", "postgres", "databricks"); null when there is none.
std::span<const Dialect* const> all_dialects();
const Dialect* find_dialect(std::string_view name);

}  // namespace lakeshift::sql
