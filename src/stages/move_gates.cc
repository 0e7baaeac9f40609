// Gates of a switch that look at both sides: tables and definitions, which no stream carries, and
// the rights that the fence needs. Nothing that changed since the move was made is passed over.
#include <fmt/format.h>

#include <algorithm>

#include "core/base/strings.h"
#include "knowledge/databases/postgres_dump.h"
#include "knowledge/transfers/postgres_ledger.h"
#include "knowledge/transfers/postgres_switch.h"
#include "stages/move_run.h"

namespace lakeshift::stages {

using databases::PostgresCatalog;
using databases::PostgresTable;

namespace {

constexpr std::size_t kMostShown = 10;

std::string shown(const std::vector<std::string>& list) {
  std::vector<std::string> some(
      list.begin(), list.begin() + static_cast<std::ptrdiff_t>(std::min(list.size(), kMostShown)));
  return join(some, ", ") +
         (list.size() > kMostShown ? fmt::format(" and {} more", list.size() - kMostShown) : "");
}

Result<bool> publishes_all(databases::PostgresSession& side, const std::string& publication) {
  LS_ASSIGN(const databases::PostgresRows rows,
            side.query("SELECT FROM pg_catalog.pg_publication WHERE pubname = $1 AND puballtables",
                       {publication}));
  return rows.size() > 0;
}

bool is_of_move(const MoveRun& move, const PostgresTable& table) {
  return table.holds_rows() && table.extension.empty() && table.schema != databases::kOwnSchema &&
         !leaves_out(move.input.move, table);
}

bool has(const PostgresCatalog& catalog, const transfers::TableName& name) {
  const PostgresTable* table = catalog.table(name.first, name.second);
  return table != nullptr && table->holds_rows();
}

}  // namespace

bool leaves_out(const MoveConfig& move, const PostgresTable& table) {
  return std::any_of(move.leave_out.begin(), move.leave_out.end(), [&](const std::string& pattern) {
    return matches_glob(table.label(), pattern);
  });
}

Result<transfers::SchemaScript> read_definitions(MoveRun& move, const databases::Preflight& found) {
  const auto program = move.dump_program(found.source.version, found.target.version);
  if (!program)
    return fail("no-dump-program", "no pg_dump for this source is installed here", "pg_dump",
                "install the client package of the source's version or a later one");
  LS_ASSIGN(const databases::ManagedService service, databases::managed_service(found.source));
  const transfers::SchemaSides sides{found.source, found.target, service};
  return transfers::write_schema(*program, move.sides.source, "", sides);
}

Result<transfers::SchemaScript> known_definitions(MoveRun& move) {
  LS_ASSIGN(const auto json, move.room->document("schema"));
  if (!json)
    return fail("corrupt-state", "the definitions that were read are gone",
                move.room->folder() + "/schema.json",
                "cancel the move, empty the target, and make it under another name");
  return transfers::schema_script_from_json(*json);
}

Status look_at_tables(MoveRun& move, const databases::Preflight& found,
                      databases::PostgresSession& from) {
  const bool forward = move.state.forward();
  const PostgresCatalog& here = forward ? found.source : found.target;
  const PostgresCatalog& there = forward ? found.target : found.source;
  const std::string other = side_of(move.state.leg, false);
  LS_ASSIGN(const bool all, publishes_all(from, publication_of(move.input.move)));
  std::vector<transfers::TableName> tables;
  std::vector<std::string> wrong, added;
  for (const transfers::TableName& name : move.state.tables) {
    const bool is_here = has(here, name);
    const bool is_there = has(there, name);
    if (is_here != is_there)
      wrong.push_back(transfers::table_text(name) +
                      (is_here ? " (gone from the " + other + ")" : " (dropped)"));
    if (is_here || is_there) tables.push_back(name);
  }
  for (const PostgresTable& table : here.tables) {
    const transfers::TableName name{table.schema, table.name};
    if (!is_of_move(move, table) || std::find(tables.begin(), tables.end(), name) != tables.end())
      continue;
    // Its changes since it was made are in a stream of all tables, and only there.
    if (all && has(there, name)) {
      tables.push_back(name);
      added.push_back(table.label());
    } else {
      wrong.push_back(table.label() +
                      (all ? " (new, not at the " + other + ")" : " (new, not published)"));
    }
  }
  move.add_gate(
      "tables", wrong.empty(),
      wrong.empty() ? fmt::format("{} tables on both sides", tables.size())
                    : "not the same on both sides: " + shown(wrong),
      all ? "make or drop them at the " + other + " too; changes wait in the slot"
          : "put new tables under 'leave_out' or drop them: only a superuser's move that follows "
            "by stream takes tables that are made after it");
  if (!wrong.empty() || move.input.dry_run || tables == move.state.tables) return {};
  move.state.tables = std::move(tables);
  LS_TRY(move.room->save(move.state));
  if (added.empty()) return {};
  return move.did("new tables", "new tables are part of the move: " + join(added, ", "),
                  {{"tables", added}});
}

Status look_at_fence_rights(MoveRun& move, databases::PostgresSession& source,
                            databases::PostgresSession& target) {
  std::string missing;
  for (databases::PostgresSession* side : {&source, &target}) {
    LS_ASSIGN(const auto statements,
              transfers::missing_fence_rights(*side, move.input.move.applications));
    if (!statements.empty())
      missing += (missing.empty() ? "run on the " : "; run on the ") +
                 std::string(side == &source ? "source: " : "target: ") + join(statements, " ");
  }
  move.add_gate("fence rights", missing.empty(),
                missing.empty() ? "the move's users may fence the applications"
                                : "the move's users cannot fence the applications",
                missing);
  return {};
}

Status look_at_definitions(MoveRun& move, const databases::Preflight& found) {
  LS_ASSIGN(const transfers::SchemaScript now, read_definitions(move, found));
  LS_ASSIGN(const transfers::SchemaScript before, known_definitions(move));
  const std::vector<std::string> changes = transfers::changed_definitions(before, now);
  const bool known = move.input.definitions_known;
  move.add_gate("definitions", changes.empty() || known,
                changes.empty() ? "as they were when the move was made"
                                : "changed in the source since the move was made: " +
                                      shown(changes) + (known ? " (known)" : ""),
                "make the same changes in the target, then run 'lakeshift move cutover " +
                    move.input.move.name + " --definitions-known'");
  if (changes.empty() || !known || move.input.dry_run) return {};
  LS_TRY(move.room->save_document("schema", transfers::to_json(now)));
  return move.did(
      "definitions known",
      fmt::format("{} changed definitions are said to be in the target too", changes.size()),
      {{"changes", changes}});
}

}  // namespace lakeshift::stages
