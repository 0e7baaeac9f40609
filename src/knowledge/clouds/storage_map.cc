#include "knowledge/clouds/storage_map.h"

#include <re2/re2.h>

#include <algorithm>

#include "core/base/strings.h"
#include "knowledge/clouds/cloud.h"

namespace lakeshift::clouds {
namespace {

std::string_view without_slash(std::string_view text) {
  while (text.size() > 1 && text.ends_with('/') && !text.ends_with("://")) text.remove_suffix(1);
  return text;
}

void collect(std::string_view text, const RE2& pattern, std::vector<TextSpan>& spans) {
  re2::StringPiece rest(text.data(), text.size()), found;
  while (RE2::FindAndConsume(&rest, pattern, &found)) {
    std::size_t length = found.size();
    while (length > 0 && (found[length - 1] == '.' || found[length - 1] == ':')) --length;
    spans.push_back({static_cast<std::size_t>(found.data() - text.data()), length});
  }
}

// s3a:// in, s3a:// out: the connector's scheme is not part of the location.
std::string keep_spelling(std::string_view source, std::string location) {
  std::string lower = to_lower(source.substr(0, 6));
  if (lower == "s3a://" && location.starts_with("s3://")) return "s3a://" + location.substr(5);
  if (lower == "/dbfs/" && location.starts_with("dbfs:/")) return "/dbfs/" + location.substr(6);
  if (source.starts_with("/mnt/") && location.starts_with("dbfs:/mnt/")) return location.substr(5);
  return location;
}

}  // namespace

std::string canonical_location(std::string_view uri) {
  if (uri.starts_with("/dbfs/")) return "dbfs:/" + std::string(uri.substr(6));
  if (uri.starts_with("/mnt/")) return "dbfs:" + std::string(uri);
  if (uri.starts_with("dbfs:///")) return "dbfs:/" + std::string(uri.substr(8));
  std::size_t end = uri.find("://");
  if (end == std::string_view::npos) return std::string(uri);
  std::string scheme = to_lower(uri.substr(0, end)), rest(uri.substr(end + 3));
  if (scheme == "s3a" || scheme == "s3n") scheme = "s3";
  if (scheme == "abfs") scheme = "abfss";
  if (scheme == "wasb" || scheme == "wasbs") {
    scheme = "abfss";
    std::size_t host_end = std::min(rest.find('/'), rest.size());
    std::size_t blob = rest.find(".blob.core.windows.net");
    if (blob < host_end) rest.replace(blob, 5, ".dfs");
  }
  return scheme + "://" + rest;
}

std::string location_root(std::string_view uri) {
  std::size_t start = uri.find("://");
  start = start == std::string_view::npos ? 0 : start + 3;
  return std::string(uri.substr(0, uri.find('/', start)));
}

StorageMap::StorageMap(const std::map<std::string, std::string>& table) {
  for (const auto& [from, to] : table) {
    std::string prefix = canonical_location(from);
    entries_.push_back({std::string(without_slash(prefix)), from, std::string(without_slash(to))});
    if (cloud_of_storage(prefix) == nullptr) has_paths_ = true;
  }
  std::stable_sort(entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) {
    return a.prefix.size() > b.prefix.size();
  });
}

std::optional<StorageHit> StorageMap::map(std::string_view uri) const {
  std::string canonical = canonical_location(uri);
  for (const Entry& entry : entries_) {
    if (!canonical.starts_with(entry.prefix)) continue;
    std::string_view rest = std::string_view(canonical).substr(entry.prefix.size());
    if (!rest.empty() && rest[0] != '/' && !entry.prefix.ends_with('/')) continue;
    return StorageHit{keep_spelling(uri, entry.to + std::string(rest)), entry.spelled};
  }
  return std::nullopt;
}

std::vector<TextSpan> find_storage_urls(std::string_view text) {
  static const RE2 pattern(
      "((?i:\\b(?:abfss?|wasbs?|adl|s3[an]?|gs)://)[^\\s\"'`<>|;,()\\[\\]{}\\\\$]+)");
  std::vector<TextSpan> spans;
  collect(text, pattern, spans);
  return spans;
}

std::vector<TextSpan> find_file_paths(std::string_view text) {
  static const RE2 pattern(
      "(?:^|[\\s\"'`(=,\\[:])((?:dbfs:/|/dbfs/|/mnt/)[^\\s\"'`<>|;,()\\[\\]{}\\\\$]+)");
  std::vector<TextSpan> spans;
  collect(text, pattern, spans);
  return spans;
}

}  // namespace lakeshift::clouds
