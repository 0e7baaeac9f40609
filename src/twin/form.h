// Reads multipart/form-data, as uploads of notebooks and files are sent.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace lakeshift::twin {

// Part name -> bytes. Errors: MALFORMED_REQUEST.
Result<std::map<std::string, std::string>> read_multipart(std::string_view content_type,
                                                          std::string_view body);

}  // namespace lakeshift::twin
