// Planned faults: the n-th call is hurt before or after its effect.
#pragma once

#include <mutex>
#include <optional>

#include "twin/twin.h"

namespace lakeshift::twin {

// Thread safe.
class Faults {
 public:
  void set(const Fault& fault);
  // Counts the call; the fault, when this call is to be hurt.
  std::optional<Fault> next(bool mutating, std::string_view path, std::string_view body);
  long long calls() const;
  long long mutating_calls() const;
  void reset_counts();

 private:
  mutable std::mutex mutex_;
  Fault fault_;
  int left_ = 0;
  long long calls_ = 0;
  long long matching_ = 0;  // of a fault that names path or body
  long long mutating_ = 0;
};

// {"kind": "status", "at_call": 3, "mutating_only": true, "after_effect": false, "status": 503,
// "times": 1, "process": 4711, "retry_after": "1", "path": "/jobs/create", "containing": "SOURCE"}.
// Errors: "bad-fault".
Result<Fault> fault_from_json(const Json& json);

// The hurt answer. Status 0 means: the connection is cut without an answer.
world::HttpResponse hurt(const Fault& fault, world::HttpResponse answer);

}  // namespace lakeshift::twin
