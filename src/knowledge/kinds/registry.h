// All kinds. The array is generated from the files of this folder (cmake/Registry.cmake).
#pragma once

#include "core/engine/kind.h"

namespace lakeshift::kinds {
engine::KindSet all_kinds();
}  // namespace lakeshift::kinds
