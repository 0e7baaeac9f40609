#include "knowledge/platforms/reference_data.h"

namespace lakeshift::platforms {

const std::vector<ReferenceReading>& reference_readings() {
  static const std::vector<ReferenceReading> kReadings = {
      {"node_types", "/api/2.1/clusters/list-node-types", "node_types"},
      {"spark_versions", "/api/2.1/clusters/spark-versions", "versions"},
      // Azure has no zones to choose from and answers with an error or nothing.
      {"zones", "/api/2.1/clusters/list-zones", "", true},
  };
  return kReadings;
}

Result<Json> read_reference(engine::Platform& platform, const ReferenceReading& reading,
                            std::stop_token stop) {
  engine::Call call;
  call.path = reading.path;
  call.family = "clusters";
  auto answer = platform.call(call, stop);
  if (!answer) {
    if (reading.optional && answer.error().retry == Retry::never) return Json::object();
    return fail(answer.error());
  }
  if (reading.items.empty()) return answer->is_object() ? *answer : Json::object();
  Json items = member(*answer, reading.items);
  if (!items.is_array())
    return fail("bad-answer", "the answer has no list '" + std::string(reading.items) + "'",
                std::string(reading.path), "check that the host is a workspace");
  for (Json& item : items) {
    const Json& quota = member(member(item, "node_info"), "total_core_quota");
    const Json kept = quota.is_number() ? Json{{"total_core_quota", quota}} : Json();
    if (item.is_object()) item.erase("node_info");  // which node types are short of capacity now
    if (kept.is_object()) item["node_info"] = kept;
  }
  return items;
}

}  // namespace lakeshift::platforms
