// Instance profiles: on AWS only.
#include <regex>

#include "twin/service.h"

namespace lakeshift::twin::services::instance_profiles {
namespace {

constexpr std::string_view kKind = "instance_profile";

Status only_on_aws(const Context& context) {
  if (context.on("aws")) return {};
  return refuse("ENDPOINT_NOT_FOUND",
                "Instance profiles exist on aws only; this workspace is on " + context.cloud());
}

Result<Answer> list(Context& context, const Call&) {
  LS_TRY(only_on_aws(context));
  Json profiles = Json::array();
  for (const Row* row : visible_rows(context, kKind))
    profiles.push_back(without_private(row->document));
  return Answer(page_body("instance_profiles", std::move(profiles), ""));
}

Status check_arn(const std::string& arn) {
  // IAM identifiers: arn:partition:iam::account:instance-profile/path/name
  static const std::regex pattern(
      "arn:aws[a-z-]*:iam::[0-9]{12}:instance-profile/[A-Za-z0-9+=,.@_/-]+");
  if (std::regex_match(arn, pattern)) return {};
  return invalid("'" + arn + "' is not the ARN of an instance profile");
}

void keep(Context& context, const std::string& arn, Json profile) {
  if (!profile.contains("is_meta_instance_profile")) profile["is_meta_instance_profile"] = false;
  context.store.put(std::string(kKind), arn, arn, std::move(profile));
}

Result<Answer> add(Context& context, const Call& call) {
  LS_TRY(only_on_aws(context));
  LS_ASSIGN(const std::string arn, required_text(call.body, "instance_profile_arn"));
  LS_TRY(check_arn(arn));
  if (context.store.get(kKind, arn) != nullptr)
    return refuse("RESOURCE_ALREADY_EXISTS", "Instance profile " + arn + " already exists");
  Json profile = call.body;
  profile.erase("skip_validation");
  keep(context, arn, std::move(profile));
  return Answer(Json::object());
}

Result<Answer> edit(Context& context, const Call& call) {
  LS_TRY(only_on_aws(context));
  LS_ASSIGN(const std::string arn, required_text(call.body, "instance_profile_arn"));
  const Row* row = context.store.get(kKind, arn);
  if (row == nullptr) return missing("Instance profile " + arn + " does not exist");
  Json profile = row->document;
  overlay(profile, call.body);
  context.store.put(std::string(kKind), arn, arn, std::move(profile));
  return Answer(Json::object());
}

Result<Answer> remove(Context& context, const Call& call) {
  LS_TRY(only_on_aws(context));
  LS_ASSIGN(const std::string arn, required_text(call.body, "instance_profile_arn"));
  if (!context.store.erase(std::string(kKind), arn))
    return missing("Instance profile " + arn + " does not exist");
  return Answer(Json::object());
}

constexpr Endpoint kEndpoints[] = {{"GET", "/api/2.0/instance-profiles/list", list},
                                   {"POST", "/api/2.0/instance-profiles/add", add},
                                   {"POST", "/api/2.0/instance-profiles/edit", edit},
                                   {"POST", "/api/2.0/instance-profiles/remove", remove}};

Status load(Context& context, const Json& document) {
  const std::string arn = text_at(document, "instance_profile_arn");
  LS_TRY(check_arn(arn));
  keep(context, arn, document);
  return {};
}

constexpr Holding kHoldings[] = {{kKind, "instance_profiles.json", 10, load}};

}  // namespace

extern const Service kDefinition;
const Service kDefinition = {"instance_profiles", kEndpoints, kHoldings};

}  // namespace lakeshift::twin::services::instance_profiles
