#include "knowledge/rules/places.h"
#include "knowledge/rules/rule.h"

namespace lakeshift::rules::cloud_library {
namespace {

// "import a.b", "from a.b import c", Scala's and Java's "import a.b.C".
void check(const Text& text, const Move& move, std::vector<Hit>& hits) {
  static const RE2 pattern("(?m)^\\s*(?:# MAGIC\\s+)?(?:import|from)\\s+([A-Za-z0-9_.]+)");
  each_match(text.body, pattern, [&](std::size_t offset, std::string_view found) {
    for (std::string_view module : move.foreign_libraries)
      if (found.starts_with(module) &&
          (found.size() == module.size() || found[module.size()] == '.'))
        hits.push_back({offset, found.size(), std::string(found)});
  });
}

}  // namespace

extern const Rule kDefinition;
constexpr Rule kDefinition = {
    .code = "cloud-library",
    .severity = model::Severity::warning,
    .cause = "the code uses a library of the source cloud",
    .remedy = "check that its credentials work from the target, or use the target cloud's library",
    .check = check,
};

}  // namespace lakeshift::rules::cloud_library
