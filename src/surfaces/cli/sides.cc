#include "surfaces/cli/sides.h"

#include "core/base/json.h"
#include "core/base/strings.h"
#include "core/state/inventory_store.h"
#include "knowledge/credentials/credential.h"
#include "knowledge/kinds/registry.h"
#include "knowledge/platforms/databricks.h"
#include "stages/cutover.h"
#include "stages/discover.h"
#include "stages/part.h"
#include "stages/secret_run.h"

namespace lakeshift::cli {
namespace {

bool is_loopback(std::string_view host) {
  const std::size_t scheme = host.find("://");
  const std::string_view rest = scheme == std::string_view::npos ? host : host.substr(scheme + 3);
  return rest.starts_with("127.") || rest.starts_with("localhost") || rest.starts_with("[::1]");
}

std::string stale_note(const std::string& side) { return "stale:" + side; }

}  // namespace

Result<std::unique_ptr<engine::Platform>> connect_side(Session& session, const Migration& migration,
                                                       const std::string& side) {
  const stages::Connection* connection = migration.config.connection(side);
  if (!connection) {
    std::vector<std::string> names;
    for (const stages::Connection& known : migration.config.connections)
      names.push_back(known.name);
    return fail("usage", "there is no connection '" + side + "'", "lakeshift.yaml",
                "known connections: " + join(names, ", "));
  }
  LS_ASSIGN(
      credentials::Access access,
      credentials::find_access(session.run.world, side, connection->profile, connection->host));
  if (!connection->account_id.empty()) access.account_id = connection->account_id;
  LS_ASSIGN(auto credential, credentials::make_credential(access));
  platforms::DatabricksOptions options;
  options.side = side;
  options.cloud = connection->cloud;
  options.documented_limits = connection->rate_limits.empty()
                                  ? !is_loopback(access.host)
                                  : connection->rate_limits == "documented";
  options.login_wait_seconds = 60 * session.options.login_wait_minutes;
  return platforms::connect_databricks(session.run, std::move(credential), access.host, options);
}

Result<ReadSide> read_side(Session& session, Migration& migration, engine::Platform& platform) {
  const auto put_content = [&](std::string_view bytes) {
    return migration.dir->put_content(bytes);
  };
  LS_ASSIGN(stages::DiscoverResult found,
            stages::discover(platform, kinds::all_kinds(), session.run, put_content));
  if (session.interrupted())
    return fail("cancelled", "stopped before everything was read", platform.side(),
                "run the same command again");
  LS_TRY(stages::undo_freeze(*migration.journal, found.inventory));
  LS_TRY(state::save_inventory(*migration.dir, found.inventory));
  LS_TRY(migration.dir->save_artefact("findings-" + platform.side(),
                                      {{"side", platform.side()},
                                       {"calls", found.calls},
                                       {"findings", findings_json(found.findings)}}));
  LS_TRY(mark_stale(migration, platform.side(), false));
  return ReadSide{std::move(found.inventory), std::move(found.findings), found.calls};
}

Result<model::Inventory> current_inventory(Session& session, Migration& migration,
                                           const std::string& side, bool refresh) {
  LS_ASSIGN(const auto stale, migration.journal->note(stale_note(side)));
  const bool is_stale = stale && stale->is_boolean() && stale->get<bool>();
  if (!refresh && !is_stale) return state::load_inventory(*migration.dir, side);
  if (is_stale && !refresh)
    session.out.say("'" + side + "' was changed since it was read: reading it again\n");
  LS_ASSIGN(auto platform, connect_side(session, migration, side));
  LS_ASSIGN(ReadSide read, read_side(session, migration, *platform));
  return std::move(read.inventory);
}

Status mark_stale(Migration& migration, const std::string& side, bool stale) {
  return migration.journal->put_note(stale_note(side), Json(stale));
}

Result<std::unique_ptr<Planning>> Planning::make(Session& session, Migration& migration,
                                                 const stages::Route& route,
                                                 model::Inventory source, model::Inventory target,
                                                 stages::Selection only) {
  std::unique_ptr<Planning> planning(new Planning(route, std::move(source), std::move(target)));
  planning->only_ = std::move(only);
  LS_ASSIGN(planning->ledger_, migration.journal->rows());
  clouds::MappingContext context;
  context.source_platform = planning->source_.platform;
  context.target_platform = planning->target_.platform;
  context.source_reference = planning->source_.reference;
  context.target_reference = planning->target_.reference;
  context.applications =
      clouds::pair_applications(planning->source_, planning->target_, planning->ledger_);
  context.from = clouds::find_cloud(text_at(planning->source_.platform, "cloud"));
  context.to = clouds::find_cloud(text_at(planning->target_.platform, "cloud"));
  for (const auto& [cloud, side] :
       {std::pair(context.from, route.from), std::pair(context.to, route.to)})
    if (!cloud)
      return fail("bad-config", "the cloud of this workspace is not known",
                  "connection '" + side + "'",
                  "set 'cloud:' for it in lakeshift.yaml (aws, azure or gcp)");
  if (!migration.config.mapping_file.empty()) {
    const std::string path = migration.dir->root() + "/" + migration.config.mapping_file;
    LS_ASSIGN(const std::string text, session.run.world.files.read(path));
    LS_ASSIGN(context.user, clouds::mapping_from_yaml(text, migration.config.mapping_file));
  }
  planning->mapper_ = std::make_unique<clouds::Mapper>(std::move(context));
  state::WorkDir* dir = migration.dir.get();
  planning->input_.reset(new stages::PlanInput{
      planning->source_, planning->target_, kinds::all_kinds(), *planning->mapper_,
      planning->route_, planning->only_, planning->ledger_,
      [dir](const std::string& digest) { return dir->get_content(digest); }, true});
  return planning;
}

Result<model::Plan> plan_of(Session& session, Migration& migration, const stages::Route& route,
                            const model::Inventory& source, const model::Inventory& target,
                            stages::Selection& only) {
  if (only.with_needs && !only.include.empty()) {
    LS_ASSIGN(const auto everything,
              Planning::make(session, migration, route, source, target, {{}, only.exclude}));
    LS_ASSIGN(const model::Plan whole, stages::make_plan(everything->input()));
    const auto part = stages::part_of(whole, source, kinds::all_kinds(), only);
    only.needed.clear();
    for (const model::Change& change : whole.changes)
      if (part.contains(change.id)) only.needed.emplace(change.source.kind, change.key);
  }
  LS_ASSIGN(const auto planning, Planning::make(session, migration, route, source, target, only));
  LS_ASSIGN(model::Plan plan, stages::make_plan(planning->input()));
  LS_TRY(model::check_accounting(source, model::account(plan)));
  const std::size_t secrets = stages::secrets_in(plan).size();
  if (secrets > 0 && migration.config.secrets_from == "cluster")
    plan.findings.push_back(
        stages::source_run_finding(plan.source, migration.config.secrets_cluster, secrets));
  return plan;
}

Result<std::optional<std::set<std::string>>> selected_part(Session& session, Migration& migration,
                                                           const model::Plan& plan) {
  LS_ASSIGN(const stages::Selection only, selection_of(session, migration));
  if (only.takes_all()) return std::optional<std::set<std::string>>();
  LS_ASSIGN(const model::Inventory source, state::load_inventory(*migration.dir, plan.source));
  auto part = stages::part_of(plan, source, kinds::all_kinds(), only);
  if (part.empty())
    return fail("bad-selection", "the plan has nothing of what is selected",
                session.options.wave.empty() ? "--select" : "wave '" + session.options.wave + "'",
                "see the plan's objects with 'lakeshift plan --show --all'");
  return std::optional<std::set<std::string>>(std::move(part));
}

}  // namespace lakeshift::cli
