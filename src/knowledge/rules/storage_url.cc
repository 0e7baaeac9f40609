#include "knowledge/rules/places.h"
#include "knowledge/rules/rule.h"

namespace lakeshift::rules::storage_url {
namespace {

void check(const Text& text, const Move& move, std::vector<Hit>& hits) {
  each_match(text.body, storage_url_pattern(), [&](std::size_t offset, std::string_view found) {
    auto mapped = move.storage(found);
    if (mapped && *mapped != found)
      hits.push_back({offset, found.size(), std::string(found), mapped});
  });
}

}  // namespace

extern const Rule kDefinition;
constexpr Rule kDefinition = {
    .code = "storage-url",
    .severity = model::Severity::info,
    .cause = "the code names storage whose new place is known",
    .remedy = "apply the patch after the data has moved",
    .check = check,
};

}  // namespace lakeshift::rules::storage_url
