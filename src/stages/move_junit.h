// What a move did, as JUnit: one file per verb, and one of the whole move.
#pragma once

#include <string>

#include "stages/move.h"

namespace lakeshift::stages {

std::string junit_of_verb(const std::string& move, const std::string& verb,
                          const MoveReport& report);
// `record`: of move_record.h. A suite for every run of a verb, one of the tables, one of the
// evidence itself. What was not done is skipped, with its reason.
std::string junit_of_move(const Json& record);

}  // namespace lakeshift::stages
