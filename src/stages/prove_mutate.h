// Small wrong changes of a statement, one at a time: data that does not tell them from the
// statement is weak.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "stages/prove_tables.h"

namespace lakeshift::stages {

struct Mutant {
  std::string change;  // "< becomes <= at line 2"
  std::string text;
};

// At most `limit` mutants of a statement in Databricks SQL, spread over its length. `ordered`: the
// order of its rows is compared; otherwise ORDER BY at its end is left as it is. None is made where
// a change gives the same answer on all rows that these tables can hold: prove_idle.h.
std::vector<Mutant> make_mutants(std::string_view statement, std::size_t limit, bool ordered = true,
                                 const std::vector<ProveTable>& tables = {});

}  // namespace lakeshift::stages
