#include "surfaces/cli/applying.h"

#include "knowledge/kinds/registry.h"
#include "surfaces/cli/secrets.h"

namespace lakeshift::cli {

Result<stages::ApplyResult> carry_out_plan(Session& session, Migration& migration,
                                           const model::Plan& plan, engine::Platform& target,
                                           const std::set<std::string>* part,
                                           const model::Inventory* current) {
  LS_ASSIGN(const auto secrets,
            open_secrets(session, migration, part == nullptr ? plan : model::cut_to(plan, *part)));
  LS_TRY(mark_stale(migration, plan.target, true));
  state::WorkDir* dir = migration.dir.get();
  const engine::Supplies supplies{
      [dir](const std::string& digest) { return dir->get_content(digest); }, secrets->supply()};
  return stages::apply(plan, kinds::all_kinds(), target, *migration.journal, supplies, session.run,
                       current, part);
}

}  // namespace lakeshift::cli
