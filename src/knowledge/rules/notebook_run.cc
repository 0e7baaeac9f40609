#include "knowledge/rules/places.h"
#include "knowledge/rules/rule.h"

namespace lakeshift::rules::notebook_run {
namespace {

const RE2& calls() {
  static const RE2 pattern("dbutils\\.notebook\\.run\\(\\s*(?:path\\s*=\\s*)?[\"']([^\"']+)[\"']");
  return pattern;
}

const RE2& magics() {
  static const RE2 pattern("(?m)^(?:# MAGIC |// MAGIC |-- MAGIC )?\\s*%run\\s+[\"']?([^\"'\\s$]+)");
  return pattern;
}

// A path relative to the text's own folder, resolved; empty when it leaves the tree.
std::string resolve(std::string_view own, std::string_view path) {
  if (path.starts_with("/Workspace/")) path.remove_prefix(10);
  if (path.starts_with('/')) return std::string(path);
  std::string folder(own.substr(0, own.rfind('/') == std::string_view::npos ? 0 : own.rfind('/')));
  while (true) {
    if (path.starts_with("./")) {
      path.remove_prefix(2);
    } else if (path.starts_with("../")) {
      path.remove_prefix(3);
      std::size_t slash = folder.rfind('/');
      if (slash == std::string::npos) return {};
      folder.resize(slash);
    } else {
      return folder + "/" + std::string(path);
    }
  }
}

void check(const Text& text, const Move&, std::vector<Hit>& hits) {
  for (const RE2* pattern : {&calls(), &magics()})
    each_match(text.body, *pattern, [&](std::size_t offset, std::string_view found) {
      if (found.starts_with('/')) hits.push_back({offset, found.size(), std::string(found)});
    });
}

void references(const Text& text, std::vector<Reference>& found) {
  for (const RE2* pattern : {&calls(), &magics()})
    each_match(text.body, *pattern, [&](std::size_t offset, std::string_view path) {
      if (std::string resolved = resolve(text.path, path); !resolved.empty())
        found.push_back({"notebook", std::move(resolved), offset});
    });
}

}  // namespace

extern const Rule kDefinition;
constexpr Rule kDefinition = {
    .code = "notebook-run",
    .severity = model::Severity::info,
    .cause = "the code runs another notebook by its absolute path",
    .remedy = "move both together; paths below home folders follow their owner's new name",
    .check = check,
    .references = references,
};

}  // namespace lakeshift::rules::notebook_run
