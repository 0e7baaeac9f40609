#include "knowledge/platforms/databricks_connection.h"

#include <algorithm>
#include <utility>

#include "core/base/strings.h"
#include "knowledge/platforms/databricks_answers.h"

namespace lakeshift::platforms {
namespace {

using world::Millis;

constexpr Millis kFirstPause{500};
constexpr Millis kLongestPause{10'000};
constexpr int kConnectBudgetSeconds = 15;
// What arrives whole but is not what was asked for seldom passes: a proxy or gateway makes it.
constexpr int kMostUnreadable = 3;
constexpr Millis kCallTimeout{90'000};
constexpr long long kTellEveryMs = 60'000;

constexpr std::string_view kWhoAmI = "/api/2.0/preview/scim/v2/Me";

std::string about_call(const engine::Call& call) { return call.method + " " + call.path; }

void add_parameter(std::string& url, const std::string& name, const Json& value) {
  if (value.is_null()) return;
  if (value.is_array()) {
    for (const Json& each : value) add_parameter(url, name, each);
    return;
  }
  url += (url.find('?') == std::string::npos ? "?" : "&") + url_encode(name) + "=" +
         url_encode(scalar_text(value));
}

// Callers encode what they put into a path; what is left is what can never stand in a URL.
std::string legal_path(std::string_view path) {
  std::string legal;
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    const bool fine =
        byte > 0x20 && byte < 0x7f && !contains("\"<>\\^`{|}?#", std::string_view(&c, 1));
    legal += fine ? std::string(1, c) : url_encode(std::string_view(&c, 1));
  }
  return legal;
}

// An error of the far side may repeat what it was sent.
void redact(std::string& message, const engine::Call& call, const world::Secret& authorization) {
  std::string_view token = authorization.reveal();
  if (const std::size_t space = token.find(' '); space != std::string_view::npos)
    token.remove_prefix(space + 1);
  message = replace_all(std::move(message), token, "***");
  for (const char* key : {"string_value", "bytes_value"})
    message = replace_all(std::move(message), text_at(call.body, key), "***");
}

Error in_doubt(Error cause, const engine::Call& call) {
  Error error;
  error.code = "in-doubt";
  error.message = "it is not known whether the call took effect";
  error.about = about_call(call);
  error.remedy = "run the same command again: what it may have made is looked up first";
  error.retry = Retry::later;
  error.http_status = cause.http_status;
  error.cause = std::make_shared<const Error>(std::move(cause));
  return error;
}

}  // namespace

// How often and how long one call has been tried.
class DatabricksConnection::Tries {
 public:
  Tries(world::Run& run, int budget_seconds)
      : run_(run), budget_(Millis{1000LL * budget_seconds}) {}

  // Waits before the next try. False: the budget is used up. `asked` is what the other side asked
  // for: the pacer holds the whole family back as long, so the wait itself happens there.
  Result<bool> pause(const Error& error, Millis asked, std::stop_token stop) {
    ++tries_;
    const bool unreadable = error.code == "not-a-workspace" || error.code == "bad-answer";
    if (unreadable && ++unreadable_ >= kMostUnreadable) return false;
    Millis span = asked;
    if (asked == Millis{0}) {
      span = std::min<Millis>(kLongestPause, kFirstPause * (1LL << std::min(tries_ - 1, 10)));
      const auto half = static_cast<std::uint64_t>(span.count() / 2);
      span = Millis(static_cast<long long>(
          half + run_.world.random.below(half + 1)));  // threads do not come back together
      span = std::min(span, budget_ - waited_);        // the last try comes at the budget's end
      if (span <= Millis{0}) return false;
    }
    if (waited_ + span > budget_) return false;
    waited_ += span;
    const bool paced = error.retry == Retry::throttled && asked > Millis{0};
    if (!paced && !run_.world.clock.sleep(span, std::move(stop)))
      return fail("cancelled", "stopped on request", error.about);
    return true;
  }

  // The same words for the same fault: neither chance nor the number of tries is in them.
  Error gave_up(Error error) const {
    if (tries_ > 1)
      error.message += unreadable_ >= kMostUnreadable
                           ? "; gave up after " + std::to_string(unreadable_) + " tries"
                           : "; gave up after " + std::to_string(budget_.count() / 1000) + " s";
    if (error.remedy.empty()) error.remedy = "run the same command again later";
    return error;
  }

