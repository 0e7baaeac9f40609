#include "knowledge/rules/places.h"
#include "knowledge/rules/rule.h"

namespace lakeshift::rules::workspace_url {
namespace {

void check(const Text& text, const Move& move, std::vector<Hit>& hits) {
  static const RE2 pattern(
      "(?i)\\b([a-z0-9.\\-]+\\.(?:azuredatabricks\\.net|databricks\\.azure\\.(?:us|cn)|"
      "cloud\\.databricks\\.(?:com|us|mil)|gcp\\.databricks\\.com))\\b");
  each_match(text.body, pattern, [&](std::size_t offset, std::string_view found) {
    hits.push_back({offset, found.size(), std::string(found), move.host(found)});
  });
}

}  // namespace

extern const Rule kDefinition;
constexpr Rule kDefinition = {
    .code = "workspace-url",
    .severity = model::Severity::warning,
    .cause = "the code names a workspace by its URL",
    .remedy =
        "use the new workspace's URL (mapping.yaml, hosts), or read it from the notebook's context",
    .check = check,
};

}  // namespace lakeshift::rules::workspace_url
