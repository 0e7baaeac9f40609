// Rate limits and the limit of concurrent requests, per family of calls.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "twin/twin.h"

namespace lakeshift::twin {

// Thread safe.
class Limits {
 public:
  // profile: off, documented, tight. Errors: "bad-limits".
  Status set(const std::string& profile);
  // The refusal of a call that comes too early; nullopt lets it pass. `in_flight` counts calls
  // being answered now.
  std::optional<world::HttpResponse> refusal(std::string_view method, std::string_view path,
                                             long long now_ms, int in_flight);
  long long refused() const;

 private:
  struct Bucket {
    double tokens = 0;
    long long filled_at = 0;
  };
  mutable std::mutex mutex_;
  std::string profile_ = "off";
  std::map<std::string, Bucket> buckets_;
  long long refused_ = 0;
};

}  // namespace lakeshift::twin
