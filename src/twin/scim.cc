#include "twin/scim.h"

#include <algorithm>
#include <set>
#include <vector>

#include "core/base/strings.h"
#include "twin/call.h"

namespace lakeshift::twin {
namespace {

bool is_word_end(char c) { return c == ' ' || c == '(' || c == ')' || c == '\t'; }

// Recursive descent over: or := and ("or" and)*; and := unit ("and" unit)*; unit := "not"? "(" or
// ")" | comparison.
class FilterParser {
 public:
  explicit FilterParser(std::string_view text) : text_(text) {}

  Result<ScimTest> parse() {
    LS_ASSIGN(ScimTest test, parse_or());
    skip_space();
    if (at_ != text_.size()) return wrong("unexpected '" + std::string(text_.substr(at_)) + "'");
    return test;
  }

 private:
  tl::unexpected<Error> wrong(const std::string& why) const {
    return refuse_scim(400, "Invalid filter '" + std::string(text_) + "': " + why, "invalidFilter");
  }
  void skip_space() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
  }
  std::string_view peek_word() {
    skip_space();
    std::size_t end = at_;
    while (end < text_.size() && !is_word_end(text_[end])) ++end;
    return text_.substr(at_, end - at_);
  }
  bool take_word(std::string_view word) {
    if (!equals_ignoring_case(peek_word(), word)) return false;
    at_ += word.size();
    return true;
  }
  bool take(char c) {
    skip_space();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  Result<ScimTest> parse_or() {
    if (++depth_ > 64) return wrong("nested too deeply");
    LS_ASSIGN(ScimTest left, parse_and());
    while (take_word("or")) {
      LS_ASSIGN(ScimTest right, parse_and());
      left = [a = std::move(left), b = std::move(right)](const Json& j) { return a(j) || b(j); };
    }
    --depth_;
    return left;
  }

  Result<ScimTest> parse_and() {
    LS_ASSIGN(ScimTest left, parse_unit());
    while (take_word("and")) {
      LS_ASSIGN(ScimTest right, parse_unit());
      left = [a = std::move(left), b = std::move(right)](const Json& j) { return a(j) && b(j); };
    }
    return left;
  }

  Result<ScimTest> parse_unit() {
    if (take_word("not")) {
      LS_ASSIGN(ScimTest inner, parse_unit());
      return ScimTest([inner = std::move(inner)](const Json& j) { return !inner(j); });
    }
    if (take('(')) {
      LS_ASSIGN(ScimTest inner, parse_or());
      if (!take(')')) return wrong("missing ')'");
      return inner;
    }
    return parse_comparison();
  }

  Result<ScimTest> parse_comparison() {
    const std::string path(peek_word());
    if (path.empty()) return wrong("an attribute is missing");
    at_ += path.size();
    const std::string word = to_lower(peek_word());
    static constexpr std::string_view kWords[] = {"eq", "ne", "co", "sw", "ew", "pr"};
    if (std::find(std::begin(kWords), std::end(kWords), word) == std::end(kWords))
      return wrong("unknown operator '" + word + "'");
    at_ += word.size();
    std::string value;
    if (word != "pr") {
      LS_ASSIGN(value, parse_value());
    }
    return ScimTest(
        [path, word, value](const Json& resource) { return compare(resource, path, word, value); });
  }

  Result<std::string> parse_value() {
    if (!take('"')) {
      std::string bare(peek_word());
      if (bare.empty()) return wrong("a value is missing");
      at_ += bare.size();
      return bare;
    }
    std::string value;
    while (at_ < text_.size() && text_[at_] != '"') {
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) ++at_;
      value.push_back(text_[at_++]);
    }
    if (at_ == text_.size()) return wrong("a text is not closed");
    ++at_;
    return value;
  }

  static bool compare_leaf(const Json& leaf, const std::string& word, const std::string& value) {
    if (leaf.is_null()) return word == "ne";
    if (word == "pr") return true;
    const std::string have = to_lower(scalar_text(leaf));
    const std::string want = to_lower(value);
    if (word == "eq") return have == want;
    if (word == "ne") return have != want;
    if (word == "co") return contains(have, want);
    return word == "sw" ? have.starts_with(want) : have.ends_with(want);
  }

