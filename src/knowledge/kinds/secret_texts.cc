#include "knowledge/kinds/secret_texts.h"

#include <algorithm>

#include "core/base/strings.h"
#include "core/engine/generic.h"
#include "knowledge/kinds/calls.h"

namespace lakeshift::kinds {
namespace {

constexpr std::string_view kCredentialWords[] = {
    "account.key.",  "fs.azure.sas", "client.secret", "secret.key",  "secret_key",  "secretkey",
    "client_secret", "access.key",   "access_key",    "accesskey",   "account_key", "accountkey",
    "password",      "passwd",       "api_key",       "apikey",      "auth_token",  "authtoken",
    "access.token",  "access_token", "accesstoken",   "private_key", "privatekey",  "session.token",
    "session_token", "sas_token",    "sastoken",      "oauthtoken",
};
// Keys that contain such a word and hold a file, a class or a switch.
constexpr std::string_view kHarmlessEndings[] = {
    "provider", "provider.type", "class",      "path",  "file",
    "location", "endpoint",      "enabled",    "alias", "_id",
    ".id",      "keystore",      "truststore", "type",  "url",
};

bool is_plain_secret(std::string_view key, const Json& value) {
  if (!value.is_string()) return false;
  const std::string text = value.get<std::string>();
  if (text.empty() || contains(text, "{{") || text == "true" || text == "false" ||
      text == kTakenOut)
    return false;
  // A reference to another variable, resolved on the cluster.
  if (text.front() == '$') return false;
  return names_a_credential(key);
}

class SecretTaker {
 public:
  void object(Json& value, const std::string& path) {
    for (auto member = value.begin(); member != value.end(); ++member) {
      const std::string at = path.empty() ? member.key() : path + "." + member.key();
      if (member.key() == "spark_conf" || member.key() == "spark_env_vars")
        configuration(member.value(), at);
      else
        any(member.value(), at);
    }
    login(value, path);
  }

  std::vector<std::string> taken;

 private:
  void any(Json& value, const std::string& path) {
    if (value.is_object()) object(value, path);
    if (!value.is_array()) return;
    for (std::size_t i = 0; i < value.size(); ++i)
      any(value[i], path + "[" + std::to_string(i) + "]");
  }
  void configuration(Json& map, const std::string& path) {
    if (!map.is_object()) return;
    for (auto entry = map.begin(); entry != map.end(); ++entry) {
      if (!is_plain_secret(entry.key(), entry.value())) continue;
      entry.value() = kTakenOut;
      taken.push_back(path + "." + entry.key());
    }
  }
  // The password of a container registry, the key of a log workspace.
  void login(Json& value, const std::string& path) {
    for (const char* name : {"basic_auth", "log_analytics_info"}) {
      const auto found = value.find(name);
      if (found == value.end() || !found->is_object()) continue;
      for (const char* secret : {"password", "log_analytics_primary_key"}) {
        const auto held = found->find(secret);
        if (held == found->end() || !held->is_string()) continue;
        const std::string text = held->get<std::string>();
        if (contains(text, "{{secrets/") || text == kTakenOut) continue;
        *held = kTakenOut;
        taken.push_back((path.empty() ? "" : path + ".") + std::string(name) + "." + secret);
      }
    }
  }
};

// A policy's rules are JSON in a text: {"spark_conf.<key>": {"type": "fixed", "value": "…"}}.
void take_out_of_rules(Json& text, const std::string& path, std::vector<std::string>& taken) {
  if (!text.is_string()) return;
  auto rules = parse_json(text.get_ref<const std::string&>(), path);
  if (!rules || !rules->is_object()) return;
  bool changed = false;
  for (auto rule = rules->begin(); rule != rules->end(); ++rule) {
    if (!rule.key().starts_with("spark_conf.") && !rule.key().starts_with("spark_env_vars.") &&
        rule.key() != "docker_image.basic_auth.password")
      continue;
    for (const char* name : {"value", "defaultValue"}) {
      const Json& held = member(rule.value(), name);
      if (!is_plain_secret(rule.key(), held)) continue;
      rule.value()[name] = kTakenOut;
      taken.push_back(path + "." + rule.key());
      changed = true;
    }
  }
  if (changed) text = dump_json(*rules);
}

void list_holes(const Json& value, const std::string& path, std::vector<std::string>& holes) {
  // Also inside a text that is JSON itself (policy definitions).
  if (value.is_string() && contains(value.get_ref<const std::string&>(), kTakenOut))
    holes.push_back(path);
  if (value.is_object())
    for (const auto& [name, inner] : value.items())
      list_holes(inner, path.empty() ? name : path + "." + name, holes);
  if (value.is_array())
    for (std::size_t i = 0; i < value.size(); ++i)
      list_holes(value[i], path + "[" + std::to_string(i) + "]", holes);
}

}  // namespace

bool names_a_credential(std::string_view key) {
  const std::string lower = to_lower(key);
  if (std::any_of(std::begin(kHarmlessEndings), std::end(kHarmlessEndings),
                  [&](std::string_view ending) { return lower.ends_with(ending); }))
    return false;
  return std::any_of(std::begin(kCredentialWords), std::end(kCredentialWords),
                     [&](std::string_view word) { return contains(lower, word); });
}

std::vector<std::string> take_out_secrets(Json& document) {
  SecretTaker taker;
  if (!document.is_object()) return {};
  taker.object(document, "");
  for (const char* rules : {"definition", "policy_family_definition_overrides"})
    if (const auto text = document.find(rules); text != document.end())
      take_out_of_rules(*text, rules, taker.taken);
  return taker.taken;
}

void take_out_secrets(const engine::Kind& kind, engine::DiscoverContext& context,
                      model::Object& object) {
  for (const std::string& path : take_out_secrets(object.document))
    context.finding(
        {"credential-in-clear", model::Severity::warning, std::string(kind.name),
         object.key.empty() ? engine::natural_key_of(kind, object.document) : object.key, path,
         "a credential is written in clear; everybody who may see the configuration can read it",
         "put the value into a secret scope, write {{secrets/<scope>/<key>}} instead, and renew "
         "the credential",
         ""});
}

void block_holes(const engine::PlanContext& context, model::Change& change) {
  if (change.verb != model::Verb::create && change.verb != model::Verb::update) return;
  const std::vector<std::string> holes = holes_of_secrets(context.desired);
  if (holes.empty()) return;
  block(change, "credential-in-clear",
        "the source holds a credential in clear, which lakeshift does not copy, at " +
            join(holes, ", ") +
            "; write {{secrets/<scope>/<key>}} there in the source, or drop or replace the key in "
            "the "
            "mapping file");
}

std::vector<std::string> holes_of_secrets(const Json& document) {
  std::vector<std::string> holes;
  list_holes(document, "", holes);
  return holes;
}

}  // namespace lakeshift::kinds
