// Where access to a workspace is written down: profiles and environment variables.
#include <algorithm>
#include <map>
#include <vector>

#include "core/base/strings.h"
#include "knowledge/credentials/methods.h"

namespace lakeshift::credentials {
namespace {

using world::Secret;
using Section = std::map<std::string, std::string>;

std::string profiles_path(world::World& world) {
  std::string path = world.environment.variable("DATABRICKS_CONFIG_FILE").value_or("");
  if (path.empty()) path = "~/.databrickscfg";
  if (path.starts_with("~/")) path = world.environment.home() + path.substr(1);
  return path;
}

// INI as Python's configparser reads it; sections do not inherit from DEFAULT (neither do the
// official tools').
Result<std::map<std::string, Section>> parse_profiles(std::string_view text,
                                                      const std::string& path) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  std::map<std::string, Section> sections;
  Section* here = nullptr;
  std::size_t number = 0;
  for (const std::string& raw : split(text, '\n')) {
    ++number;
    const std::string_view line = trim(raw);
    if (line.empty() || line.front() == '#' || line.front() == ';') continue;
    if (line.front() == '[' && line.back() == ']') {
      here = &sections[std::string(trim(line.substr(1, line.size() - 2)))];
      continue;
    }
    const std::size_t equals = line.find_first_of("=:");
    if (equals == std::string_view::npos || here == nullptr)
      return fail("bad-profile",
                  "line " + std::to_string(number) + " is neither '[profile]' nor 'key = value'",
                  path, "correct that line");
    (*here)[to_lower(trim(line.substr(0, equals)))] = std::string(trim(line.substr(equals + 1)));
  }
  return sections;
}

// `text_of` looks a value up by its key in a profile; empty when absent.
template <typename Lookup>
Access access_of(const Lookup& text_of) {
  Access access;
  access.host = normal_host(text_of("host"));
  access.account_id = text_of("account_id");
  access.token = Secret(text_of("token"));
  access.client_id = text_of("client_id");
  access.client_secret = Secret(text_of("client_secret"));
  access.tenant_id = text_of("azure_tenant_id");
  access.azure_client_id = text_of("azure_client_id");
  access.azure_client_secret = Secret(text_of("azure_client_secret"));
  access.auth_type = text_of("auth_type");
  return access;
}

std::string quoted_list(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "'" : ", '") + name + "'";
  return text;
}

std::string upper(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(), [](char c) {
    if (c >= 'a' && c <= 'z') return static_cast<char>(c - 'a' + 'A');
    return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ? c : '_';
  });
  return result;
}

Result<Access> completed(Access access, const std::string& connection, const std::string& host) {
  const std::string wanted = host.empty() ? std::string() : normal_host(host);
  if (access.host.empty()) access.host = wanted;
  if (access.host.empty())
    return fail("no-credential", access.origin + " names no host",
                "connection '" + connection + "'",
                "write the workspace's address there as host, or into the configuration");
  if (!wanted.empty() && !equals_ignoring_case(wanted, access.host))
    return fail(
        "host-mismatch",
        "the configuration says " + wanted + " but " + access.origin + " says " + access.host,
        "connection '" + connection + "'", "correct the one that is wrong");
  if (!has_credential(access))
    return fail("no-credential",
                access.origin + " has no credential: looked for " + names_looked_for(access),
                "connection '" + connection + "'", "write one of them there");
  return access;
}

}  // namespace

std::string normal_host(std::string_view text) {
  std::string host(trim(text));
  if (host.empty()) return {};
  if (host.find("://") == std::string::npos) host = "https://" + host;
  const std::size_t start = host.find("://") + 3;
  const std::size_t end = host.find_first_of("/?#", start);
  if (end != std::string::npos) host.resize(end);
  return to_lower(host);
}

std::string environment_prefix(const std::string& connection) {
  return "LAKESHIFT_" + upper(connection) + "_";
}

Result<Access> access_from_profile(world::World& world, const std::string& profile) {
  const std::string path = profiles_path(world);
  auto text = world.files.read(path);
  if (!text && text.error().code == "not-found")
    return fail("not-found", "there is no profile '" + profile + "': the file does not exist", path,
                "write a profile with host and token into it, or set DATABRICKS_CONFIG_FILE");
  if (!text) return fail(std::move(text.error()));
  LS_ASSIGN(auto sections, parse_profiles(*text, path));
  const auto found = sections.find(profile);
  if (found == sections.end()) {
    std::vector<std::string> names;
    for (const auto& [name, section] : sections) names.push_back(name);
    const std::string near = closest(profile, names);
    return fail("bad-profile", "there is no profile '" + profile + "'", path,
                !near.empty()    ? "did you mean '" + near + "'?"
                : !names.empty() ? "the file has " + quoted_list(names)
                                 : "the file has no profile; write one with host and token");
  }
  const Section& section = found->second;
  Access access = access_of([&](const char* key) {
    const auto value = section.find(key);
    return value == section.end() ? std::string() : value->second;
  });
  access.profile = profile;
  access.origin = "profile '" + profile + "' of " + path;
  return access;
}

std::optional<Access> access_from_environment(world::World& world, const std::string& prefix) {
  const bool official = prefix.empty();
  const std::string start = official ? "DATABRICKS_" : prefix;
  bool any = false;
  Access access = access_of([&](std::string_view key) {
    std::string name = start + upper(key);
    if (official && key.starts_with("azure_"))
      name = "ARM_" + upper(key.substr(std::string_view("azure_").size()));
    std::string value = world.environment.variable(name).value_or("");
    any = any || (!value.empty() && name.starts_with(start));
    return std::string(trim(value));
  });
  if (!any) return std::nullopt;
  access.environment_prefix = start;
  access.origin = "environment variables " + start + "…";
  return access;
}

Result<Access> find_access(world::World& world, const std::string& connection,
                           const std::string& profile, const std::string& host) {
  if (!profile.empty()) {
    LS_ASSIGN(Access access, access_from_profile(world, profile));
    return completed(std::move(access), connection, host);
  }
  const std::string prefix = environment_prefix(connection);
  if (auto access = access_from_environment(world, prefix))
    return completed(*std::move(access), connection, host);
  const std::string path = profiles_path(world);
  if (world.files.exists(path)) {
    auto access = access_from_profile(world, connection);
    if (access) return completed(*std::move(access), connection, host);
    if (access.error().remedy == "correct that line") return fail(std::move(access.error()));
  }
  // Both sides of a migration must not quietly become the same workspace: only for the host that
  // was asked for.
  if (auto access = access_from_environment(world, "");
      access && !host.empty() && access->host == normal_host(host))
    return completed(*std::move(access), connection, host);
  return fail("no-credential",
              "found no access: no variable " + prefix + "HOST or " + prefix +
                  "TOKEN, and no profile '" + connection + "' in " + path,
              "connection '" + connection + "'",
              "set those variables, write that profile, or name another with 'profile:' in the "
              "configuration");
}

}  // namespace lakeshift::credentials
