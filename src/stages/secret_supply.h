// secret supply: where the values of secrets come from while a plan is carried out. Values are
// streamed from their source into one call each; they are never on disk, in artefacts, in logs or
// in errors.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "core/engine/platform.h"
#include "core/world/secret.h"
#include "core/world/world.h"

namespace lakeshift::stages {

struct SecretName {
  std::string scope, key;
  auto operator<=>(const SecretName&) const = default;
  std::string to_text() const { return scope + "/" + key; }
};

// One source of values. Thread safe. Errors: "secret-unavailable" names the secret and what to do;
// passing faults keep their own code.
class SecretSource {
 public:
  virtual ~SecretSource() = default;
  virtual Result<world::Secret> value(const SecretName& name) = 0;
  virtual std::string describe() const = 0;  // "the API of 'old'", for people
};

// secrets/get of the side's API; needs READ on the scope.
std::unique_ptr<SecretSource> secrets_of_api(engine::Platform& source, std::stop_token stop);

// The user's file: a YAML map of scopes, each a map of keys and values. Errors: "bad-secrets-file"
// with the line, never with a value.
Result<std::unique_ptr<SecretSource>> secrets_of_file(std::string_view yaml,
                                                      const std::string& file_name);

// Asks the sources in order; the first that has the value gives it.
std::unique_ptr<SecretSource> first_of(std::vector<std::unique_ptr<SecretSource>> sources);

// For engine::Supplies: resolves {"side", "scope", "key"}, also when wrapped as {"$secret": …}.
std::function<Result<std::string>(const Json&)> supply_from(SecretSource& source);

// Every secret that a plan's actions ask for, sorted, each once.
std::vector<SecretName> secrets_in(const model::Plan& plan);

}  // namespace lakeshift::stages
