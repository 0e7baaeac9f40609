// `translate sql FOLDER`: from options to the stage to words and an exit code.
#pragma once

#include "stages/translate_folder.h"
#include "surfaces/cli/command.h"
#include "surfaces/cli/session.h"

namespace lakeshift::cli {

// Prints the accounting, what a person must look at, and where the report is. `jobs` 0: as many
// as the machine has processors.
Result<Ending> translate_folder(Session& session, const sql::Catalog& given,
                                stages::FolderOptions options, int jobs);

}  // namespace lakeshift::cli
