#include "twin/tokens.h"

#include "core/base/digest.h"
#include "core/base/strings.h"

namespace lakeshift::twin {
namespace {

constexpr std::string_view kOAuthToken = "dapi-oauth-";
constexpr std::string_view kEntraToken = "entra-";
constexpr std::string_view kTenant = "7f7c0a52-6d1a-4f0e-9d35-2b6b5d1c8e11";

std::map<std::string, std::string> read_form(std::string_view body) {
  std::map<std::string, std::string> form;
  for (const std::string& pair : split(body, '&')) {
    const std::size_t equals = pair.find('=');
    if (equals == std::string::npos) continue;
    form[url_decode(pair.substr(0, equals))] =
        url_decode(replace_all(pair.substr(equals + 1), "+", " "));
  }
  return form;
}

std::string token_header(const world::HttpRequest& request, const char* name) {
  const auto found = request.headers.find(name);
  return found == request.headers.end() ? std::string() : found->second;
}

world::HttpResponse token_answer(int status, const Json& body) {
  world::HttpResponse response;
  response.status = status;
  response.headers["content-type"] = "application/json";
  response.body = dump_json(body);
  return response;
}

}  // namespace

void Tokens::accept(const std::string& token) {
  const std::scoped_lock lock(mutex_);
  accepted_.insert(token);
  revoked_.erase(token);
}

void Tokens::revoke(const std::string& token) {
  const std::scoped_lock lock(mutex_);
  accepted_.erase(token);
  issued_.erase(token);
  revoked_.insert(token);
}

void Tokens::revoke_all() {
  const std::scoped_lock lock(mutex_);
  for (const auto& [token, issued] : issued_) revoked_.insert(token);
  revoked_.insert(accepted_.begin(), accepted_.end());
  issued_.clear();
  accepted_.clear();
}

void Tokens::set_client(OAuthClient client) {
  const std::scoped_lock lock(mutex_);
  std::string id = client.client_id;
  clients_[std::move(id)] = std::move(client);
}

void Tokens::set_lifetime(long long milliseconds) {
  const std::scoped_lock lock(mutex_);
  lifetime_ms_ = milliseconds;
}

world::HttpResponse Tokens::issue(const world::HttpRequest& request, std::string_view path,
                                  long long now_ms) {
  auto form = read_form(request.body);
  const std::string authorization = token_header(request, "authorization");
  if (authorization.starts_with("Basic ")) {
    const auto pair = base64_decode(authorization.substr(6));
    const std::size_t colon = pair ? pair->find(':') : std::string::npos;
    if (colon != std::string::npos) {
      form["client_id"] = url_decode(pair->substr(0, colon));
      form["client_secret"] = url_decode(pair->substr(colon + 1));
    }
  }
  const std::scoped_lock lock(mutex_);
  const auto client = clients_.find(form["client_id"]);
  if (form["grant_type"] != "client_credentials")
    return token_answer(400, {{"error", "unsupported_grant_type"},
                              {"error_description", "only client_credentials is served"}});
  if (client == clients_.end() || client->second.client_secret != form["client_secret"])
    return token_answer(
        401, {{"error", "invalid_client"}, {"error_description", "Client authentication failed"}});
  const bool entra = contains(path, "/oauth2/");
  const std::string token =
      std::string(entra ? kEntraToken : kOAuthToken) +
      sha256_hex(client->first + "/" + std::to_string(++count_)).substr(0, 32);
  issued_[token] = {now_ms + lifetime_ms_, client->second.user};
  const long long seconds = lifetime_ms_ / 1000;
  Json body = {{"access_token", token}, {"token_type", "Bearer"}, {"expires_in", seconds}};
  if (contains(path, "/oidc/")) body["scope"] = "all-apis";
  // Entra's first version of the endpoint writes numbers as text and adds expires_on.
  if (path.ends_with("/oauth2/token")) {
    body["expires_in"] = std::to_string(seconds);
    body["expires_on"] = std::to_string((now_ms + lifetime_ms_) / 1000);
  }
  return token_answer(200, body);
}

world::HttpResponse Tokens::endpoints(const std::string& host) {
  return token_answer(200, {{"issuer", host + "/oidc"},
                            {"authorization_endpoint", host + "/oidc/v1/authorize"},
                            {"token_endpoint", host + "/oidc/v1/token"}});
}

world::HttpResponse Tokens::host_metadata(const std::string& host, const std::string& workspace_id,
                                          std::string_view cloud) {
  return token_answer(
      200, {{"oidc_endpoint", host + "/oidc"}, {"workspace_id", workspace_id}, {"cloud", cloud}});
}

world::HttpResponse Tokens::entra_login(const std::string& host) {
  world::HttpResponse response;
  response.status = 302;
  response.headers["location"] = host + "/" + std::string(kTenant) + "/oauth2/authorize";
  return response;
}

bool Tokens::is_of_entra(std::string_view authorization) {
  return authorization.starts_with("Bearer " + std::string(kEntraToken));
}

Result<std::string> Tokens::check(const world::HttpRequest& request, long long now_ms) {
  const std::string authorization = token_header(request, "authorization");
  if (!authorization.starts_with("Bearer "))
    return refuse("UNAUTHENTICATED",
                  "Credential was not sent or was of an unsupported type for this API.");
  const std::string token = authorization.substr(7);
  const std::scoped_lock lock(mutex_);
  if (accepted_.contains(token)) return std::string();
  const auto issued = issued_.find(token);
  if (issued != issued_.end()) {
    if (issued->second.ends_ms > now_ms) return issued->second.user;
    return refuse("UNAUTHENTICATED", "Token is expired");
  }
  Error error{.code = "403", .message = "Invalid access token."};
  error.http_status = 403;
  return fail(std::move(error));
}

}  // namespace lakeshift::twin
