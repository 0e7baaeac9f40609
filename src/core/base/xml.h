// Reading small XML documents, as object stores answer with. No DTDs, no namespaces: a prefix stays
// in the name.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace lakeshift {

struct XmlNode {
  std::string name;
  std::map<std::string, std::string> attributes;
  std::string text;  // of all its text parts together, entities undone
  std::vector<XmlNode> children;

  const XmlNode* child(std::string_view child_name) const;  // the first; null when there is none
  std::string text_of(std::string_view child_name) const;   // of the first; "" when there is none
};

// Errors: "bad-xml" with the byte where it stopped. Nesting deeper than 64 levels is refused.
Result<XmlNode> parse_xml(std::string_view text, std::string_view about);
std::string xml_escape(std::string_view text);  // UTF-8 in, for text and attributes

}  // namespace lakeshift