  static bool compare(const Json& node, std::string_view path, const std::string& word,
                      const std::string& value) {
    if (node.is_array()) {
      return std::any_of(node.begin(), node.end(),
                         [&](const Json& item) { return compare(item, path, word, value); });
    }
    if (path.empty())
      return compare_leaf(node.is_object() ? member(node, "value") : node, word, value);
    const std::size_t dot = path.find('.');
    const std::string head(path.substr(0, dot));
    const std::string_view rest =
        dot == std::string_view::npos ? std::string_view() : path.substr(dot + 1);
    for (auto it = node.is_object() ? node.begin() : node.end(); it != node.end(); ++it) {
      if (equals_ignoring_case(it.key(), head)) return compare(it.value(), rest, word, value);
    }
    return word == "ne";
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int depth_ = 0;
};

struct OperationPath {
  std::string attribute;
  std::string filter;  // inside brackets; empty: none
  std::string member;  // after the dot; empty: none
};

OperationPath split_path(std::string_view path) {
  OperationPath parts;
  const std::size_t open = path.find('[');
  if (open != std::string_view::npos) {
    const std::size_t close = path.rfind(']');
    parts.attribute = std::string(path.substr(0, open));
    if (close != std::string_view::npos && close > open) {
      parts.filter = std::string(path.substr(open + 1, close - open - 1));
      path.remove_prefix(close + 1);
      if (!path.empty() && path.front() == '.') parts.member = std::string(path.substr(1));
    }
    return parts;
  }
  const std::size_t dot = path.find('.');
  parts.attribute = std::string(path.substr(0, dot));
  if (dot != std::string_view::npos) parts.member = std::string(path.substr(dot + 1));
  return parts;
}

// Elements of multi-valued attributes are the same when their values are.
bool has_value(const Json& list, const Json& item) {
  return std::any_of(list.begin(), list.end(), [&item](const Json& have) {
    return have == item || (item.is_object() && text_at(have, "value") == text_at(item, "value"));
  });
}

void add_value(Json& resource, const std::string& attribute, const Json& value) {
  Json& slot = resource[attribute];
  if (value.is_array()) {
    if (!slot.is_array()) slot = Json::array();
    for (const Json& item : value) {
      if (!has_value(slot, item)) slot.push_back(item);
    }
  } else if (slot.is_array()) {
    const Json item = value.is_object() ? value : Json{{"value", value}};
    if (!has_value(slot, item)) slot.push_back(item);
  } else if (slot.is_object() && value.is_object()) {
    overlay(slot, value);
  } else {
    slot = value;
  }
}

Status change_filtered(Json& resource, const OperationPath& path, const std::string& op,
                       const Json& value) {
  Json& list = resource[path.attribute];
  if (!list.is_array()) list = Json::array();
  LS_ASSIGN(const ScimTest test, parse_scim_filter(path.filter));
  if (op == "remove" && path.member.empty()) {
    Json kept = Json::array();
    for (Json& item : list) {
      if (!test(item)) kept.push_back(std::move(item));
    }
    list = std::move(kept);
    return {};
  }
  for (Json& item : list) {
    if (!test(item)) continue;
    if (path.member.empty()) {
      overlay(item, value);
    } else if (op == "remove") {
      item.erase(path.member);
    } else {
      item[path.member] = value;
    }
  }
  return {};
}

Status remove_values(Json& resource, const OperationPath& path, const Json& value) {
  if (!path.member.empty()) {
    if (resource[path.attribute].is_object()) resource[path.attribute].erase(path.member);
    return {};
  }
  if (value.is_null() || !member(resource, path.attribute).is_array()) {
    resource.erase(path.attribute);
    return {};
  }
  Json kept = Json::array();
  const Json unwanted = value.is_array() ? value : Json::array({value});
  for (Json& item : resource[path.attribute]) {
    if (!has_value(unwanted, item)) kept.push_back(std::move(item));
  }
  resource[path.attribute] = std::move(kept);
  return {};
}

}  // namespace

Result<ScimTest> parse_scim_filter(std::string_view text) {
  if (trim(text).empty()) return ScimTest([](const Json&) { return true; });
  return FilterParser(text).parse();
}

Status apply_scim_operation(Json& resource, const Json& operation) {
  const std::string op = to_lower(text_at(operation, "op"));
  const Json& value = member(operation, "value");
  const std::string path = text_at(operation, "path");
  if (op != "add" && op != "replace" && op != "remove")
    return refuse_scim(400, "unknown operation '" + op + "'", "invalidSyntax");
  if (path.empty()) {
    if (op == "remove") return refuse_scim(400, "a remove operation needs a path", "noTarget");
    if (!value.is_object())
      return refuse_scim(400, "an operation without path needs an object", "invalidValue");
    for (const auto& [name, item] : value.items()) {
      if (op == "add") add_value(resource, name, item);
      if (op == "replace") resource[name] = item;
    }
    return {};
  }
  const OperationPath parts = split_path(path);
  if (parts.attribute.empty() || parts.attribute == "id" || parts.attribute == "schemas")
    return refuse_scim(400, "'" + path + "' cannot be changed", "invalidPath");
  if (!parts.filter.empty()) return change_filtered(resource, parts, op, value);
  if (op == "remove") return remove_values(resource, parts, value);
  if (value.is_null())
    return refuse_scim(400, "the operation on '" + path + "' has no value", "invalidValue");
  if (!parts.member.empty()) {
    Json& slot = resource[parts.attribute];
    if (!slot.is_object()) slot = Json::object();
    slot[parts.member] = value;
  } else if (op == "add") {
    add_value(resource, parts.attribute, value);
  } else {
    resource[parts.attribute] = value;
  }
  return {};
}

Json select_attributes(const Json& resource, std::string_view attributes,
                       std::string_view excluded) {
  if (attributes.empty() && excluded.empty()) return resource;
  const auto names = [](std::string_view list) {
    std::set<std::string> set;
    for (const std::string& name : split(list, ','))
      set.insert(std::string(trim(name.substr(0, name.find('.')))));
    return set;
  };
  const std::set<std::string> wanted = names(attributes);
  const std::set<std::string> unwanted = names(excluded);
  Json selected = Json::object();
  for (const auto& [name, value] : resource.items()) {
    const bool always = name == "id" || name == "schemas";
    if (!always && !attributes.empty() && !wanted.contains(name)) continue;
    if (!always && unwanted.contains(name)) continue;
    selected[name] = value;
  }
  return selected;
}

}  // namespace lakeshift::twin
