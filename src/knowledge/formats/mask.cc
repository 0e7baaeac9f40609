#include "knowledge/formats/mask.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/digest.h"

namespace lakeshift::formats {
namespace {

struct Named {
  MaskKind kind;
  std::string_view name;
};
constexpr Named kKinds[] = {
    {MaskKind::keep, "keep"},   {MaskKind::null, "null"}, {MaskKind::hash, "hash"},
    {MaskKind::email, "email"}, {MaskKind::name, "name"}, {MaskKind::phone, "phone"},
    {MaskKind::card, "card"},   {MaskKind::text, "text"}, {MaskKind::number, "number"},
    {MaskKind::date, "date"},   {MaskKind::uuid, "uuid"}, {MaskKind::ip, "ip"},
    {MaskKind::bytes, "bytes"}, {MaskKind::json, "json"}};

std::string domain_of(const MaskRule& rule) {
  return rule.domain.empty() ? std::string(to_text(rule.kind)) : rule.domain;
}

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

// A quoted piece of an array or a composite: backslashes, and in composites doubled quotes.
std::string unquote(std::string_view value, std::size_t& at) {
  std::string out;
  for (++at; at < value.size(); ++at) {
    if (value[at] == '\\' && at + 1 < value.size()) {
      out += value[++at];
    } else if (value[at] == '"') {
      if (at + 1 >= value.size() || value[at + 1] != '"') break;
      out += value[++at];
    } else {
      out += value[at];
    }
  }
  ++at;
  return out;
}

std::string unescaped(std::string_view value, std::size_t& at, std::string_view stops) {
  std::string out;
  while (at < value.size() && stops.find(value[at]) == stops.npos) {
    if (value[at] == '\\' && at + 1 < value.size()) ++at;
    out += value[at++];
  }
  return out;
}

// As array_out() writes it.
std::string array_item(const std::string& item) {
  std::string upper = item;
  std::transform(upper.begin(), upper.end(), upper.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  const bool quoted =
      item.empty() || upper == "NULL" || std::any_of(item.begin(), item.end(), [](char c) {
        return is_space(c) || std::string_view("{}\",\\").find(c) != std::string_view::npos;
      });
  if (!quoted) return item;
  std::string out = "\"";
  for (const char c : item) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

// As record_out() writes it.
std::string field_text(const std::string& field) {
  const bool quoted =
      field.empty() || std::any_of(field.begin(), field.end(), [](char c) {
        return is_space(c) || std::string_view("()\",\\").find(c) != std::string_view::npos;
      });
  if (!quoted) return field;
  std::string out = "\"";
  for (const char c : field) {
    if (c == '"' || c == '\\') out += c;
    out += c;
  }
  return out + '"';
}

}  // namespace

std::string_view to_text(MaskKind kind) {
  for (const Named& one : kKinds)
    if (one.kind == kind) return one.name;
  return "text";
}

std::optional<MaskKind> mask_kind(std::string_view text) {
  for (const Named& one : kKinds)
    if (one.name == text) return one.kind;
  return std::nullopt;
}

const std::vector<std::string>& mask_kind_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> made;
    for (const Named& one : kKinds) made.emplace_back(one.name);
    return made;
  }();
  return names;
}

bool keeps_apart(MaskKind kind) { return kind != MaskKind::null && kind != MaskKind::hash; }

Mask::Mask(const MaskKey& key, MaskRule rule, MaskShape shape)
    : rule_(std::move(rule)),
      shape_(std::move(shape)),
      permutation_(key, domain_of(rule_)),
      hash_key_(key.derive("lakeshift mask hash 1:" + domain_of(rule_))) {
  if (shape_.form == MaskShape::Form::array && !shape_.parts.empty())
    parts_.emplace_back(key, rule_, shape_.parts[0]);
  if (shape_.form == MaskShape::Form::composite)
    for (std::size_t i = 0; i < shape_.parts.size(); ++i)
      parts_.emplace_back(key, shape_.rules[i], shape_.parts[i]);
  if (rule_.kind != MaskKind::json) return;
  for (const auto& [path, of_path] : rule_.paths) paths_.emplace(path, Mask(key, of_path));
  text_ = std::make_shared<const Mask>(key, MaskRule{MaskKind::text, "", 0, "", {}});
  number_ = std::make_shared<const Mask>(key, MaskRule{MaskKind::number, "", 0, "", {}});
}

std::optional<std::string> Mask::apply(std::string_view value) const {
  if (rule_.kind == MaskKind::null) return std::nullopt;
  if (rule_.kind == MaskKind::keep) return std::string(value);
  if (shape_.form == MaskShape::Form::array) return array(value);
  if (shape_.form == MaskShape::Form::composite) return composite(value);
  if (!shape_.padded) return plain(value);
  // char(n): the padding is no part of the value, and the server writes it again.
  std::string_view bare = value;
  while (bare.ends_with(' ')) bare.remove_suffix(1);
  std::string out = plain(bare);
  const std::size_t all = masking::characters(value), now = masking::characters(out);
  if (now < all) out.append(all - now, ' ');
  return out;
}

std::string Mask::plain(std::string_view value) const {
  if (value.empty()) return {};
  switch (rule_.kind) {
    case MaskKind::email:
      return masking::email(permutation_, value, rule_.suffix, shape_.limit);
    case MaskKind::name:
      return masking::name(permutation_, value);
    case MaskKind::phone:
      return masking::phone(permutation_, value);
    case MaskKind::card:
      return masking::card(permutation_, value);
    case MaskKind::number:
      return masking::number(permutation_, value, rule_.within, shape_.limit, floating());
    case MaskKind::date:
      return masking::date(permutation_, value, rule_.within);
    case MaskKind::uuid:
      return masking::uuid(permutation_, value);
    case MaskKind::ip:
      return masking::ip(permutation_, value);
    case MaskKind::bytes:
      return masking::bytes(permutation_, value);
    case MaskKind::json:
      return json(value);
    case MaskKind::hash: {
      std::string hex = hmac_sha256_hex(hash_key_, value);
      const bool is_bytes = value.starts_with("\\x");
      if (shape_.limit > 0 && !is_bytes)
        hex.resize(std::min(hex.size(), static_cast<std::size_t>(shape_.limit)));
      return is_bytes ? "\\x" + hex : hex;
    }
    case MaskKind::keep:
    case MaskKind::null:
    case MaskKind::text:
      break;
  }
  return masking::text(permutation_, value, "text:");
}

std::string Mask::array(std::string_view value) const {
  std::string out;
  std::size_t at = 0;
  // "[0:2]={…}": bounds that are not the usual ones.
  if (value.starts_with('[')) {
    at = value.find('=');
    if (at == value.npos) return "{}";
    out = value.substr(0, ++at);
  }
  while (at < value.size()) {
    const char c = value[at];
    if (c == '{' || c == '}' || c == ',' || c == ';') {
      out += c;
      ++at;
      continue;
    }
    const bool quoted = c == '"';
    const std::string item = quoted ? unquote(value, at) : unescaped(value, at, ",;}");
    if (!quoted && item == "NULL") {
      out += item;
      continue;
    }
    const auto masked = parts_.at(0).apply(item);
    out += masked ? array_item(*masked) : "NULL";
  }
  return out;
}

std::string Mask::composite(std::string_view value) const {
  std::string out = "(";
  std::size_t at = 1, field = 0;
  while (at < value.size()) {
    const char c = value[at];
    if (c == ',' || c == ')') {
      out += c;
      ++at;
      ++field;
      continue;
    }
    std::string item;
    while (at < value.size() && value[at] != ',' && value[at] != ')')
      item += value[at] == '"' ? unquote(value, at) : unescaped(value, at, "\",)");
    const auto masked =
        field < parts_.size() ? parts_[field].apply(item) : std::optional<std::string>();
    if (masked) out += field_text(*masked);
  }
  return out;
}

}  // namespace lakeshift::formats
