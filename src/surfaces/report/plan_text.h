// The plan as people read it: one block per kind, one line per object, the differences below it.
// Pure.
#pragma once

#include <string>

#include "core/model/plan.h"
#include "core/model/verdict.h"
#include "surfaces/report/style.h"

namespace lakeshift::report {

struct PlanTextOptions {
  bool all = false;   // unchanged and excluded objects too
  bool full = false;  // every member of created objects, every call
};

std::string plan_text(const model::Plan& plan, const Style& style, const PlanTextOptions& options);

// "plan: 412 to create, 3 to update, 9 to adopt, 12 unchanged, 4 manual, 7 blocked, 2 excluded of
// 449 found"
std::string plan_summary(const model::Accounting& accounting);
// "apply: 412 created, 3 updated, …, 1 failed of 449 found"
std::string apply_summary(const model::Accounting& accounting);
std::map<model::Verb, long long> totals_of(const model::Accounting& accounting);

// A JSON value on one line; placeholders read "(known after apply)", "(content 1a2b3c4d…)",
// "(secret)".
std::string value_text(const Json& value);
// "  ~ path: before -> after  # reason"
std::string difference_text(const model::Difference& difference, const Style& style);

}  // namespace lakeshift::report
