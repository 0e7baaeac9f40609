#include "knowledge/rules/places.h"
#include "knowledge/rules/rule.h"

namespace lakeshift::rules::home_path {
namespace {

void check(const Text& text, const Move& move, std::vector<Hit>& hits) {
  static const RE2 pattern("/(?:Users|Repos)/([A-Za-z0-9._%+\\-]+@[A-Za-z0-9.\\-]+[A-Za-z0-9])");
  each_match(text.body, pattern, [&](std::size_t offset, std::string_view found) {
    auto mapped = move.person(found);
    if (mapped && *mapped != found)
      hits.push_back({offset, found.size(), std::string(found), mapped});
  });
}

}  // namespace

extern const Rule kDefinition;
constexpr Rule kDefinition = {
    .code = "home-path",
    .severity = model::Severity::warning,
    .cause = "the code names a home folder whose owner gets another user name",
    .remedy = "apply the patch",
    .check = check,
};

}  // namespace lakeshift::rules::home_path
