// Checks request parameters against the SDK's types.
#pragma once

#include <optional>
#include <string>

#include "twin/api.h"

namespace lakeshift::twin {

struct Violation {
  std::string path;     // "tasks[0].notebook_task.notebok_path"
  std::string message;  // what is wrong with it
};

// The first violation in document order, or nullopt. `strict` refuses members that the type does
// not know. Integers may be written as text of digits (the platform's JSON reading allows both).
std::optional<Violation> check_value(const Api& api, const TypeRef& type, const Json& value,
                                     const std::string& path, bool strict);
std::optional<Violation> check_members(const Api& api, const FieldMap& fields, const Json& object,
                                       const std::string& path, bool strict);
// A query parameter: text that must read as the type. Types that are objects come as "name.member"
// parameters.
std::optional<Violation> check_query(const Api& api, const FieldMap& fields,
                                     const std::string& name, const std::string& value,
                                     bool strict);

}  // namespace lakeshift::twin
