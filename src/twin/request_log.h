// One JSON line per call. Values of secrets and contents of notebooks are replaced by digest and
// length.
#pragma once

#include <fstream>
#include <mutex>
#include <string>

#include "core/base/json.h"
#include "core/base/result.h"

namespace lakeshift::twin {

struct LogEntry {
  long long time_ms = 0;
  std::string method;
  std::string path;             // as sent
  Json query = Json::object();  // name -> text, or array of texts
  Json body;                    // null when there was none
  std::string form;             // "multipart" when the body was a form
  int status = 0;               // 0: no answer was given
  std::string error_code;
  std::string op;  // SDK operation, when the route is one
  std::string caller;
};

// Thread safe.
class RequestLog {
 public:
  Status open(const std::string& path);
  void write(const LogEntry& entry);

 private:
  std::mutex mutex_;
  std::ofstream file_;
  long long number_ = 0;
};

// "sha256:<hex> length:<n>" in place of values that must not be kept.
Json redacted(const std::string& path, const Json& body);

}  // namespace lakeshift::twin
