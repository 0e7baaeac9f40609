#include "core/base/xml.h"

#include <algorithm>
#include <charconv>

#include "core/base/strings.h"

namespace lakeshift {
namespace {

constexpr int kDeepest = 64;

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

void append_entity(std::string& out, std::string_view entity) {
  if (entity == "lt") {
    out += '<';
  } else if (entity == "gt") {
    out += '>';
  } else if (entity == "amp") {
    out += '&';
  } else if (entity == "quot") {
    out += '"';
  } else if (entity == "apos") {
    out += '\'';
  } else if (entity.starts_with('#')) {
    const bool hex = entity.size() > 1 && (entity[1] == 'x' || entity[1] == 'X');
    const std::string_view digits = entity.substr(hex ? 2 : 1);
    unsigned code = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), code, hex ? 16 : 10);
    if (code > 0 && code <= 0x10FFFF) append_utf8(out, static_cast<char32_t>(code));
  }
}

std::string undo_entities(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::size_t end = text[i] == '&' ? text.find(';', i) : std::string_view::npos;
    if (end == std::string_view::npos) {
      out += text[i];
      continue;
    }
    append_entity(out, text.substr(i + 1, end - i - 1));
    i = end;
  }
  return out;
}

class XmlReader {
 public:
  XmlReader(std::string_view text, std::string_view about) : text_(text), about_(about) {}

  Result<XmlNode> document() {
    if (text_.starts_with("\xEF\xBB\xBF")) at_ = 3;
    LS_TRY(skip_notes());
    XmlNode root;
    LS_TRY(element(root, 0));
    return root;
  }

 private:
  tl::unexpected<Error> bad(const std::string& what) const {
    return fail("bad-xml", what + " at byte " + std::to_string(at_), std::string(about_));
  }
  bool ahead(std::string_view words) const { return text_.substr(at_).starts_with(words); }
  void skip_spaces() {
    while (at_ < text_.size() && is_space(text_[at_])) ++at_;
  }
  Status skip_past(std::string_view end) {
    const std::size_t found = text_.find(end, at_);
    if (found == std::string_view::npos) return bad("no '" + std::string(end) + "' follows");
    at_ = found + end.size();
    return {};
  }
  // Declarations, instructions and comments before an element.
  Status skip_notes() {
    for (;;) {
      skip_spaces();
      if (ahead("<?")) {
        LS_TRY(skip_past("?>"));
      } else if (ahead("<!--")) {
        LS_TRY(skip_past("-->"));
      } else {
        return {};
      }
    }
  }
  std::string word() {
    const std::size_t from = at_;
    while (at_ < text_.size() && !is_space(text_[at_]) && text_[at_] != '=' && text_[at_] != '>' &&
           text_[at_] != '/' && text_[at_] != '<')
      ++at_;
    return std::string(text_.substr(from, at_ - from));
  }

  Status attributes(XmlNode& node, bool& closed) {
    for (;;) {
      skip_spaces();
      if (ahead("/>")) {
        at_ += 2;
        closed = true;
        return {};
      }
      if (ahead(">")) {
        ++at_;
        return {};
      }
      const std::string name = word();
      skip_spaces();
      if (name.empty() || !ahead("=")) return bad("no attribute");
      ++at_;
      skip_spaces();
      const char quote = at_ < text_.size() ? text_[at_] : '\0';
      if (quote != '"' && quote != '\'') return bad("no quoted value");
      const std::size_t end = text_.find(quote, at_ + 1);
      if (end == std::string_view::npos) return bad("no end of a value");
      node.attributes[name] = undo_entities(text_.substr(at_ + 1, end - at_ - 1));
      at_ = end + 1;
    }
  }

  Status element(XmlNode& node, int depth) {
    if (depth > kDeepest) return bad("too deep");
    if (!ahead("<")) return bad("no element");
    ++at_;
    node.name = word();
    if (node.name.empty()) return bad("no name");
    bool closed = false;
    LS_TRY(attributes(node, closed));
    while (!closed) {
      const std::size_t next = text_.find('<', at_);
      if (next == std::string_view::npos) return bad("no end of '" + node.name + "'");
      node.text += undo_entities(text_.substr(at_, next - at_));
      at_ = next;
      LS_TRY(part(node, depth, closed));
    }
    return {};
  }

  Status part(XmlNode& node, int depth, bool& closed) {
    if (ahead("</")) {
      at_ += 2;
      if (word() != node.name) return bad("another element than '" + node.name + "' ends");
      closed = true;
      return skip_past(">");
    }
    if (ahead("<!--")) return skip_past("-->");
    if (ahead("<![CDATA[")) {
      const std::size_t from = at_ + 9;
      LS_TRY(skip_past("]]>"));
      node.text += text_.substr(from, at_ - 3 - from);
      return {};
    }
    node.children.emplace_back();
    return element(node.children.back(), depth + 1);
  }

  std::string_view text_;
  std::string_view about_;
  std::size_t at_ = 0;
};

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
  XmlReader reader(text, about);
  return reader.document();
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
