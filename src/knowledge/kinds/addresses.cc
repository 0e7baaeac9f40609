#include "knowledge/kinds/addresses.h"

#include "core/base/strings.h"

namespace lakeshift::kinds {
namespace {

std::string without_scheme(const std::string& host) {
  const std::size_t end = host.find("://");
  return end == std::string::npos ? host : host.substr(end + 3);
}

}  // namespace

Addresses cluster_addresses(const Json& document, const Json& platform) {
  const std::string id = text_at(document, "cluster_id"),
                    host = without_scheme(text_at(platform, "host"));
  const std::string workspace = scalar_text(member(platform, "workspace_id"));
  if (id.empty() || host.empty()) return {};
  const std::string path = "sql/protocolv1/o/" + (workspace.empty() ? "0" : workspace) + "/" + id;
  return {{"server_hostname", host},
          {"http_path", path},
          {"jdbc_url",
           "jdbc:databricks://" + host + ":443/default;transportMode=http;ssl=1;httpPath=" + path}};
}

Addresses warehouse_addresses(const Json& document, const Json&) {
  Addresses found;
  const Json& odbc = member(document, "odbc_params");
  const auto add = [&](const char* name, std::string address) {
    if (!address.empty()) found.emplace_back(name, std::move(address));
  };
  add("server_hostname", text_at(odbc, "hostname"));
  add("http_path", text_at(odbc, "path"));
  add("jdbc_url", text_at(document, "jdbc_url"));
  return found;
}

}  // namespace lakeshift::kinds
