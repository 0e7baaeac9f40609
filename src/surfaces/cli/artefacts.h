// Artefacts that commands leave in the work directory.
#pragma once

#include <set>

#include "stages/cutover.h"
#include "stages/verify.h"
#include "surfaces/cli/sides.h"

namespace lakeshift::cli {

// verify.json: {equal, judgements, findings, counts}
Status save_verification(const Migration& migration, const model::Plan& plan,
                         const stages::VerifyResult& result);

// mapping.json and, beside lakeshift.yaml, mapping.csv: old and new ids, names, URLs, JDBC and HTTP
// paths.
Status save_mapping_documents(const Migration& migration, const model::Plan& plan,
                              const model::Inventory& source, const model::Inventory& target);
// The same by the inventories that were saved last.
Status save_mapping_from_ledger(const Migration& migration, const model::Plan& plan);

// Comma-separated values of a list of flat objects, RFC 4180. A cell that a spreadsheet would run
// as a formula gets a leading apostrophe.
std::string csv_of(const Json& rows);

}  // namespace lakeshift::cli
