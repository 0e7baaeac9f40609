#include "knowledge/rules/credentials_in_text.h"

#include <re2/re2.h>

#include <algorithm>

#include "core/base/strings.h"

namespace lakeshift::rules {
namespace {

struct Shape {
  std::string_view what;
  const RE2* pattern;  // group 1 is the value
};

// Shapes are those of the vendors' secret scanning guides.
const std::vector<Shape>& shapes() {
  static const RE2 access_key_id("\\b((?:AKIA|ASIA)[A-Z2-7]{16})\\b");
  static const RE2 workspace_token("\\b(dapi[0-9a-f]{32}(?:-\\d)?)\\b");
  static const RE2 account_key("([A-Za-z0-9+/]{86}==)");
  static const RE2 url_signature("(?i)[?&;]sig=([A-Za-z0-9%+/]{20,}(?:%3D|=)*)");
  static const RE2 google_key("\\b(AIza[0-9A-Za-z_\\-]{35})\\b");
  static const RE2 private_key("(-----BEGIN [A-Z ]*PRIVATE KEY-----[A-Za-z0-9+/=\\s\\\\]+)");
  static const RE2 url_password("(?i)\\b[a-z][a-z0-9+.\\-]*://[^\\s/:@\"']+:([^\\s/@\"'{$]{3,})@");
  static const RE2 assignment(
      "(?i)(?:password|passwd|pwd|secret|secret[_.]?key|secret[_.]?access[_.]?key|client[_.]?"
      "secret|api[_.]?key|"
      "account[_.]?key|access[_.]?token|auth[_.]?token)[\"']?\\s*[:=,]\\s*[fr]?[\"']([^\"'{$\\s][^"
      "\"'{$]{5,})[\"']");
  static const std::vector<Shape> all = {
      {"access key id", &access_key_id},
      {"workspace access token", &workspace_token},
      {"storage account key", &account_key},
      {"signature of a shared access URL", &url_signature},
      {"API key", &google_key},
      {"private key", &private_key},
      {"password in an URL", &url_password},
      {"password or secret in an assignment", &assignment},
  };
  return all;
}

}  // namespace

std::vector<Credential> find_credentials(std::string_view text) {
  std::vector<Credential> found;
  for (const Shape& shape : shapes()) {
    re2::StringPiece rest(text.data(), text.size()), value;
    while (RE2::FindAndConsume(&rest, *shape.pattern, &value))
      found.push_back(
          {static_cast<std::size_t>(value.data() - text.data()), value.size(), shape.what});
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const Credential& a, const Credential& b) { return a.offset < b.offset; });
  std::vector<Credential> disjoint;
  for (const Credential& each : found)
    if (disjoint.empty() || each.offset >= disjoint.back().offset + disjoint.back().length)
      disjoint.push_back(each);
  return disjoint;
}

std::string without_credentials(std::string_view text) {
  std::string clean(text);
  auto found = find_credentials(text);
  for (auto each = found.rbegin(); each != found.rend(); ++each)
    clean.replace(each->offset, each->length, "(redacted)");
  return clean;
}

}  // namespace lakeshift::rules
