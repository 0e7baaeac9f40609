#include "knowledge/kinds/cloud_facts.h"

#include "core/base/json.h"

namespace lakeshift::kinds {

bool generates_application_ids(const Json& platform) {
  return text_at(platform, "cloud") != "azure";
}
bool has_key_vault_scopes(const Json& platform) { return text_at(platform, "cloud") == "azure"; }

}  // namespace lakeshift::kinds
