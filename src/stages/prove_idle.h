// Places of a statement where a change gives the same answer on all rows that its tables can hold:
// a mutant made there is no mutant. Each rule says why; what no rule covers is mutated.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "stages/prove_tables.h"

namespace lakeshift::stages {

struct IdlePlace {
  std::uint32_t begin = 0, end = 0;  // bytes of the statement
  std::string_view words{};  // only these tokens, in lower case, separated by blanks; empty: all
  std::string_view reason{};
};

// Of a statement in Databricks SQL; none when it cannot be read.
std::vector<IdlePlace> find_idle_places(std::string_view statement,
                                        const std::vector<ProveTable>& tables);

}  // namespace lakeshift::stages
