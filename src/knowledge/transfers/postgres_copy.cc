#include "knowledge/transfers/postgres_copy.h"

#include <algorithm>

#include "knowledge/transfers/postgres_copier.h"

namespace lakeshift::transfers {

Result<CopyState> copy_tables(const databases::PostgresAddress& source,
                              const databases::PostgresAddress& target, const CopyOptions& options,
                              world::Run& run) {
  // 22023: "invalid snapshot identifier", 42704: it is gone. Both mean that its holder died.
  const auto is_passing = [](const Error& error) {
    return error.retry == Retry::later || error.code == "22023" || error.code == "42704";
  };
  CopyState state;
  world::Millis pause{100};
  world::Instant progressed_at = run.world.clock.now();
  std::int64_t before = 0;
  while (true) {
    Copier copier(source, target, options, state, run);
    const Status ended = copier.go();
    if (ended) return state;
    const Error& error = ended.error();
    if (run.stop.stop_requested() || !is_passing(error)) return fail(error);
    if (state.tables_done > before) {
      before = state.tables_done;
      progressed_at = run.world.clock.now();
      pause = world::Millis(100);
    }
    if (run.world.clock.now() - progressed_at >= options.patience)
      return fail_because(error, "the copy", "no table could be finished in the time allowed");
    world::Event notice;
    notice.type = world::Event::Type::warning;
    notice.stage = "sync";
    notice.text = "the copy goes on with the tables that are not finished: " + error.to_text();
    run.events.emit(notice);
    if (!run.world.clock.sleep(pause, run.stop)) return fail("cancelled", "stopped");
    pause = std::min(pause * 2, world::Millis(5000));
  }
}

Status analyze_parents(databases::PostgresSession& target) {
  LS_ASSIGN(const databases::PostgresRows parents,
            target.query("SELECT n.nspname, c.relname FROM pg_catalog.pg_class c "
                         "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
                         "WHERE c.relhassubclass AND c.relkind IN ('r', 'p') "
                         "AND NOT c.relispartition AND n.nspname NOT IN ('pg_catalog', "
                         "'information_schema') ORDER BY 1, 2"));
  for (int row = 0; row < parents.size(); ++row)
    LS_TRY(target.exec("ANALYZE " +
                       databases::quote_name(parents.text(row, 0), parents.text(row, 1))));
  return {};
}

}  // namespace lakeshift::transfers
