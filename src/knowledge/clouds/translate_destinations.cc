// Where clusters take init scripts from and put their logs, and how their tags are spelled.
#include <re2/re2.h>

#include <algorithm>

#include "core/base/strings.h"
#include "knowledge/clouds/translation.h"

namespace lakeshift::clouds {
namespace {

using model::Severity;

std::string_view text_prefix_member(std::string_view location) {
  if (location.starts_with("dbfs:/")) return "dbfs";
  if (location.starts_with("/Volumes/")) return "volumes";
  if (location.starts_with("file:/")) return "file";
  return location.starts_with('/') ? "workspace" : "";
}

std::string_view init_script_member(std::string_view location) {
  if (const Cloud* cloud = cloud_of_storage(location)) return cloud->init_script_member;
  return text_prefix_member(location);
}

std::string_view log_member(std::string_view location) {
  if (const Cloud* cloud = cloud_of_storage(location)) return cloud->log_member;
  std::string_view name = text_prefix_member(location);
  return name == "dbfs" || name == "volumes" ? name : "";
}

// The single member of {"s3": {"destination": …}}; empty when the object is shaped otherwise.
std::string single_member(const Json& object) {
  if (!object.is_object()) return {};
  for (const auto& [name, value] : object.items())
    if (value.is_object() && value.contains("destination")) return name;
  return {};
}

// Keeps what the destination's storage understands: region and encryption belong to the source's
// buckets.
Json described(Translation& translation, const std::string& path, const Json& before,
               std::string_view member_name, const std::string& location) {
  const Mapper::State& state = translation.state();
  const Cloud* storage = cloud_of_storage(location);
  Json after = {{"destination", location}};
  if (storage == nullptr || !storage->storage_needs_region) return after;
  if (!state.crosses_clouds() || cloud_of_storage(text_at(before, "destination")) == storage) {
    after = before;
    after["destination"] = location;
    std::string region = text_at(before, "region");
    if (!region.empty()) {
      auto found = state.user().regions.find(region);
      if (found != state.user().regions.end()) after["region"] = found->second;
    }
    if (std::string key = text_at(before, "kms_key"); !key.empty())
      after["kms_key"] = state.map_accounts(key);
    if (!region.empty() || !text_at(before, "endpoint").empty()) return after;
  }
  if (!state.target_region.empty())
    after["region"] = state.target_region;
  else
    translation.block("destination-without-region",
                      path + "." + std::string(member_name) + ".region",
                      "'" + location + "' needs a region, and the target's region is not known",
                      "name it in mapping.yaml, fields, or discover the target again so that its "
                      "zones are known");
  return after;
}

}  // namespace

void Translation::log_destination(const std::string& prefix, Json& block) {
  const Json before = member(block, "cluster_log_conf");
  const std::string path = prefix + "cluster_log_conf", name = single_member(before);
  if (name.empty()) return;
  const std::string place = text_at(member(before, name), "destination");
  if (place.empty()) return;
  std::string location = storage(path + "." + name + ".destination", place, Use::must_work);
  std::string_view new_name = log_member(location);
  const Cloud* storage_cloud = cloud_of_storage(location);
  bool usable = !new_name.empty() && (storage_cloud == nullptr || storage_cloud == &state_.to());
  if (!usable) {
    bool told = std::any_of(out_.blockers.begin(), out_.blockers.end(), [&](const Blocker& each) {
      return each.path == path + "." + name + ".destination";
    });
    if (!told) block_log(path + "." + name + ".destination", place, location);
    return;
  }
  block["cluster_log_conf"] = {
      {std::string(new_name), described(*this, path, member(before, name), new_name, location)}};
  if (new_name != name)
    decide(path, "storage", before, block["cluster_log_conf"],
           "cluster logs go where the storage map says");
}

void Translation::block_log(const std::string& path, const std::string& place,
                            const std::string& location) {
  block("log-destination-unmapped", path,
        "cluster logs cannot be written to '" + location + "' on " + std::string(state_.to().title),
        "map the log folder to a volume (the longest prefix wins): " +
            mapping_line("storage", place, "/Volumes/<catalog>/<schema>/<volume>/logs"));
}

void Translation::init_scripts(const std::string& prefix, Json& block) {
  auto scripts = block.find("init_scripts");
  if (scripts == block.end() || !scripts->is_array()) return;
  for (std::size_t i = 0; i < scripts->size(); ++i) {
    const Json before = (*scripts)[i];
    const std::string name = single_member(before),
                      path = prefix + "init_scripts[" + std::to_string(i) + "]";
    if (name.empty()) continue;
    std::string place = text_at(member(before, name), "destination");
    if (place.empty()) continue;
    // Workspace destinations are tree paths, with or without /Workspace.
    std::string location = place;
    if (name == "workspace") {
      location = tree_path(path + ".workspace.destination", place);
    } else if (name != "file") {
      location = storage(path + "." + name + ".destination", place, Use::must_work);
    }
    std::string_view new_name = name == "workspace" ? name : init_script_member(location);
    if (new_name.empty()) new_name = name;
    if (new_name == "dbfs")
      find("init-script-on-dbfs", Severity::warning, path,
           "init scripts on dbfs:/ are deprecated and refused by newer runtimes",
           "move the script to the workspace tree or a volume and map it: " +
               mapping_line("storage", place, "/Volumes/<path>"),
           place);
    if (location == place && new_name == name) continue;
    (*scripts)[i] = {
        {std::string(new_name), described(*this, path, member(before, name), new_name, location)}};
    if (new_name != name)
      decide(path, "storage", before, (*scripts)[i],
             "init scripts are taken from where the storage map says");
  }
}

void Translation::tags(const std::string& path, Json& map) {
  if (!state_.crosses_clouds()) return;
  const TagRules& rules = state_.to().tags;
  // "[^\\x00-\\x{10FFFF}]" matches nothing.
  auto class_of = [](std::string_view refused) {
    return std::string(refused.empty() ? "[^\\x00-\\x{10FFFF}]" : refused);
  };
  const RE2 in_keys{class_of(rules.refused_in_keys)}, in_values{class_of(rules.refused_in_values)};
  auto fit = [&](std::string text, const RE2& refused, std::size_t length) {
    if (rules.lower_case) text = to_lower(text);
    RE2::GlobalReplace(&text, refused, "_");
    if (text.size() > length) text.resize(length);
    while (!text.empty() && !is_valid_utf8(text)) text.pop_back();
    return text;
  };
  auto fit_key = [&](const std::string& key) {
    const std::string lower = to_lower(key);
    bool reserved = std::any_of(rules.reserved.begin(), rules.reserved.end(),
                                [&](std::string_view start) { return lower.starts_with(start); });
    return fit(reserved ? "x-" + key : key, in_keys, rules.key_length);
  };
  Json mapped = Json::object();
  for (const auto& [key, value] : map.items()) {
    if (!value.is_string()) {
      mapped[key] = value;
      continue;
    }
    std::string text = value.get<std::string>(), new_key = fit_key(key),
                new_value = fit(text, in_values, rules.value_length);
    // Two keys that became one get numbers, within the length.
    const std::string base = new_key.substr(0, rules.key_length - 4);
    for (int number = 2; mapped.contains(new_key); ++number)
      new_key = base + "_" + std::to_string(number);
    mapped[new_key] = new_value;
    if (new_key == key && new_value == text) continue;
    decide(path + "." + key, "tag", key + "=" + text, new_key + "=" + new_value,
           std::string(rules.source));
    find("tag-respelled", Severity::info, path + "." + key,
         "tag '" + key + "' is not accepted by " + std::string(state_.to().title) + " as it is (" +
             std::string(rules.source) + ")",
         "adjust reports that group by this tag", key + "=" + text);
  }
  if (mapped.size() > rules.count)
    find("too-many-tags", Severity::warning, path,
         std::to_string(mapped.size()) + " tags, and " + std::string(state_.to().title) +
             " takes " + std::to_string(rules.count),
         "remove some in the source or in mapping.yaml, fields", "");
  map = std::move(mapped);
}

}  // namespace lakeshift::clouds
