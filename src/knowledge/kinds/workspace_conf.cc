// Workspace switches (2.0/workspace-conf): there is no list of them, so the known keys are asked
// for. Keys: databricks/terraform-provider-databricks, exporter/context.go (read 2026-11), as
// facts.
#include <string>

#include "core/base/json.h"
#include "knowledge/kinds/counted.h"

namespace lakeshift::kinds::workspace_conf {
extern const engine::Kind kDefinition;

constexpr std::string_view kKeys[] = {
    "enableIpAccessLists",
    "enableTokensConfig",
    "maxTokenLifetimeDays",
    "maxUserInactiveDays",
    "storeInteractiveNotebookResultsInCustomerAccount",
    "enableDeprecatedClusterNamedInitScripts",
    "enableDeprecatedGlobalInitScripts",
    "enforceWorkspaceViewAcls",
    "enforceUserIsolation",
    "enableProjectTypeInWorkspace",
    "enableWorkspaceFilesystem",
    "enableProjectsAllowList",
    "projectsAllowList",
    "reposIpynbResultsExportPermissions",
    "enable-X-Frame-Options",
    "enable-X-Content-Type-Options",
    "enable-X-XSS-Protection",
    "enableResultsDownloading",
    "enableUploadDataUis",
    "enableExportNotebook",
    "enableNotebookTableClipboard",
    "enableWebTerminal",
    "enableDbfsFileBrowser",
    "enableDatabricksAutologgingAdminConf",
    "mlflowRunArtifactDownloadEnabled",
    "mlflowModelServingEndpointCreationEnabled",
    "mlflowModelRegistryEmailNotificationsEnabled",
    "rStudioUserDefaultHomeBase",
    "enableVerboseAuditLogs",
    "enableEnforceImdsV2",
    "enableLibraryAndInitScriptOnSharedCluster",
    "enablePipelinesDataSample",
    "customerApprovedWSLoginExpirationTime",
    "enableLegacyNotebookVisualizations",
    "enableJobViewAcls",
    "enforceClusterViewAcls",
};

Result<Json> ask(const engine::Kind& kind, engine::DiscoverContext& context, std::string keys) {
  engine::Call call;
  call.path = "/api/2.0/workspace-conf";
  call.query = {{"keys", std::move(keys)}};
  call.family = std::string(kind.family);
  return context.platform.call(call, context.run.stop);
}

// Switches that somebody has set: unset ones are null.
void count_set(const engine::Kind& kind, engine::DiscoverContext& context, const Json& values) {
  if (!values.is_object()) return;
  for (const auto& [key, value] : values.items())
    if (!value.is_null() && value != "") count_one(kind, context, key);
}

Status discover(const engine::Kind& kind, engine::DiscoverContext& context) {
  std::string all;
  for (const std::string_view key : kKeys) all += (all.empty() ? "" : ",") + std::string(key);
  const Result<Json> values = ask(kind, context, all);
  if (values) {
    count_set(kind, context, *values);
    return {};
  }
  // One key that the tier does not know refuses all of them: then one by one.
  if (values.error().http_status != 400 && values.error().code != "bad-request" &&
      values.error().code != "invalid-parameter")
    return fail(values.error());
  for (const std::string_view key : kKeys)
    context.tasks.add([&kind, &context, key] {
      if (const Result<Json> one = ask(kind, context, std::string(key)))
        count_set(kind, context, *one);
    });
  return {};
}

const engine::Kind kDefinition{
    .name = "workspace_conf",
    .title = "workspace switch",
    .plural = "workspace switches",
    .wave = 11,
    .moves = false,
    .family = "settings",
    .discover = discover,
};

}  // namespace lakeshift::kinds::workspace_conf
