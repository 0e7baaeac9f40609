// An HttpTransport that answers from a script and remembers what it was asked, for tests.
#pragma once

#include <algorithm>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "core/base/json.h"
#include "core/world/http.h"

namespace lakeshift::fakes {

inline world::HttpResponse answer(int status, std::string body, world::Headers headers = {}) {
  headers.try_emplace("content-type", "application/json");
  return {status, std::move(headers), std::move(body)};
}
inline world::HttpResponse answer_json(const Json& body, int status = 200) {
  return answer(status, dump_json(body));
}
// An error as the transport itself gives: "unreachable", "connection-lost", "timeout", "tls".
inline tl::unexpected<Error> broken(std::string code) {
  Error error;
  error.retry = code == "tls" ? Retry::never : Retry::later;
  error.message = code + " (scripted)";
  error.about = "host.example";
  error.code = std::move(code);
  return fail(std::move(error));
}

// Thread safe. Steps are used in order, each once; a route answers any number of times once the
// steps are used up. A request that nothing answers is an answer 599, so the test fails visibly.
class ScriptedTransport final : public world::HttpTransport {
 public:
  using Handler = std::function<Result<world::HttpResponse>(const world::HttpRequest&)>;

  void then(Result<world::HttpResponse> step) {
    then_do([step = std::move(step)](const world::HttpRequest&) { return step; });
  }
  void then_do(Handler handler) {
    const std::scoped_lock lock(mutex_);
    steps_.push_back(std::move(handler));
  }
  // `part` must occur in "METHOD url".
  void route(std::string part, Handler handler) {
    const std::scoped_lock lock(mutex_);
    routes_.emplace_back(std::move(part), std::move(handler));
  }
  void route(std::string part, world::HttpResponse response) {
    route(std::move(part),
          [response = std::move(response)](const world::HttpRequest&) { return response; });
  }

  Result<world::HttpResponse> send(const world::HttpRequest& request,
                                   std::stop_token stop) override {
    Handler handler;
    {
      const std::scoped_lock lock(mutex_);
      requests_.push_back(request);
      most_in_flight_ = std::max(most_in_flight_, ++in_flight_);
      if (!steps_.empty()) {
        handler = std::move(steps_.front());
        steps_.pop_front();
      } else {
        for (const auto& [part, candidate] : routes_)
          if ((request.method + " " + request.url).find(part) != std::string::npos) {
            handler = candidate;
            break;
          }
      }
    }
    Result<world::HttpResponse> response =
        answer(599, R"({"error_code":"NOT_SCRIPTED","message":"not scripted"})");
    if (stop.stop_requested()) {
      response = fail("cancelled", "stopped on request");
    } else if (handler) {
      response = handler(request);
    }
    const std::scoped_lock lock(mutex_);
    --in_flight_;
    return response;
  }

  std::vector<world::HttpRequest> requests() const {
    const std::scoped_lock lock(mutex_);
    return requests_;
  }
  std::size_t steps_left() const {
    const std::scoped_lock lock(mutex_);
    return steps_.size();
  }
  int in_flight() const {
    const std::scoped_lock lock(mutex_);
    return in_flight_;
  }
  int most_in_flight() const {
    const std::scoped_lock lock(mutex_);
    return most_in_flight_;
  }

 private:
  mutable std::mutex mutex_;
  std::deque<Handler> steps_;
  std::vector<std::pair<std::string, Handler>> routes_;
  std::vector<world::HttpRequest> requests_;
  int in_flight_ = 0;
  int most_in_flight_ = 0;
};

}  // namespace lakeshift::fakes
