// Rewrites of the source's own expressions, for statements that are made another one of before they
// are translated.
#pragma once

#include <functional>

#include "sql/translate/draft.h"

namespace lakeshift::sql {

// The function's first argument is a date part, also where a column has that name.
bool takes_date_part(std::string_view function);

// A copy of the expression with what `replace` gives for its parts, from the outside in; the
// expression itself where it gives null for all. Columns come whole, paths with them; queries come
// too, and are not looked into. Names of functions, types, date parts and windows do not come.
const Node* replaced(Draft& draft, const Node* expression,
                     const std::function<const Node*(const Node* part)>& replace);

// Every column named below, in queries too; `inside`: in one.
void each_column(const Node* node,
                 const std::function<void(const Node* column, bool inside)>& look);

// The parts of a condition that must all hold.
std::vector<const Node*> conjuncts(const Node* condition);
// The condition that all of these hold; null of none.
Node* conjunction(Draft& draft, std::span<const Node* const> conditions);

}  // namespace lakeshift::sql
