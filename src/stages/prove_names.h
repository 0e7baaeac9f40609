// Names of tables without their schemas: the engines of proofs have one schema each.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "stages/prove_tables.h"

namespace lakeshift::stages {

// The statement with `schema.table` and `catalog.schema.table` as `table`, for the tables that were
// made with that schema. `dialect`: whose words the statement is in.
std::string without_schemas(const std::string& statement, std::string_view dialect,
                            const std::vector<ProveTable>& tables);

}  // namespace lakeshift::stages
