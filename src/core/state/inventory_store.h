// Inventories on disk, object by object, so that a discovery that is killed goes on where it was.
#pragma once

#include "core/state/work_dir.h"

namespace lakeshift::state {

// Replaces the inventory of `inventory.side` in one transaction.
Status save_inventory(WorkDir& dir, const model::Inventory& inventory);
// Error "not-found" says to run discover.
Result<model::Inventory> load_inventory(const WorkDir& dir, const model::Side& side);
// Digest over the canonical text of all objects: equal inventories have equal digests.
std::string digest_of(const model::Inventory& inventory);

}  // namespace lakeshift::state
