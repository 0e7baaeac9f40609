// Making and dropping logical replication slots, and the snapshot that a new slot exports.
#pragma once

#include <memory>
#include <string>

#include "knowledge/databases/postgres_session.h"

namespace lakeshift::databases {

// A view of the source that holds exactly what was committed before `position`, for other sessions
// to join (SET TRANSACTION SNAPSHOT), as long as this object and its connection live.
struct SlotSnapshot {
  std::unique_ptr<PostgresSession> holder;
  Lsn position = 0;
  std::string name;
};

// A slot of plugin pgoutput whose stream begins exactly where the snapshot ends. A temporary one is
// gone with its session: for a second snapshot of a move whose slot exists already. (Making a slot
// by SQL inside a snapshot's transaction is not equivalent: its position differs from the view.)
// Waits for the transactions that are open in the source. Errors: 42710 when the slot exists.
Result<SlotSnapshot> create_slot(const PostgresAddress& source, const std::string& slot,
                                 bool temporary, std::stop_token stop);

// A slot without snapshot, for changes from now on; returns its position. Not by SQL function but
// by the same command, so that no transaction is needed.
Result<Lsn> create_plain_slot(const PostgresAddress& source, const std::string& slot,
                              std::stop_token stop);

// Success when there is none. Ends the session that reads it, if one does.
Status drop_slot(PostgresSession& source, const std::string& slot, world::Clock& clock);

}  // namespace lakeshift::databases
