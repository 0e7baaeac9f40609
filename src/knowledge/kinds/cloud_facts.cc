#include "knowledge/kinds/cloud_facts.h"

#include "core/base/json.h"
#include "knowledge/clouds/cloud.h"

namespace lakeshift::kinds {

bool generates_application_ids(const Json& platform) {
  const clouds::Cloud* cloud = clouds::find_cloud(text_at(platform, "cloud"));
  return cloud == nullptr || cloud->generates_application_ids;
}

bool has_key_vault_scopes(const Json& platform) {
  const clouds::Cloud* cloud = clouds::find_cloud(text_at(platform, "cloud"));
  return cloud != nullptr && cloud->has_key_vault_scopes;
}

bool has_instance_profiles(const Json& platform) { return text_at(platform, "cloud") == "aws"; }

}  // namespace lakeshift::kinds
