// A small Azure workspace as files of the twin's load format: one of most kinds, with references
// between them.
#pragma once

#include "tests/unit/fakes/memory_files.h"

namespace lakeshift::journey {

inline void put_small_company(fakes::MemoryFiles& files, const std::string& folder) {
  const auto put = [&](const std::string& name, const std::string& text) {
    files.put(folder + "/" + name, text);
  };
  put("users.json", R"([
    {"id": "101", "userName": "ann@old.example", "displayName": "Ann", "active": true, "entitlements": [{"value": "workspace-access"}]},
    {"id": "102", "userName": "bob@old.example", "displayName": "Bob", "active": true},
    {"id": "103", "userName": "cleo@old.example", "displayName": "Cleo", "active": false}])");
  put("service_principals.json", R"([
    {"id": "201", "applicationId": "11111111-2222-3333-4444-555555555555", "displayName": "robot", "active": true}])");
  put("groups.json", R"([
    {"id": "301", "displayName": "analysts", "meta": {"resourceType": "WorkspaceGroup"}, "members": [{"value": "102"}]},
    {"id": "302", "displayName": "engineers", "meta": {"resourceType": "WorkspaceGroup"},
     "entitlements": [{"value": "allow-cluster-create"}], "members": [{"value": "101"}, {"value": "201"}, {"value": "301"}]}])");
  put("instance_pools.json", R"([
    {"instance_pool_id": "0101-000000-pool1", "instance_pool_name": "small pool", "node_type_id": "Standard_DS3_v2",
     "min_idle_instances": 0, "max_capacity": 10, "idle_instance_autotermination_minutes": 15,
     "custom_tags": {"team": "data"}, "azure_attributes": {"availability": "ON_DEMAND_AZURE", "spot_bid_max_price": -1},
     "state": "ACTIVE"}])");
  put("cluster_policies.json", R"([
    {"policy_id": "ABC0000000000001", "name": "small only", "creator_user_name": "ann@old.example",
     "definition": "{\"node_type_id\": {\"type\": \"allowlist\", \"values\": [\"Standard_DS3_v2\", \"Standard_DS4_v2\"]}, \"autotermination_minutes\": {\"type\": \"fixed\", \"value\": 30}}"}])");
  put("clusters.json", R"([
    {"cluster_id": "0101-000000-clst1", "cluster_name": "shared", "cluster_source": "UI", "creator_user_name": "ann@old.example",
     "spark_version": "15.4.x-scala2.12", "node_type_id": "Standard_DS3_v2", "driver_node_type_id": "Standard_DS3_v2",
     "num_workers": 2, "autotermination_minutes": 30, "policy_id": "ABC0000000000001",
     "spark_env_vars": {"STORE": "{{secrets/storage/key}}"},
     "azure_attributes": {"first_on_demand": 1, "availability": "ON_DEMAND_AZURE", "spot_bid_max_price": -1},
     "custom_tags": {"team": "data"}, "state": "TERMINATED"}])");
  put("libraries.json",
      R"([{"cluster_id": "0101-000000-clst1", "libraries": [{"pypi": {"package": "simplejson==3.19.2"}}]}])");
  put("warehouses.json", R"([
    {"id": "00000000000000a1", "name": "reports", "cluster_size": "Small", "auto_stop_mins": 20, "min_num_clusters": 1,
     "max_num_clusters": 2, "enable_photon": true, "enable_serverless_compute": false, "warehouse_type": "PRO",
     "spot_instance_policy": "COST_OPTIMIZED", "creator_name": "ann@old.example", "state": "STOPPED"}])");
  put("secrets.json", R"([
    {"name": "storage", "backend_type": "DATABRICKS", "secrets": [{"key": "key", "string_value": "s3cr3t"}],
     "acls": [{"principal": "engineers", "permission": "READ"}, {"principal": "ann@old.example", "permission": "MANAGE"}]}])");
  put("jobs.json", R"([
    {"job_id": 901, "creator_user_name": "ann@old.example", "settings": {"name": "nightly", "format": "MULTI_TASK",
      "max_concurrent_runs": 1, "timeout_seconds": 0,
      "schedule": {"quartz_cron_expression": "0 0 2 * * ?", "timezone_id": "UTC", "pause_status": "UNPAUSED"},
      "email_notifications": {"on_failure": ["ann@old.example"]},
      "tasks": [
        {"task_key": "load", "notebook_task": {"notebook_path": "/Shared/etl/load", "source": "WORKSPACE"},
         "existing_cluster_id": "0101-000000-clst1"},
        {"task_key": "chain", "depends_on": [{"task_key": "load"}], "run_job_task": {"job_id": 902}}]}},
    {"job_id": 902, "creator_user_name": "bob@old.example", "settings": {"name": "follow up", "format": "MULTI_TASK",
      "max_concurrent_runs": 1, "timeout_seconds": 0,
      "job_clusters": [{"job_cluster_key": "main", "new_cluster": {"spark_version": "15.4.x-scala2.12",
        "instance_pool_id": "0101-000000-pool1", "num_workers": 1}}],
      "tasks": [
        {"task_key": "work", "notebook_task": {"notebook_path": "/Users/bob@old.example/work", "source": "WORKSPACE"},
         "job_cluster_key": "main"},
        {"task_key": "again", "depends_on": [{"task_key": "work"}], "run_job_task": {"job_id": 901}}]}}])");
  put("permissions.json", R"([
    {"object_type": "jobs", "object_id": "901", "access_control_list": [
      {"user_name": "ann@old.example", "permission_level": "IS_OWNER"}, {"group_name": "engineers", "permission_level": "CAN_MANAGE_RUN"}]},
    {"object_type": "jobs", "object_id": "902", "access_control_list": [
      {"service_principal_name": "11111111-2222-3333-4444-555555555555", "permission_level": "IS_OWNER"}]},
    {"object_type": "clusters", "object_id": "0101-000000-clst1", "access_control_list": [
      {"group_name": "analysts", "permission_level": "CAN_RESTART"}]},
    {"object_type": "directories", "path": "/Shared/etl", "access_control_list": [
      {"group_name": "engineers", "permission_level": "CAN_EDIT"}]}])");
  put("workspace/Shared/etl/load.py", "# Databricks notebook source\ndf = spark.read.table('a')\n");
  put("workspace/Shared/etl/settings.json", "{\"a\": 1}\n");
  put("workspace/Users/bob@old.example/work.sql", "-- Databricks notebook source\nSELECT 1\n");
}

}  // namespace lakeshift::journey
