#include "core/engine/stamp.h"

#include "core/base/digest.h"

namespace lakeshift::engine {
namespace {

constexpr std::size_t kLongestLabel = 63;
constexpr std::size_t kDigest = 16;
constexpr std::string_view kCut = "__";  // an escape is never followed by '_'
constexpr std::string_view kDigits = "0123456789abcdef";

bool is_plain(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; }

bool is_label(std::string_view stamp) { return stamp.find('/') == std::string_view::npos; }

}  // namespace

bool is_stamp_key(std::string_view key) { return key == kStampKey || key == kLabelStampKey; }

std::string_view key_of_stamp(std::string_view stamp) {
  return is_label(stamp) ? kLabelStampKey : kStampKey;
}

std::string label_of_stamp(std::string_view stamp) {
  if (is_label(stamp)) return std::string(stamp);
  std::string label;
  for (const char c : stamp) {
    if (is_plain(c)) {
      label += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    label += '_';
    label += kDigits[byte >> 4U];
    label += kDigits[byte & 15U];
  }
  if (label.size() <= kLongestLabel) return label;
  return label.substr(0, kLongestLabel - kCut.size() - kDigest) + std::string(kCut) +
         sha256_hex(stamp).substr(0, kDigest);
}

std::string stamp_of_label(std::string_view label) {
  if (!is_label(label) || label.find(kCut) != std::string_view::npos) return std::string(label);
  std::string stamp;
  for (std::size_t i = 0; i < label.size(); ++i) {
    const std::size_t high = i + 2 < label.size() ? kDigits.find(label[i + 1]) : kDigits.npos;
    const std::size_t low = i + 2 < label.size() ? kDigits.find(label[i + 2]) : kDigits.npos;
    if (label[i] != '_' || high == kDigits.npos || low == kDigits.npos) {
      stamp += label[i];
      continue;
    }
    stamp += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return stamp;
}

std::string spelled_like(std::string_view like, const std::string& stamp) {
  return is_label(like) ? label_of_stamp(stamp) : stamp;
}

bool is_same_stamp(std::string_view found, std::string_view wanted) {
  return !found.empty() && label_of_stamp(found) == label_of_stamp(wanted);
}

}  // namespace lakeshift::engine
