// In which order files are translated and run: what creates an object comes before what uses it.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "stages/translate_inputs.h"

namespace lakeshift::stages {

struct SqlOrder {
  // Indexes of files; those of one level need nothing of each other, unless they are in a cycle.
  std::vector<std::vector<std::size_t>> levels{};
  std::vector<std::vector<std::size_t>> cycles{};
  std::vector<std::vector<std::size_t>> needs{};  // per file, sorted
};

// Stable: within a level as the files are given. A name without schema, or with more parts than it
// was created with, means an object of that last name when there is but one file that creates such.
SqlOrder order_files(const std::vector<const SqlFacts*>& files);

}  // namespace lakeshift::stages
