// `lakeshift status`: the report's document on one screen. Pure.
#pragma once

#include <string>

#include "core/base/json_fwd.h"
#include "surfaces/report/style.h"

namespace lakeshift::report {

// `data` is what report_data gave.
std::string status_text(const Json& data, const Style& style);
// The accounting table: per kind found = sum of outcomes.
std::string accounting_table(const Json& accounting, const Style& style);

}  // namespace lakeshift::report
