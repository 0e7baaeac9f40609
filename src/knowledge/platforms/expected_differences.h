// Differences between what is wanted and what a target shows that are right. Facts:
// data/expected_differences.csv.
#pragma once

#include <string_view>
#include <vector>

#include "core/model/verdict.h"

namespace lakeshift::platforms {

// The committed table. Error "bad-table" names the line.
Result<std::vector<model::ExpectedDifference>> expected_differences();

// The row that allows the difference; null when none does. `direction` is "<cloud>-><cloud>".
const model::ExpectedDifference* expectation_of(const std::vector<model::ExpectedDifference>& table,
                                                std::string_view kind, std::string_view direction,
                                                const model::Difference& difference);

}  // namespace lakeshift::platforms
