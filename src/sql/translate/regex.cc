#include "sql/translate/patterns.h"

namespace lakeshift::sql {
namespace {

constexpr std::string_view kSpecial = "\\.[]{}()*+-?^$|";

// [[:alpha:]] inside brackets; returns false for a class that is not known.
bool read_bracket(std::string_view text, std::size_t& i, std::string& out, std::string& fault) {
  std::size_t k = i + 1;
  out += '[';
  if (k < text.size() && text[k] == '^') {
    out += '^';
    ++k;
  }
  bool first = true;
  for (; k < text.size(); ++k, first = false) {
    const char c = text[k];
    if (c == ']' && !first) {
      out += ']';
      i = k;
      return true;
    }
    if (c == '[' && k + 1 < text.size() && text[k + 1] == ':') {
      const auto close = text.find(":]", k + 2);
      if (close == text.npos) break;
      const std::string_view name = text.substr(k + 2, close - k - 2);
      std::string_view java;
      if (name == "alpha") java = "\\p{Alpha}";
      if (name == "digit") java = "\\d";
      if (name == "alnum") java = "\\p{Alnum}";
      if (name == "upper") java = "\\p{Upper}";
      if (name == "lower") java = "\\p{Lower}";
      if (name == "space") java = "\\s";
      if (name == "blank") java = "\\p{Blank}";
      if (name == "punct") java = "\\p{Punct}";
      if (name == "xdigit") java = "\\p{XDigit}";
      if (name == "cntrl") java = "\\p{Cntrl}";
      if (name == "print") java = "\\p{Print}";
      if (name == "graph") java = "\\p{Graph}";
      if (java.empty()) {
        fault = "has the class [:" + std::string(name) + ":], which Java does not know";
        return false;
      }
      out += java;
      k = close + 1;
      continue;
    }
    if (c == '\\' && k + 1 < text.size()) {
      out += c;
      out += text[++k];
      continue;
    }
    // brackets and && mean something inside Java's classes
    if (c == '[' || c == '&' || (c == ']' && first)) out += '\\';
    out += c;
  }
  fault = "has a [ without ]";
  return false;
}

}  // namespace

std::optional<std::string> java_regex(std::string_view posix, std::string& fault) {
  std::string out;
  bool dot = false;
  for (std::size_t i = 0; i < posix.size(); ++i) {
    const char c = posix[i];
    if (c == '[') {
      if (posix.substr(i).starts_with("[[:<:]]") || posix.substr(i).starts_with("[[:>:]]")) {
        out += "\\b";
        i += 6;
        continue;
      }
      if (!read_bracket(posix, i, out, fault)) return std::nullopt;
      continue;
    }
    if (c == '\\' && i + 1 < posix.size()) {
      const char next = posix[++i];
      if (next == 'm' || next == 'M' || next == 'y' || next == '<' || next == '>')
        out += "\\b";
      else if (next == 'Y')
        out += "\\B";
      else
        (out += '\\') += next;
      continue;
    }
    if (c == '\\') {
      fault = "ends with a backslash";
      return std::nullopt;
    }
    if (c == '.') dot = true;
    out += c;
  }
  return (dot ? "(?s)" : "") + out;
}

std::optional<std::string> similar_regex(std::string_view pattern, char escape,
                                         std::string& fault) {
  std::string out = "(?s)^(?:";
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const char c = pattern[i];
    if (escape != '\0' && c == escape) {
      if (i + 1 >= pattern.size()) {
        fault = "ends with its escape character";
        return std::nullopt;
      }
      const char next = pattern[++i];
      if (kSpecial.find(next) != kSpecial.npos) out += '\\';
      out += next;
      continue;
    }
    switch (c) {
      case '%':
        out += ".*";
        break;
      case '_':
        out += '.';
        break;
      case '[':
        if (!read_bracket(pattern, i, out, fault)) return std::nullopt;
        break;
      case '.':
      case '^':
      case '$':
      case '\\':
        out += '\\';
        out += c;
        break;
      default:
        out += c;
        break;
    }
  }
  return out + ")\\z";
}

std::string java_replacement(std::string_view text, bool perl) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool digit_next = i + 1 < text.size() && text[i + 1] >= '0' && text[i + 1] <= '9';
    if (c == '$' && digit_next)
      out += c;  // Redshift's own reference is $1
    else if (c == '\\' && digit_next)
      out += perl ? "$" : "\\\\";
    else if (c == '$' || c == '\\')
      (out += '\\') += c;
    else
      out += c;
  }
  return out;
}

}  // namespace lakeshift::sql
