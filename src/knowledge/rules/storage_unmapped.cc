#include "knowledge/rules/places.h"
#include "knowledge/rules/rule.h"

namespace lakeshift::rules::storage_unmapped {
namespace {

void check(const Text& text, const Move& move, std::vector<Hit>& hits) {
  each_match(text.body, storage_url_pattern(), [&](std::size_t offset, std::string_view found) {
    if (move.is_foreign_storage(found) && !move.storage(found))
      hits.push_back({offset, found.size(), std::string(found)});
  });
}

}  // namespace

extern const Rule kDefinition;
constexpr Rule kDefinition = {
    .code = "storage-unmapped",
    .severity = model::Severity::warning,
    .cause = "the code names storage of another cloud, and no prefix of it is mapped",
    .remedy = "add the prefix and its new place to mapping.yaml (storage)",
    .check = check,
};

}  // namespace lakeshift::rules::storage_unmapped
