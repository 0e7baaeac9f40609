#include "knowledge/rules/places.h"
#include "knowledge/rules/rule.h"

namespace lakeshift::rules::cloud_resource {
namespace {

// Endpoints and resource names of single accounts: AWS ARNs, Azure endpoints and resource ids,
// Google projects.
void check(const Text& text, const Move& move, std::vector<Hit>& hits) {
  static const RE2 arn(
      "\\b(arn:aws[a-z\\-]*:[a-z0-9\\-]+:[a-z0-9\\-]*:[0-9]{12}:[A-Za-z0-9:/_.+=@\\-]+)");
  static const RE2 endpoint(
      "(?i)\\b([a-z0-9\\-]+\\.(?:vault\\.azure\\.net|servicebus\\.windows\\.net|database\\."
      "windows\\.net|documents\\.azure\\.com|"
      "azurecr\\.io|blob\\.core\\.windows\\.net|dfs\\.core\\.windows\\.net)|[a-z0-9.\\-]+\\."
      "amazonaws\\.com)\\b");
  static const RE2 resource(
      "(?i)(/subscriptions/[0-9a-f]{8}-[0-9a-f\\-]{27}(?:/[A-Za-z0-9._/\\-]+)?)");
  static const RE2 project(
      "\\b(projects/[a-z][a-z0-9\\-]{4,28}[a-z0-9]/(?:secrets|topics|subscriptions|datasets)/"
      "[A-Za-z0-9_\\-]+)");
  for (const RE2* pattern : {&arn, &endpoint, &resource, &project})
    each_match(text.body, *pattern, [&](std::size_t offset, std::string_view found) {
      if (is_inside_storage_url(text.body, offset)) return;  // storage rules speak of it
      auto mapped = move.account(found);
      if (move.crosses_clouds || mapped)
        hits.push_back({offset, found.size(), std::string(found), mapped});
    });
}

}  // namespace

extern const Rule kDefinition;
constexpr Rule kDefinition = {
    .code = "cloud-resource",
    .severity = model::Severity::warning,
    .cause = "the code names a resource of the source's cloud account",
    .remedy =
        "check that the target's network and identity reach it, or name its counterpart "
        "(mapping.yaml, accounts)",
    .check = check,
};

}  // namespace lakeshift::rules::cloud_resource
