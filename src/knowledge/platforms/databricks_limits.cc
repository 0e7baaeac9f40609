#include "knowledge/platforms/databricks_limits.h"

#include <algorithm>

#include "core/base/strings.h"

namespace lakeshift::platforms {
namespace {

enum class Calls : unsigned char { all, reads, writes };

struct LimitRow {
  std::string_view name;
  std::string_view family;
  std::string_view path_part;  // "" = every path of the family
  Calls calls;
  double per_second;  // 0 = none
  int in_flight;      // 0 = none
};

// The vendor's limits page for Azure as collected by api-evangelist/microsoft-azure-databricks
// (read 2026-11), the notes of the legacy SQL API in databricks-sdk 0.162, and
// databrickslabs/migrate pull request 165 (permission writes). The first row that matches counts.
constexpr LimitRow kLimitRows[] = {
    {"account scim reads", "scim", "/accounts/", Calls::reads, 240.0 / 60, 0},
    {"account scim writes", "scim", "/accounts/", Calls::writes, 2, 0},
    {"scim reads", "scim", "", Calls::reads, 255.0 / 60, 0},
    {"workspace export", "workspace-export", "", Calls::all, 60, 0},
    {"workspace import", "workspace-import", "", Calls::all, 30, 0},
    {"permission reads", "permissions", "", Calls::reads, 100, 0},
    {"permission writes", "permissions", "", Calls::writes, 30, 2},
    {"secrets", "secrets", "", Calls::all, 1100.0 / 60, 0},
    {"job creation", "jobs", "/jobs/create", Calls::writes, 20, 0},
    {"job starts", "jobs", "/jobs/run-now", Calls::writes, 20, 0},
    {"run submission", "jobs", "/jobs/runs/submit", Calls::writes, 35, 0},
    {"run reads", "jobs", "/jobs/runs/get", Calls::reads, 100, 0},
    {"dbfs", "dbfs", "", Calls::all, 30, 0},
    {"mlflow search", "mlflow", "/search", Calls::all, 7, 0},
    {"mlflow", "mlflow", "", Calls::all, 120, 0},
    {"token management", "misc", "/token-management/", Calls::all, 40, 0},
    {"legacy sql", "sql", "/preview/sql/", Calls::all, 0, 5},
};

// Evenly spaced and a little below the limit: whatever window the other side counts in, it is not
// exceeded. What a slow moment has left unused is made up for, up to that little.
constexpr double kShareOfLimit = 0.97;

bool covers(const LimitRow& row, const engine::Call& call) {
  const bool read = call.method == "GET" || call.method == "HEAD";
  if (row.calls == Calls::reads && !read) return false;
  if (row.calls == Calls::writes && read) return false;
  return row.family == call.family && contains(call.path, row.path_part);
}

}  // namespace

world::Pacer& PacerSet::of(const engine::Call& call) {
  std::string_view name = call.family;
  world::Limit limit;
  for (const LimitRow& row : kLimitRows) {
    if (!covers(row, call)) continue;
    name = row.name;
    if (documented_)
      limit = {.per_second = row.per_second * kShareOfLimit,
               .in_flight = row.in_flight,
               .burst = std::max(1.0, row.per_second * (1 - kShareOfLimit))};
    break;
  }
  const std::scoped_lock lock(mutex_);
  auto found = pacers_.find(name);
  if (found == pacers_.end())
    found = pacers_.emplace(std::string(name), std::make_unique<world::Pacer>(clock_, limit)).first;
  return *found->second;
}

}  // namespace lakeshift::platforms
