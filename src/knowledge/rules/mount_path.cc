#include "knowledge/rules/places.h"
#include "knowledge/rules/rule.h"

namespace lakeshift::rules::mount_path {
namespace {

void check(const Text& text, const Move& move, std::vector<Hit>& hits) {
  static const RE2 pattern(
      "(?:^|[\\s\"'`(=,\\[:])((?:dbfs:/mnt/|/dbfs/mnt/|/mnt/)[^\\s\"'`<>|;,()\\[\\]{}\\\\$]+)");
  each_match(text.body, pattern, [&](std::size_t offset, std::string_view found) {
    hits.push_back({offset, found.size(), std::string(found), move.storage(found)});
  });
}

}  // namespace

extern const Rule kDefinition;
constexpr Rule kDefinition = {
    .code = "mount-path",
    .severity = model::Severity::warning,
    .cause = "the code uses a mount point, and mounts do not move",
    .remedy =
        "create a volume or external location, map the path in mapping.yaml (storage), and use it "
        "in the code",
    .check = check,
};

}  // namespace lakeshift::rules::mount_path
