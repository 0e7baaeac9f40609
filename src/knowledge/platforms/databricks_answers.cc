#include "knowledge/platforms/databricks_answers.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>

#include "core/base/strings.h"

namespace lakeshift::platforms {
namespace {

constexpr std::size_t kLongestMessage = 1000;

struct CodeRow {
  std::string_view error_code;
  std::string_view code;
  Retry retry = Retry::never;
};

// Error codes as databricks-sdk 0.162 and the REST reference list them. Codes that only change
// their spelling are not here; codes that say the same share a stable code. `later`: passing
// whatever the status says.
constexpr CodeRow kCodeRows[] = {
    {"RESOURCE_DOES_NOT_EXIST", "not-found"},
    {"NOT_FOUND", "not-found"},
    {"RESOURCE_ALREADY_EXISTS", "already-exists"},
    {"INVALID_PARAMETER_VALUE", "invalid-parameter"},
    {"INVALID_ARGUMENT", "invalid-parameter"},
    {"CUSTOMER_UNAUTHORIZED", "permission-denied"},
    {"UNAUTHORIZED", "permission-denied"},
    {"UNAUTHENTICATED", "login-failed", Retry::after_login},
    {"INVALID_ACCESS_TOKEN", "login-failed", Retry::after_login},
    {"INVALID_TOKEN", "login-failed", Retry::after_login},
    {"EXPIRED_TOKEN", "login-failed", Retry::after_login},
    {"TOKEN_EXPIRED", "login-failed", Retry::after_login},
    {"RESOURCE_CONFLICT", "conflict"},
    {"RESOURCE_LIMIT_EXCEEDED", "quota-exceeded"},
    {"REQUEST_LIMIT_EXCEEDED", "too-many-requests", Retry::throttled},
    {"TOO_MANY_REQUESTS", "too-many-requests", Retry::throttled},
    {"ABORTED", "aborted", Retry::later},
    {"INTERNAL_ERROR", "internal-error", Retry::later},
    {"INTERNAL_SERVER_ERROR", "internal-error", Retry::later},
    {"TEMPORARILY_UNAVAILABLE", "temporarily-unavailable", Retry::later},
    {"SERVICE_UNDER_MAINTENANCE", "temporarily-unavailable", Retry::later},
    {"DEADLINE_EXCEEDED", "deadline-exceeded", Retry::later},
    {"NOT_IMPLEMENTED", "endpoint-not-found"},
};

const CodeRow* find_row(std::string_view error_code) {
  const auto* found =
      std::find_if(std::begin(kCodeRows), std::end(kCodeRows),
                   [&](const CodeRow& row) { return row.error_code == error_code; });
  return found == std::end(kCodeRows) ? nullptr : found;
}

std::string code_of_status(int status) {
  switch (status) {
    case 400:
      return "bad-request";
    case 401:
      return "login-failed";
    case 403:
      return "permission-denied";
    case 404:
      return "not-found";
    case 409:
      return "conflict";
    case 413:
      return "too-large";
    case 429:
      return "too-many-requests";
    case 501:
      return "endpoint-not-found";
    case 503:
      return "temporarily-unavailable";
    default:
      return status >= 500 ? "internal-error" : "http-" + std::to_string(status);
  }
}

bool is_number(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// A sign-in or error page, or a redirect to one.
bool is_web_page(const world::HttpResponse& response) {
  if (response.status >= 300 && response.status < 400) return true;
  const std::string_view start = trim(std::string_view(response.body).substr(0, 200));
  if (start.starts_with('{') || start.starts_with('[')) return false;
  const auto type = response.headers.find("content-type");
  return start.starts_with('<') ||
         (type != response.headers.end() && to_lower(type->second).starts_with("text/html"));
}

Error web_page(const world::HttpResponse& response, const std::string& about) {
  const auto location = response.headers.find("location");
  Error error;
  error.message =
      "answered with a web page instead of json (status " + std::to_string(response.status) +
      (location == response.headers.end() ? "" : ", redirect to " + printable(location->second)) +
      ")";
  error.about = about;
  error.http_status = response.status;
  error.retry = Retry::later;
  if (response.status >= 500) {  // of a gateway on the way
    error.code = code_of_status(response.status);
    return error;
  }
  error.code = "not-a-workspace";
  error.remedy =
      "check that the host is the workspace's own address, like "
      "https://adb-1234.5.azuredatabricks.net, and "
      "that no proxy asks for a login";
  return error;
}

std::string message_in(const Json& body) {
  for (const char* key : {"message", "detail", "error_description", "error"}) {
    const std::string text = text_at(body, key);
    if (!text.empty())
      return printable(text.size() > kLongestMessage ? text.substr(0, kLongestMessage) : text);
  }
  return {};
}

Retry retry_of_status(int status) {
  if (status == 429) return Retry::throttled;
  if (status == 401) return Retry::after_login;
  return status >= 500 && status != 501 ? Retry::later : Retry::never;
}

Error error_in(const world::HttpResponse& response, const Json& body, const std::string& about) {
  const std::string error_code = scalar_text(member(body, "error_code"));
  const bool scim = member(body, "schemas").is_array();
  Error error;
  error.about = about;
  error.http_status = response.status;
  error.retry = retry_of_status(response.status);
  error.message = message_in(body);
  if (error.message.empty())
    error.message = "answered with status " + std::to_string(response.status);
  // RFC 7644, 3.3: the only conflict of a creation
  if (scim && (text_at(body, "scimType") == "uniqueness" || response.status == 409)) {
    error.code = "already-exists";
  } else if (error_code.empty() || is_number(error_code)) {
    error.code = code_of_status(response.status);
    // "Invalid access token" comes so; permissions have a code of their own, and SCIM answers a
    // schema.
    if (response.status == 403 && !scim) error.retry = Retry::after_login;
  } else {
    error.code = stable_code(error_code);
    const CodeRow* row = find_row(error_code);
    if (row != nullptr && row->retry != Retry::never) error.retry = row->retry;
    // Waiting does not enlarge a quota.
    if (error.code == "quota-exceeded") error.retry = Retry::never;
  }
  return error;
}

}  // namespace

std::string stable_code(std::string_view error_code) {
  if (const CodeRow* row = find_row(error_code)) return std::string(row->code);
  return replace_all(to_lower(error_code), "_", "-");
}

Status check_answer(const world::HttpResponse& response, const std::string& about) {
  if (response.status >= 200 && response.status < 300) return {};
  if (is_web_page(response)) return fail(web_page(response, about));
  const auto body = parse_json(response.body, about);
  return fail(error_in(response, body && body->is_object() ? *body : Json::object(), about));
}

Result<Json> read_answer(const world::HttpResponse& response, const std::string& about) {
  LS_TRY(check_answer(response, about));
  if (trim(response.body).empty()) return Json(Json::object());
  if (is_web_page(response)) return fail(web_page(response, about));
  auto body = parse_json(response.body, about);
  if (body) return *std::move(body);
  Error error = std::move(body.error());
  error.code = "bad-answer";
  error.message = "the answer is cut off or broken: " + error.message;
  error.remedy =
      "run the same command again; if it stays, a proxy on the way may be changing answers";
  error.retry = Retry::later;
  error.http_status = response.status;
  return fail(std::move(error));
}

namespace {

// "Fri, 20 Nov 2026 09:00:05 GMT" (RFC 9110, 5.6.7)
world::Instant date_of(std::string_view text) {
  constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto parts = split(text, ' ');
  if (parts.size() != 6) return {};
  const auto number = [](std::string_view digits) {
    int value = -1;
    std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return value;
  };
  const auto* month = std::find(kMonths.begin(), kMonths.end(), parts[2]);
  const auto clock = split(parts[4], ':');
  if (month == kMonths.end() || clock.size() != 3) return {};
  const std::chrono::year_month_day day{
      std::chrono::year{number(parts[3])},
      std::chrono::month{static_cast<unsigned>(month - kMonths.begin() + 1)},
      std::chrono::day{static_cast<unsigned>(number(parts[1]))}};
  if (!day.ok()) return {};
  return std::chrono::sys_days(day) + std::chrono::hours(number(clock[0])) +
         std::chrono::minutes(number(clock[1])) + std::chrono::seconds(number(clock[2]));
}

}  // namespace

world::Millis retry_after(const world::HttpResponse& response, world::Instant now) {
  const auto header = response.headers.find("retry-after");
  if (header == response.headers.end()) return {};
  double seconds = 0;
  const std::string& text = header->second;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error == std::errc() && end == text.data() + text.size()) {
    const double bounded = std::clamp(seconds, 0.0, 24.0 * 3600);
    return world::Millis(static_cast<long long>(bounded * 1000));
  }
  return std::max(world::Millis{0}, date_of(text) - now);
}

}  // namespace lakeshift::platforms
