// What a twin holds, with ids replaced by natural keys: two twins with the same objects give the
// same text. Reads the twin's own dump, nothing of lakeshift's knowledge.
#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "core/base/json.h"
#include "core/base/strings.h"

namespace lakeshift::journey {

namespace detail {

inline bool is_clockwork(const std::string& name) {
  static const std::vector<std::string> kNames = {
      "state",     "state_message",     "default_tags",     "driver",
      "executors", "jdbc_url",          "odbc_params",      "order",
      "etag",      "cluster_memory_mb", "created_by",       "termination_reason",
      "$since",    "$moving",           "spark_context_id", "$fired_until"};
  return name.ends_with("_time") || name.ends_with("_at") || name.ends_with("_timestamp") ||
         std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

inline Json without_clockwork(const Json& value) {
  if (value.is_array()) {
    Json list = Json::array();
    for (const Json& item : value) list.push_back(without_clockwork(item));
    // Members come in the order of their ids, which is that of their creation.
    if (!list.empty() && list[0].is_object() && list[0].contains("$ref"))
      std::sort(list.begin(), list.end(), [](const Json& a, const Json& b) {
        return text_at(a, "display") < text_at(b, "display");
      });
    // SCIM's multi-valued attributes have no order (RFC 7643, 2.4).
    else if (!list.empty() && list[0].is_object() && list[0].size() == 1 &&
             list[0].contains("value"))
      std::sort(list.begin(), list.end());
    return list;
  }
  if (!value.is_object()) return value;
  Json object = Json::object();
  for (const auto& [name, item] : value.items())
    if (!is_clockwork(name)) object[name] = without_clockwork(item);
  return object;
}

inline std::string first_text(const Json& document, std::initializer_list<const char*> names) {
  for (const char* name : names)
    if (const std::string text = scalar_text(at_path(document, name));
        !text.empty() && text != "null")
      return text;
  return {};
}

}  // namespace detail

// "kind {document}" per object, sorted.
inline std::vector<std::string> normalised(const Json& dump) {
  std::map<std::string, std::string> names;  // id -> natural key
  for (const auto& [kind, list] : dump.items()) {
    if (kind == "reference" || kind == "permissions") continue;
    for (const Json& document : list) {
      const std::string key =
          detail::first_text(document, {"path", "userName", "cluster_name", "instance_pool_name",
                                        "settings.name", "displayName", "name"});
      for (const char* name : {"cluster_id", "job_id", "policy_id", "instance_pool_id", "script_id",
                               "object_id", "resource_id", "applicationId", "id"})
        if (const std::string id = scalar_text(at_path(document, name));
            id.size() > 3 && id != "null")
          names[id] = "<" + kind + ":" + key + ">";
    }
  }
  std::vector<std::pair<std::string, std::string>> longest(names.begin(), names.end());
  std::sort(longest.begin(), longest.end(), [](const auto& a, const auto& b) {
    return a.first.size() != b.first.size() ? a.first.size() > b.first.size() : a < b;
  });
  std::vector<std::string> lines;
  for (const auto& [kind, list] : dump.items()) {
    if (kind == "reference") continue;
    for (const Json& document : list) {
      std::string text = dump_json(detail::without_clockwork(document));
      // Twice: a natural key may hold an id itself (a home folder is called after one).
      for (int pass = 0; pass < 2; ++pass)
        for (const auto& [id, name] : longest) text = replace_all(std::move(text), id, name);
      lines.push_back(kind + " " + text);
    }
  }
  std::sort(lines.begin(), lines.end());
  return lines;
}

// Lines of one that the other lacks, for failures that can be read.
inline std::string differences_between(const std::vector<std::string>& expected,
                                       const std::vector<std::string>& found) {
  std::vector<std::string> lost, more;
  std::set_difference(expected.begin(), expected.end(), found.begin(), found.end(),
                      std::back_inserter(lost));
  std::set_difference(found.begin(), found.end(), expected.begin(), expected.end(),
                      std::back_inserter(more));
  std::string text;
  for (const std::string& line : lost) text += "- " + line + "\n";
  for (const std::string& line : more) text += "+ " + line + "\n";
  return text;
}

}  // namespace lakeshift::journey
