// OAuth client credentials of the platform itself, and a client secret of Microsoft Entra.
#include "core/base/strings.h"
#include "knowledge/credentials/methods.h"

namespace lakeshift::credentials {
namespace {

// The application id of Azure Databricks in every tenant (Microsoft's documents; databricks-sdk
// 0.162).
constexpr std::string_view kAzureScope = "2ff814a6-3304-4ab8-85cb-cd0e6f879c1d/.default";

// Where Azure's separate clouds sign in (databricks-sdk 0.162, environments).
std::string entra_authority_of(const std::string& host) {
  if (host.ends_with(".databricks.azure.us")) return "https://login.microsoftonline.us";
  if (host.ends_with(".databricks.azure.cn")) return "https://login.chinacloudapi.cn";
  return "https://login.microsoftonline.com";
}

// Endpoint and scope as databricks-sdk 0.162 uses them.
class OAuthCredential final : public BoughtTokenCredential {
 public:
  using BoughtTokenCredential::BoughtTokenCredential;
  std::string describe() const override {
    return "OAuth client '" + access().client_id + "' from " + access().origin;
  }
  std::string remedy() const override { return remedy_at(access(), "client_secret"); }

 private:
  Result<Token> buy(world::Run& run, const Access& access) override {
    const bool account = access.host.starts_with("https://accounts.") && !access.account_id.empty();
    const std::string url =
        access.host +
        (account ? "/oidc/accounts/" + access.account_id + "/v1/token" : "/oidc/v1/token");
    const world::Secret pair(url_encode(access.client_id) + ":" +
                             url_encode(access.client_secret.reveal()));
    const world::Secret authorization("Basic " + base64_encode(pair.reveal()));
    return post_form(run, access, url,
                     world::Secret("grant_type=client_credentials&scope=all-apis"), authorization);
  }
  bool has_same_secret(const Access& a, const Access& b) const override {
    return a.client_id == b.client_id && a.client_secret.reveal() == b.client_secret.reveal();
  }
};

// The service principal must be a member of the workspace. (One that only has rights on the Azure
// resource would need the headers X-Databricks-Azure-SP-Management-Token and
// X-Databricks-Azure-Workspace-Resource-Id with every call.)
class EntraCredential final : public BoughtTokenCredential {
 public:
  using BoughtTokenCredential::BoughtTokenCredential;
  std::string describe() const override {
    return "Microsoft Entra application '" + access().azure_client_id + "' from " + access().origin;
  }
  std::string remedy() const override { return remedy_at(access(), "azure_client_secret"); }

 private:
  Result<Token> buy(world::Run& run, const Access& access) override {
    std::string tenant = access.tenant_id;
    if (tenant.empty()) {
      LS_ASSIGN(tenant, ask_for_tenant(run, access));
    }
    std::string form =
        "grant_type=client_credentials&client_id=" + url_encode(access.azure_client_id) +
        "&client_secret=" + url_encode(access.azure_client_secret.reveal()) +
        "&scope=" + url_encode(kAzureScope);
    return post_form(
        run, access,
        entra_authority_of(access.host) + "/" + url_encode(tenant) + "/oauth2/v2.0/token",
        world::Secret(std::move(form)), world::Secret());
  }

  // /aad/auth redirects to the login page of the workspace's tenant:
  // https://<authority>/<tenant>/oauth2/authorize
  static Result<std::string> ask_for_tenant(world::Run& run, const Access& access) {
    world::HttpRequest request;
    request.url = access.host + "/aad/auth";
    LS_ASSIGN(const world::HttpResponse response, run.world.http.send(request, run.stop));
    const auto location = response.headers.find("location");
    if (location != response.headers.end()) {
      const auto parts = split(location->second, '/');
      if (parts.size() > 3 && !parts[3].empty()) return parts[3];
    }
    return fail("login-failed", "could not find out the Microsoft Entra tenant", access.host,
                "write azure_tenant_id into " + access.origin);
  }

  bool has_same_secret(const Access& a, const Access& b) const override {
    return a.azure_client_id == b.azure_client_id && a.tenant_id == b.tenant_id &&
           a.azure_client_secret.reveal() == b.azure_client_secret.reveal();
  }
};

}  // namespace

std::unique_ptr<Credential> make_oauth_credential(const Access& access) {
  return std::make_unique<OAuthCredential>(access);
}

std::unique_ptr<Credential> make_entra_credential(const Access& access) {
  return std::make_unique<EntraCredential>(access);
}

}  // namespace lakeshift::credentials
