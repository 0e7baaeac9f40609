#include "core/base/json.h"

#include <algorithm>

#include "core/base/strings.h"

namespace lakeshift {
namespace {

constexpr int kDeepestNesting = 512;

const Json kNullJson;

// The parser itself is iterative, but printing and destroying a value is recursive.
bool nests_too_deep(std::string_view text) {
  int depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      if (++depth > kDeepestNesting) return true;
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
  return false;
}

std::string place_of_byte(std::string_view text, std::size_t byte) {
  const std::string_view before = text.substr(0, std::min(byte, text.size()));
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const std::size_t start = before.rfind('\n');
  const std::size_t column =
      start == std::string_view::npos ? before.size() : before.size() - start - 1;
  return "line " + std::to_string(line) + ", column " +
         std::to_string(std::max<std::size_t>(column, 1));
}

std::string found_at_byte(std::string_view text, std::size_t byte) {
  if (byte == 0 || byte > text.size()) return "the end of the text";
  const auto found = static_cast<unsigned char>(text[byte - 1]);
  if (found >= 0x20 && found < 0x7f) return std::string("'") + static_cast<char>(found) + "'";
  constexpr std::string_view kHex = "0123456789abcdef";
  return std::string("byte 0x") + kHex[found >> 4] + kHex[found & 15];
}

}  // namespace

Result<Json> parse_json(std::string_view text, std::string_view about) {
  if (nests_too_deep(text))
    return fail("bad-json", "nested deeper than 512 levels", std::string(about),
                "check what sent this text");
  try {
    return Json::parse(text.begin(), text.end());
  } catch (const Json::parse_error& error) {
    // Bytes of another encoding are told as such: a person looks elsewhere for their cause.
    const bool utf8 = is_valid_utf8(text);
    return fail("bad-json",
                std::string(utf8 ? "not json" : "not utf-8") + ": did not expect " +
                    found_at_byte(text, error.byte) + " at " + place_of_byte(text, error.byte),
                std::string(about), "check that the text is complete, valid utf-8 json");
  } catch (const std::exception&) {  // a number that does not fit
    return fail("bad-json", "not json: holds a number that is out of range", std::string(about),
                "check what sent this text");
  }
}

std::string dump_json(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string dump_json_pretty(const Json& value) {
  return value.dump(2, ' ', false, Json::error_handler_t::replace);
}

const Json& member(const Json& object, std::string_view key) {
  if (!object.is_object()) return kNullJson;
  const auto found = object.find(key);
  return found == object.end() ? kNullJson : *found;
}

std::string text_at(const Json& object, std::string_view key, std::string_view fallback) {
  const Json& value = member(object, key);
  return value.is_string() ? value.get_ref<const std::string&>() : std::string(fallback);
}

bool bool_at(const Json& object, std::string_view key, bool fallback) {
  const Json& value = member(object, key);
  return value.is_boolean() ? value.get<bool>() : fallback;
}

long long int_at(const Json& object, std::string_view key, long long fallback) {
  const Json& value = member(object, key);
  return value.is_number_integer() ? value.get<long long>() : fallback;
}

const Json& at_path(const Json& root, std::string_view dotted) {
  const Json* here = &root;
  while (!dotted.empty()) {
    const std::size_t dot = dotted.find('.');
    here = &member(*here, dotted.substr(0, dot));
    if (dot == std::string_view::npos) break;
    dotted.remove_prefix(dot + 1);
  }
  return *here;
}

void set_path(Json& root, std::string_view dotted, Json value) {
  Json* here = &root;
  while (true) {
    if (!here->is_object()) *here = Json::object();
    const std::size_t dot = dotted.find('.');
    Json& next = (*here)[std::string(dotted.substr(0, dot))];
    if (dot == std::string_view::npos) {
      next = std::move(value);
      return;
    }
    here = &next;
    dotted.remove_prefix(dot + 1);
  }
}

void erase_path(Json& root, std::string_view dotted) {
  Json* here = &root;
  while (here->is_object()) {
    const std::size_t dot = dotted.find('.');
    const auto found = here->find(dotted.substr(0, dot));
    if (found == here->end()) return;
    if (dot == std::string_view::npos) {
      here->erase(found);
      return;
    }
    here = &*found;
    dotted.remove_prefix(dot + 1);
  }
}

std::string scalar_text(const Json& value) {
  if (value.is_string()) return value.get_ref<const std::string&>();
  if (value.is_null()) return {};
  return dump_json(value);
}

}  // namespace lakeshift
