// UPDATE … FROM and DELETE … USING several tables. MERGE joins its target with one source: so the
// tables are joined in a subquery that yields the columns which the rest of the statement names.
#pragma once

#include "sql/translate/rewriter.h"

namespace lakeshift::sql {

struct JoinedSource {
  const Node* from = nullptr;   // a list of that one subquery
  const Node* where = nullptr;  // the conditions that name the target; null: none does
  const Node* set = nullptr;    // the assignments
  bool comparable = false;      // all that the subquery yields can be compared
  std::string obstacle{};       // why that cannot be done, and what to do instead; else empty
  std::string remedy{};
};

// All of it still in the source's words. `set` is null for DELETE, `where` where there is none.
JoinedSource join_sources(Rewriter& rewriter, const Node* target, const Node* from,
                          const Node* where, const Node* set);

}  // namespace lakeshift::sql
