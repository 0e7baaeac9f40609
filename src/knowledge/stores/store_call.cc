#include "knowledge/stores/store_call.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>

#include "core/base/strings.h"
#include "core/base/xml.h"

namespace lakeshift::stores {
namespace {

constexpr int kTries = 8;
constexpr world::Millis kFirstPause{200};
constexpr world::Millis kLongestPause{10'000};
constexpr long long kSkewSeconds = 5LL * 60;  // services refuse from 15 minutes on

struct Named {
  const char* service;  // its code
  const char* code;     // ours
};
// Amazon S3 API reference, "Error responses"; Azure Storage, "Blob service error codes".
constexpr Named kNamed[] = {
    {"InvalidAccessKeyId", "login-failed"},
    {"SignatureDoesNotMatch", "login-failed"},
    {"ExpiredToken", "login-failed"},
    {"InvalidToken", "login-failed"},
    {"AuthenticationFailed", "login-failed"},
    {"InvalidAuthenticationInfo", "login-failed"},
    {"RequestTimeTooSkewed", "clock-skew"},
    {"NoSuchBucket", "bucket-missing"},
    {"ContainerNotFound", "bucket-missing"},
    {"ContainerBeingDeleted", "bucket-missing"},
    {"PermanentRedirect", "wrong-region"},
    {"AuthorizationHeaderMalformed", "wrong-region"},
    {"IllegalLocationConstraintException", "wrong-region"},
    {"AccessDenied", "permission-denied"},
    {"AuthorizationFailure", "permission-denied"},
    {"AuthorizationPermissionMismatch", "permission-denied"},
    {"AuthorizationProtocolMismatch", "permission-denied"},
    {"InsufficientAccountPermissions", "permission-denied"},
    {"NoSuchKey", "not-found"},
    {"NoSuchUpload", "not-found"},
    {"BlobNotFound", "not-found"},
    {"PreconditionFailed", "changed"},
    {"ConditionalRequestConflict", "changed"},
    {"ConditionNotMet", "changed"},
    {"TargetConditionNotMet", "changed"},
    {"BlobAlreadyExists", "changed"},
    {"InvalidBlockList", "changed"},
    {"InvalidObjectState", "archived"},
    {"BlobArchived", "archived"},
};

std::string service_code(const world::HttpResponse& response, std::string& message) {
  std::string code = header_of(response, "x-ms-error-code");
  const auto xml = parse_xml(response.body, "answer");
  if (!xml) return code;
  message = xml->text_of("Message");
  message = message.substr(0, message.find('\n'));
  return code.empty() ? xml->text_of("Code") : code;
}

std::string code_of(int status, const std::string& service) {
  for (const Named& named : kNamed)
    if (service == named.service) return named.code;
  switch (status) {
    case 401:
      return "login-failed";
    case 403:
      return "permission-denied";
    case 404:
      return "not-found";
    case 412:
      return "changed";
    case 301:
    case 307:
      return "wrong-region";
    default:
      return status == 429 || status >= 500 ? "unreachable" : "refused";
  }
}

std::string remedy_of(const std::string& code, const CallTexts& texts,
                      const world::HttpResponse& response) {
  if (code == "login-failed") return texts.remedy;
  if (code == "clock-skew") return "set this machine's clock (NTP)";
  if (code == "bucket-missing") return "check its name, or make it";
  if (code == "wrong-region") {
    const std::string region = header_of(response, "x-amz-bucket-region");
    return region.empty() ? "name the bucket's region: ?region=…"
                          : "the bucket is in " + region + ": write ?region=" + region;
  }
  if (code == "permission-denied")
    return texts.remedy + ", and that it has the rights that docs/guide/move-objects.md lists";
  return {};
}

Error error_of(const world::HttpResponse& response, const CallTexts& texts, world::Instant now) {
  Error error;
  error.http_status = response.status;
  error.about = texts.about;
  std::string message;
  const std::string service = service_code(response, message);
  error.code = code_of(response.status, service);
  error.message = fmt::format("the service answered {}{}{}", response.status,
                              service.empty() ? "" : " " + service,
                              message.empty() ? "" : ": " + printable(message.substr(0, 300)));
  const long long theirs = seconds_of(header_of(response, "Date"));
  const long long ours = now.time_since_epoch().count() / 1000;
  const bool refused = error.code == "login-failed" || error.code == "permission-denied" ||
                       error.code == "clock-skew";
  if (refused && theirs > 0 && std::llabs(theirs - ours) > kSkewSeconds) {
    error.code = "clock-skew";
    error.message += fmt::format("; this machine's clock is {} seconds {} the service's",
                                 std::llabs(theirs - ours), ours < theirs ? "behind" : "ahead of");
  }
  error.remedy = remedy_of(error.code, texts, response);
  if (response.status == 429 || response.status == 503)
    error.retry = Retry::throttled;
  else if (response.status >= 500)
    error.retry = Retry::later;
  return error;
}

}  // namespace

Result<world::HttpResponse> call_store(world::HttpRequest request, const Signer& sign,
                                       const CallTexts& texts, world::Run& run) {
  request.headers["Accept-Encoding"] = "identity";  // an object that is gzip stays gzip
  world::Millis pause = kFirstPause;
  for (int attempt = 1;; ++attempt) {
    LS_TRY(sign(request));
    auto response = run.world.http.send(request, run.stop);
    if (response && (response->status < 300 || response->status == 416)) return response;
    Error error;
    if (response) {
      error = error_of(*response, texts, run.world.clock.now());
    } else {
      error = response.error();
      error.about = texts.about;
    }
    const bool passes = error.retry == Retry::later || error.retry == Retry::throttled;
    if (!passes || attempt == kTries) return fail(std::move(error));
    // Spread, so that the workers do not come back together.
    const auto spread = static_cast<long long>(
        run.world.random.below(static_cast<std::uint64_t>(pause.count()) + 1));
    if (!run.world.clock.sleep(pause / 2 + world::Millis(spread), run.stop))
      return fail("cancelled", "stopped on request", texts.about);
    pause = std::min(pause * 2, kLongestPause);
  }
}

void add_condition(world::Headers& headers, const Condition& condition) {
  if (condition.kind == Condition::Kind::absent)
    headers["If-None-Match"] = "*";
  else
    headers["If-Match"] = "\"" + condition.etag + "\"";
}

std::string tags_text(const ObjectFields& fields) {
  std::vector<std::string> tags;
  for (const auto& [name, value] : fields.tags)
    tags.push_back(url_encode(name) + "=" + url_encode(value));
  return join(tags, "&");
}

std::string header_of(const world::HttpResponse& response, const char* name) {
  const auto found = response.headers.find(name);
  return found == response.headers.end() ? "" : found->second;
}

std::string unquoted(std::string_view etag) {
  if (etag.starts_with('"')) etag.remove_prefix(1);
  if (etag.ends_with('"')) etag.remove_suffix(1);
  return std::string(etag);
}

long long seconds_of(std::string_view time) {
  const auto number = [&](std::size_t at, std::size_t size) {
    int value = -1;
    if (at + size <= time.size()) std::from_chars(time.data() + at, time.data() + at + size, value);
    return value;
  };
  int year = 0, month = 0, day = 0;
  std::size_t clock = 0;
  if (time.size() >= 19 && time[4] == '-' && time[10] == 'T') {
    year = number(0, 4), month = number(5, 2), day = number(8, 2), clock = 11;
  } else if (time.size() >= 29 && time[3] == ',') {
    constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
    const std::size_t at = kMonths.find(time.substr(8, 3));
    if (at == std::string_view::npos) return 0;
    month = static_cast<int>(at / 3) + 1, day = number(5, 2), year = number(12, 4), clock = 17;
  } else {
    return 0;
  }
  const std::chrono::year_month_day date(std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day)));
  if (!date.ok()) return 0;
  const long long days = std::chrono::sys_days(date).time_since_epoch().count();
  return ((days * 24 + number(clock, 2)) * 60 + number(clock + 3, 2)) * 60 + number(clock + 6, 2);
}

}  // namespace lakeshift::stores
