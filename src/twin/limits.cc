#include "twin/limits.h"

#include <algorithm>

#include "core/base/strings.h"

namespace lakeshift::twin {
namespace {

struct PacedFamily {
  std::string_view name;
  std::string_view methods;  // "" = all
  std::string_view part;     // of the path
  double documented;         // calls per second
  double tight;
};
// learn.microsoft.com "Resource limits" (API rate limits), read 2026-11; SCIM from the account and
// workspace table there.
constexpr PacedFamily kPacedFamilies[] = {
    {"jobs-create", "POST", "/jobs/create", 20, 5},
    {"jobs-run", "POST", "/jobs/run-now", 20, 5},
    {"jobs-submit", "POST", "/jobs/runs/submit", 35, 5},
    {"jobs-runs-get", "GET", "/jobs/runs/get", 100, 10},
    {"permissions-read", "GET", "/permissions/", 100, 20},
    {"permissions-write", "PUT PATCH", "/permissions/", 30, 8},
    {"workspace-export", "GET", "/workspace/export", 60, 15},
    {"workspace-import", "POST", "/workspace/import", 30, 8},
    {"scim-read", "GET", "/scim/v2/", 255.0 / 60, 4},
    {"scim-write", "POST PUT PATCH DELETE", "/scim/v2/", 5, 3},
    {"secrets", "", "/secrets/", 1100.0 / 60, 6},
    {"dbfs", "", "/dbfs/", 30, 5},
    {"token-management", "", "/token-management/", 40, 5},
    {"mlflow-search", "POST", "/search", 7, 2},
    {"mlflow", "", "/mlflow/", 120, 10}};
// "exceeded the concurrent limit of 20 requests", reported by users of ucx (issue 401).
constexpr int kConcurrent = 20;

world::HttpResponse too_many(const std::string& message, const std::string& retry_after) {
  world::HttpResponse response;
  response.status = 429;
  response.headers["content-type"] = "application/json";
  if (!retry_after.empty()) response.headers["retry-after"] = retry_after;
  response.body = dump_json({{"error_code", "REQUEST_LIMIT_EXCEEDED"}, {"message", message}});
  return response;
}

}  // namespace

Status Limits::set(const std::string& profile) {
  if (profile != "off" && profile != "documented" && profile != "tight")
    return fail("bad-limits", "there is no rate limit profile '" + profile + "'", "limits",
                "use off, documented or tight");
  const std::scoped_lock lock(mutex_);
  profile_ = profile;
  buckets_.clear();
  return {};
}

long long Limits::refused() const {
  const std::scoped_lock lock(mutex_);
  return refused_;
}

std::optional<world::HttpResponse> Limits::refusal(std::string_view method, std::string_view path,
                                                   long long now_ms, int in_flight) {
  const std::scoped_lock lock(mutex_);
  if (profile_ == "off") return std::nullopt;
  if (in_flight > kConcurrent) {
    ++refused_;
    return too_many("exceeded the concurrent limit of " + std::to_string(kConcurrent) + " requests",
                    "");
  }
  for (const PacedFamily& family : kPacedFamilies) {
    if (!contains(path, family.part) ||
        (!family.methods.empty() && !contains(family.methods, method)))
      continue;
    const double rate = profile_ == "tight" ? family.tight : family.documented;
    const double most = std::max(1.0, rate);
    const auto [place, is_new] =
        buckets_.try_emplace(std::string(family.name), Bucket{most, now_ms});
    Bucket& bucket = place->second;
    bucket.tokens = std::min(
        most, bucket.tokens + rate * static_cast<double>(now_ms - bucket.filled_at) / 1000.0);
    bucket.filled_at = now_ms;
    if (bucket.tokens >= 1.0) {
      bucket.tokens -= 1.0;
      return std::nullopt;
    }
    // Every other refusal names no time, as parts of the platform do.
    const std::string after =
        ++refused_ % 2 == 0 ? ""
                            : std::to_string(static_cast<int>((1.0 - bucket.tokens) / rate) + 1);
    return too_many("Too many requests for " + std::string(family.name) + "; the limit is " +
                        std::to_string(rate) + " per second",
                    after);
  }
  return std::nullopt;
}

}  // namespace lakeshift::twin
