#include "knowledge/rules/places.h"
#include "knowledge/rules/rule.h"

namespace lakeshift::rules::dbfs_path {
namespace {

bool is_elsewhere(std::string_view path) {
  for (std::string_view known : {"dbfs:/mnt/", "/dbfs/mnt/", "dbfs:/databricks-datasets",
                                 "/dbfs/databricks-datasets", "dbfs:/Volumes/"})
    if (path.starts_with(known)) return true;
  return false;
}

void check(const Text& text, const Move& move, std::vector<Hit>& hits) {
  static const RE2 pattern(
      "(?:^|[\\s\"'`(=,\\[:])((?:dbfs:/|/dbfs/)[^\\s\"'`<>|;,()\\[\\]{}\\\\$]+)");
  each_match(text.body, pattern, [&](std::size_t offset, std::string_view found) {
    if (!is_elsewhere(found))
      hits.push_back({offset, found.size(), std::string(found), move.storage(found)});
  });
}

}  // namespace

extern const Rule kDefinition;
constexpr Rule kDefinition = {
    .code = "dbfs-path",
    .severity = model::Severity::warning,
    .cause = "the code uses the workspace's own file system, whose files are not moved yet",
    .remedy =
        "copy the files to a volume, map the path in mapping.yaml (storage), and use it in the "
        "code",
    .check = check,
};

}  // namespace lakeshift::rules::dbfs_path