 private:
  world::Run& run_;
  const Millis budget_;
  Millis waited_{0};
  int tries_ = 0;
  int unreadable_ = 0;
};

DatabricksConnection::DatabricksConnection(world::Run& run,
                                           std::unique_ptr<credentials::Credential> credential,
                                           std::string host, const DatabricksOptions& options)
    : run_(run),
      host_(std::move(host)),
      options_(options),
      pacers_(run.world.clock, options.documented_limits),
      own_gate_(options.documented_limits ? std::min(run.parallel, kDocumentedInFlight)
                                          : run.parallel),
      gate_(run.in_flight != nullptr ? *run.in_flight : own_gate_),
      login_(run, std::move(credential), host_,
             [this](const world::Secret& value) { return takes(value); }) {}

void DatabricksConnection::connected() {
  login_.set_wait(Millis{1000LL * options_.login_wait_seconds});
  connected_ = true;
}

Result<Answer> DatabricksConnection::deliver(const engine::Call& call, std::string_view body,
                                             Wanted wanted, std::stop_token stop) {
  const world::HttpRequest request = make_request(call, body);
  Tries tries(run_, connected_ ? options_.retry_seconds
                               : std::min(kConnectBudgetSeconds, options_.retry_seconds));
  int refusals = 0;
  while (true) {
    const auto authorization = login_.authorize();
    Sent sent = authorization ? send(call, request, *authorization, wanted, stop)
                              : Sent{fail(authorization.error()), {}};
    if (sent.answer) return std::move(sent.answer);
    Error error = std::move(sent.answer.error());
    if (error.retry == Retry::after_login) {
      const Login::Refusal refusal{authorization.value_or(world::Secret()), refusals++, error};
      LS_ASSIGN(const bool repeat, login_.replace(refusal, stop));
      if (repeat) continue;
      error.code = "permission-denied";
      error.retry = Retry::never;
    }
    if (error.retry == Retry::never) return fail(std::move(error));
    const bool certainly_not_done =
        !authorization || error.code == "unreachable" || error.retry == Retry::throttled;
    if (call.effect == model::Effect::create && !certainly_not_done)
      return fail(in_doubt(std::move(error), call));
    if (error.code == "not-a-workspace" && !connected_) return fail(std::move(error));
    LS_ASSIGN(const bool again, tries.pause(error, sent.retry_after, stop));
    if (!again) return fail(tries.gave_up(std::move(error)));
  }
}

DatabricksConnection::Sent DatabricksConnection::send(const engine::Call& call,
                                                      const world::HttpRequest& request,
                                                      const world::Secret& authorization,
                                                      Wanted wanted, std::stop_token stop) {
  const auto cancelled = [&] {
    return Sent{fail("cancelled", "stopped on request", about_call(call)), {}};
  };
  world::Pacer& pacer = pacers_.of(call);
  if (!pacer.enter(stop)) return cancelled();
  if (!gate_.enter(stop, pacer.rate() > 0)) {
    pacer.leave();
    return cancelled();
  }
  world::HttpRequest to_send = request;
  to_send.headers["Authorization"] = std::string(authorization.reveal());
  // A change that is under way is waited for: breaking it off would leave its outcome unknown.
  auto response =
      run_.world.http.send(to_send, call.effect == model::Effect::read ? stop : std::stop_token());
  gate_.leave();
  Sent sent = judge(call, pacer, std::move(response), authorization, wanted);
  pacer.leave();
  return sent;
}

DatabricksConnection::Sent DatabricksConnection::judge(const engine::Call& call,
                                                       world::Pacer& pacer,
                                                       Result<world::HttpResponse> response,
                                                       const world::Secret& authorization,
                                                       Wanted wanted) {
  const std::string about = about_call(call);
  if (!response) {
    Error error = std::move(response.error());
    error.about = error.about.empty() ? about : about + " at " + error.about;
    return {fail(std::move(error)), {}};
  }
  Sent sent{Answer{}, retry_after(*response, run_.world.clock.now())};
  if (wanted == Wanted::bytes) {
    if (const Status status = check_answer(*response, about); !status)
      sent.answer = fail(status.error());
  } else {
    auto json = read_answer(*response, about);
    if (json) {
      sent.answer->json = *std::move(json);
    } else {
      sent.answer = fail(std::move(json.error()));
    }
  }
  if (sent.answer) {
    pacer.succeeded();
    sent.answer->http = *std::move(response);
    return sent;
  }
  Error& error = sent.answer.error();
  redact(error.message, call, authorization);
  if (error.retry == Retry::throttled) {
    pacer.throttled(sent.retry_after);
    tell_throttled(call);
  }
  return sent;
}

world::HttpRequest DatabricksConnection::make_request(const engine::Call& call,
                                                      std::string_view body) const {
  world::HttpRequest request;
  request.method = call.method;
  request.url = host_ + legal_path(call.path);
  request.timeout = kCallTimeout;
  if (call.query.is_object())
    for (const auto& [name, value] : call.query.items()) add_parameter(request.url, name, value);
  request.headers["Accept"] = "application/json";
  if (!body.empty()) {
    request.body = std::string(body);
    request.headers["Content-Type"] = "application/octet-stream";
  } else if (!call.body.is_null()) {
    request.body = dump_json(call.body);
    const bool scim = contains(call.path, "/scim/v2/");
    request.headers["Content-Type"] = scim ? "application/scim+json" : "application/json";
  }
  return request;
}

Result<bool> DatabricksConnection::takes(const world::Secret& authorization) {
  engine::Call call;
  call.path = kWhoAmI;
  world::HttpRequest request = make_request(call, {});
  request.headers["Authorization"] = std::string(authorization.reveal());
  LS_ASSIGN(const world::HttpResponse response, run_.world.http.send(request, run_.stop));
  const Status status = check_answer(response, about_call(call));
  return status || status.error().retry != Retry::after_login;
}

void DatabricksConnection::tell_throttled(const engine::Call& call) {
  const long long now = run_.world.clock.now().time_since_epoch().count();
  long long before = told_throttled_.load();
  if (now - before < kTellEveryMs || !told_throttled_.compare_exchange_strong(before, now)) return;
  run_.events.emit({.type = world::Event::Type::notice,
                    .subject = "pacing",
                    .name = host_,
                    .text = host_ + " asked for fewer calls (" +
                            (call.family.empty() ? "misc" : call.family) + "); going slower"});
}

}  // namespace lakeshift::platforms
