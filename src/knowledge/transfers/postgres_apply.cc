#include "knowledge/transfers/postgres_apply.h"

#include <algorithm>
#include <set>
#include <string>

#include "knowledge/transfers/postgres_applier.h"

namespace lakeshift::transfers {

Result<ApplyState> apply_changes(const databases::PostgresAddress& source,
                                 const databases::PostgresAddress& target,
                                 const ApplyOptions& options, world::Run& run) {
  ApplyState state;
  world::Millis pause{100};
  world::Instant progressed_at = run.world.clock.now();
  databases::Lsn before = 0;
  std::set<std::string> one_by_one;
  while (true) {
    Applier applier(source, target, options, one_by_one, state, run);
    const Status ended = applier.go();
    if (ended || run.stop.stop_requested()) return state;
    const Error& error = ended.error();
    if (error.code == "relation-changed" && options.on_relation_change) {
      LS_TRY(options.on_relation_change(applier.relation_change()));
      continue;
    }
    if (error.code == "together-refused" && one_by_one.insert(error.about).second) {
      ++state.one_by_one;
      continue;
    }
    if (error.retry != Retry::later) return fail(error);
    if (state.applied > before) {
      before = state.applied;
      progressed_at = run.world.clock.now();
      pause = world::Millis(100);
    }
    if (run.world.clock.now() - progressed_at >= options.patience)
      return fail_because(error, "replication slot " + options.slot,
                          "no progress was possible in the time allowed");
    ++state.reconnects;
    world::Event notice;
    notice.type = world::Event::Type::warning;
    notice.stage = "sync";
    notice.subject = options.slot;
    notice.text = error.to_text();
    run.events.emit(notice);
    if (!run.world.clock.sleep(pause, run.stop)) return state;
    pause = std::min(pause * 2, world::Millis(5000));
  }
}

}  // namespace lakeshift::transfers
