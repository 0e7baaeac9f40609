// The JSON type, by declaration only: cheap enough for headers. Object keys are sorted, so dumps
// are canonical.
#pragma once

#include <nlohmann/json_fwd.hpp>

namespace lakeshift {
using Json = nlohmann::json;
}  // namespace lakeshift
