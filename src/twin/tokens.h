// Credentials the twin accepts: its own token, tokens of OAuth clients, and what was revoked.
#pragma once

#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "twin/context.h"

namespace lakeshift::twin {

struct OAuthClient {
  std::string client_id;
  std::string client_secret;
  std::string user;  // principal the tokens speak for; "" = the twin's own user
};

// Thread safe.
class Tokens {
 public:
  void accept(const std::string& token);
  void revoke(const std::string& token);
  void revoke_all();
  void set_client(OAuthClient client);
  void set_lifetime(long long milliseconds);

  // POST /oidc/v1/token and the Entra form of it: client credentials in the form or as Basic
  // authorization.
  world::HttpResponse issue(const world::HttpRequest& request, std::string_view path,
                            long long now_ms);
  // Where the endpoints are, as RFC 8414 has it and the SDK asks before its first sign-in.
  static world::HttpResponse endpoints(const std::string& host);
  // What a host says of itself at /.well-known/databricks-config: the SDK's HostMetadata
  // (databricks-sdk 0.156, oauth.py), whose oidc_endpoint leads it to `endpoints`.
  static world::HttpResponse host_metadata(const std::string& host, const std::string& workspace_id,
                                           std::string_view cloud);
  // /aad/auth of an Azure workspace: a redirect to the login page of its tenant, by which clients
  // find the tenant out (databricks-sdk 0.156, config.py: load_azure_tenant_id).
  static world::HttpResponse entra_login(const std::string& host);
  static bool is_of_entra(std::string_view authorization);
  // Who the request speaks for: a user's name, "" for the twin's own user. Errors: 401 and 403
  // refusals.
  Result<std::string> check(const world::HttpRequest& request, long long now_ms);

 private:
  struct Issued {
    long long ends_ms = 0;
    std::string user;
  };
  std::mutex mutex_;
  std::set<std::string> accepted_;
  std::set<std::string> revoked_;
  std::map<std::string, Issued> issued_;
  std::map<std::string, OAuthClient> clients_;
  long long lifetime_ms_ = 3'600'000;
  long long count_ = 0;
};

}  // namespace lakeshift::twin
