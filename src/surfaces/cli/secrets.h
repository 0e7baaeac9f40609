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
  friend Result<std::unique_ptr<OpenSecrets>> open_secret_sources(Session&, Migration&,
                                                                  const model::Plan&);
  friend class SecretDigests;
  std::unique_ptr<engine::Platform> platform_;  // outlives the source
  std::unique_ptr<stages::SecretSource> source_ = stages::first_of({});
};

// Keyed digests of secret values, for verify: the key is random and lives only in this object, so
// the digests say nothing to anybody else. Connects when the first digest is asked for; "" where a
// value cannot be read.
class SecretDigests {
 public:
  SecretDigests(Session& session, Migration& migration, const model::Plan& plan);
  std::string of_source(const std::string& scope_and_key);
  std::string of_target(const std::string& scope_and_key);

 private:
  std::string digest(stages::SecretSource* source, const std::string& scope_and_key) const;

  Session& session_;
  Migration& migration_;
  const model::Plan& plan_;
  const std::string key_;
  std::unique_ptr<OpenSecrets> wanted_;
  std::unique_ptr<engine::Platform> target_platform_;
  std::unique_ptr<stages::SecretSource> found_;
  bool tried_source_ = false, tried_target_ = false;
};

// Connects to the source only when the plan asks for secret values. Values are read when they are
// asked for.
Result<std::unique_ptr<OpenSecrets>> open_secrets(Session& session, Migration& migration,
                                                  const model::Plan& plan);
// The same, connected in any case.
Result<std::unique_ptr<OpenSecrets>> open_secret_sources(Session& session, Migration& migration,
                                                         const model::Plan& plan);

}  // namespace lakeshift::cli
