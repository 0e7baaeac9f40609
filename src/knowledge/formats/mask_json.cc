// JSON masked in place: structure, spaces and names of members stay as they are written.
#include <fmt/format.h>

#include <functional>

#include "core/base/strings.h"
#include "knowledge/formats/mask.h"

namespace lakeshift::formats {
namespace {

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char low = static_cast<char>(c | 0x20);
  return low >= 'a' && low <= 'f' ? low - 'a' + 10 : 0;
}

class Rewriter {
 public:
  // `leaf`: (path, text, is a number) -> what stands there, NULL when nothing.
  using Leaf =
      std::function<std::optional<std::string>(const std::string&, const std::string&, bool)>;
  Rewriter(std::string_view text, const Leaf& leaf) : text_(text), leaf_(leaf) {}

  std::string write() {
    value("");
    out_ += text_.substr(std::min(at_, text_.size()));
    return std::move(out_);
  }

 private:
  char now() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void copy() { out_ += text_[at_++]; }
  void spaces() {
    while (now() == ' ' || now() == '\n' || now() == '\t' || now() == '\r') copy();
  }

  void value(const std::string& path) {
    spaces();
    const char c = now();
    if (c == '{' || c == '[') {
      nested(path, c == '{');
    } else if (c == '"') {
      put(leaf_(path, string(), false), true);
    } else if (c == '-' || (c >= '0' && c <= '9')) {
      const std::size_t end =
          std::min(text_.find_first_not_of("+-0123456789.eE", at_), text_.size());
      const std::string number(text_.substr(at_, end - at_));
      at_ = end;
      put(leaf_(path, number, true), false);
    } else {
      while (now() >= 'a' && now() <= 'z') copy();  // true, false, null
    }
    spaces();
  }

  void nested(const std::string& path, bool object) {
    const char end = object ? '}' : ']';
    copy();
    spaces();
    while (at_ < text_.size() && now() != end) {
      const std::size_t before = at_;
      std::string member = path;
      if (object && now() == '"') {
        const std::size_t from = at_;
        const std::string name = string();
        out_ += text_.substr(from, at_ - from);
        member += (path.empty() ? "" : ".") + name;
        spaces();
        if (now() == ':') copy();
      }
      value(member);
      if (now() == ',') copy();
      spaces();
      if (at_ == before) ++at_;  // no JSON: nothing of it is passed on
    }
    if (at_ < text_.size()) copy();
  }

  std::string string() {
    std::string out;
    for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_) {
      if (text_[at_] != '\\' || at_ + 1 >= text_.size()) {
        out += text_[at_];
        continue;
      }
      const char c = text_[++at_];
      constexpr std::string_view kFrom = "bfnrt", kTo = "\b\f\n\r\t";
      if (c == 'u')
        append_utf8(out, escaped());
      else if (const std::size_t found = kFrom.find(c); found != kFrom.npos)
        out += kTo[found];
      else
        out += c;
    }
    ++at_;
    return out;
  }

  std::uint32_t escaped() {
    const auto four = [&]() -> std::uint32_t {
      std::uint32_t code = 0;
      for (std::size_t i = 1; i <= 4 && at_ + i < text_.size(); ++i)
        code = code << 4 | static_cast<std::uint32_t>(hex_value(text_[at_ + i]));
      at_ += 4;
      return code;
    };
    const std::uint32_t first = four();
    if (first < 0xd800 || first >= 0xdc00 ||
        text_.substr(std::min(at_ + 1, text_.size()), 2) != "\\u")
      return first;
    at_ += 2;
    return 0x10000 + ((first & 0x3ff) << 10) + (four() & 0x3ff);
  }

  void put(const std::optional<std::string>& value, bool quoted) {
    if (!value) {
      out_ += "null";
      return;
    }
    if (!quoted) {
      out_ += *value;
      return;
    }
    out_ += '"';
    for (const char c : *value) {
      constexpr std::string_view kFrom = "\b\f\n\r\t\"\\", kTo = "bfnrt\"\\";
      if (const std::size_t found = kFrom.find(c); found != kFrom.npos)
        out_ += {'\\', kTo[found]};
      else if (static_cast<unsigned char>(c) < 0x20)
        out_ += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
      else
        out_ += c;
    }
    out_ += '"';
  }

  std::string_view text_;
  const Leaf& leaf_;
  std::string out_;
  std::size_t at_ = 0;
};

}  // namespace

std::string Mask::json(std::string_view value) const {
  const Rewriter::Leaf leaf = [&](const std::string& path, const std::string& text,
                                  bool number) -> std::optional<std::string> {
    const auto named = paths_.find(path);
    const Mask* mask = named != paths_.end() ? &named->second
                       : number              ? number_.get()
                                             : text_.get();
    if (!number || mask->rule().kind == MaskKind::null || mask->rule().kind == MaskKind::keep ||
        mask->rule().kind == MaskKind::number)
      return mask->apply(text);
    return number_->apply(text);  // a text's mask would write no number
  };
  return Rewriter(value, leaf).write();
}

}  // namespace lakeshift::formats
