// Storage locations, free texts that may hold anything, and container images.
#include <re2/re2.h>

#include <algorithm>
#include <array>

#include "core/base/strings.h"
#include "knowledge/clouds/translation.h"
#include "knowledge/rules/credentials_in_text.h"

namespace lakeshift::clouds {
namespace {

using model::Severity;

constexpr std::array<std::string_view, 4> kTreeRoots = {"/Workspace/", "/Users/", "/Repos/",
                                                        "/Shared/"};

bool is_tree_path(std::string_view text) {
  return std::any_of(kTreeRoots.begin(), kTreeRoots.end(),
                     [&](std::string_view root) { return text.starts_with(root); });
}

std::string storage_proposal(const Mapper::State& state, std::string_view uri) {
  std::string example = state.to().storage_schemes.empty()
                            ? "<new location>"
                            : std::string(state.to().storage_schemes[0]) + "<new location>";
  return "add to mapping.yaml: " + mapping_line("storage", location_root(uri), example);
}

bool is_foreign(const Mapper::State& state, std::string_view uri) {
  const Cloud* cloud = cloud_of_storage(uri);
  return cloud != nullptr && cloud != state.context.to;
}

void note_secrets(Translation& translation, const std::string& path, std::string_view text) {
  static const RE2 pattern(R"(\{\{\s*secrets/([^/{}\s]+)/([^/{}\s]+)\s*\}\})");
  re2::StringPiece rest(text.data(), text.size());
  std::string scope, key;
  while (RE2::FindAndConsume(&rest, pattern, &scope, &key))
    translation.need("secret", scope + "/" + key, path);
}

// Replaces every place `find` names by what `rewrite` makes of it.
template <typename Find, typename Rewrite>
std::string rewrite_places(const std::string& text, Find find, Rewrite rewrite) {
  std::string out;
  std::size_t end = 0;
  for (const TextSpan& place : find(text)) {
    out.append(text, end, place.offset - end);
    out += rewrite(text.substr(place.offset, place.length));
    end = place.offset + place.length;
  }
  return out.append(text, end);
}

std::vector<TextSpan> find_homes(std::string_view text) {
  static const RE2 pattern(R"(((?:/Workspace)?/(?:Users|Repos)/[^/\s"'`@<>]+@[A-Za-z0-9.\-]+))");
  std::vector<TextSpan> spans;
  re2::StringPiece rest(text.data(), text.size()), found;
  while (RE2::FindAndConsume(&rest, pattern, &found))
    spans.push_back({static_cast<std::size_t>(found.data() - text.data()), found.size()});
  return spans;
}

std::string replace_host(std::string text, const std::string& from, const std::string& to) {
  for (std::size_t at = to_lower(text).find(from); at != std::string::npos;
       at = to_lower(text).find(from, at + to.size()))
    text.replace(at, from.size(), to);
  return text;
}

}  // namespace

std::string Translation::storage(const std::string& path, const std::string& value, Use use) {
  note_secrets(*this, path, value);
  if (auto hit = state_.storage.map(value)) {
    if (hit->location != value)
      decide(path, "storage", value, hit->location, "mapping.yaml, storage: '" + hit->prefix + "'");
    return hit->location;
  }
  if (is_tree_path(value)) {
    std::string mapped = tree_path(path, value);
    return mapped;
  }
  std::string canonical = canonical_location(value);
  if (canonical.starts_with("dbfs:/mnt/")) {
    find("mount-path", Severity::warning, path,
         "'" + value + "' is below a mount point, and mounts do not move",
         "create a volume or external location and map the path: " +
             mapping_line("storage", value, "/Volumes/<path>"),
         value);
  } else if (canonical.starts_with("dbfs:/")) {
    find("dbfs-path", Severity::warning, path,
         "'" + value + "' is on the workspace's own file system, which is not moved yet",
         "copy the file to a volume or the workspace tree and map the path: " +
             mapping_line("storage", value, "/Volumes/<path>"),
         value);
  } else if (is_foreign(state_, value)) {
    std::string reason =
        "'" + value + "' is storage of another cloud, and no prefix of it is mapped";
    if (use == Use::must_work)
      block("storage-unmapped", path, reason, storage_proposal(state_, value));
    else
      find("storage-unmapped", Severity::warning, path, reason, storage_proposal(state_, value),
           value);
  }
  return state_.crosses_clouds() ? value : state_.map_accounts(value);
}

std::string Translation::text(const std::string& path, const std::string& value) {
  note_secrets(*this, path, value);
  auto leaks = rules::find_credentials(value);
  if (!leaks.empty())
    find("credential-in-clear", Severity::warning, path,
         "a credential is written in clear (" + std::string(leaks[0].what) + ")",
         "put it into a secret scope, refer to it as {{secrets/<scope>/<key>}}, and renew it",
         rules::without_credentials(value));
  auto relocate = [&](const std::string& url) {
    if (auto hit = state_.storage.map(url)) return hit->location;
    if (is_foreign(state_, url))
      find(
          "storage-unmapped", Severity::warning, path,
          "'" + location_root(url) + "' is storage of another cloud, and no prefix of it is mapped",
          storage_proposal(state_, url), rules::without_credentials(url));
    return url;
  };
  auto relocate_path = [&](const std::string& file) {
    auto hit = state_.storage.map(file);
    if (!hit && canonical_location(file).starts_with("dbfs:/mnt/"))
      find("mount-path", Severity::warning, path,
           "'" + file + "' is below a mount point, and mounts do not move",
           "create a volume or external location and map the path in mapping.yaml, storage", file);
    return hit ? hit->location : file;
  };
  std::string mapped = rewrite_places(value, find_storage_urls, relocate);
  mapped = rewrite_places(mapped, find_file_paths, relocate_path);
  mapped = rewrite_places(mapped, find_homes,
                          [&](const std::string& home) { return state_.map_tree_path(home); });
  for (const auto& [from, to] : state_.hosts) mapped = replace_host(mapped, from, to);
  mapped = state_.map_accounts(mapped);
  if (mapped != value)
    decide(path, "text", rules::without_credentials(value), rules::without_credentials(mapped),
           "storage prefixes, home folders, workspace URLs and account ids of mapping.yaml");
  return mapped;
}

std::string Translation::image(const std::string& path, const std::string& value, bool has_login) {
  note_secrets(*this, path, value);
  const std::pair<const std::string, std::string>* longest = nullptr;
  for (const auto& entry : state_.user().registries)
    if (value.starts_with(entry.first) &&
        (longest == nullptr || entry.first.size() > longest->first.size()))
      longest = &entry;
  if (longest != nullptr) {
    std::string mapped = longest->second + value.substr(longest->first.size());
    if (mapped != value)
      decide(path, "image", value, mapped, "mapping.yaml, registries: '" + longest->first + "'");
    return mapped;
  }
  std::string host = value.substr(0, value.find('/'));
  if (!state_.crosses_clouds()) {
    std::string mapped = state_.map_accounts(host) + value.substr(host.size());
    // The account is the first label of a registry's host.
    for (const auto& [from, to] : state_.user().accounts)
      if (host.starts_with(from + ".")) mapped = to + value.substr(from.size());
    if (mapped != value)
      decide(path, "account", value, mapped, "account id replaced (mapping.yaml, accounts)");
    return mapped;
  }
  bool of_source =
      std::any_of(state_.from().registry_suffixes.begin(), state_.from().registry_suffixes.end(),
                  [&](std::string_view suffix) { return host.ends_with(suffix); });
  if (!of_source) return value;
  std::string reason =
      "image '" + value + "' is in a registry of " + std::string(state_.from().title);
  std::string remedy = "copy the image and add to mapping.yaml: " +
                       mapping_line("registries", host, "<registry in the target>");
  if (has_login)  // a registry with its own login answers from anywhere
    find("image-in-source-cloud", Severity::warning, path,
         reason + "; it is still pulled from there", remedy, value);
  else
    block("image-unmapped", path, reason + " and has no login of its own", remedy);
  return value;
}

}  // namespace lakeshift::clouds
