#include "knowledge/platforms/expected_differences.h"
#include "stages/verify.h"

namespace lakeshift::stages {

Result<std::vector<model::ExpectedDifference>> expected_differences() {
  return platforms::expected_differences();
}

}  // namespace lakeshift::stages
