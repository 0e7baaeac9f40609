// SQL text as it may be shown: credentials and passwords in it are replaced.
#pragma once

#include <string>
#include <string_view>

namespace lakeshift::stages {

// Strings behind CREDENTIALS, PASSWORD, ACCESS_KEY_ID and the like, and strings that hold such
// keys.
std::string redact_sql(std::string_view source);

}  // namespace lakeshift::stages
