#include "knowledge/credentials/shared_key.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <vector>

#include "core/base/digest.h"
#include "core/base/strings.h"

namespace lakeshift::credentials {
namespace {

// In this order, empty where the request has none.
constexpr const char* kSigned[] = {"Content-Encoding",
                                   "Content-Language",
                                   "Content-Length",
                                   "Content-MD5",
                                   "Content-Type",
                                   "Date",
                                   "If-Modified-Since",
                                   "If-Match",
                                   "If-None-Match",
                                   "If-Unmodified-Since",
                                   "Range"};

std::string header(const world::HttpRequest& request, const char* name) {
  if (std::string_view(name) == "Content-Length")
    return request.body.empty() ? "" : std::to_string(request.body.size());
  const auto found = request.headers.find(name);
  return found == request.headers.end() ? "" : found->second;
}

std::string canonical_resource(const std::string& url, const std::string& account) {
  const std::size_t scheme = url.find("://");
  const std::size_t path = std::min(url.find('/', scheme + 3), url.size());
  const std::size_t query = std::min(url.find('?', path), url.size());
  std::string out = "/" + account + url.substr(path, query - path);
  if (query >= url.size()) return out;
  std::map<std::string, std::vector<std::string>> words;
  for (const std::string& word : split(url.substr(query + 1), '&')) {
    const std::size_t equals = word.find('=');
    words[to_lower(url_decode(word.substr(0, equals)))].push_back(
        equals == std::string::npos ? "" : url_decode(word.substr(equals + 1)));
  }
  for (auto& [name, values] : words) {
    std::sort(values.begin(), values.end());
    out += "\n" + name + ":" + join(values, ",");
  }
  return out;
}

}  // namespace

std::string shared_key_text(const world::HttpRequest& request, const std::string& account) {
  std::string text = request.method + "\n";
  for (const char* const name : kSigned) text += header(request, name) + "\n";
  std::map<std::string, std::string> own;
  for (const auto& [name, value] : request.headers)
    if (const std::string lower = to_lower(name); lower.starts_with("x-ms-"))
      own[lower] = std::string(trim(value));
  for (const auto& [name, value] : own) text += name + ":" + value + "\n";
  return text + canonical_resource(request.url, account);
}

Status sign_shared_key(world::HttpRequest& request, const std::string& account,
                       const world::Secret& key, world::Instant now) {
  const auto bytes = base64_decode(key.reveal());
  if (!bytes)
    return fail("bad-credential", "the account's key is no base64", "account '" + account + "'",
                "copy it again from the account's access keys");
  request.headers["x-ms-date"] = http_date(now);
  request.headers.erase("Authorization");
  request.headers["Authorization"] =
      "SharedKey " + account + ":" +
      base64_encode(hmac_sha256(*bytes, shared_key_text(request, account)));
  return {};
}

std::string http_date(world::Instant now) {
  const auto days = std::chrono::floor<std::chrono::days>(now);
  const std::chrono::year_month_day date(days);
  const std::chrono::hh_mm_ss time(std::chrono::floor<std::chrono::seconds>(now - days));
  constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  return fmt::format(
      "{}, {:02} {} {} {:02}:{:02}:{:02} GMT", kDays[std::chrono::weekday(days).c_encoding()],
      static_cast<unsigned>(date.day()), kMonths[static_cast<unsigned>(date.month()) - 1],
      static_cast<int>(date.year()), time.hours().count(), time.minutes().count(),
      time.seconds().count());
}

}  // namespace lakeshift::credentials
