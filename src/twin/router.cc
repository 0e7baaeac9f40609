#include "twin/router.h"

namespace lakeshift::twin {
namespace {

struct Alias {
  std::string_view older;
  std::string_view newest;
};
// Older paths that the vendor still serves and databricks-cli 0.18 or other clients use; same
// fields, newest rules.
constexpr Alias kAliases[] = {{"/api/2.0/clusters/", "/api/2.1/clusters/"},
                              {"/api/2.0/jobs/", "/api/2.2/jobs/"},
                              {"/api/2.1/jobs/", "/api/2.2/jobs/"},
                              {"/api/2.0/preview/permissions/", "/api/2.0/permissions/"},
                              {"/api/2.0/scim/v2/", "/api/2.0/preview/scim/v2/"},
                              {"/api/2.0/sql/endpoints", "/api/2.0/sql/warehouses"}};

struct Place {
  const Endpoint* endpoint;
  std::vector<std::string> segments;
  std::size_t literals;
};

// Built once from the constant service tables.
const std::map<std::string, std::vector<Place>, std::less<>>& places() {
  static const auto table = [] {
    std::map<std::string, std::vector<Place>, std::less<>> all;
    for (const Service* service : services::all_services()) {
      for (const Endpoint& endpoint : service->endpoints) {
        Place place{&endpoint, path_segments(endpoint.path), 0};
        for (const std::string& segment : place.segments) {
          if (!segment.starts_with('{')) ++place.literals;
        }
        const std::string word = place.segments.size() > 2 ? place.segments[2] : "";
        all[std::string(endpoint.method) + " " + word].push_back(std::move(place));
      }
    }
    return all;
  }();
  return table;
}

}  // namespace

std::string newest_path(std::string_view path) {
  for (const Alias& alias : kAliases) {
    if (path.starts_with(alias.older))
      return std::string(alias.newest) + std::string(path.substr(alias.older.size()));
  }
  constexpr std::string_view kAccounts = "/api/2.0/accounts/";
  const std::size_t scim = path.find("/scim/v2/");
  if (path.starts_with(kAccounts) && scim != std::string_view::npos)
    return "/api/2.0/preview" + std::string(path.substr(scim));
  return std::string(path);
}

ServiceMatch find_endpoint(std::string_view method, std::string_view raw_path) {
  ServiceMatch best;
  std::size_t literals = 0;
  const std::vector<std::string> segments = path_segments(raw_path);
  const std::string word = segments.size() > 2 ? segments[2] : "";
  const auto candidates = places().find(std::string(method) + " " + word);
  if (candidates == places().end()) return best;
  for (const Place& place : candidates->second) {
    if (best.endpoint != nullptr && literals >= place.literals) continue;
    if (auto parameters = fit_path(place.segments, raw_path)) {
      best.endpoint = place.endpoint;
      best.parameters = std::move(*parameters);
      literals = place.literals;
    }
  }
  return best;
}

}  // namespace lakeshift::twin
