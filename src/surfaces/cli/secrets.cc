#include "surfaces/cli/secrets.h"

namespace lakeshift::cli {

Result<std::unique_ptr<OpenSecrets>> open_secrets(Session& session, Migration& migration, const model::Plan& plan) {
  auto open = std::make_unique<OpenSecrets>();
  std::vector<std::unique_ptr<stages::SecretSource>> sources;
  const stages::Config& config = migration.config;
  if (!stages::secrets_in(plan).empty()) {
    if (!config.secrets_file.empty()) {
      const bool absolute = config.secrets_file.starts_with("/");
      const std::string path = absolute ? config.secrets_file : migration.dir->root() + "/" + config.secrets_file;
      LS_ASSIGN(const std::string text, session.run.world.files.read(path));
      LS_ASSIGN(auto file, stages::secrets_of_file(text, config.secrets_file));
      sources.push_back(std::move(file));
    }
    if (config.secrets_from != "file") {
      LS_ASSIGN(open->platform_, connect_side(session, migration, plan.source));
      sources.push_back(stages::secrets_of_api(*open->platform_, session.run.stop));
    }
  }
  open->source_ = stages::first_of(std::move(sources));
  return open;
}

}  // namespace lakeshift::cli
