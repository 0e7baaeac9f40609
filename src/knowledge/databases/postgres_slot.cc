#include "knowledge/databases/postgres_slot.h"

#include <fmt/format.h>

namespace lakeshift::databases {
namespace {

constexpr int kDropAttempts = 50;
constexpr world::Millis kDropPause{100};
constexpr const char* kObjectInUse = "55006";

Result<SlotSnapshot> create(const PostgresAddress& source, const std::string& slot,
                            std::string_view temporary, std::string_view snapshot,
                            std::stop_token stop) {
  PostgresAddress address = source;
  address.replication = true;
  // The snapshot's connection must outlive the copy, whatever idles.
  address.words.insert(
      {{"keepalives_idle", "10"}, {"keepalives_interval", "5"}, {"keepalives_count", "6"}});
  SlotSnapshot made;
  LS_ASSIGN(made.holder, PostgresSession::connect(address, stop));
  // This spelling is understood from 10 to 18.
  LS_ASSIGN(const PostgresRows rows,
            made.holder->query(fmt::format("CREATE_REPLICATION_SLOT {} {}LOGICAL pgoutput {}",
                                           quote_name(slot), temporary, snapshot)));
  if (rows.size() != 1)
    return fail("no-row", "the server made no slot", "replication slot " + slot);
  LS_ASSIGN(made.position, parse_lsn(rows.text(0, rows.index("consistent_point"))));
  made.name = rows.text(0, rows.index("snapshot_name"));
  return made;
}

}  // namespace

Result<SlotSnapshot> create_slot(const PostgresAddress& source, const std::string& slot,
                                 bool temporary, std::stop_token stop) {
  return create(source, slot, temporary ? "TEMPORARY " : "", "EXPORT_SNAPSHOT", stop);
}

Result<Lsn> create_plain_slot(const PostgresAddress& source, const std::string& slot,
                              std::stop_token stop) {
  LS_ASSIGN(const SlotSnapshot made, create(source, slot, "", "NOEXPORT_SNAPSHOT", stop));
  return made.position;
}

Status drop_slot(PostgresSession& source, const std::string& slot, world::Clock& clock) {
  for (int attempt = 1;; ++attempt) {
    LS_TRY(
        source.query("SELECT pg_catalog.pg_terminate_backend(active_pid) "
                     "FROM pg_catalog.pg_replication_slots "
                     "WHERE slot_name = $1 AND active_pid IS NOT NULL",
                     {slot}));
    const auto dropped = source.query(
        "SELECT pg_catalog.pg_drop_replication_slot(slot_name) "
        "FROM pg_catalog.pg_replication_slots WHERE slot_name = $1",
        {slot});
    if (dropped) return {};
    if (dropped.error().code != kObjectInUse || attempt == kDropAttempts)
      return fail(dropped.error());
    clock.sleep(kDropPause, {});
  }
}

}  // namespace lakeshift::databases
