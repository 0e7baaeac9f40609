// Files of data/ that are built into the binary.
#pragma once

#include <string_view>

namespace lakeshift {
// The file's bytes, valid for ever; empty when there is no such file. Name as in the repository:
// "data/x.csv".
std::string_view embedded_file(std::string_view name);
}  // namespace lakeshift
