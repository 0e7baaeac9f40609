#include "knowledge/clouds/mapper.h"

#include <cctype>

#include "core/base/strings.h"
#include "knowledge/clouds/translation.h"

namespace lakeshift::clouds {
namespace {

std::string bare_host(std::string_view url) {
  std::string host = to_lower(url);
  if (auto scheme = host.find("://"); scheme != std::string::npos) host.erase(0, scheme + 3);
  while (host.ends_with('/')) host.pop_back();
  return host;
}

std::vector<std::string> zones_of(const Json& reference) {
  std::vector<std::string> zones;
  const Json& list = reference_list(reference, "zones", "zones");
  if (list.is_array())
    for (const Json& zone : list)
      if (zone.is_string()) zones.push_back(zone.get<std::string>());
  return zones;
}

// "us-west-2a" and "us-central1-a" name their region.
std::string region_of(const Json& platform, const std::vector<std::string>& zones) {
  if (std::string region = text_at(platform, "region"); !region.empty()) return region;
  if (zones.empty() || zones.front().size() < 3) return {};
  std::string region = zones.front();
  region.pop_back();
  if (region.ends_with('-')) region.pop_back();
  return region;
}

}  // namespace

Mapper::State::State(MappingContext given)
    : context(std::move(given)),
      source_nodes(*context.from, context.source_reference),
      target_nodes(*context.to, context.target_reference),
      runtimes(context.target_reference),
      storage(context.user.storage),
      target_zones(zones_of(context.target_reference)),
      target_region(region_of(context.target_platform, target_zones)) {
  std::string old_host = bare_host(text_at(context.source_platform, "host"));
  std::string new_host = bare_host(text_at(context.target_platform, "host"));
  // Loopback names say nothing: a twin's address in a text is not the workspace's.
  bool named = !old_host.empty() && !new_host.empty() && old_host != new_host;
  if (named && cloud_of_host(old_host) != nullptr) hosts[old_host] = new_host;
  for (const auto& [from, to] : context.user.hosts) hosts[bare_host(from)] = bare_host(to);
}

Mapper::Mapper(MappingContext context) : state_(std::make_unique<State>(std::move(context))) {}
Mapper::~Mapper() = default;
Mapper::Mapper(Mapper&&) noexcept = default;

MappedDocument Mapper::map(const engine::Kind& kind, const model::Object& object) const {
  MappedDocument out;
  out.document = object.document;
  Translation(*state_, kind, object, out).run();
  return out;
}

std::string Mapper::State::map_person(std::string_view user_name) const {
  const auto& people = user().people;
  std::string lower = to_lower(user_name);
  for (const auto& [from, to] : people)
    if (to_lower(from) == lower) return to;
  std::size_t at = user_name.find('@');
  if (at == std::string_view::npos) return std::string(user_name);
  for (const auto& [from, to] : people)
    if (from.starts_with("*@") && to_lower(from.substr(1)) == to_lower(user_name.substr(at)))
      return to.starts_with("*@") ? std::string(user_name.substr(0, at)) + to.substr(1) : to;
  return std::string(user_name);
}

std::string Mapper::State::map_tree_path(std::string_view path) const {
  std::string_view rest = path;
  std::string head;
  if (rest.starts_with("/Workspace/")) {
    head = "/Workspace";
    rest.remove_prefix(head.size());
  }
  for (std::string_view root : {"/Users/", "/Repos/"}) {
    if (!rest.starts_with(root)) continue;
    rest.remove_prefix(root.size());
    std::string_view owner = rest.substr(0, rest.find('/'));
    std::string mapped = map_person(owner);
    if (auto known = context.applications.find(std::string(owner));
        known != context.applications.end())
      mapped = known->second;
    if (auto found = user().applications.find(std::string(owner));
        found != user().applications.end())
      mapped = found->second;
    return head + std::string(root) + mapped + std::string(rest.substr(owner.size()));
  }
  return std::string(path);
}

// Whole words only, with hyphens: an account id inside a bucket's name is part of that name.
std::string Mapper::State::map_accounts(std::string_view text) const {
  std::string mapped(text);
  for (const auto& [from, to] : user().accounts) {
    auto is_word = [](char c) {
      return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-';
    };
    for (std::size_t at = mapped.find(from); at != std::string::npos; at = mapped.find(from, at)) {
      std::size_t end = at + from.size();
      bool whole =
          (at == 0 || !is_word(mapped[at - 1])) && (end == mapped.size() || !is_word(mapped[end]));
      if (whole) mapped.replace(at, from.size(), to);
      at += whole ? to.size() : from.size();
    }
  }
  return mapped;
}

std::string Mapper::map_person(std::string_view user_name) const {
  return state_->map_person(user_name);
}
std::string Mapper::map_tree_path(std::string_view path) const {
  return state_->map_tree_path(path);
}

std::string Mapper::map_storage(std::string_view uri, bool* mapped) const {
  auto hit = state_->storage.map(uri);
  if (mapped != nullptr) *mapped = hit.has_value();
  return hit ? hit->location : std::string(uri);
}

}  // namespace lakeshift::clouds
