// The endpoints under /twin/ by which tests and the command line steer a twin. They are not part of
// the platform: they want the header "x-twin-control: 1" and are neither counted, limited, hurt nor
// logged.
#include "core/base/strings.h"
#include "twin/server.h"

namespace lakeshift::twin {
namespace {

world::HttpResponse json_response(int status, const Json& body) {
  world::HttpResponse response;
  response.status = status;
  response.headers["content-type"] = "application/json";
  response.body = dump_json(body);
  return response;
}

world::HttpResponse refused(const Error& error) {
  return json_response(400, {{"error_code", error.code}, {"message", error.to_text()}});
}

}  // namespace

world::HttpResponse TwinServer::control(const world::HttpRequest& request, const Address& address) {
  if (!request.headers.contains("x-twin-control"))
    return json_response(403, {{"error_code", "PERMISSION_DENIED"},
                               {"message", "send the header x-twin-control: 1"}});
  if (request.method == "GET" && address.path == "/twin/dump") return json_response(200, dump());
  if (request.method == "GET" && address.path == "/twin/state") {
    return json_response(200, {{"cloud", options_.cloud},
                               {"workspace_id", workspace_id_},
                               {"calls", faults_.calls()},
                               {"mutating_calls", faults_.mutating_calls()},
                               {"throttled", limits_.refused()}});
  }
  const auto body = parse_json(request.body.empty() ? "{}" : request.body, "order");
  if (!body) return refused(body.error());
  if (request.method == "POST" && address.path == "/twin/restore") {
    const Status done = restore(*body);
    return done ? json_response(200, Json::object()) : refused(done.error());
  }
  if (request.method == "POST" && address.path == "/twin/load") {
    const Status done = load(text_at(*body, "directory"));
    return done ? json_response(200, Json::object()) : refused(done.error());
  }
  if (request.method == "POST" && address.path == "/twin/control") return steer(*body);
  return json_response(404, {{"error_code", "ENDPOINT_NOT_FOUND"},
                             {"message", "see twin/control.cc for what can be steered"}});
}

// {"fault": {…}, "limits": "tight", "latency_ms": 30, "page_size": 2, "staleness_ms": 500,
// "strict": false,
//  "empty_pages": true, "tier": "standard", "accept": "token", "revoke": "token", "revoke_all":
//  true, "run_lasts_ms": 2000, "failing_runs": "*/bad", "failing_packages": "no-such*", "client":
//  {"client_id", "client_secret", "user"}, "token_lifetime_ms": 1000, "reset_counts": true}
world::HttpResponse TwinServer::steer(const Json& order) {
  if (const Json& fault = member(order, "fault"); fault.is_object()) {
    const auto parsed = fault_from_json(fault);
    if (!parsed) return refused(parsed.error());
    faults_.set(*parsed);
  }
  if (const std::string profile = text_at(order, "limits"); !profile.empty()) {
    if (const Status set = limits_.set(profile); !set) return refused(set.error());
  }
  {
    const std::scoped_lock lock(mutex_);
    options_.latency_ms = static_cast<int>(int_at(order, "latency_ms", options_.latency_ms));
    options_.page_size = static_cast<int>(int_at(order, "page_size", options_.page_size));
    options_.staleness_ms = static_cast<int>(int_at(order, "staleness_ms", options_.staleness_ms));
    options_.strict = bool_at(order, "strict", options_.strict);
    options_.empty_pages = bool_at(order, "empty_pages", options_.empty_pages);
    options_.tier = text_at(order, "tier", options_.tier);
    options_.secrets_by_notebooks_only =
        bool_at(order, "secrets_by_notebooks_only", options_.secrets_by_notebooks_only);
    options_.cluster_starts_ms = int_at(order, "cluster_starts_ms", options_.cluster_starts_ms);
    options_.run_lasts_ms = int_at(order, "run_lasts_ms", options_.run_lasts_ms);
    options_.failing_runs = text_at(order, "failing_runs", options_.failing_runs);
    options_.failing_packages = text_at(order, "failing_packages", options_.failing_packages);
  }
  if (const std::string token = text_at(order, "accept"); !token.empty()) tokens_.accept(token);
  if (const std::string token = text_at(order, "revoke"); !token.empty()) tokens_.revoke(token);
  if (bool_at(order, "revoke_all")) tokens_.revoke_all();
  if (const Json& client = member(order, "client"); client.is_object())
    tokens_.set_client(
        {text_at(client, "client_id"), text_at(client, "client_secret"), text_at(client, "user")});
  if (const long long lifetime = int_at(order, "token_lifetime_ms"); lifetime > 0)
    tokens_.set_lifetime(lifetime);
  if (bool_at(order, "reset_counts")) faults_.reset_counts();
  return json_response(200, Json::object());
}

}  // namespace lakeshift::twin
