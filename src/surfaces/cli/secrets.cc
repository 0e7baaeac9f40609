#include "surfaces/cli/secrets.h"

#include "core/base/digest.h"
#include "core/state/inventory_store.h"
#include "stages/acceptance_compute.h"
#include "stages/secret_run.h"

namespace lakeshift::cli {

namespace {

// Where the API refuses a value, a run on a cluster reads it.
std::unique_ptr<stages::SecretSource> run_source(Session& session, Migration& migration,
                                                 engine::Platform& platform,
                                                 const std::string& cluster_id) {
  stages::RunPlace place{cluster_id, {}, {}};
  if (const auto inventory = state::load_inventory(*migration.dir, platform.side())) {
    place.node_type = stages::smallest_node_type(inventory->reference);
    place.runtime = stages::newest_lts_runtime(inventory->reference);
  }
  return stages::secrets_of_run(platform, std::move(place), *migration.journal, session.run);
}

}  // namespace

Result<std::unique_ptr<OpenSecrets>> open_secrets(Session& session, Migration& migration,
                                                  const model::Plan& plan) {
  if (stages::secrets_in(plan).empty()) return std::make_unique<OpenSecrets>();
  return open_secret_sources(session, migration, plan);
}

Result<std::unique_ptr<OpenSecrets>> open_secret_sources(Session& session, Migration& migration,
                                                         const model::Plan& plan) {
  auto open = std::make_unique<OpenSecrets>();
  std::vector<std::unique_ptr<stages::SecretSource>> sources;
  const stages::Config& config = migration.config;
  if (!config.secrets_file.empty()) {
    const bool absolute = config.secrets_file.starts_with('/');
    const std::string path =
        absolute ? config.secrets_file : migration.dir->root() + "/" + config.secrets_file;
    LS_ASSIGN(const std::string text, session.run.world.files.read(path));
    LS_ASSIGN(auto file, stages::secrets_of_file(text, config.secrets_file));
    sources.push_back(std::move(file));
  }
  if (config.secrets_from != "file") {
    LS_ASSIGN(open->platform_, connect_side(session, migration, plan.source));
    sources.push_back(stages::secrets_of_api(*open->platform_, session.run.stop));
  }
  if (config.secrets_from == "cluster")
    sources.push_back(run_source(session, migration, *open->platform_, config.secrets_cluster));
  open->source_ = stages::first_of(std::move(sources));
  return open;
}

SecretDigests::SecretDigests(Session& session, Migration& migration, const model::Plan& plan)
    : session_(session),
      migration_(migration),
      plan_(plan),
      key_(world::random_hex(session.run.world.random, 32)) {}

std::string SecretDigests::of_source(const std::string& scope_and_key) {
  if (!tried_source_) {
    tried_source_ = true;
    auto open = open_secret_sources(session_, migration_, plan_);
    if (open) wanted_ = std::move(*open);
  }
  return digest(wanted_ ? wanted_->source_.get() : nullptr, scope_and_key);
}

std::string SecretDigests::of_target(const std::string& scope_and_key) {
  if (!tried_target_) {
    tried_target_ = true;
    auto platform = connect_side(session_, migration_, plan_.target);
    if (platform) {
      target_platform_ = std::move(*platform);
      std::vector<std::unique_ptr<stages::SecretSource>> sources;
      sources.push_back(stages::secrets_of_api(*target_platform_, session_.run.stop));
      if (migration_.config.secrets_from == "cluster")
        sources.push_back(run_source(session_, migration_, *target_platform_, ""));
      found_ = stages::first_of(std::move(sources));
    }
  }
  return digest(found_.get(), scope_and_key);
}

std::string SecretDigests::digest(stages::SecretSource* source,
                                  const std::string& scope_and_key) const {
  if (!source) return {};
  // A scope's name has no slash, a key's may.
  const std::size_t slash = scope_and_key.find('/');
  if (slash == std::string::npos) return {};
  const auto value =
      source->value({scope_and_key.substr(0, slash), scope_and_key.substr(slash + 1)});
  return value ? hmac_sha256_hex(key_, value->reveal()) : std::string();
}

}  // namespace lakeshift::cli
