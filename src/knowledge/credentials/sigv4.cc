#include "knowledge/credentials/sigv4.h"

#include <algorithm>
#include <vector>

#include "core/base/digest.h"
#include "core/base/strings.h"

namespace lakeshift::credentials {
namespace {

struct UrlParts {
  std::string host, path, query;
};

UrlParts parts_of(const std::string& url) {
  const std::size_t scheme = url.find("://");
  const std::size_t host = scheme == std::string::npos ? 0 : scheme + 3;
  const std::size_t path = std::min(url.find('/', host), url.size());
  const std::size_t query = std::min(url.find('?', path), url.size());
  UrlParts parts{url.substr(host, path - host), url.substr(path, query - path),
                 query < url.size() ? url.substr(query + 1) : ""};
  if (parts.path.empty()) parts.path = "/";
  return parts;
}

// The parts are percent-encoded already; sorted by name, then by value; a name alone gets a '='.
std::string canonical_query(const std::string& query) {
  if (query.empty()) return {};
  std::vector<std::string> words;
  for (const std::string& word : split(query, '&'))
    words.push_back(word.find('=') == std::string::npos ? word + "=" : word);
  std::sort(words.begin(), words.end(), [](const std::string& a, const std::string& b) {
    const std::size_t at_a = a.find('='), at_b = b.find('=');
    const int names = a.compare(0, at_a, b, 0, at_b);
    return names != 0 ? names < 0 : a.compare(at_a, std::string::npos, b, at_b) < 0;
  });
  return join(words, "&");
}

// "20130524T000000Z"
std::string basic_time(world::Instant now) {
  std::string text = world::to_iso8601(now);
  text.erase(text.find('.'));
  std::erase_if(text, [](char c) { return c == '-' || c == ':'; });
  return text + "Z";
}

// Spaces within are one space each.
std::string canonical_value(std::string_view value) {
  std::string out;
  for (const char c : trim(value))
    if (c != ' ' || out.empty() || out.back() != ' ') out += c;
  return out;
}

}  // namespace

void sign_v4(world::HttpRequest& request, const AwsKeys& keys, const std::string& region,
             const std::string& service, world::Instant now) {
  const UrlParts url = parts_of(request.url);
  const std::string time = basic_time(now);
  const std::string day = time.substr(0, 8);
  const std::string payload = sha256_hex(request.body);
  request.headers.erase("Authorization");
  request.headers["x-amz-date"] = time;
  request.headers["x-amz-content-sha256"] = payload;
  if (!keys.session_token.empty())
    request.headers["x-amz-security-token"] = std::string(keys.session_token.reveal());
  std::map<std::string, std::string> headers = {{"host", url.host}};
  for (const auto& [name, value] : request.headers)
    if (!equals_ignoring_case(name, "Accept-Encoding"))  // proxies change it
      headers[to_lower(name)] = canonical_value(value);
  std::string canonical_headers;
  std::vector<std::string> names;
  for (const auto& [name, value] : headers) {
    canonical_headers += name + ":" + value + "\n";
    names.push_back(name);
  }
  const std::string signed_names = join(names, ";");
  const std::string canonical = request.method + "\n" + url.path + "\n" +
                                canonical_query(url.query) + "\n" + canonical_headers + "\n" +
                                signed_names + "\n" + payload;
  const std::string scope = day + "/" + region + "/" + service + "/aws4_request";
  const std::string to_sign =
      "AWS4-HMAC-SHA256\n" + time + "\n" + scope + "\n" + sha256_hex(canonical);
  std::string key = hmac_sha256("AWS4" + std::string(keys.secret_key.reveal()), day);
  for (const std::string& word : {region, service, std::string("aws4_request")})
    key = hmac_sha256(key, word);
  request.headers["Authorization"] = "AWS4-HMAC-SHA256 Credential=" + keys.access_key + "/" +
                                     scope + ",SignedHeaders=" + signed_names +
                                     ",Signature=" + hmac_sha256_hex(key, to_sign);
}

}  // namespace lakeshift::credentials
