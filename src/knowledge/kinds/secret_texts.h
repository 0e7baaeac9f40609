// Secret values that people wrote in clear where a configuration should hold a
// {{secrets/scope/key}} reference. They never enter an inventory: discovery takes them out, and
// planning does not go on with a hole in a configuration.
#pragma once

#include <string>
#include <vector>

#include "core/base/json.h"
#include "core/engine/kind.h"

namespace lakeshift::kinds {

// Stands where a value was taken out.
inline constexpr const char* kTakenOut = "[taken out: a secret value in clear]";

// Takes secret values out of every compute specification below `document`: spark_conf and
// spark_env_vars values whose key names a credential, passwords of container registries, log
// analytics keys; and out of the rules of a cluster policy. References are left alone. Returns the
// paths.
std::vector<std::string> take_out_secrets(Json& document);

// The same for an object that is being discovered, with one finding "credential-in-clear" per
// value.
void take_out_secrets(const engine::Kind& kind, engine::DiscoverContext& context,
                      model::Object& object);

// Paths where a value is missing in what is to be created.
std::vector<std::string> holes_of_secrets(const Json& document);
// Blocks a create or update that would write a hole ("credential-in-clear").
void block_holes(const engine::PlanContext& context, model::Change& change);

// Whether a configuration key's value is a credential ("fs.azure.account.key.x…",
// "javax.jdo.option.ConnectionPassword").
bool names_a_credential(std::string_view key);

}  // namespace lakeshift::kinds
