// What verify finds in the target as a whole: things that run, lead nowhere, or that nobody
// planned.
#pragma once

#include <set>

#include "stages/verify_wanted.h"

namespace lakeshift::stages {

// Findings "runs-in-target" (blocking): lakeshift's objects that run by themselves although the
// plan wants them inert, or after the cutover ones it did not start; "not-running" (blocking):
// those it started and that do not run.
void find_running(const VerifyInput& input, const Wanted& wanted,
                  std::vector<model::Finding>& findings);
// Findings "dangling-in-target" (blocking): references by id in lakeshift's objects that lead to
// nothing.
void find_dangling(const VerifyInput& input, const Wanted& wanted,
                   std::vector<model::Finding>& findings);
// Findings "extra-in-target" (info, one per kind) and "orphan-in-target" (blocking): stamped as
// made for this source, but belonging to no object of the plan.
void find_extra(const VerifyInput& input, const Wanted& wanted,
                std::vector<model::Finding>& findings);

}  // namespace lakeshift::stages
