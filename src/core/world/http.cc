#include "core/world/http.h"

#include <algorithm>

namespace lakeshift::world {

bool HeaderLess::operator()(std::string_view a, std::string_view b) const {
  const auto lower = [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  };
  return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(),
                                      [&](char x, char y) { return lower(x) < lower(y); });
}

HttpOptions http_options_from(const Environment& environment) {
  HttpOptions options;
  for (const char* name : {"CURL_CA_BUNDLE", "SSL_CERT_FILE"}) {
    const auto value = environment.variable(name);
    if (options.ca_bundle.empty() && value) options.ca_bundle = *value;
  }
  return options;
}

}  // namespace lakeshift::world
