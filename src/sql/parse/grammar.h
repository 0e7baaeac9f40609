// Statements as lines of grammar, compiled once and run by the parser. Notation, blanks between all
// parts:
//   WORD            this keyword                        ( ) , = . ;    this mark (others quoted:
//   '*' '[') [ a b ]         or nothing                          { a | b }      the first that
//   matches { a | b }*      any number of times                 { a | b }+     at least once
//   role:rule       what `rule` matches, as a child of that role; `rule` is one of the rules below
//   or a
//                   fragment's name
//   role:rule,      one or more with commas between, as a list
//   role:rule*      any number, one after the other; role:rule+ at least one
// A matched statement is a node of kind statement whose text is the row's name and whose children
// are, in order, the keywords and marks (kind words) and the captured parts. So printing the
// children in order prints the statement again, and finding a part is Node::get(role) or
// Node::says("IF NOT EXISTS").
#pragma once

#include <bitset>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "sql/dialect.h"
#include "sql/keyword.h"
#include "sql/node.h"

namespace lakeshift::sql {

enum class Rule : std::uint8_t {
  fragment,
  expr,        // any expression
  ident,       // one name, not reserved
  any_ident,   // one name, or any keyword
  name,        // a.b.c
  type,        // VARCHAR(10)
  string,      // '…', also $$…$$
  number,      // with a sign
  value,       // string, number, name, template, TRUE, FALSE, NULL
  query,       // SELECT, WITH, VALUES, or one in parentheses
  with,        // WITH …
  columns,     // ( a, b ), never the parentheses of a query
  table,       // name [AS] alias
  table_name,  // name, without alias
  from_list,   // what can stand behind FROM
  from_item,
  alias,  // a name that can stand without AS
  order_item,
  select_items,
  assignment,     // a = expr, (a, b) = (…)
  values_row,     // ( expr, … )
  body,           // the text of a routine, $$…$$ or '…'
  block,          // statements up to a word that ends them
  routine_block,  // [DECLARE …] BEGIN … END
  declarations,
  statement,    // any statement
  principal,    // a user, role or group
  placeholder,  // a template or psql variable that stands for a clause
  loose,        // a run of tokens with balanced parentheses, up to ',' or ')' on its own level
};

struct Element {
  enum class Type : std::uint8_t { words, mark, capture, optional, choice, any, some, sequence };
  enum class Mode : std::uint8_t { one, comma, any, some };
  Type type = Type::words;
  Mode mode = Mode::one;
  Rule rule = Rule::expr;
  Role role = Role::none;
  std::uint16_t fragment = 0;       // for Rule::fragment
  TokenKind mark = TokenKind::end;  // for marks that are tokens of their own
  Op op = Op::kNone;                // for marks that are operators
  std::string_view text{};          // words and marks as spelled in the pattern
  std::vector<Word> words{};
  std::vector<Element> parts{};
};

struct CompiledRow {
  std::string_view name{};
  Element root{};
};

// A dialect made ready for parsing: words as bit sets, rows compiled and found by their first word.
struct CompiledDialect {
  const Dialect* dialect = nullptr;
  std::bitset<kWordCount> reserved{};
  std::bitset<kWordCount> not_alias{};
  std::vector<std::uint8_t> operator_level{};  // by Op
  std::vector<CompiledRow> fragments{};
  std::vector<CompiledRow> statements{};
  std::vector<CompiledRow> routine{};
  std::vector<std::vector<std::uint16_t>> statements_by_word{};  // by Word
  std::vector<std::vector<std::uint16_t>> routine_by_word{};
  std::vector<std::string> faults{};  // of the tables; a test asserts that there are none
};

// Compiled on first use; thread safe.
const CompiledDialect& compile(const Dialect& dialect);

}  // namespace lakeshift::sql
