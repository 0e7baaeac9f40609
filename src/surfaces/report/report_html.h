// The report as one self-contained HTML page.
#pragma once

#include <string>

#include "core/base/json_fwd.h"

namespace lakeshift::report {

// `data` is what report_data gave. Nothing in it can become markup or script: it is inlined as JSON
// whose '<', '>', '&' and line separators are escaped, and the page's script only ever writes text
// nodes.
std::string report_html(const Json& data);
// The page of a translated folder; `document` is the text of translation.json.
std::string sql_report_html(const std::string& document, const std::string& title);
// `record`: of stages/move_record.h, with "lakeshift" and "generated".
std::string move_report_html(const Json& record);
// JSON that is safe inside a script element.
std::string json_for_script(const Json& data);

}  // namespace lakeshift::report
