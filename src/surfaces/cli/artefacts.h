// Artefacts that commands leave in the work directory.
#pragma once

#include "stages/cutover.h"
#include "stages/verify.h"
#include "surfaces/cli/sides.h"

namespace lakeshift::cli {

// verify.json: {equal, judgements, findings, counts}
Status save_verification(const Migration& migration, const stages::VerifyResult& result);

// Comma-separated values of a list of flat objects, RFC 4180. A cell that a spreadsheet would run as a formula gets a
// leading apostrophe.
std::string csv_of(const Json& rows);

}  // namespace lakeshift::cli
