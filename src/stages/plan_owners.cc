#include "stages/plan_owners.h"

#include "core/base/strings.h"

namespace lakeshift::stages {
namespace {

constexpr const char* kOwner = "IS_OWNER";

bool has_owner(const Json& permissions) {
  if (!permissions.is_array()) return false;
  for (const Json& entry : permissions)
    if (text_at(entry, "permission_level") == kOwner) return true;
  return false;
}

// The creator's name in the target, when that user is there or will be.
std::string moved_creator(const Planning& planning, const Draft& draft) {
  const std::string creator = text_at(draft.source->document, "creator_user_name");
  if (creator.empty()) return {};
  for (const Draft& other : planning.drafts)
    if (other.kind->name == "user" && other.exists_later() &&
        equals_ignoring_case(other.source->key, creator))
      return other.change.target_key;
  return {};
}

}  // namespace

void repair_owner(Planning& planning, Draft& draft) {
  if (!has_owner(member(draft.source->document, "$permissions"))) return;
  Json& permissions = draft.desired["$permissions"];
  if (!permissions.is_array() || has_owner(permissions)) return;
  const std::string owner = moved_creator(planning, draft);
  if (owner.empty()) {
    add_finding(planning, draft, "owner-changed", model::Severity::warning, "$permissions",
                "its owner is not moved, and its creator neither: the present owner stays, or the "
                "account that "
                "lakeshift uses in the target becomes the owner",
                "name another owner in the mapping file ('people') when this is not right");
    return;
  }
  // A principal has one entry: owning includes what it was granted besides.
  for (std::size_t i = permissions.size(); i-- > 0;)
    if (equals_ignoring_case(text_at(permissions[i], "user_name"), owner)) permissions.erase(i);
  const Json entry = {{"user_name", owner}, {"permission_level", kOwner}};
  permissions.push_back(entry);
  const std::string why = "its owner is not moved: the creator '" + owner + "' becomes the owner";
  draft.change.decisions.push_back({"$permissions", "owner", Json(), entry, why});
  add_finding(planning, draft, "owner-changed", model::Severity::warning, "$permissions", why,
              "name another owner in the mapping file ('people') when this is not right");
}

}  // namespace lakeshift::stages
