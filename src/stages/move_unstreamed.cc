// What no change stream carries, at a move's making and at its switches.
#include <fmt/format.h>

#include "core/base/strings.h"
#include "knowledge/transfers/postgres_unstreamed.h"
#include "stages/move_run.h"

namespace lakeshift::stages {

using databases::PostgresSession;

namespace {

constexpr int kPasses = 3;

void warn_of(MoveRun& move, const std::vector<std::string>& refused, const std::string& what) {
  if (!refused.empty())
    move.say(fmt::format("{} {}: {}", refused.size(), what, join(refused, "; ")), true);
}

std::string text_of(const transfers::LargeObjects& objects) {
  return fmt::format("{} large objects: {} made, {} changed, {} removed, {} bytes", objects.seen,
                     objects.made, objects.changed, objects.removed, objects.bytes);
}

Json facts_of(const transfers::LargeObjects& objects) {
  return {{"seen", objects.seen},       {"made", objects.made},   {"changed", objects.changed},
          {"removed", objects.removed}, {"bytes", objects.bytes}, {"refused", objects.refused}};
}

// Until a comparison finds nothing to do; the sums are those of all passes.
Result<transfers::LargeObjects> carry_objects(PostgresSession& from, PostgresSession& to,
                                              std::stop_token stop) {
  transfers::LargeObjects sum;
  for (int pass = 0; pass < kPasses; ++pass) {
    LS_ASSIGN(const transfers::LargeObjects now,
              transfers::carry_large_objects(from, to, false, stop));
    sum.seen = now.seen;
    sum.refused = now.refused;
    if (now.equal()) return sum;
    sum.made += now.made;
    sum.changed += now.changed;
    sum.removed += now.removed;
    sum.bytes += now.bytes;
  }
  return fail("objects-differ", "large objects change though nobody should write",
              from.address().to_text(), "find out who writes to them");
}

}  // namespace

Status carry_ahead(MoveRun& move, bool of_switch) {
  LS_ASSIGN(const auto from, move.connect(move.sides.from(move.state.leg)));
  LS_ASSIGN(const auto to, move.connect(move.sides.to(move.state.leg)));
  LS_ASSIGN(const transfers::LargeObjects objects,
            transfers::carry_large_objects(*from, *to, !of_switch, move.run.stop));
  warn_of(move, objects.refused, "owners or rights of large objects could not be given");
  if (objects.seen > 0 || !objects.equal())
    LS_TRY(move.did("large objects", text_of(objects), facts_of(objects)));
  if (!of_switch) return {};
  LS_ASSIGN(const std::vector<std::string> stale, transfers::refresh_views(*from, *to));
  warn_of(move, stale, "materialised views could not be filled");
  return {};
}

Status carry_at_rest(MoveRun& move, PostgresSession& from, PostgresSession& to,
                     TouchedRows& touched, std::stop_token stop) {
  LS_ASSIGN(const auto tables, transfers::unlogged_tables(from, move.state.tables));
  std::int64_t rows = 0;
  for (const auto& table : tables) {
    LS_ASSIGN(const std::int64_t carried, transfers::carry_table(from, to, table));
    rows += carried;
    touched.add_whole(table, {});
  }
  LS_ASSIGN(const transfers::LargeObjects objects, carry_objects(from, to, stop));
  if (tables.empty() && objects.seen == 0 && objects.equal()) return {};
  Json facts = facts_of(objects);
  facts["tables"] = tables.size();
  facts["rows"] = rows;
  return move.did("unstreamed",
                  fmt::format("{} rows of {} unlogged tables carried whole; {}; equal", rows,
                              tables.size(), text_of(objects)),
                  facts);
}

}  // namespace lakeshift::stages
