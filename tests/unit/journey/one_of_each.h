// An AWS workspace with one object of each kind that moves, with references between them, as files
// of the twin's load format; and what moves it to another account with other people.
#pragma once

#include "knowledge/clouds/mapper.h"
#include "tests/unit/journey/small_company.h"

namespace lakeshift::journey {

inline void put_one_of_each(fakes::MemoryFiles& files, const std::string& folder) {
  put_small_company(files, folder);
  const auto put = [&](const std::string& name, const std::string& text) {
    files.put(folder + "/" + name, text);
  };
  put("instance_profiles.json",
      R"([{"instance_profile_arn": "arn:aws:iam::111111111111:instance-profile/lake"}])");
  put("global_init_scripts.json", R"([
    {"script_id": "000000000000B201", "name": "clock", "enabled": true, "position": 0, "script": "IyEvYmluL2Jhc2gKZGF0ZQo="}])");
  put("instance_pools.json", R"([
    {"instance_pool_id": "0101-000000-pool1", "instance_pool_name": "small pool", "node_type_id": "m5.xlarge",
     "min_idle_instances": 0, "max_capacity": 10, "idle_instance_autotermination_minutes": 15,
     "custom_tags": {"team": "data"}, "aws_attributes": {"availability": "ON_DEMAND", "zone_id": "us-east-1a"},
     "disk_spec": {"disk_type": {"ebs_volume_type": "GENERAL_PURPOSE_SSD"}, "disk_count": 1, "disk_size": 100},
     "state": "ACTIVE"}])");
  put("cluster_policies.json", R"([
    {"policy_id": "ABC0000000000001", "name": "small only", "creator_user_name": "ann@old.example",
     "definition": "{\"node_type_id\": {\"type\": \"allowlist\", \"values\": [\"m5.xlarge\", \"m5.2xlarge\"]}, \"autotermination_minutes\": {\"type\": \"fixed\", \"value\": 30}}"}])");
  put("clusters.json", R"([
    {"cluster_id": "0101-000000-clst1", "cluster_name": "shared", "cluster_source": "UI", "creator_user_name": "ann@old.example",
     "spark_version": "15.4.x-scala2.12", "node_type_id": "m5.xlarge", "driver_node_type_id": "m5.xlarge",
     "num_workers": 2, "autotermination_minutes": 30, "policy_id": "ABC0000000000001", "pinned_by_user_name": "ann@old.example",
     "spark_env_vars": {"STORE": "{{secrets/storage/key}}"},
     "aws_attributes": {"first_on_demand": 1, "availability": "ON_DEMAND", "zone_id": "auto", "ebs_volume_count": 1,
       "ebs_volume_size": 100, "ebs_volume_type": "GENERAL_PURPOSE_SSD",
       "instance_profile_arn": "arn:aws:iam::111111111111:instance-profile/lake"},
     "custom_tags": {"team": "data"}, "state": "TERMINATED"}])");
}

inline clouds::UserMapping mapping_of_one_of_each() {
  clouds::UserMapping mapping;
  mapping.accounts["111111111111"] = "222222222222";
  mapping.people["*@old.example"] = "*@new.example";
  return mapping;
}

}  // namespace lakeshift::journey
