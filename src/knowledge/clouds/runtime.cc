#include "knowledge/clouds/runtime.h"

#include <re2/re2.h>

#include <algorithm>
#include <tuple>

#include "core/base/json.h"
#include "core/base/strings.h"
#include "knowledge/clouds/node_catalogue.h"

namespace lakeshift::clouds {
namespace {

// Long term versions, for lists that do not name them. Source: the runtime release notes' support
// table, 2026-10.
bool is_long_term_version(int major, int minor) {
  static constexpr std::pair<int, int> kLongTerm[] = {{7, 3},  {9, 1},  {10, 4}, {11, 3}, {12, 2},
                                                      {13, 3}, {14, 3}, {15, 4}, {16, 4}, {17, 3}};
  return std::find(std::begin(kLongTerm), std::end(kLongTerm), std::pair{major, minor}) !=
         std::end(kLongTerm);
}

// What makes two keys interchangeable but for the version. Photon in a key is an old spelling of
// runtime_engine.
std::vector<std::string> wanted_flavours(Runtime runtime, bool arm, std::optional<bool> gpu) {
  auto& flavours = runtime.flavours;
  std::erase(flavours, "aarch64");
  if (arm) flavours.push_back("aarch64");
  if (gpu && runtime.has("ml")) {
    std::erase(flavours, "cpu");
    std::erase(flavours, "gpu");
    flavours.push_back(*gpu ? "gpu" : "cpu");
  }
  std::sort(flavours.begin(), flavours.end());
  return flavours;
}

std::vector<std::string> without(std::vector<std::string> flavours, std::string_view flavour) {
  std::erase(flavours, flavour);
  return flavours;
}

}  // namespace

bool Runtime::has(std::string_view flavour) const {
  return std::find(flavours.begin(), flavours.end(), flavour) != flavours.end();
}

std::optional<Runtime> parse_runtime(std::string_view key, std::string_view title) {
  static const RE2 pattern(R"((\d+)\.(\d+)\.(?:x|\d+)(?:-([a-z0-9-]+?))??(?:-scala(\d+\.\d+))?)");
  Runtime runtime;
  std::string flavours;
  if (!RE2::FullMatch(re2::StringPiece(key.data(), key.size()), pattern, &runtime.major,
                      &runtime.minor, &flavours, &runtime.scala))
    return std::nullopt;
  runtime.key = key;
  for (std::string& flavour : split(flavours, '-'))
    if (!flavour.empty()) runtime.flavours.push_back(std::move(flavour));
  std::sort(runtime.flavours.begin(), runtime.flavours.end());
  runtime.long_term = contains(title, "LTS") || is_long_term_version(runtime.major, runtime.minor);
  return runtime;
}

RuntimeCatalogue::RuntimeCatalogue(const Json& reference) {
  const Json& versions = reference_list(reference, "spark_versions", "versions");
  if (!versions.is_array()) return;
  for (const Json& version : versions) {
    std::string key = version.is_string() ? version.get<std::string>() : text_at(version, "key");
    if (auto runtime = parse_runtime(key, version.is_object() ? text_at(version, "name") : ""))
      runtimes_.push_back(std::move(*runtime));
    else if (!key.empty())
      others_.push_back(key);
  }
  std::sort(runtimes_.begin(), runtimes_.end(), [](const Runtime& a, const Runtime& b) {
    return std::tie(a.major, a.minor, a.key) < std::tie(b.major, b.minor, b.key);
  });
}

bool RuntimeCatalogue::offers(std::string_view key) const {
  return std::any_of(runtimes_.begin(), runtimes_.end(),
                     [&](const Runtime& each) { return each.key == key; }) ||
         std::find(others_.begin(), others_.end(), key) != others_.end();
}

std::vector<std::string> RuntimeCatalogue::keys() const {
  std::vector<std::string> keys = others_;
  for (const Runtime& runtime : runtimes_) keys.push_back(runtime.key);
  return keys;
}

RuntimeChoice RuntimeCatalogue::choose(std::string_view key, bool arm,
                                       std::optional<bool> gpu) const {
  auto wanted = parse_runtime(key);
  if (!wanted || !known()) return {std::string(key), false, "kept"};
  std::vector<std::string> flavours = wanted_flavours(*wanted, arm, gpu);
  // Newer runtimes have one key for both architectures: a key without the flavour stands for both.
  auto fits = [&](const Runtime& each) {
    return each.flavours == flavours || (arm && each.flavours == without(flavours, "aarch64"));
  };
  // The asked flavours first, then the key itself, then the same Scala version.
  auto nearness = [&](const Runtime& each) {
    return std::tuple(each.flavours == flavours, each.key == key, each.scala == wanted->scala);
  };
  const Runtime* same = nullptr;
  const Runtime* newer = nullptr;
  for (const Runtime& each : runtimes_) {
    if (!fits(each)) continue;
    std::pair version{each.major, each.minor}, wanted_version{wanted->major, wanted->minor};
    if (version == wanted_version && (same == nullptr || nearness(each) > nearness(*same)))
      same = &each;
    bool no_farther = newer == nullptr || version == std::pair{newer->major, newer->minor};
    if (version > wanted_version && each.long_term && no_farther &&
        (newer == nullptr || nearness(each) > nearness(*newer)))
      newer = &each;
  }
  if (same != nullptr) {
    if (same->key == key) return {same->key, false, "the target offers the same key"};
    return {same->key, false, "the same version in the flavour of the target's node type"};
  }
  if (newer == nullptr) return {};
  return {newer->key, true,
          "the target does not offer " + std::string(key) + "; nearest newer long term version"};
}

}  // namespace lakeshift::clouds
