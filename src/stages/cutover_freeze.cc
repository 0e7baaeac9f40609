// Keeping users out of the source: which calls, and reading the source meanwhile.
#include <map>

#include "core/engine/running.h"
#include "stages/cutover_state.h"

namespace lakeshift::stages {

Result<std::vector<Freeze>> freezes_of(engine::KindSet kinds, const model::Inventory& side) {
  if (!bool_at(side.platform, "admin", true))
    return fail("gate-closed",
                "'" + text_at(side.platform, "user") + "' is no administrator of side '" +
                    side.side + "': it would lock itself out",
                "gate 'freeze'", "make it an admin there for the time of the cutover");
  std::vector<Freeze> freezes;
  for (const engine::Kind* kind : kinds) {
    if (kind->keep_out == nullptr) continue;
    for (engine::Lockout& lockout : kind->keep_out(side))
      freezes.push_back({lockout.name, std::move(lockout.out), std::move(lockout.back),
                         lockout.object, std::move(lockout.before)});
  }
  return freezes;
}

Status undo_freeze(state::Journal& journal, model::Inventory& side) {
  LS_ASSIGN(const auto routes, all_switchings(journal));
  for (const auto& [route, now] : routes)
    for (const Freeze& freeze : now.freeze) {
      if (freeze.object.side != side.side || !freeze.before.is_object()) continue;
      for (model::Object& object : side.objects)
        if (object.id == freeze.object) object.document.update(freeze.before);
    }
  return {};
}

Status undo_pause(state::Journal& journal, const std::string& route, engine::KindSet kinds,
                  model::Inventory& source) {
  LS_ASSIGN(const Switching now, load_switching(journal, route));
  std::map<std::pair<std::string, std::string>, const Workload*> paused;
  for (const Workload& workload : now.workloads)
    if (workload.status == "switching") paused[{workload.kind, workload.source_id}] = &workload;
  for (model::Object& object : source.objects) {
    const auto found = paused.find({object.id.kind, object.id.id});
    if (found == paused.end()) continue;
    if (const engine::Kind* kind = engine::find_kind(kinds, object.id.kind); kind != nullptr)
      engine::keep_running_state(*kind, found->second->before, object.document);
  }
  return {};
}

}  // namespace lakeshift::stages
