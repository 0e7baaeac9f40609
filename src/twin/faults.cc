#include "twin/faults.h"

#include <csignal>

#include "core/base/strings.h"

namespace lakeshift::twin {
namespace {

struct KindName {
  std::string_view name;
  Fault::Kind kind;
};
constexpr KindName kKinds[] = {{"none", Fault::Kind::none},
                               {"status", Fault::Kind::status},
                               {"cut_connection", Fault::Kind::cut_connection},
                               {"html", Fault::Kind::html},
                               {"truncated", Fault::Kind::truncated},
                               {"kill_process", Fault::Kind::kill_process},
                               {"expired_token", Fault::Kind::expired_token}};

world::HttpResponse text_answer(int status, const char* type, std::string body) {
  world::HttpResponse response;
  response.status = status;
  response.headers["content-type"] = type;
  response.body = std::move(body);
  return response;
}

world::HttpResponse error_answer(const Fault& fault) {
  const bool throttled = fault.status == 429;
  const char* code = throttled             ? "REQUEST_LIMIT_EXCEEDED"
                     : fault.status == 503 ? "TEMPORARILY_UNAVAILABLE"
                                           : "INTERNAL_ERROR";
  auto response = text_answer(
      fault.status, "application/json",
      dump_json({{"error_code", code}, {"message", "the twin was told to fail this call"}}));
  if (!fault.retry_after.empty()) response.headers["retry-after"] = fault.retry_after;
  return response;
}

void kill(const Fault& fault) {
  if (fault.on_kill) {
    fault.on_kill();
  } else if (fault.process > 0) {
    ::kill(fault.process, SIGKILL);
  } else {
    std::raise(SIGKILL);
  }
}

}  // namespace

void Faults::set(const Fault& fault) {
  const std::scoped_lock lock(mutex_);
  fault_ = fault;
  left_ = fault.times;
  matching_ = 0;
}

std::optional<Fault> Faults::next(bool mutating, std::string_view path, std::string_view body) {
  const std::scoped_lock lock(mutex_);
  ++calls_;
  if (mutating) ++mutating_;
  const bool chosen = !fault_.path.empty() || !fault_.containing.empty();
  const bool counts = (mutating || !fault_.mutating_only) && path.ends_with(fault_.path) &&
                      contains(body, fault_.containing);
  if (chosen && counts) ++matching_;
  const long long count = chosen ? matching_ : fault_.mutating_only ? mutating_ : calls_;
  if (fault_.kind == Fault::Kind::none || fault_.at_call <= 0 || !counts || left_ <= 0 ||
      count < fault_.at_call)
    return std::nullopt;
  --left_;
  return fault_;
}

long long Faults::calls() const {
  const std::scoped_lock lock(mutex_);
  return calls_;
}

long long Faults::mutating_calls() const {
  const std::scoped_lock lock(mutex_);
  return mutating_;
}

void Faults::reset_counts() {
  const std::scoped_lock lock(mutex_);
  calls_ = 0;
  mutating_ = 0;
}

Result<Fault> fault_from_json(const Json& json) {
  Fault fault;
  const std::string name = text_at(json, "kind", "none");
  bool known = false;
  for (const KindName& kind : kKinds) {
    if (kind.name != name) continue;
    fault.kind = kind.kind;
    known = true;
  }
  if (!known)
    return fail("bad-fault", "there is no fault '" + name + "'", "fault",
                "see Fault::Kind in twin.h");
  fault.at_call = int_at(json, "at_call", 1);
  fault.mutating_only = bool_at(json, "mutating_only", true);
  fault.after_effect = bool_at(json, "after_effect");
  fault.status = static_cast<int>(
      int_at(json, "status", fault.kind == Fault::Kind::expired_token ? 401 : 500));
  fault.times = static_cast<int>(int_at(json, "times", 1));
  fault.process = static_cast<int>(int_at(json, "process"));
  fault.retry_after = text_at(json, "retry_after");
  fault.path = text_at(json, "path");
  fault.containing = text_at(json, "containing");
  return fault;
}

world::HttpResponse hurt(const Fault& fault, world::HttpResponse answer) {
  switch (fault.kind) {
    case Fault::Kind::none:
      return answer;
    case Fault::Kind::status:
      return error_answer(fault);
    case Fault::Kind::html:
      return text_answer(fault.status >= 500 ? fault.status : 200, "text/html",
                         "<!doctype html><html><body><h1>Sign in</h1></body></html>");
    case Fault::Kind::truncated:
      if (answer.status == 0) answer = text_answer(200, "application/json", "{\"objects\": [{\"pa");
      answer.body.resize(answer.body.size() / 2);
      if (answer.body.empty()) answer.body = "{";
      return answer;
    case Fault::Kind::expired_token:
      return text_answer(fault.status == 403 ? 403 : 401, "application/json",
                         dump_json({{"error_code", fault.status == 403 ? "403" : "UNAUTHENTICATED"},
                                    {"message", "Token is expired"}}));
    case Fault::Kind::kill_process:
      kill(fault);
      break;
    case Fault::Kind::cut_connection:
      break;
  }
  return {};
}

}  // namespace lakeshift::twin
