// What the servers themselves must have: log level, slots, rights, room, clock.
#include <algorithm>
#include <cstdlib>

#include "knowledge/databases/postgres_preflight.h"

namespace lakeshift::databases {
namespace {

using model::Severity;

constexpr int kSlots = 2;        // ours, and one to make anew while the old one still is
constexpr int kConnections = 6;  // beside those of the copy
constexpr std::int64_t kClockLimitMs = 5000;

std::string text(const Json& json, const char* name) { return text_at(json, name); }

bool is_member(const PostgresCatalog& catalog, const std::string& role) {
  const Json& roles = member(catalog.server, "member_of");
  return std::any_of(roles.begin(), roles.end(),
                     [&](const Json& one) { return scalar_text(one) == role; });
}

// The server must be able to send its changes: the source for the move, the target to go back.
void check_can_replicate(const std::string& side, const PostgresCatalog& catalog,
                         const PreflightProbe& probe, const ManagedService& service,
                         Obstacles& found) {
  const std::string why = side == "source" ? "changes cannot be followed"
                                           : "writes made after the switch could not be taken back";
  if (catalog.settings.contains("wal_level") && catalog.settings.at("wal_level") != "logical") {
    Obstacle obstacle =
        parameter_obstacle("pg-wal-level", side, service, "wal_level", "logical", true);
    obstacle.reason = "wal_level is " + catalog.settings.at("wal_level") + ": " + why;
    found.push_back(std::move(obstacle));
  }
  const std::int64_t slots = setting_number(catalog, "max_replication_slots", 10);
  if (slots < probe.used_slots + kSlots) {
    Obstacle obstacle = parameter_obstacle("pg-slots-full", side, service, "max_replication_slots",
                                           std::to_string(probe.used_slots + kSlots + 4), true);
    obstacle.reason = std::to_string(probe.used_slots) + " of " + std::to_string(slots) +
                      " replication slots are taken, " + std::to_string(kSlots) +
                      " must be free: " + why;
    found.push_back(std::move(obstacle));
  }
  const std::int64_t senders = setting_number(catalog, "max_wal_senders", 10);
  if (senders < probe.used_senders + kSlots) {
    Obstacle obstacle = parameter_obstacle("pg-senders-full", side, service, "max_wal_senders",
                                           std::to_string(probe.used_senders + kSlots + 4), true);
    obstacle.reason = std::to_string(probe.used_senders) + " of " + std::to_string(senders) +
                      " WAL senders are busy, " + std::to_string(kSlots) + " must be free: " + why;
    found.push_back(std::move(obstacle));
  }
  if (setting_number(catalog, "max_slot_wal_keep_size", -1) >= 0) {
    Obstacle obstacle = parameter_obstacle("pg-wal-keep-limit", side, service,
                                           "max_slot_wal_keep_size", "-1", false);
    obstacle.severity = Severity::warning;
    obstacle.reason = "the server drops the slot when it keeps more than " +
                      catalog.settings.at("max_slot_wal_keep_size") +
                      " MB of WAL; then the tables are copied again";
    found.push_back(std::move(obstacle));
  }
  const std::string role = text(catalog.server, "role"), group = service.replication_role();
  if (!bool_at(catalog.server, "super") && !bool_at(catalog.server, "replication") &&
      (group.empty() || !is_member(catalog, group)))
    found.push_back({.code = "pg-replication-right",
                     .side = side,
                     .kind = "role",
                     .key = role,
                     .reason = "it may not replicate: " + why,
                     .remedy = "as an administrator",
                     .sql = group.empty()
                                ? "ALTER ROLE " + quote_name(role) + " REPLICATION;"
                                : "GRANT " + quote_name(group) + " TO " + quote_name(role) + ";"});
}

void check_slots(const PostgresCatalog& catalog, Obstacles& found) {
  for (const PostgresThing* slot : catalog.of("slot")) {
    if (bool_at(slot->facts, "active") || bool_at(slot->facts, "temporary")) continue;
    found.push_back({.code = "pg-slot-idle",
                     .severity = Severity::warning,
                     .side = "source",
                     .kind = "slot",
                     .key = slot->name,
                     .reason = "nobody reads it, and the server keeps " +
                               std::to_string(int_at(slot->facts, "kept_bytes")) +
                               " bytes of WAL for it until the disk is full; slots do not move",
                     .remedy = "drop it when its reader is gone for good, else accept pg-slot-idle",
                     .sql = "SELECT pg_drop_replication_slot(" + quote_literal(slot->name) + ");"});
  }
}

void check_waits(const PreflightInput& input, Obstacles& found) {
  for (const PostgresThing* prepared : input.source.of("prepared_transaction"))
    found.push_back({.code = "pg-prepared-transaction",
                     .side = "source",
                     .kind = "transaction",
                     .key = prepared->name,
                     .reason = "it was prepared at " + text(prepared->facts, "since") +
                               " and never ended: making a slot waits for it",
                     .remedy = "COMMIT PREPARED when it should take effect, else",
                     .sql = "ROLLBACK PREPARED " + quote_literal(prepared->name) + ";"});
  for (const PreflightProbe::Activity& one : input.source_probe.long_transactions)
    found.push_back({.code = "pg-long-transaction",
                     .severity = Severity::warning,
                     .side = "source",
                     .kind = "session",
                     .key = std::to_string(one.pid),
                     .reason = "its transaction is open since " + std::to_string(one.seconds) +
                               " s (user " + one.user + ", " + one.state +
                               "): making a slot waits for it",
                     .remedy = "let it end, or",
                     .sql = "SELECT pg_terminate_backend(" + std::to_string(one.pid) + ");"});
}

void check_clock(const PreflightInput& input, Obstacles& found) {
  if (input.options.now_ms == 0) return;
  for (const auto& [side, catalog] :
       {std::pair{"source", &input.source}, std::pair{"target", &input.target}}) {
    const std::int64_t off = int_at(catalog->server, "clock_ms") - input.options.now_ms;
    if (std::abs(off) <= kClockLimitMs) continue;
    found.push_back({.code = "pg-clock",
                     .severity = Severity::warning,
                     .side = side,
                     .kind = "server",
                     .key = text(catalog->server, "database"),
                     .reason = "its clock is " + std::to_string(off / 1000) +
                               " s ahead of ours: lag in seconds is wrong by as much",
                     .remedy = "set the clocks by NTP"});
  }
}

void check_rights(const PreflightInput& input, Obstacles& found) {
  const std::string role = text(input.source.server, "role");
  if (bool_at(input.source.server, "super")) return;
  for (const std::string& table : input.source_probe.unreadable_tables)
    found.push_back({.code = "pg-source-read",
                     .side = "source",
                     .kind = "table",
                     .key = table,
                     .reason = "user " + role + " may not read it",
                     .remedy = "as its owner",
                     .sql = "GRANT USAGE ON SCHEMA " + table.substr(0, table.rfind('.')) + " TO " +
                            quote_name(role) + "; GRANT SELECT ON " + table + " TO " +
                            quote_name(role) + ";"});
  if (!bool_at(input.source.server, "may_create"))
    found.push_back({.code = "pg-publication-right",
                     .side = "source",
                     .kind = "database",
                     .key = text(input.source.server, "database"),
                     .reason = "user " + role + " may not make a publication in it",
                     .remedy = "as its owner",
                     .sql = "GRANT CREATE ON DATABASE " +
                            quote_name(text(input.source.server, "database")) + " TO " +
                            quote_name(role) + ";"});
  std::set<std::string> owners;
  for (const PostgresTable& table : input.source.tables)
    if (table.holds_rows() && table.owner != role && !is_member(input.source, table.owner))
      owners.insert(table.owner);
  for (const std::string& owner : owners)
    found.push_back({.code = "pg-publication-right",
                     .side = "source",
                     .kind = "role",
                     .key = owner,
                     .reason = "its tables can be published by their owner only, and user " + role +
                               " is no member of it",
                     .remedy = "as an administrator",
                     .sql = "GRANT " + quote_name(owner) + " TO " + quote_name(role) + ";"});
  if (bool_at(input.source.server, "bypass_rls")) return;
  for (const PostgresTable& table : input.source.tables)
    if (table.row_security && (table.forces_row_security ||
                               (table.owner != role && !is_member(input.source, table.owner)))) {
      found.push_back({.code = "pg-row-security",
                       .side = "source",
                       .kind = "table",
                       .key = table.label(),
                       .reason = "row security hides rows from user " + role,
                       .remedy = "as an administrator",
                       .sql = "ALTER ROLE " + quote_name(role) + " BYPASSRLS;"});
    }
}

void check_target_user(const PreflightInput& input, Obstacles& found) {
  const std::string role = text(input.target.server, "role"),
                    database = text(input.target.server, "database");
  const auto add = [&](Obstacle obstacle) {
    obstacle.side = "target";
    found.push_back(std::move(obstacle));
  };
  if (!bool_at(input.target.server, "may_create"))
    add({.code = "pg-target-right",
         .kind = "database",
         .key = database,
         .reason = "user " + role + " may not create schemas in it",
         .remedy = "as its owner",
         .sql =
             "GRANT CREATE ON DATABASE " + quote_name(database) + " TO " + quote_name(role) + ";"});
  if (!input.target_probe.replica_role)
    add({.code = "pg-replica-role",
         .kind = "parameter",
         .key = "session_replication_role",
         .reason = "user " + role +
                   " may not set it: triggers and foreign keys would act again on every change",
         .remedy = input.target.version >= 150000 ? "as an administrator"
                                                  : "connect as a role that may set it",
         .sql = input.target.version >= 150000
                    ? "GRANT SET ON PARAMETER session_replication_role TO " + quote_name(role) + ";"
                    : ""});
  if (!bool_at(input.target.server, "super") && !bool_at(input.target.server, "bypass_rls"))
    for (const PostgresTable& table : input.source.tables)
      if (table.row_security && table.forces_row_security)
        add({.code = "pg-row-security",
             .kind = "table",
             .key = table.label(),
             .reason = "row security is forced on its owner too: user " + role +
                       " could neither write all its rows nor check its keys",
             .remedy = "as an administrator",
             .sql = "ALTER ROLE " + quote_name(role) + " BYPASSRLS;"});
  if (input.target_probe.read_only)
    add({.code = "pg-target-read-only",
         .kind = "database",
         .key = database,
         .reason = "new sessions are read-only there (default_transaction_read_only)",
         .remedy = "",
         .sql = "SET default_transaction_read_only = off; ALTER DATABASE " + quote_name(database) +
                " SET default_transaction_read_only = off;"});
}

void check_target_empty(const PreflightInput& input, Obstacles& found) {
  const auto add = [&](Obstacle obstacle) {
    obstacle.code = "pg-target-not-empty";
    obstacle.side = "target";
    found.push_back(std::move(obstacle));
  };
  for (const PostgresTable& table : input.target.tables)
    if (table.extension.empty() && table.schema != kOwnSchema)
      add({.kind = "table",
           .key = table.label(),
           .reason = "the target holds it already",
           .remedy = "take an empty database, or drop it when it is not needed",
           .sql = std::string("DROP ") +
                  (table.kind == 'v'   ? "VIEW "
                   : table.kind == 'm' ? "MATERIALIZED VIEW "
                   : table.kind == 'f' ? "FOREIGN TABLE "
                                       : "TABLE ") +
                  "IF EXISTS " + table.quoted() + " CASCADE;"});
  if (const auto objects = input.target.of("large_object"); !objects.empty())
    add({.kind = "large object",
         .key = text(input.target.server, "database"),
         .reason = "the target holds " + std::to_string(objects.size()) + " large objects already",
         .remedy = "take an empty database, or remove them when they are not needed",
         .sql = "SELECT pg_catalog.lo_unlink(oid) FROM pg_catalog.pg_largeobject_metadata;"});
}

}  // namespace

std::int64_t setting_number(const PostgresCatalog& catalog, const std::string& setting,
                            std::int64_t fallback) {
  const auto found = catalog.settings.find(setting);
  return found == catalog.settings.end() ? fallback : std::atoll(found->second.c_str());
}

Obstacle parameter_obstacle(const std::string& code, const std::string& side,
                            const ManagedService& service, const std::string& name,
                            const std::string& value, bool restart) {
  Obstacle obstacle{.code = code, .side = side, .kind = "parameter", .key = name};
  obstacle.restart = restart;
  if (service.managed())
    obstacle.remedy = name + " = " + value + ": " + service.parameter_remedy(name);
  else
    obstacle.sql = "ALTER SYSTEM SET " + name + " = " + quote_literal(value) + ";" +
                   (restart ? "" : " SELECT pg_reload_conf();");
  return obstacle;
}

void check_source_server(const PreflightInput& input, Obstacles& found) {
  check_can_replicate("source", input.source, input.source_probe, input.source_service, found);
  if (bool_at(input.source.server, "in_recovery") && input.source.version < 160000)
    found.push_back(
        {.code = "pg-standby",
         .side = "source",
         .kind = "server",
         .key = text(input.source.server, "database"),
         .reason = "it is a standby, which cannot have a logical slot before version 16",
         .remedy = "connect to the primary"});
  check_slots(input.source, found);
  check_waits(input, found);
  check_clock(input, found);
  check_rights(input, found);
}

void check_target(const PreflightInput& input, Obstacles& found) {
  const std::string database = text(input.target.server, "database");
  const auto add = [&](Obstacle obstacle) {
    obstacle.side = "target";
    found.push_back(std::move(obstacle));
  };
  if (input.options.reverse)
    check_can_replicate("target", input.target, input.target_probe, input.target_service, found);
  if (input.target.version / 10000 < input.source.version / 10000)
    add({.code = "pg-target-older",
         .kind = "server",
         .key = database,
         .reason = "it is version " + std::to_string(input.target.version / 10000) +
                   ", the source is " + std::to_string(input.source.version / 10000),
         .remedy = "move to the source's version or a later one"});
  check_target_empty(input, found);
  check_target_user(input, found);
  const std::int64_t connections = setting_number(input.target, "max_connections", 100);
  const std::int64_t wanted =
      input.target_probe.used_connections + input.options.parallel + kConnections;
  if (connections < wanted) {
    Obstacle obstacle = parameter_obstacle("pg-connections", "target", input.target_service,
                                           "max_connections", std::to_string(wanted + 20), true);
    obstacle.reason = std::to_string(connections) + " connections are allowed, " +
                      std::to_string(wanted) + " are needed";
    found.push_back(std::move(obstacle));
  }
  const std::int64_t needed = int_at(input.source.server, "bytes") * 12 / 10;
  if (input.options.target_disk_bytes > 0 && input.options.target_disk_bytes < needed)
    add({.code = "pg-target-disk",
         .kind = "server",
         .key = database,
         .reason = std::to_string(input.options.target_disk_bytes) + " bytes are free, " +
                   std::to_string(needed) + " are needed for the data and its indexes",
         .remedy = "enlarge the disk"});
  if (input.options.dump_version / 10000 < input.source.version / 10000)
    add({.code = "pg-dump-program",
         .kind = "program",
         .key = "pg_dump",
         .reason = input.options.dump_version == 0
                       ? "it is not installed here"
                       : "the one here is of version " +
                             std::to_string(input.options.dump_version / 10000) +
                             ", the source is newer",
         .remedy = "install the package postgresql-client-" +
                   std::to_string(std::max(input.source.version, input.target.version) / 10000) +
                   " on this machine"});
}

}  // namespace lakeshift::databases
