// What tables, sequences, triggers and large objects put in the way.
#include <algorithm>

#include "knowledge/databases/postgres_preflight.h"

namespace lakeshift::databases {
namespace {

using model::Severity;

constexpr std::string_view kAccept = "accept ";

void check_identity(const PostgresTable& table, Obstacles& found) {
  if (!table.holds_rows() || !table.extension.empty() || table.has_identity()) return;
  Obstacle obstacle{
      .code = "pg-no-identity", .side = "source", .kind = "table", .key = table.label()};
  obstacle.reason =
      table.replica_identity == 'n' ? "its replica identity is NOTHING" : "it has no primary key";
  obstacle.reason += ": UPDATE and DELETE on it would fail as soon as it is published";
  if (table.key.empty()) {
    obstacle.remedy =
        "add a primary key; where there can be none (whole old rows then go into the "
        "WAL)";
    obstacle.sql = "ALTER TABLE " + table.quoted() + " REPLICA IDENTITY FULL;";
  } else {
    obstacle.remedy = "its index " + table.key_index + " tells rows apart";
    obstacle.sql =
        "ALTER TABLE " + table.quoted() + " REPLICA IDENTITY " +
        (table.key_is_primary ? "DEFAULT" : "USING INDEX " + quote_name(table.key_index)) + ";";
  }
  found.push_back(std::move(obstacle));
}

void check_generated_key(const PostgresTable& table, Obstacles& found) {
  if (!table.holds_rows() || table.replica_identity == 'f') return;
  for (const PostgresColumn& column : table.columns)
    if (column.generated != 0 &&
        std::find(table.key.begin(), table.key.end(), column.name) != table.key.end())
      found.push_back({.code = "pg-generated-key",
                       .side = "source",
                       .kind = "column",
                       .key = table.label() + "." + column.name,
                       .reason = "it is part of the key and generated: the change stream leaves "
                                 "generated columns out, so rows could not be found by it",
                       .remedy = "identify its rows otherwise",
                       .sql = "ALTER TABLE " + table.quoted() + " REPLICA IDENTITY FULL;"});
}

void check_kind(const PostgresTable& table, Obstacles& found) {
  if (table.persistence == 'u' && table.holds_rows())
    found.push_back(
        {.code = "pg-unlogged",
         .severity = Severity::warning,
         .side = "source",
         .kind = "table",
         .key = table.label(),
         .reason = "it is unlogged: its changes are in no stream, so what is written after "
                   "its copy is not moved",
         .remedy = "log it, or accept pg-unlogged: then it is copied again at the switch",
         .sql = "ALTER TABLE " + table.quoted() + " SET LOGGED;"});
  if (table.kind == 'f')
    found.push_back({.code = "pg-foreign-table",
                     .severity = Severity::warning,
                     .side = "source",
                     .kind = "table",
                     .key = table.label(),
                     .reason = "its rows are on another server: its definition moves, they do not",
                     .remedy = std::string(kAccept) +
                               "pg-foreign-table, and see that the target reaches that server"});
  if (!table.tablespace.empty())
    found.push_back({.code = "pg-tablespace",
                     .severity = Severity::warning,
                     .side = "source",
                     .kind = "table",
                     .key = table.label(),
                     .reason = "it is in tablespace " + table.tablespace +
                               ", which is a folder of the source; the copy goes into the default",
                     .remedy = "accept pg-tablespace, or",
                     .sql = "ALTER TABLE " + table.quoted() + " SET TABLESPACE pg_default;"});
}

void check_columns(const PostgresTable& table, Obstacles& found) {
  for (const PostgresColumn& column : table.columns)
    if (!column.binary && table.holds_rows())
      found.push_back({.code = "pg-text-copy",
                       .severity = Severity::info,
                       .side = "source",
                       .kind = "column",
                       .key = table.label() + "." + column.name,
                       .reason = "type " + column.type +
                                 " has no binary form that means the same on another server: its "
                                 "table is copied as text, which is slower",
                       .remedy = "nothing needs to be done"});
}

bool fires_for_replica(const PostgresThing& thing) {
  const std::string enabled = text_at(thing.facts, "enabled");
  return enabled == "A" || enabled == "R";
}

void check_triggers(const PostgresCatalog& source, Obstacles& found) {
  for (const char* kind : {"trigger", "rule"})
    for (const PostgresThing* thing : source.of(kind)) {
      if (!fires_for_replica(*thing)) continue;
      const std::string table = quote_name(thing->schema, text_at(thing->facts, "on_table"));
      const std::string word = std::string(kind) == "rule" ? "RULE" : "TRIGGER";
      found.push_back({.code = "pg-fires-on-apply",
                       .severity = Severity::warning,
                       .side = "source",
                       .kind = kind,
                       .key = thing->name + " on " + table,
                       .reason = "it is enabled ALWAYS or for REPLICA: it acts a second time when "
                                 "changes are applied to the target",
                       .remedy = "accept pg-fires-on-apply when that is meant, else",
                       .sql = "ALTER TABLE " + table + " ENABLE " + word + " " +
                              quote_name(thing->name) + ";"});
    }
  for (const PostgresThing* thing : source.of("event_trigger")) {
    if (text_at(thing->facts, "enabled") == "D" || !thing->extension.empty()) continue;
    found.push_back({.code = "pg-event-trigger",
                     .severity = Severity::warning,
                     .side = "source",
                     .kind = "event trigger",
                     .key = thing->name,
                     .reason = "it acts on " + text_at(thing->facts, "event") +
                               ", in the target too; only a superuser, or what the service has for "
                               "one, can make it there",
                     .remedy = "accept pg-event-trigger, or disable it until the move is over",
                     .sql = "ALTER EVENT TRIGGER " + quote_name(thing->name) + " DISABLE;"});
  }
}

void check_sequences(const PreflightInput& input, Obstacles& found) {
  for (const PostgresSequence& sequence : input.source.sequences) {
    if (sequence.cycles || !sequence.extension.empty()) continue;
    const bool up = sequence.increment > 0;
    // Unsigned: the distance between the ends of bigint does not fit a signed number.
    const std::uint64_t left = up ? static_cast<std::uint64_t>(sequence.most) -
                                        static_cast<std::uint64_t>(sequence.last_value)
                                  : static_cast<std::uint64_t>(sequence.last_value) -
                                        static_cast<std::uint64_t>(sequence.least);
    const std::uint64_t step = up ? static_cast<std::uint64_t>(sequence.increment)
                                  : 0 - static_cast<std::uint64_t>(sequence.increment);
    if (left / step >= static_cast<std::uint64_t>(input.options.headroom)) continue;
    found.push_back(
        {.code = "pg-sequence-end",
         .severity = Severity::warning,
         .side = "source",
         .kind = "sequence",
         .key = sequence.schema + "." + sequence.name,
         .reason = "it has " + std::to_string(left / step) +
                   " numbers left, and the switch moves it " +
                   std::to_string(input.options.headroom) + " on",
         .remedy = "accept pg-sequence-end: then it gets the headroom there is; or widen it (and "
                   "its column)",
         .sql = "ALTER SEQUENCE " + sequence.quoted() + " AS bigint " +
                (up ? "NO MAXVALUE" : "NO MINVALUE") + ";"});
  }
}

void check_large_objects(const PostgresCatalog& source, Obstacles& found) {
  const std::size_t count = source.of("large_object").size();
  if (count == 0) return;
  found.push_back(
      {.code = "pg-large-objects",
       .severity = Severity::warning,
       .side = "source",
       .kind = "database",
       .key = text_at(source.server, "database"),
       .reason = std::to_string(count) +
                 " large objects: they are copied by their numbers, but the change stream "
                 "does not carry them, so they are compared and copied again at the switch",
       .remedy = "accept pg-large-objects; remove those that no row refers to with vacuumlo"});
}

void check_indexes(const PostgresCatalog& source, Obstacles& found) {
  for (const PostgresThing* index : source.of("index"))
    if (!bool_at(index->facts, "valid", true))
      found.push_back({.code = "pg-index-invalid",
                       .severity = Severity::warning,
                       .side = "source",
                       .kind = "index",
                       .key = index->label(),
                       .reason =
                           "it was never finished and serves no query; the target would build it "
                           "whole, and a unique one may fail there",
                       .remedy = "drop it, or REINDEX it",
                       .sql = "DROP INDEX " + quote_name(index->schema, index->name) + ";"});
}

}  // namespace

void check_tables(const PreflightInput& input, Obstacles& found) {
  for (const PostgresTable& table : input.source.tables) {
    if (!table.extension.empty()) continue;
    check_identity(table, found);
    if (input.source.version < 180000) check_generated_key(table, found);
    check_kind(table, found);
    check_columns(table, found);
  }
  check_triggers(input.source, found);
  check_sequences(input, found);
  check_large_objects(input.source, found);
  check_indexes(input.source, found);
}

}  // namespace lakeshift::databases
