#include "core/base/xml.h"

#include <algorithm>
#include <pugixml.hpp>

namespace lakeshift {
namespace {

constexpr int kDeepest = 64;
// A name may be nothing but blanks.
constexpr unsigned kParse = pugi::parse_default | pugi::parse_ws_pcdata_single;

bool copy_element(const pugi::xml_node& from, XmlNode& to, int depth) {
  if (depth > kDeepest) return false;
  to.name = from.name();
  for (const pugi::xml_attribute& one : from.attributes()) to.attributes[one.name()] = one.value();
  for (const pugi::xml_node& one : from.children()) {
    if (one.type() == pugi::node_pcdata || one.type() == pugi::node_cdata) to.text += one.value();
    if (one.type() != pugi::node_element) continue;
    if (!copy_element(one, to.children.emplace_back(), depth + 1)) return false;
  }
  return true;
}

}  // namespace

const XmlNode* XmlNode::child(std::string_view child_name) const {
  const auto found = std::find_if(children.begin(), children.end(),
                                  [&](const XmlNode& one) { return one.name == child_name; });
  return found == children.end() ? nullptr : &*found;
}

std::string XmlNode::text_of(std::string_view child_name) const {
  const XmlNode* const found = child(child_name);
  return found == nullptr ? std::string() : found->text;
}

Result<XmlNode> parse_xml(std::string_view text, std::string_view about) {
  pugi::xml_document document;
  const pugi::xml_parse_result read =
      document.load_buffer(text.data(), text.size(), kParse, pugi::encoding_utf8);
  const auto bad = [&](const std::string& what) {
    return fail("bad-xml", what + " at byte " + std::to_string(read.offset), std::string(about));
  };
  if (!read) return bad(read.description());
  XmlNode root;
  if (!copy_element(document.document_element(), root, 0)) return bad("too deep");
  return root;
}

std::string xml_escape(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '&') {
      out += "&amp;";
    } else if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else if (c == '"') {
      out += "&quot;";
    } else if (static_cast<unsigned char>(c) < 0x20) {
      out += "&#" + std::to_string(static_cast<int>(c)) + ";";
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace lakeshift
