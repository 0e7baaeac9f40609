#include "knowledge/rules/places.h"
#include "knowledge/rules/rule.h"

namespace lakeshift::rules::secret_in_code {
namespace {

const RE2& by_position() {
  static const RE2 pattern(
      "(dbutils\\.secrets\\.get(?:Bytes)?\\(\\s*(?:scope\\s*=\\s*)?[\"']([^\"']+)[\"']\\s*,\\s*(?:"
      "key\\s*=\\s*)?[\"']([^\"']+)[\"']\\s*\\)?)");
  return pattern;
}

// SQL's secret('scope', 'key').
const RE2& in_sql() {
  static const RE2 pattern("(?i)(\\bsecret\\(\\s*'([^']+)'\\s*,\\s*'([^']+)'\\s*\\))");
  return pattern;
}

void check(const Text& text, const Move&, std::vector<Hit>& hits) {
  for (const RE2* pattern : {&by_position(), &in_sql()})
    each_match(text.body, *pattern, [&](std::size_t offset, std::string_view found) {
      hits.push_back({offset, found.size(), std::string(found)});
    });
}

void references(const Text& text, std::vector<Reference>& found) {
  for (const RE2* pattern : {&by_position(), &in_sql()}) {
    re2::StringPiece rest(text.body.data(), text.body.size()), whole;
    std::string scope, key;
    while (RE2::FindAndConsume(&rest, *pattern, &whole, &scope, &key))
      found.push_back(
          {"secret", scope + "/" + key, static_cast<std::size_t>(whole.data() - text.body.data())});
  }
}

}  // namespace

extern const Rule kDefinition;
constexpr Rule kDefinition = {
    .code = "secret-in-code",
    .severity = model::Severity::info,
    .cause = "the code reads a secret",
    .remedy =
        "make sure that the secret's value is moved or supplied before this runs in the target",
    .check = check,
    .references = references,
};

}  // namespace lakeshift::rules::secret_in_code
