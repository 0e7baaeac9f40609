#include "knowledge/platforms/core_quota.h"

#include <gtest/gtest.h>

namespace lakeshift::platforms {
namespace {

Json node_types(long long quota) {
  return Json::array({{{"node_type_id", "small"},
                       {"num_cores", 4.0},
                       {"node_info", {{"total_core_quota", quota}}}},
                      {{"node_type_id", "large"},
                       {"num_cores", 16.0},
                       {"node_info", {{"total_core_quota", quota}}}},
                      {{"node_type_id", "untold"}, {"num_cores", 64.0}}});
}

TEST(CoreQuota, CountsWorkersAtTheirMostAndTheDriver) {
  const Json fixed = {{"node_type_id", "small"}, {"num_workers", 3}};
  EXPECT_TRUE(beyond_core_quota(fixed, node_types(16)).empty());
  const auto over = beyond_core_quota(fixed, node_types(15));
  ASSERT_EQ(over.size(), 1u);
  EXPECT_EQ(over[0].cores, 16);
  EXPECT_EQ(over[0].quota, 15);
  EXPECT_EQ(over[0].node_type, "small");

  const Json grows = {{"node_type_id", "small"},
                      {"autoscale", {{"min_workers", 1}, {"max_workers", 9}}}};
  ASSERT_EQ(beyond_core_quota(grows, node_types(39)).size(), 1u);
  EXPECT_TRUE(beyond_core_quota(grows, node_types(40)).empty());

  const Json two = {
      {"node_type_id", "small"}, {"driver_node_type_id", "large"}, {"num_workers", 4}};
  EXPECT_TRUE(beyond_core_quota(two, node_types(16)).empty());
  ASSERT_EQ(beyond_core_quota(two, node_types(15)).size(), 2u);
}

TEST(CoreQuota, NamesThePlaceInAJob) {
  const Json job = {
      {"settings",
       {{"job_clusters",
         Json::array({{{"job_cluster_key", "a"}},
                      {{"new_cluster", {{"node_type_id", "large"}, {"num_workers", 1}}}}})}}}};
  const auto over = beyond_core_quota(job, node_types(31));
  ASSERT_EQ(over.size(), 1u);
  EXPECT_EQ(over[0].place, "/settings/job_clusters/1/new_cluster");
}

TEST(CoreQuota, APoolIsHeldToWhatItAlwaysKeeps) {
  const Json pool = {{"instance_pool_name", "p"},
                     {"node_type_id", "large"},
                     {"min_idle_instances", 2},
                     {"max_capacity", 100}};
  EXPECT_TRUE(beyond_core_quota(pool, node_types(32)).empty());
  EXPECT_EQ(beyond_core_quota(pool, node_types(31)).size(), 1u);
}

TEST(CoreQuota, WhereNothingIsToldNothingIsCompared) {
  const Json huge = {{"node_type_id", "untold"}, {"num_workers", 1000}};
  EXPECT_TRUE(beyond_core_quota(huge, node_types(1)).empty());
  EXPECT_TRUE(beyond_core_quota(huge, Json()).empty());
}

}  // namespace
}  // namespace lakeshift::platforms
