// The configured source of secret values, connected.
#pragma once

#include <memory>

#include "stages/secret_supply.h"
#include "surfaces/cli/sides.h"

namespace lakeshift::cli {

class OpenSecrets {
 public:
  std::function<Result<std::string>(const Json&)> supply() { return stages::supply_from(*source_); }

 private:
  friend Result<std::unique_ptr<OpenSecrets>> open_secrets(Session&, Migration&, const model::Plan&);
  std::unique_ptr<engine::Platform> platform_;  // outlives the source
  std::unique_ptr<stages::SecretSource> source_;
};

// Connects to the source only when the plan asks for secret values. Values are read when they are asked for.
Result<std::unique_ptr<OpenSecrets>> open_secrets(Session& session, Migration& migration, const model::Plan& plan);

}  // namespace lakeshift::cli
