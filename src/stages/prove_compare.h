// Whether two engines answered the same: typed multisets, in order where it can be told; failures
// are answers too.
#pragma once

#include <string>
#include <vector>

#include "knowledge/engines/engine.h"

namespace lakeshift::stages {

// Empty when equal, else what differs, in a sentence. `order`: columns that the rows are ordered
// by.
std::string compare_answers(const engines::Answer& source, const engines::Answer& target,
                            const std::vector<std::size_t>& order);

// Equal values of a family have equal texts.
std::string canonical_value(engines::Family family, const std::string& text);

// At most `limit` rows, for people.
std::string show_answer(const engines::Answer& answer, std::size_t limit = 6);

}  // namespace lakeshift::stages
