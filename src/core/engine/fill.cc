// Placeholders: what they name, and their replacement by values.
#include <optional>

#include "core/base/strings.h"
#include "core/engine/walk.h"

namespace lakeshift::engine {
namespace {

constexpr std::string_view kTextStart = "${ref:";

struct TextReference {
  std::size_t begin, end;  // of the whole placeholder in the text
  std::string change, field;
};

std::optional<TextReference> next_reference(std::string_view text, std::size_t from) {
  while (true) {
    const std::size_t begin = text.find(kTextStart, from);
    if (begin == std::string_view::npos) return std::nullopt;
    const std::size_t inner = begin + kTextStart.size();
    const std::size_t end = text.find('}', inner);
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view content = text.substr(inner, end - inner);
    const std::size_t colon = content.rfind(':');
    if (colon != std::string_view::npos && colon != 0 &&
        content.find('{') == std::string_view::npos)
      return TextReference{begin, end + 1, url_decode(content.substr(0, colon)),
                           std::string(content.substr(colon + 1))};
    from = inner;
  }
}

// The only member of an object that is a placeholder of that name; null otherwise.
const Json& placeholder(const Json& value, const char* name) {
  static const Json kNone;
  return value.is_object() && value.size() == 1 ? member(value, name) : kNone;
}

bool wants_base64(const Json& reference) { return text_at(reference, "encoding") == "base64"; }

Result<Json> fill_content(const Json& reference, const Supplies& supplies) {
  const std::string sha256 = text_at(reference, "sha256");
  const std::string about = "content " + sha256;
  if (!supplies.content) return fail("not-found", "there is no content store", about);
  LS_ASSIGN(std::string bytes, supplies.content(sha256));
  if (wants_base64(reference)) return Json(base64_encode(bytes));
  if (!is_valid_utf8(bytes))
    return fail("content-not-text", "the bytes are not UTF-8 text, and the call takes text only",
                about, "copy it by hand");
  return Json(std::move(bytes));
}

Result<Json> fill_secret(const Json& reference, const Supplies& supplies) {
  const std::string about =
      "secret '" + text_at(reference, "scope") + "/" + text_at(reference, "key") + "'";
  if (!supplies.secret)
    return fail("secret-unavailable", "no source of secret values is configured", about,
                "configure 'secrets_from', or supply a secrets file");
  LS_ASSIGN(std::string bytes, supplies.secret(reference));
  if (wants_base64(reference)) return Json(base64_encode(bytes));
  if (!is_valid_utf8(bytes))
    return fail("secret-not-text", "the value is not UTF-8 text, and the call takes text only",
                about, "set it by hand in the target, or store it as text in the source");
  return Json(std::move(bytes));
}

}  // namespace

Result<std::string> fill_in_text(const std::string& text, const Bound& bound) {
  std::string filled;
  std::size_t done = 0;
  while (const std::optional<TextReference> reference = next_reference(text, done)) {
    filled += text.substr(done, reference->begin - done);
    LS_ASSIGN(const Json value, bound(reference->change, reference->field));
    filled += scalar_text(value);
    done = reference->end;
  }
  return filled + text.substr(done);
}

Result<Json> fill_in(const Json& value, const Bound& bound, const Supplies& supplies) {
  if (value.is_string()) {
    LS_ASSIGN(std::string text, fill_in_text(value.get_ref<const std::string&>(), bound));
    return Json(std::move(text));
  }
  if (const Json& reference = placeholder(value, "$ref"); reference.is_object())
    return bound(text_at(reference, "change"), text_at(reference, "field", "id"));
  if (const Json& reference = placeholder(value, "$content"); reference.is_object())
    return fill_content(reference, supplies);
  if (const Json& reference = placeholder(value, "$secret"); reference.is_object())
    return fill_secret(reference, supplies);
  if (value.is_array()) {
    Json filled = Json::array();
    for (const Json& item : value) {
      LS_ASSIGN(Json one, fill_in(item, bound, supplies));
      filled.push_back(std::move(one));
    }
    return filled;
  }
  if (!value.is_object()) return value;
  Json filled = Json::object();
  for (const auto& [name, inner] : value.items()) {
    LS_ASSIGN(filled[name], fill_in(inner, bound, supplies));
  }
  return filled;
}

void list_member_references(const Json& value,
                            std::vector<std::pair<std::string, std::string>>& members) {
  if (value.is_string()) {
    const std::string& text = value.get_ref<const std::string&>();
    std::size_t done = 0;
    while (const std::optional<TextReference> reference = next_reference(text, done)) {
      members.emplace_back(reference->change, reference->field);
      done = reference->end;
    }
    return;
  }
  if (const Json& reference = placeholder(value, "$ref"); reference.is_object()) {
    members.emplace_back(text_at(reference, "change"), text_at(reference, "field", "id"));
    return;
  }
  if (value.is_structured())
    for (const Json& inner : value) list_member_references(inner, members);
}

void list_references(const Json& value, std::vector<std::string>& change_ids) {
  std::vector<std::pair<std::string, std::string>> members;
  list_member_references(value, members);
  for (auto& [change, field] : members) change_ids.push_back(std::move(change));
}

}  // namespace lakeshift::engine
