// A platform that answers by the text of a call, for tests of kinds.
#pragma once

#include <map>
#include <string>
#include <utility>

#include "core/base/json.h"
#include "tests/unit/fakes/fake_platform.h"

namespace lakeshift::workbench {

inline std::string text_of(const engine::Call& call) {
  std::string text = call.method + " " + call.path;
  char separator = '?';
  for (const auto& [name, value] : call.query.items()) {
    text += separator + name + "=" + scalar_text(value);
    separator = '&';
  }
  return text;
}

// Answers by the call's text ("GET /api/…?path=/x"); what is not in the table is "not-found".
struct Table {
  std::map<std::string, Result<Json>> answers;
  fakes::FakePlatform platform{[this](const engine::Call& call) -> Result<Json> {
    const auto found = answers.find(text_of(call));
    if (found == answers.end()) return fail("not-found", "no such thing", text_of(call));
    return found->second;
  }};

  void answer(const std::string& call, Json body) {
    answers.insert_or_assign(call, std::move(body));
  }
  void refuse(const std::string& call, std::string code) {
    answers.insert_or_assign(call, fail(std::move(code), "refused by the table", call));
  }
  // The first page of a SCIM list and the empty one that ends it.
  void scim_list(const std::string& path, const Json& resources) {
    answer("GET " + path + "?count=100&startIndex=1",
           {{"totalResults", resources.size()}, {"startIndex", 1}, {"Resources", resources}});
    answer("GET " + path + "?count=100&startIndex=" + std::to_string(resources.size() + 1),
           {{"totalResults", resources.size()}});
  }
  void folder(const std::string& path, const Json& nodes) {
    answer("GET /api/2.0/workspace/list?path=" + path, {{"objects", nodes}});
  }
  long long calls_of(const std::string& text) const {
    long long count = 0;
    for (const engine::Call& call : platform.calls()) count += text_of(call) == text ? 1 : 0;
    return count;
  }
};

}  // namespace lakeshift::workbench
