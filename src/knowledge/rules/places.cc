#include "knowledge/rules/places.h"

namespace lakeshift::rules {

const RE2& storage_url_pattern() {
  static const RE2 pattern(
      "(?i)(\\b(?:abfss?|wasbs?|adl|s3[an]?|gs)://[^\\s\"'`<>|;,()\\[\\]{}\\\\$]+)");
  return pattern;
}

bool is_inside_storage_url(std::string_view text, std::size_t offset) {
  std::size_t start = offset;
  while (start > 0 && std::string_view(" \t\n\r\"'`<>|;,()[]{}\\").find(text[start - 1]) ==
                          std::string_view::npos)
    --start;
  std::string_view before = text.substr(start, offset - start);
  for (std::string_view scheme :
       {"abfs://", "abfss://", "wasb://", "wasbs://", "s3://", "s3a://", "gs://"})
    if (before.find(scheme) != std::string_view::npos) return true;
  return false;
}

}  // namespace lakeshift::rules
