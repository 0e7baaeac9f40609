// Which service answers a call.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "twin/service.h"

namespace lakeshift::twin {

struct ServiceMatch {
  const Endpoint* endpoint = nullptr;
  std::map<std::string, std::string, std::less<>> parameters;
};

ServiceMatch find_endpoint(std::string_view method, std::string_view raw_path);

// The newest version of an API whose older versions clients still call ("/api/2.0/jobs/list" ->
// "/api/2.2/jobs/list").
std::string newest_path(std::string_view path);

}  // namespace lakeshift::twin
