// Custom tags: counts, lengths and characters that each cloud accepts.
#include <algorithm>
#include <cctype>

#include "core/base/strings.h"
#include "twin/service.h"

namespace lakeshift::twin::rules::tags {
namespace {

struct Limits {
  std::size_t key;
  std::size_t value;
};

Status check_each(const Json& tags, const Limits& limits, bool (*fits)(char),
                  std::string_view characters) {
  // clusters/create, instance-pools/create: "Currently, Databricks allows at most 45 custom tags".
  if (tags.size() > 45)
    return invalid("custom_tags has " + std::to_string(tags.size()) +
                   " tags, at most 45 are allowed");
  for (const auto& [key, value] : tags.items()) {
    const std::string text = scalar_text(value);
    if (key.empty() || key.size() > limits.key)
      return invalid("the key of tag '" + key + "' must have 1 to " + std::to_string(limits.key) +
                     " characters");
    if (text.size() > limits.value)
      return invalid("the value of tag '" + key + "' has more than " +
                     std::to_string(limits.value) + " characters");
    if (!std::all_of(key.begin(), key.end(), fits))
      return invalid("the key of tag '" + key + "' has a character outside " +
                     std::string(characters));
    if (!std::all_of(text.begin(), text.end(), fits))
      return invalid("the value of tag '" + key + "' has a character outside " +
                     std::string(characters));
  }
  return {};
}

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || static_cast<unsigned char>(c) >= 0x80;
}
// AWS: letters, numbers, spaces, and + - = . _ : / @ (EC2 user guide, "Tag restrictions").
bool fits_aws(char c) { return is_word(c) || contains(" +-=._:/@", std::string_view(&c, 1)); }
// Azure names of tags exclude < > % & \ ? / (Azure Resource Manager, "Use tags", limitations).
bool fits_azure_key(char c) { return !contains("<>%&\\?/", std::string_view(&c, 1)); }
bool fits_any(char) { return true; }
// GCP labels: letters, numbers, _ and -; keys and values up to 63 (Compute Engine, "Requirements
// for labels").
bool fits_gcp(char c) { return is_word(c) || c == '_' || c == '-'; }

Status aws(const Context&, const Subject& subject) {
  const Json& tags = member(subject.document, "custom_tags");
  if (!tags.is_object()) return {};
  for (const auto& [key, value] : tags.items()) {
    if (to_lower(key).starts_with("aws:"))
      return invalid("the key of tag '" + key + "' must not start with aws:");
    if (key == "Name") return invalid("the tag key 'Name' is used by Databricks");
  }
  return check_each(tags, {127, 255}, fits_aws, "letters, digits, space and + - = . _ : / @");
}

Status azure(const Context&, const Subject& subject) {
  const Json& tags = member(subject.document, "custom_tags");
  if (!tags.is_object()) return {};
  for (const auto& [key, value] : tags.items()) {
    if (!std::all_of(key.begin(), key.end(), fits_azure_key))
      return invalid("the key of tag '" + key + "' has one of < > % & \\ ? /");
    if (key == "Name") return invalid("the tag key 'Name' is used by Databricks");
  }
  return check_each(tags, {512, 256}, fits_any, "");
}

Status gcp(const Context&, const Subject& subject) {
  const Json& tags = member(subject.document, "custom_tags");
  return tags.is_object() ? check_each(tags, {63, 63}, fits_gcp, "letters, digits, _ and -")
                          : Status{};
}

constexpr Rule kRules[] = {{"aws", "cluster", aws},     {"aws", "instance_pool", aws},
                           {"azure", "cluster", azure}, {"azure", "instance_pool", azure},
                           {"gcp", "cluster", gcp},     {"gcp", "instance_pool", gcp}};

}  // namespace

extern const RuleSet kDefinition;
const RuleSet kDefinition = {"tags", kRules};

}  // namespace lakeshift::twin::rules::tags
