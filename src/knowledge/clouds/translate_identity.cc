// People, groups, applications, home folders, regions and the identities that machines run under.
#include <re2/re2.h>

#include "core/base/strings.h"
#include "knowledge/clouds/translation.h"

namespace lakeshift::clouds {
namespace {

using model::Severity;

bool looks_like_application_id(std::string_view text) {
  static const RE2 pattern("[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");
  return RE2::FullMatch(re2::StringPiece(text.data(), text.size()), pattern);
}

std::string owner_of_home(std::string_view path) {
  if (path.starts_with("/Workspace/")) path.remove_prefix(10);
  for (std::string_view root : {"/Users/", "/Repos/"})
    if (path.starts_with(root)) {
      path.remove_prefix(root.size());
      return std::string(path.substr(0, path.find('/')));
    }
  return {};
}

}  // namespace

std::map<std::string, std::string> pair_applications(const model::Inventory& source,
                                                     const model::Inventory& target,
                                                     const std::vector<state::LedgerRow>& ledger) {
  constexpr std::string_view kKind = "service_principal";
  std::map<std::string, std::string> by_id, made;
  std::map<std::string, std::vector<std::string>> by_name;
  for (const model::Object& object : target.objects) {
    if (object.id.kind != kKind) continue;
    by_id[object.id.id] = text_at(object.document, "applicationId");
    by_name[text_at(object.document, "displayName")].push_back(by_id[object.id.id]);
  }
  for (const state::LedgerRow& row : ledger)
    if (row.source.kind == kKind && row.source.side == source.side &&
        row.target_side == target.side)
      if (const auto found = by_id.find(row.target_id); found != by_id.end())
        made[row.source.id] = found->second;
  std::map<std::string, std::string> pairs;
  for (const model::Object& object : source.objects) {
    if (object.id.kind != kKind) continue;
    const auto known = made.find(object.id.id);
    const auto named = by_name.find(text_at(object.document, "displayName"));
    std::string to;
    if (known != made.end())
      to = known->second;
    else if (named != by_name.end() && named->second.size() == 1)
      to = named->second.front();
    if (!to.empty()) pairs[text_at(object.document, "applicationId")] = to;
  }
  return pairs;
}

std::string Translation::person(const std::string& path, const std::string& value) {
  std::string mapped = state_.map_person(value);
  if (mapped != value) decide(path, "identity", value, mapped, "mapping.yaml, people");
  return mapped;
}

std::string Translation::group(const std::string& path, const std::string& value) {
  auto found = state_.user().groups.find(value);
  if (found == state_.user().groups.end()) return value;
  decide(path, "identity", value, found->second, "mapping.yaml, groups");
  return found->second;
}

// An application without an entry is left to planning, which knows the service principal's new
// application id.
std::string Translation::application(const std::string& path, const std::string& value) {
  auto found = state_.user().applications.find(value);
  if (found == state_.user().applications.end()) return value;
  decide(path, "identity", value, found->second, "mapping.yaml, applications");
  return found->second;
}

std::string Translation::principal(const std::string& path, const std::string& value) {
  if (contains(value, "@")) return person(path, value);
  if (looks_like_application_id(value)) return application(path, value);
  return group(path, value);
}

std::string Translation::tree_path(const std::string& path, const std::string& value) {
  std::string mapped = state_.map_tree_path(value);
  if (mapped != value) {
    decide(path, "home-folder", value, mapped, "home folders follow their owner (mapping.yaml)");
    return mapped;
  }
  std::string owner = owner_of_home(value);
  const bool gets_new_id =
      (state_.from().generates_application_ids || state_.to().generates_application_ids) &&
      !state_.context.applications.contains(owner);
  if (looks_like_application_id(owner) && gets_new_id)
    block("service-principal-home", path,
          "'" + value + "' is in the home folder of an application that gets a new id on " +
              std::string(state_.to().title),
          "apply the service principals and plan again: then the new id is known; or name another "
          "application in mapping.yaml: " +
              mapping_line("applications", owner, "<new application id>"));
  return mapped;
}

std::string Translation::region(const std::string& path, const std::string& value) {
  auto found = state_.user().regions.find(value);
  if (found != state_.user().regions.end()) {
    decide(path, "region", value, found->second, "mapping.yaml, regions");
    return found->second;
  }
  if (!state_.crosses_clouds() || value == state_.target_region) return value;
  if (!state_.target_region.empty()) {
    decide(path, "region", value, state_.target_region, "the target workspace's own region");
    return state_.target_region;
  }
  block("region-unmapped", path,
        "region '" + value + "' of " + std::string(state_.from().title) +
            " has no counterpart, and the target's region is not known",
        "add to mapping.yaml: " + mapping_line("regions", value, "<region in the target>"));
  return value;
}

std::optional<std::string> Translation::identity(const std::string& path,
                                                 const std::string& value) {
  const auto& table = state_.user().instance_profiles;
  if (auto found = table.find(value); found != table.end()) {
    bool drop = found->second.empty();
    decide(path, "cloud-identity", value, drop ? Json() : Json(found->second),
           drop ? "dropped by mapping.yaml, instance_profiles" : "mapping.yaml, instance_profiles");
    if (drop) return std::nullopt;
    return found->second;
  }
  if (!state_.crosses_clouds()) {
    std::string mapped = state_.map_accounts(value);
    if (mapped != value)
      decide(path, "account", value, mapped, "account id replaced (mapping.yaml, accounts)");
    return mapped;
  }
  bool one_of_many = contains(path, "]");
  std::string proposal =
      state_.to().has_instance_profiles ? "<instance profile ARN in the target>" : "";
  std::string reason = "'" + value + "' is an identity of " + std::string(state_.from().title) +
                       " and means nothing on " + std::string(state_.to().title);
  if (one_of_many && !contains(path, "new_cluster")) {
    decide(path, "cloud-identity", value, Json(), "dropped: " + reason);
    find("cloud-identity-dropped", Severity::warning, path, reason,
         "give the same people access through storage credentials and external locations; or name "
         "a counterpart: " +
             mapping_line("instance_profiles", value, proposal),
         value);
    return std::nullopt;
  }
  block("cloud-identity-unmapped", path, reason,
        "give the data access by a storage credential and external location of the target, then "
        "add to mapping.yaml: " +
            mapping_line("instance_profiles", value, proposal) +
            (state_.to().has_instance_profiles ? "" : " (empty: run without it)"));
  return value;
}

}  // namespace lakeshift::clouds
