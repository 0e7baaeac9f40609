#include "core/engine/kind.h"

#include "core/base/strings.h"
#include "core/engine/generic.h"

namespace lakeshift::engine {

const Kind* find_kind(KindSet kinds, std::string_view name) {
  for (const Kind* kind : kinds)
    if (kind->name == name) return kind;
  return nullptr;
}

std::string natural_key_of(const Kind& kind, const Json& document) {
  std::string key = kind.natural_key != nullptr ? kind.natural_key(document)
                                                : scalar_text(at_path(document, kind.key_field));
  return kind.key_ignores_case ? to_lower(key) : key;
}

std::string display_name_of(const Kind& kind, const Json& document) {
  if (kind.display_name != nullptr) return kind.display_name(document);
  const std::string name = scalar_text(at_path(document, kind.key_field));
  return name.empty() ? natural_key_of(kind, document) : name;
}

std::string id_of(const Kind& kind, const Json& document) {
  return scalar_text(at_path(document, kind.id_field));
}

Json reference_to(std::string_view change_id, std::string_view field) {
  return {{"$ref", {{"change", change_id}, {"field", field}}}};
}

std::string reference_text(std::string_view change_id, std::string_view field) {
  std::string id;
  for (const char c : change_id) {
    // '+' too: decoding a URL makes it a space.
    constexpr std::string_view kEscaped = "%{}+";
    constexpr std::string_view kEscapes[] = {"%25", "%7B", "%7D", "%2B"};
    if (const std::size_t at = kEscaped.find(c); at != std::string_view::npos)
      id += kEscapes[at];
    else
      id += c;
  }
  return "${ref:" + id + ":" + std::string(field) + "}";
}

std::pair<std::string, std::string> split_endpoint(std::string_view endpoint) {
  const std::size_t space = endpoint.find(' ');
  if (space == std::string_view::npos) return {"GET", std::string(endpoint)};
  return {std::string(endpoint.substr(0, space)), std::string(endpoint.substr(space + 1))};
}

}  // namespace lakeshift::engine
