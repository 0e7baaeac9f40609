// Symbolic links, for walks that must not go in circles.
#pragma once

#include <string>

namespace lakeshift::world {

// Whether the path itself is a symbolic link; false when it does not exist.
bool is_link(const std::string& path);
// The absolute path without links and dots; the path as it is when it does not exist.
std::string real_path(const std::string& path);

}  // namespace lakeshift::world
