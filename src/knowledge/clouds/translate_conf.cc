// Spark configuration and environment variables: keys that only work on the source cloud,
// credentials, locations.
#include <algorithm>

#include "core/base/strings.h"
#include "knowledge/clouds/translation.h"
#include "knowledge/rules/credentials_in_text.h"

namespace lakeshift::clouds {
namespace {

using model::Severity;

bool starts_with_any(std::string_view text, std::span<const std::string_view> prefixes) {
  return std::any_of(prefixes.begin(), prefixes.end(),
                     [&](std::string_view prefix) { return text.starts_with(prefix); });
}

bool is_external_metastore(std::string_view key) {
  return key.starts_with("javax.jdo.option.") ||
         key.starts_with("spark.hadoop.javax.jdo.option.") ||
         key.starts_with("spark.sql.hive.metastore.");
}

// Discovery leaves a mark in place of credentials it took out of a document, and reports them
// itself.
constexpr std::string_view kTakenOut = "[taken out";

bool is_clear_credential(std::string_view key, std::string_view value) {
  return names_a_credential(key) && !is_secret_reference(value) && !value.empty() &&
         !value.starts_with(kTakenOut);
}

// Values that hold no characters of a credential: what records may show.
std::string shown(std::string_view key, const std::string& value) {
  if (names_a_credential(key) && !is_secret_reference(value)) return std::string(kRedacted);
  return rules::without_credentials(value);
}

std::string credential_proposal(const Mapper::State& state) {
  return "create a storage credential and external location for the mapped storage in the target "
         "(" +
         std::string(state.to().title) + "); to keep or set the key anyway use mapping.yaml, conf";
}

}  // namespace

std::optional<std::string> Translation::conf_value(const std::string& path, const std::string& key,
                                                   const std::string& value) {
  bool clear_credential = is_clear_credential(key, value);
  if (clear_credential)
    find("credential-in-clear", Severity::warning, path,
         "configuration key '" + key + "' holds a credential in clear",
         "put it into a secret scope, refer to it as {{secrets/<scope>/<key>}}, and renew it",
         std::string(kRedacted));
  const auto& chosen = state_.user().conf;
  if (auto found = chosen.find(key); found != chosen.end() && found->second != "keep") {
    bool drop = found->second == "drop";
    Json after = drop ? Json() : Json(found->second.substr(1));
    decide(path, "conf", shown(key, value),
           drop ? Json() : Json(shown(key, found->second.substr(1))), "mapping.yaml, conf");
    if (drop) return std::nullopt;
    return after.get<std::string>();
  } else if (found == chosen.end() && state_.crosses_clouds() &&
             starts_with_any(key, state_.from().conf_prefixes)) {
    decide(path, "conf", shown(key, value), Json(),
           "works on " + std::string(state_.from().title) + " only");
    find(names_a_credential(key) || contains(key, "oauth") || contains(key, "auth.")
             ? "storage-credential-in-conf"
             : "conf-cloud-only",
         Severity::warning, path,
         "configuration key '" + key + "' works on " + std::string(state_.from().title) +
             " only and is removed",
         credential_proposal(state_), key + " = " + shown(key, value));
    return std::nullopt;
  }
  if (is_external_metastore(key))
    find("external-metastore", Severity::warning, path,
         "key '" + key + "' points to an external metastore",
         "make sure that the target's network reaches it, or move its tables to the catalog",
         key + " = " + shown(key, value));
  if (clear_credential) return value;
  return text(path, value);
}

std::optional<std::string> Translation::environment_value(const std::string& path,
                                                          const std::string& key,
                                                          const std::string& value) {
  bool clear_credential = is_clear_credential(key, value);
  if (clear_credential)
    find("credential-in-clear", Severity::warning, path,
         "environment variable '" + key + "' holds a credential in clear",
         "put it into a secret scope, refer to it as {{secrets/<scope>/<key>}}, and renew it",
         std::string(kRedacted));
  if (state_.crosses_clouds() && starts_with_any(key, state_.from().environment_prefixes)) {
    decide(path, "environment", shown(key, value), Json(),
           "means something on " + std::string(state_.from().title) + " only");
    find("environment-cloud-only", Severity::warning, path,
         "environment variable '" + key + "' is for tools of " + std::string(state_.from().title) +
             " and is removed",
         "set what the target's tools need by hand, or keep it with mapping.yaml, fields",
         key + " = " + shown(key, value));
    return std::nullopt;
  }
  if (clear_credential) return value;
  return text(path, value);
}

void Translation::conf(const std::string& path, Json& map) {
  for (auto entry = map.begin(); entry != map.end();) {
    if (!entry.value().is_string()) {
      ++entry;
      continue;
    }
    auto mapped =
        conf_value(path + "." + entry.key(), entry.key(), entry.value().get<std::string>());
    if (mapped) {
      entry.value() = *mapped;
      ++entry;
    } else {
      entry = map.erase(entry);
    }
  }
}

void Translation::environment(const std::string& path, Json& map) {
  for (auto entry = map.begin(); entry != map.end();) {
    if (!entry.value().is_string()) {
      ++entry;
      continue;
    }
    auto mapped =
        environment_value(path + "." + entry.key(), entry.key(), entry.value().get<std::string>());
    if (mapped) {
      entry.value() = *mapped;
      ++entry;
    } else {
      entry = map.erase(entry);
    }
  }
}

}  // namespace lakeshift::clouds
