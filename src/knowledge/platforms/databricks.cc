#include "knowledge/platforms/databricks.h"

#include <optional>
#include <utility>

#include "core/base/strings.h"
#include "core/world/executor.h"
#include "knowledge/platforms/databricks_connection.h"

namespace lakeshift::platforms {
namespace {

struct HostSuffix {
  std::string_view suffix;
  std::string_view cloud;
};
// The vendor's workspace and account host names (databricks-sdk 0.162, environments).
constexpr HostSuffix kHostSuffixes[] = {
    {".azuredatabricks.net", "azure"}, {".databricks.azure.us", "azure"},
    {".databricks.azure.cn", "azure"}, {".gcp.databricks.com", "gcp"},
    {".cloud.databricks.com", "aws"},  {".cloud.databricks.us", "aws"},
    {".cloud.databricks.mil", "aws"}};

std::string cloud_of(const std::string& host) {
  for (const HostSuffix& row : kHostSuffixes)
    if (host.ends_with(row.suffix)) return std::string(row.cloud);
  return {};
}

// Node types are spelled differently everywhere: Standard_DS3_v2, m5.large, n2-highmem-4.
std::string cloud_of_node_type(const std::string& id) {
  if (id.starts_with("Standard_")) return "azure";
  if (contains(id, ".")) return "aws";
  return contains(id, "-") ? "gcp" : "";
}

bool is_admin(const Json& me) {
  const Json& groups = member(me, "groups");
  if (!groups.is_array()) return false;
  for (const Json& group : groups)
    if (text_at(group, "display") == "admins") return true;
  return false;
}

constexpr std::string_view kNodeTypes = "/api/2.1/clusters/list-node-types";

class DatabricksPlatform final : public engine::Platform {
 public:
  DatabricksPlatform(world::Run& run, std::unique_ptr<credentials::Credential> credential,
                     const std::string& host, const DatabricksOptions& options)
      : run_(run),
        side_(options.side),
        cloud_(options.cloud),
        connection_(run, std::move(credential), host, options) {}

  Result<Json> call(const engine::Call& call, std::stop_token stop) override {
    // The first who asks for the node types gets the answer that connecting has read already.
    if (call.path == kNodeTypes)
      if (auto known = node_types_.with([](auto& kept) { return std::exchange(kept, {}); }))
        return std::move(*known);
    LS_ASSIGN(Answer answer, connection_.deliver(call, {}, Wanted::json, std::move(stop)));
    return std::move(answer.json);
  }

  Result<std::string> call_bytes(const engine::Call& call, std::string_view body,
                                 std::stop_token stop) override {
    LS_ASSIGN(Answer answer, connection_.deliver(call, body, Wanted::bytes, std::move(stop)));
    return std::move(answer.http.body);
  }

  const std::string& side() const override { return side_; }
  const std::string& cloud() const override { return cloud_; }
  Json describe() const override { return description_; }

  Status connect() {
    engine::Call who;
    who.path = "/api/2.0/preview/scim/v2/Me";
    who.family = "scim";
    auto answer = connection_.deliver(who, {}, Wanted::json, run_.stop);
    if (!answer) return fail(connect_error(std::move(answer.error())));
    const Json& me = answer->json;
    if (scalar_text(member(me, "userName")).empty())
      return fail("not-a-workspace", "answered with json that is no user", connection_.host(),
                  "check that the host is the workspace's own address");
    LS_TRY(find_cloud());
    const auto workspace = answer->http.headers.find("x-databricks-org-id");
    description_ = {{"host", connection_.host()},
                    {"cloud", cloud_},
                    {"workspace_id",
                     workspace == answer->http.headers.end() ? std::string() : workspace->second},
                    {"user", scalar_text(member(me, "userName"))},
                    {"user_id", scalar_text(member(me, "id"))},
                    {"admin", is_admin(me)}};
    if (!is_admin(me)) warn_not_admin(text_at(description_, "user"));
    connection_.connected();
    return {};
  }

 private:
  Error connect_error(Error error) const {
    const std::string& host = connection_.host();
    if (error.code == "permission-denied") {
      error.code = "missing-entitlement";
      error.remedy =
          "give this user or service principal the entitlement workspace-access and make it a "
          "workspace admin";
    } else if (error.code == "not-found" || error.code == "endpoint-not-found" ||
               error.code == "bad-answer") {
      error.code = "not-a-workspace";
      error.message = "does not answer like a workspace: " + error.message;
      error.remedy = "check that the host is the workspace's own address";
    }
    if (error.code != "cancelled") error.about = host;
    error.retry = error.code == "unreachable" ? Retry::later : Retry::never;
    return error;
  }

  Status find_cloud() {
    if (cloud_.empty()) cloud_ = cloud_of(connection_.host());
    if (!cloud_.empty()) return {};
    engine::Call nodes;
    nodes.path = kNodeTypes;
    nodes.family = "clusters";
    LS_ASSIGN(Answer answer, connection_.deliver(nodes, {}, Wanted::json, run_.stop));
    const Json& types = member(answer.json, "node_types");
    if (types.is_array() && !types.empty())
      cloud_ = cloud_of_node_type(text_at(types.front(), "node_type_id"));
    node_types_.with([&](auto& kept) { kept = std::move(answer.json); });
    if (!cloud_.empty()) return {};
    return fail("unknown-cloud", "could not find out the workspace's cloud", connection_.host(),
                "write 'cloud:' for connection '" + side_ + "' into the configuration");
  }

  void warn_not_admin(const std::string& user) {
    run_.events.emit(
        {.type = world::Event::Type::warning,
         .subject = "login",
         .name = connection_.host(),
         .text =
             connection_.host() + ": '" + user +
             "' is no workspace admin; objects it may not see will be missing from the inventory"});
  }

  world::Run& run_;
  const std::string side_;
  std::string cloud_;
  DatabricksConnection connection_;
  Json description_;
  world::Guarded<std::optional<Json>> node_types_;
};

}  // namespace

Result<std::unique_ptr<engine::Platform>> connect_databricks(
    world::Run& run, std::unique_ptr<credentials::Credential> credential, const std::string& host,
    const DatabricksOptions& options) {
  auto platform = std::make_unique<DatabricksPlatform>(run, std::move(credential),
                                                       credentials::normal_host(host), options);
  LS_TRY(platform->connect());
  return platform;
}

}  // namespace lakeshift::platforms
