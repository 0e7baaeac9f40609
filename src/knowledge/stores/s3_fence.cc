// Writers kept off by the bucket's policy: Amazon S3 user guide, "Bucket policies".
#include "core/base/json.h"
#include "core/base/strings.h"
#include "knowledge/stores/s3.h"

namespace lakeshift::stores {
namespace {

// Sids have letters and digits only.
std::string sid_of(const std::string& name) {
  std::string sid = "LakeshiftFence";
  for (const char c : name)
    if (c != '_') sid += c;
  return sid;
}

// The policy as it is, without our statement; null: there is none.
Result<Json> policy_of(const S3Calls& calls, const std::string& name, bool& had, world::Run& run) {
  const auto response = calls.call("GET", "", "policy=", run);
  if (!response && response.error().code == "not-found") return Json();
  if (!response) return fail(response.error());
  LS_ASSIGN(Json policy, parse_json(response->body, calls.address().to_text() + "?policy"));
  Json others = Json::array();
  const Json statements = member(policy, "Statement").is_array()
                              ? member(policy, "Statement")
                              : Json::array({member(policy, "Statement")});
  for (const Json& statement : statements)
    if (text_at(statement, "Sid") == sid_of(name))
      had = true;
    else
      others.push_back(statement);
  policy["Statement"] = std::move(others);
  return policy;
}

Status put_policy(const S3Calls& calls, const Json& policy, world::Run& run) {
  LS_TRY(calls.call("PUT", "", "policy=", run, {{"Content-Type", "application/json"}},
                    dump_json(policy)));
  return {};
}

}  // namespace

Status fence_s3(const S3Calls& calls, const std::vector<std::string>& writers,
                const std::string& name, world::Run& run) {
  bool had = false;
  LS_ASSIGN(Json policy, policy_of(calls, name, had, run));
  if (policy.is_null()) policy = {{"Version", "2012-10-17"}, {"Statement", Json::array()}};
  const std::string& region = calls.address().region;
  const std::string partition = region.starts_with("cn-")       ? "aws-cn"
                                : region.starts_with("us-gov-") ? "aws-us-gov"
                                                                : "aws";
  policy["Statement"].push_back(
      {{"Sid", sid_of(name)},
       {"Effect", "Deny"},
       {"Principal", {{"AWS", writers}}},
       {"Action", Json::array({"s3:PutObject", "s3:DeleteObject", "s3:DeleteObjectVersion",
                               "s3:PutObjectTagging", "s3:DeleteObjectTagging"})},
       {"Resource", "arn:" + partition + ":s3:::" + calls.address().bucket + "/" +
                        calls.address().prefix + "*"}});
  return put_policy(calls, policy, run);
}

Status open_s3(const S3Calls& calls, const std::string& name, world::Run& run) {
  bool had = false;
  LS_ASSIGN(const Json policy, policy_of(calls, name, had, run));
  if (policy.is_null() || !had) return {};
  if (!member(policy, "Statement").empty()) return put_policy(calls, policy, run);
  LS_TRY(calls.call("DELETE", "", "policy=", run));
  return {};
}

}  // namespace lakeshift::stores
