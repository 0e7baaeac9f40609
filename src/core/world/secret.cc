#include "core/world/secret.h"

#include <string.h>

namespace lakeshift::world {

void Secret::wipe() {
  value_.resize(value_.capacity());  // short texts live inside the object, moved-from ones included
  ::explicit_bzero(value_.data(), value_.size());
  value_.clear();
}

}  // namespace lakeshift::world
