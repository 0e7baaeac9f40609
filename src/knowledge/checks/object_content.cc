#include "knowledge/checks/object_content.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/strings.h"

namespace lakeshift::checks {
namespace {

constexpr std::int64_t kBlock = 8LL << 20;

std::string map_difference(const std::string& what,
                           const std::map<std::string, std::string>& source,
                           const std::map<std::string, std::string>& target) {
  for (const auto& [name, value] : source) {
    const auto found = target.find(name);
    if (found == target.end()) return what + " '" + printable(name) + "' is missing at the target";
    if (found->second != value)
      return what + " '" + printable(name) + "' is '" + printable(value) + "' and '" +
             printable(found->second) + "'";
  }
  for (const auto& [name, value] : target)
    if (!source.contains(name)) return what + " '" + printable(name) + "' is only at the target";
  return {};
}

}  // namespace

std::string fields_difference(const stores::ObjectFields& source,
                              const stores::ObjectFields& target) {
  const auto texts = [](const stores::ObjectFields& fields) {
    return std::vector<std::pair<const char*, std::string>>{
        {"content-type", fields.content_type},
        {"content-encoding", fields.content_encoding},
        {"content-disposition", fields.content_disposition},
        {"content-language", fields.content_language},
        {"cache-control", fields.cache_control}};
  };
  const auto here = texts(source), there = texts(target);
  for (std::size_t i = 0; i < here.size(); ++i)
    if (here[i].second != there[i].second)
      return std::string(here[i].first) + " is '" + printable(here[i].second) + "' and '" +
             printable(there[i].second) + "'";
  const std::string metadata = map_difference("metadata", source.metadata, target.metadata);
  return metadata.empty() ? map_difference("tag", source.tags, target.tags) : metadata;
}

Result<ObjectComparison> compare_object(stores::ObjectStore& source, stores::ObjectStore& target,
                                        const std::string& key, world::Run& run) {
  ObjectComparison result;
  for (std::int64_t at = 0;;) {
    auto here = source.read(key, at, kBlock, result.source_etag, at == 0, run);
    auto there = here ? target.read(key, at, kBlock, result.target_etag, at == 0, run) : here;
    for (const auto* side : {&here, &there}) {
      if (*side) continue;
      const Error& error = side->error();
      if (error.code != "changed" && error.code != "not-found") return fail(error);
      result.moving = true;
      result.difference = error.code == "changed" ? "it is written to all the time"
                                                  : "it was removed while it was compared";
      return result;
    }
    if (at == 0) result.difference = fields_difference(here->fields, there->fields);
    if (!result.difference.empty()) return result;
    if (here->size != there->size) {
      result.difference = fmt::format("{} bytes and {} bytes", here->size, there->size);
      return result;
    }
    result.source_etag = here->etag;
    result.target_etag = there->etag;
    const auto apart = std::mismatch(here->bytes.begin(), here->bytes.end(), there->bytes.begin(),
                                     there->bytes.end());
    if (apart.first != here->bytes.end() || apart.second != there->bytes.end()) {
      result.difference = fmt::format("byte {} of {} differs",
                                      at + (apart.first - here->bytes.begin()), here->size);
      return result;
    }
    at += static_cast<std::int64_t>(here->bytes.size());
    result.bytes = at;
    if (at >= here->size || here->bytes.empty()) break;
  }
  result.equal = true;
  return result;
}

}  // namespace lakeshift::checks
