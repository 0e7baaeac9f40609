// Rows that tell translations apart: made of the statement's own constants and what is next to
// them, boundaries of the types, NULLs, blanks, doubled rows, keys that match and keys that do not.
#pragma once

#include <string>
#include <vector>

#include "stages/prove_source.h"
#include "stages/prove_tables.h"

namespace lakeshift::stages {

struct ProveData {
  // "empty", "plain", "nulls", "edges", "pairs", "passing 1", "sorted 2", "tree 3"
  std::string name;
  TableRows rows;
};

// From tame to wild: one value that fails hides everything else in its data set. The same input
// gives the same rows.
std::vector<ProveData> make_prove_data(const SourceForm& form,
                                       const std::vector<ProveTable>& tables);

// Other rows each round, for what the first ones did not tell apart: rows that pass the conditions,
// and rows sorted one way only; many and few. For a statement that recurses, rows that make trees.
inline constexpr std::size_t kFirstRounds = 2;  // of these, make_prove_data() has made
ProveData make_more_data(const SourceForm& form, const std::vector<ProveTable>& tables,
                         std::size_t round);

}  // namespace lakeshift::stages
