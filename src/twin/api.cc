#include "twin/api.h"

#include "core/base/embedded.h"
#include "core/base/strings.h"

namespace lakeshift::twin {
namespace {

TypeRef parse_type(std::string_view text, const Json& types) {
  TypeRef type;
  if (!text.empty() && text.back() == '!') {
    type.required = true;
    text.remove_suffix(1);
  }
  while (text.size() > 1 && (text.front() == '[' || text.front() == '{')) {
    type.wraps.push_back(text.front());
    text = text.substr(1, text.size() - 2);
  }
  using Base = TypeRef::Base;
  static constexpr std::pair<std::string_view, Base> kPlain[] = {
      {"any", Base::any},      {"str", Base::text},     {"int", Base::integer},
      {"float", Base::number}, {"bool", Base::boolean}, {"raw", Base::raw}};
  for (const auto& [word, base] : kPlain) {
    if (word == text) {
      type.base = base;
      return type;
    }
  }
  type.name = std::string(text);
  const bool is_object = types.is_object() && types.contains(type.name);
  type.base = is_object ? Base::object : Base::enumeration;
  return type;
}

FieldMap parse_fields(const Json& json, const Json& types) {
  FieldMap fields;
  if (!json.is_object()) return fields;
  for (const auto& [name, type] : json.items()) {
    if (type.is_string()) fields[name] = parse_type(type.get_ref<const std::string&>(), types);
  }
  return fields;
}

Route parse_route(const Json& json, const Json& types) {
  Route route;
  route.verb = text_at(json, "verb");
  route.path = text_at(json, "path");
  route.op = text_at(json, "op");
  route.segments = path_segments(route.path);
  route.query = parse_fields(member(json, "query"), types);
  const Json& body = member(json, "body");
  if (body.is_string()) {
    route.body_type = parse_type(body.get_ref<const std::string&>(), types);
  } else {
    route.body = parse_fields(body, types);
  }
  if (const std::string returns = text_at(json, "returns"); !returns.empty())
    route.returns = parse_type(returns, types);
  const Json& paging = member(json, "paging");
  route.paging = {text_at(paging, "style"), text_at(paging, "parameter"), text_at(paging, "items")};
  return route;
}

std::size_t literal_parts(const Route& route) {
  std::size_t count = 0;
  for (const std::string& segment : route.segments) {
    if (segment.empty() || segment.front() != '{') ++count;
  }
  return count;
}

// Routes are found by verb and the word after the version: "GET jobs". Templates without such a
// word: "GET *".
std::string bucket_of(std::string_view verb, const std::vector<std::string>& segments) {
  std::string word = segments.size() > 2 ? segments[2] : "*";
  if (word.starts_with('{')) word = "*";
  return std::string(verb) + " " + word;
}

}  // namespace

std::vector<std::string> path_segments(std::string_view path) {
  if (!path.empty() && path.front() == '/') path.remove_prefix(1);
  return split(path, '/');
}

std::optional<std::map<std::string, std::string, std::less<>>> fit_path(
    const std::vector<std::string>& segments, std::string_view raw_path) {
  std::map<std::string, std::string, std::less<>> parameters;
  std::string_view rest = raw_path;
  if (!rest.empty() && rest.front() == '/') rest.remove_prefix(1);
  for (std::size_t i = 0; i < segments.size(); ++i) {
    const std::string& segment = segments[i];
    const bool is_parameter = segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
    if (is_parameter && segment[segment.size() - 2] == '*' && i + 1 == segments.size()) {
      parameters[segment.substr(1, segment.size() - 3)] = url_decode(rest);
      return parameters;
    }
    const std::size_t slash = rest.find('/');
    const std::string_view part = rest.substr(0, slash);
    const bool is_last = i + 1 == segments.size();
    if (is_last != (slash == std::string_view::npos)) return std::nullopt;
    if (is_parameter) {
      if (part.empty()) return std::nullopt;
      parameters[segment.substr(1, segment.size() - 2)] = url_decode(part);
    } else if (segment != part) {
      return std::nullopt;
    }
    if (slash != std::string_view::npos) rest.remove_prefix(slash + 1);
  }
  return parameters;
}

Result<std::shared_ptr<const Api>> Api::parse(std::string_view text) {
  LS_ASSIGN(const Json json, parse_json(text, "data/databricks_api.json"));
  auto api = std::make_shared<Api>();
  const Json& types = member(json, "types");
  if (!types.is_object() || !member(json, "routes").is_array()) {
    return fail("bad-interface", "the interface description has no types or routes",
                "data/databricks_api.json", "run data/extract_databricks_api.py");
  }
  for (const auto& [name, fields] : types.items()) api->types_[name] = parse_fields(fields, types);
  for (const auto& [name, values] : member(json, "enums").items()) {
    for (const Json& value : values) api->enums_[name].push_back(scalar_text(value));
  }
  for (const Json& route : member(json, "routes")) {
    Route parsed = parse_route(route, types);
    api->by_word_[bucket_of(parsed.verb, parsed.segments)].push_back(api->routes_.size());
    api->routes_.push_back(std::move(parsed));
  }
  return std::shared_ptr<const Api>(std::move(api));
}

RouteMatch Api::match_among(const std::vector<std::size_t>& candidates,
                            std::string_view raw_path) const {
  RouteMatch best;
  for (const std::size_t index : candidates) {
    const Route& route = routes_[index];
    if (best.route != nullptr && literal_parts(*best.route) >= literal_parts(route)) continue;
    if (auto parameters = fit_path(route.segments, raw_path)) {
      best.route = &route;
      best.parameters = std::move(*parameters);
    }
  }
  return best;
}

RouteMatch Api::match(std::string_view verb, std::string_view raw_path) const {
  const std::vector<std::string> segments = path_segments(raw_path);
  for (const std::string& bucket : {bucket_of(verb, segments), std::string(verb) + " *"}) {
    const auto candidates = by_word_.find(bucket);
    if (candidates == by_word_.end()) continue;
    if (RouteMatch found = match_among(candidates->second, raw_path); found.route != nullptr)
      return found;
  }
  return {};
}

bool Api::knows_path(std::string_view raw_path) const {
  for (const std::string_view verb : {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"}) {
    if (match(verb, raw_path).route != nullptr) return true;
  }
  return false;
}

const FieldMap* Api::type(std::string_view name) const {
  const auto found = types_.find(name);
  return found == types_.end() ? nullptr : &found->second;
}

const std::vector<std::string>* Api::enumeration(std::string_view name) const {
  const auto found = enums_.find(name);
  return found == enums_.end() ? nullptr : &found->second;
}

Result<std::shared_ptr<const Api>> shared_api() {
  // Immutable facts, parsed once: a fault suite makes thousands of twins.
  static const Result<std::shared_ptr<const Api>> api =
      Api::parse(embedded_file("data/databricks_api.json"));
  return api;
}

}  // namespace lakeshift::twin
