#include "core/world/links.h"

#include <sys/stat.h>

#include <cstdlib>
#include <memory>

namespace lakeshift::world {

bool is_link(const std::string& path) {
  struct stat status {};
  return ::lstat(path.c_str(), &status) == 0 && S_ISLNK(status.st_mode);
}

std::string real_path(const std::string& path) {
  const std::unique_ptr<char, decltype(&std::free)> found(::realpath(path.c_str(), nullptr),
                                                          &std::free);
  return found ? std::string(found.get()) : path;
}

}  // namespace lakeshift::world
