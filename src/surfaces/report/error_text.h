// Errors and findings for people and for programs. Pure.
#pragma once

#include "core/base/result.h"
#include "core/model/finding.h"
#include "surfaces/report/style.h"

namespace lakeshift::report {

// error: <about>: <message> (<code>)
//   cause: …            one line per link of the chain
//   try: <remedy>       the nearest remedy of the chain
// Control characters in the texts are escaped: a hostile name cannot drive the terminal.
std::string error_text(const Error& error, const Style& style);
Json error_json(const Error& error);

// "warning" or "blocking" line, where, cause and remedy of one finding.
std::string finding_text(const model::Finding& finding, const Style& style);
// All of them, grouped by code, blocking ones first, at most `most` groups; informations are only
// counted.
std::string findings_text(const std::vector<model::Finding>& findings, const Style& style,
                          std::size_t most);

}  // namespace lakeshift::report
