// What Blob can hold.
#include <fmt/format.h>

#include <algorithm>

#include "core/base/strings.h"
#include "knowledge/stores/blob.h"

namespace lakeshift::stores {
namespace {

constexpr std::size_t kLongestName = 1024;  // characters
constexpr std::size_t kMostSegments = 254;
constexpr std::size_t kMostTags = 10;

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); }

// "_xHH_" at `at`.
bool is_escape(std::string_view name, std::size_t at) {
  return at + 5 <= name.size() && name[at] == '_' && name[at + 1] == 'x' && is_hex(name[at + 2]) &&
         is_hex(name[at + 3]) && name[at + 4] == '_';
}

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

bool is_tag_text(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return is_letter(c) || is_digit(c) ||
           std::string_view(" +-./:=_").find(c) != std::string_view::npos;
  });
}

}  // namespace

std::string to_blob_metadata_name(std::string_view name) {
  std::string out;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    const bool plain = is_letter(c) || (is_digit(c) && i > 0) || (c == '_' && !is_escape(name, i));
    out += plain ? std::string(1, c) : fmt::format("_x{:02x}_", static_cast<unsigned char>(c));
  }
  return out;
}

std::string from_blob_metadata_name(std::string_view name) {
  std::string out;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (!is_escape(name, i)) {
      out += name[i];
      continue;
    }
    out += static_cast<char>(std::stoi(std::string(name.substr(i + 2, 2)), nullptr, 16));
    i += 4;
  }
  return out;
}

std::string blob_name_trouble(std::string_view name) {
  if (name.empty()) return "its name is empty";
  if (!is_valid_utf8(name)) return "its name is no UTF-8";
  if (characters(name) > kLongestName) return "its name is longer than 1,024 characters";
  for (const char c : name) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F)
      return "its name has a control character";
    if (c == '\\') return "its name has a backslash, which Blob takes for '/'";
  }
  const std::vector<std::string> segments = split(name, '/');
  if (segments.size() > kMostSegments) return "its name has more than 254 parts between '/'";
  if (name.ends_with('/')) return "its name ends with '/'";
  for (const std::string& segment : segments) {
    if (segment.empty())
      return "its name has an empty part ('//' or '/' at the beginning), which accounts with "
             "folders cannot hold";
    if (segment.ends_with('.')) return "a part of its name ends with '.'";
  }
  return {};
}

std::string blob_tags_trouble(const std::map<std::string, std::string>& tags) {
  if (tags.size() > kMostTags) return fmt::format("it has {} tags, 10 are possible", tags.size());
  for (const auto& [name, value] : tags)
    if (name.empty() || name.size() > 128 || value.size() > 256 || !is_tag_text(name) ||
        !is_tag_text(value))
      return "its tag '" + printable(name) + "' has other characters than Blob's tags may have";
  return {};
}

std::string only_read(std::string_view permissions) {
  std::string out;
  for (const char c : permissions)
    if (c == 'r' || c == 'l') out += c;
  return out;
}

}  // namespace lakeshift::stores
