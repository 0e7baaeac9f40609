// The journal over a database that is already open; Journal::open and tests use it.
#pragma once

#include <memory>

#include "core/state/database.h"
#include "core/state/journal.h"

namespace lakeshift::state {

// Takes the database, whose tables must exist.
std::unique_ptr<Journal> make_sqlite_journal(std::unique_ptr<Database> database);

}  // namespace lakeshift::state
