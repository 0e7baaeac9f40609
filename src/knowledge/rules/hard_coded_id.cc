#include "knowledge/rules/places.h"
#include "knowledge/rules/rule.h"

namespace lakeshift::rules::hard_coded_id {
namespace {

void check(const Text& text, const Move&, std::vector<Hit>& hits) {
  static const RE2 cluster("\\b([0-9]{4}-[0-9]{6}-[a-z0-9]{6,})\\b");
  static const RE2 assigned(
      "(?i)\\b(?:job_?id|cluster_?id|warehouse_?id|pipeline_?id|policy_?id|instance_pool_id|"
      "dashboard_?id)[\"']?\\s*[:=]\\s*[\"']?"
      "([0-9]{3,}|[0-9A-F]{16}|[0-9a-f]{8}-[0-9a-f\\-]{27})\\b");
  static const RE2 warehouse("(/sql/1\\.0/(?:warehouses|endpoints)/[0-9a-f]{16})");
  static const RE2 protocol("(sql/protocolv1/o/[0-9]+/[0-9A-Za-z\\-]+)");
  for (const RE2* pattern : {&cluster, &assigned, &warehouse, &protocol})
    each_match(text.body, *pattern, [&](std::size_t offset, std::string_view found) {
      hits.push_back({offset, found.size(), std::string(found)});
    });
}

}  // namespace

extern const Rule kDefinition;
constexpr Rule kDefinition = {
    .code = "hard-coded-id",
    .severity = model::Severity::warning,
    .cause = "the code holds an id of the source workspace, and the target gives new ones",
    .remedy =
        "look the object up by name, or take the new id from the mapping document that cutover "
        "writes",
    .check = check,
};

}  // namespace lakeshift::rules::hard_coded_id
