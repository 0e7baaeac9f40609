// A loop over rows as one statement, where that cannot be told from the loop.
#include "sql/procedures/script.h"

namespace lakeshift::sql {

bool Script::as_one_statement(const Node* loop, const Node* variables, const Node* query,
                              const Node* body, Lines& out) {
  (void)loop;
  (void)variables;
  (void)query;
  (void)body;
  (void)out;
  return false;
}

}  // namespace lakeshift::sql
