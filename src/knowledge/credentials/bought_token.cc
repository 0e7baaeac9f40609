// The part that OAuth and Entra client secrets share: renewal before the end, one at a time, and
// the token endpoint.
#include <algorithm>

#include "core/base/json.h"
#include "knowledge/credentials/methods.h"

namespace lakeshift::credentials {
namespace {

constexpr world::Millis kLongestMargin{5 * 60'000};
constexpr long long kUsualLifetimeSeconds = 3600;

}  // namespace

Result<world::Secret> BoughtTokenCredential::authorize(world::Run& run) {
  const std::scoped_lock lock(mutex_);
  const world::Instant now = run.world.clock.now();
  if (near_end(now)) {
    const Status fetched = fetch(run);
    // A token that is still good outlives a short outage of the endpoint.
    if (!fetched && (token_.empty() || now >= ends_ || fetched.error().retry != Retry::later))
      return fail(fetched.error());
  }
  return bearer(token_);
}

Result<bool> BoughtTokenCredential::renew(world::Run& run, const world::Secret& refused) {
  const std::scoped_lock lock(mutex_);
  if (!token_.empty() && bearer(token_).reveal() != refused.reveal()) return true;
  const Status fetched = fetch(run);
  if (fetched) return bearer(token_).reveal() != refused.reveal();
  if (fetched.error().code != "login-failed") return fail(fetched.error());
  LS_ASSIGN(auto again, read_again(run.world, access_));
  if (!again || has_same_secret(*again, access_)) return fail(fetched.error());
  again->host = access_.host;
  access_ = *std::move(again);
  LS_TRY(fetch(run));
  return true;
}

Status BoughtTokenCredential::fetch(world::Run& run) {
  LS_ASSIGN(Token token, buy(run, access_));
  token_ = std::move(token.value);
  const world::Instant now = run.world.clock.now();
  ends_ = now + token.lifetime;
  renew_at_ = ends_ - std::min(kLongestMargin, token.lifetime / 4);
  return {};
}

Result<BoughtTokenCredential::Token> BoughtTokenCredential::post_form(
    world::Run& run, const Access& access, const std::string& url, const world::Secret& form,
    const world::Secret& authorization) {
  world::HttpRequest request;
  request.method = "POST";
  request.url = url;
  request.headers["Content-Type"] = "application/x-www-form-urlencoded";
  request.headers["Accept"] = "application/json";
  if (!authorization.empty())
    request.headers["Authorization"] = std::string(authorization.reveal());
  request.body = std::string(form.reveal());
  LS_ASSIGN(const world::HttpResponse response, run.world.http.send(request, run.stop));
  const auto answer = parse_json(response.body, url);
  if (response.status == 429 || response.status >= 500) {
    Error error{"unreachable", "the token endpoint answered " + std::to_string(response.status),
                url, "wait; it is tried again"};
    error.retry = response.status == 429 ? Retry::throttled : Retry::later;
    error.http_status = response.status;
    return fail(std::move(error));
  }
  const std::string token = answer ? text_at(*answer, "access_token") : std::string();
  if (response.status != 200 || token.empty()) {
    // Only the code of RFC 6749, 5.2: descriptions may repeat what was sent.
    std::string reason = answer ? text_at(*answer, "error") : "no json";
    if (reason.empty()) reason = "no access_token in the answer";
    Error error{"login-failed",
                "the token endpoint answered " + std::to_string(response.status) + ", " + reason,
                url, "check client id and secret in " + access.origin};
    error.retry = Retry::after_login;
    error.http_status = response.status;
    return fail(std::move(error));
  }
  const long long seconds = std::max(1LL, int_at(*answer, "expires_in", kUsualLifetimeSeconds));
  return Token{world::Secret(token), world::Millis(seconds * 1000)};
}

}  // namespace lakeshift::credentials
