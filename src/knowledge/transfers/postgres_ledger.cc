#include "knowledge/transfers/postgres_ledger.h"

#include <fmt/format.h>

namespace lakeshift::transfers {

using databases::Lsn;
using databases::PostgresRows;
using databases::PostgresSession;

namespace {

constexpr int kFormat = 1;

constexpr const char* kTables = R"(
CREATE SCHEMA IF NOT EXISTS lakeshift;
CREATE TABLE IF NOT EXISTS lakeshift.format (version int PRIMARY KEY);
CREATE TABLE IF NOT EXISTS lakeshift.progress (
  slot text PRIMARY KEY, commit_lsn pg_lsn NOT NULL, end_lsn pg_lsn NOT NULL, commit_time timestamptz,
  transactions bigint NOT NULL DEFAULT 0, changes bigint NOT NULL DEFAULT 0,
  applied_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp());
CREATE TABLE IF NOT EXISTS lakeshift.tables (
  slot text, schema text, name text, snapshot_lsn pg_lsn NOT NULL, snapshot text NOT NULL,
  parts int NOT NULL, copied_at timestamptz, ready_at timestamptz, PRIMARY KEY (slot, schema, name));
CREATE TABLE IF NOT EXISTS lakeshift.parts (
  slot text, schema text, name text, part int, rows bigint NOT NULL, bytes bigint NOT NULL,
  done_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(), PRIMARY KEY (slot, schema, name, part));
CREATE TABLE IF NOT EXISTS lakeshift.statements (
  slot text, schema text, name text, number int, statement text NOT NULL,
  done_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(), PRIMARY KEY (slot, schema, name, number));
CREATE TABLE IF NOT EXISTS lakeshift.disabled_triggers (
  schema text, name text, trigger text, PRIMARY KEY (schema, name, trigger));
INSERT INTO lakeshift.format SELECT 1 WHERE NOT EXISTS (SELECT FROM lakeshift.format);
)";

constexpr const char* kLockKey = "pg_catalog.hashtextextended('lakeshift apply ' || $1, 0)";

}  // namespace

const char* const kAdvanceProgress = R"(
UPDATE lakeshift.progress SET commit_lsn = $2::pg_catalog.pg_lsn, end_lsn = $3::pg_catalog.pg_lsn,
  commit_time = '2000-01-01 00:00:00+00'::timestamptz + $4::float8 * interval '1 microsecond',
  transactions = transactions + $5::bigint, changes = changes + $6::bigint,
  applied_at = pg_catalog.clock_timestamp()
WHERE slot = $1)";

std::string table_text(const TableName& table) { return table.first + "." + table.second; }

Status create_ledger(PostgresSession& target) {
  // CREATE … IF NOT EXISTS by two at once can still collide.
  LS_TRY(
      target.exec(fmt::format("BEGIN; SELECT pg_catalog.pg_advisory_xact_lock("
                              "pg_catalog.hashtextextended('lakeshift ledger', 0)); {} COMMIT",
                              kTables)));
  LS_ASSIGN(const std::string version, target.value("SELECT version FROM lakeshift.format"));
  if (version != std::to_string(kFormat))
    return fail("ledger-newer",
                fmt::format("it has format {}, this lakeshift writes {}", version, kFormat),
                "schema lakeshift of " + target.address().to_text(),
                "go on with the lakeshift that wrote it");
  return {};
}

Status claim_apply(PostgresSession& target, const std::string& slot, world::Clock& clock,
                   world::Millis patience, std::stop_token stop) {
  const world::Instant since = clock.now();
  while (true) {
    LS_ASSIGN(
        const std::string got,
        target.value(fmt::format("SELECT pg_catalog.pg_try_advisory_lock({})", kLockKey), {slot}));
    if (got == "t") return {};
    if (clock.now() - since >= patience) break;
    if (!clock.sleep(world::Millis(50), stop)) return fail("cancelled", "stopped");
  }
  LS_ASSIGN(
      const PostgresRows rows,
      target.query(
          fmt::format(
              "SELECT a.pid, a.application_name, coalesce(host(a.client_addr), 'local'), "
              "a.backend_start FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_stat_activity a "
              "USING (pid) WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1 AND "
              "(l.classid::bigint << 32) | l.objid::bigint = {}",
              kLockKey),
          {slot}));
  const std::string who = rows.size() == 0
                              ? "another session"
                              : fmt::format("session {} ({}) from {}, since {}", rows.text(0, 0),
                                            rows.text(0, 1), rows.text(0, 2), rows.text(0, 3));
  return fail("apply-busy", who + " applies this slot's changes", "replication slot " + slot,
              "stop the other lakeshift; if none runs, end that session with "
              "pg_terminate_backend() in the target");
}

Status begin_progress(PostgresSession& target, const std::string& slot, Lsn start) {
  LS_TRY(target.query(
      "INSERT INTO lakeshift.progress (slot, commit_lsn, end_lsn) VALUES ($1, $2::pg_lsn, "
      "$2::pg_lsn) ON CONFLICT DO NOTHING",
      {slot, databases::lsn_text(start)}));
  return {};
}

Result<Progress> read_progress(PostgresSession& target, const std::string& slot) {
  LS_ASSIGN(const PostgresRows rows,
            target.query("SELECT commit_lsn, end_lsn, transactions, changes "
                         "FROM lakeshift.progress WHERE slot = $1",
                         {slot}));
  if (rows.size() == 0)
    return fail("apply-not-begun", "the target does not know from where this slot's changes go on",
                "replication slot " + slot, "copy the tables first");
  Progress progress;
  LS_ASSIGN(progress.commit, databases::parse_lsn(rows.text(0, 0)));
  LS_ASSIGN(progress.end, databases::parse_lsn(rows.text(0, 1)));
  progress.transactions = rows.integer(0, 2);
  progress.changes = rows.integer(0, 3);
  return progress;
}

Result<std::map<TableName, Lsn>> copied_tables(PostgresSession& target, const std::string& slot) {
  LS_ASSIGN(const PostgresRows rows,
            target.query("SELECT schema, name, snapshot_lsn FROM lakeshift.tables WHERE slot = $1 "
                         "AND copied_at IS NOT NULL",
                         {slot}));
  std::map<TableName, Lsn> tables;
  for (int row = 0; row < rows.size(); ++row) {
    LS_ASSIGN(const Lsn at, databases::parse_lsn(rows.text(row, 2)));
    tables[{rows.text(row, 0), rows.text(row, 1)}] = at;
  }
  return tables;
}

}  // namespace lakeshift::transfers
