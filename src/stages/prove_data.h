// Rows that tell translations apart: made of the statement's own constants and what is next to
// them, boundaries of the types, NULLs, blanks, doubled rows, keys that match and keys that do not.
#pragma once

#include <string>
#include <vector>

#include "stages/prove_source.h"
#include "stages/prove_tables.h"

namespace lakeshift::stages {

struct ProveData {
  std::string name;  // "empty", "plain", "nulls", "edges", "pairs"
  TableRows rows;
};

// From tame to wild: one value that fails hides everything else in its data set. The same input
// gives the same rows.
std::vector<ProveData> make_prove_data(const SourceForm& form,
                                       const std::vector<ProveTable>& tables);

}  // namespace lakeshift::stages
