"""Objects whose names clash: the same name in source and target, with other values. One of every kind."""
import base64
import copy

from full_jobs import by_machines, every_setting
from full_values import OWNER, PROFILE

USER, ROBOT = "clash.user@full.example", "11111111-2222-4333-8444-77777777777"
ARN = PROFILE.replace("/lake", "/clash")
# kind -> the key that both sides have.
KEYS = {
    "user": USER, "group": "clash group", "service_principal": "clash robot", "instance_profile": ARN, "instance_pool": "clash pool",
    "cluster_policy": "clash policy", "cluster": "clash cluster", "global_init_script": "clash script", "job": "clash job",
    "sql_warehouse": "clash warehouse", "secret_scope": "clash", "secret": "clash/key", "directory": "/Shared/clash",
    "notebook": "/Shared/clash/notebook", "workspace_file": "/Shared/clash/file.txt",
}


def script_of(text):
    return base64.b64encode(f"#!/bin/bash\necho {text}\n".encode()).decode()


def source_side():
    """(documents to add to the full estate, files)"""
    return {
        "users": [{"id": "121", "userName": USER, "displayName": "clash", "active": True, "entitlements": [{"value": "allow-cluster-create"}],
                   "emails": [{"value": USER, "type": "work", "primary": True}]}],
        "groups": [{"id": "321", "displayName": "clash group", "members": [{"value": "101", "$ref": "Users/101"}],
                    "roles": [{"value": PROFILE}], "meta": {"resourceType": "WorkspaceGroup"}}],
        "service_principals": [{"id": "221", "applicationId": ROBOT + "7", "displayName": "clash robot", "active": True,
                                "entitlements": [{"value": "allow-cluster-create"}]}],
        "instance_profiles": [{"instance_profile_arn": ARN, "iam_role_arn": "arn:aws:iam::111111111111:role/clash", "is_meta_instance_profile": False}],
        "instance_pools": [pool("0101-000009-clash1-pool0001", max_capacity=9, custom_tags={"pool": "clash"})],
        "cluster_policies": [{"policy_id": "00000000000E0009", "name": "clash policy", "definition": '{"num_workers":{"type":"fixed","value":3}}'}],
        "clusters": [{"cluster_id": "0101-000009-clashone", "cluster_name": "clash cluster", "cluster_source": "UI", "state": "TERMINATED",
                      "creator_user_name": OWNER, **by_machines("")}],
        "global_init_scripts": [{"script_id": "F0000009", "name": "clash script", "script": script_of("source"), "enabled": True, "position": 2}],
        "jobs": [{"job_id": 7000900, "creator_user_name": OWNER, "run_as_user_name": OWNER,
                  "settings": {"name": "clash job", "format": "MULTI_TASK", "max_concurrent_runs": 4, **copy.deepcopy(every_setting())}}],
        "warehouses": [{**warehouse("Medium"), "id": "00000000000a0009", "creator_name": OWNER, "statement_timeout": 900}],
        "secrets": [{"name": "clash", "backend_type": "DATABRICKS", "secrets": [{"key": "key", "string_value": "the source's value"}],
                     "acls": [{"principal": OWNER, "permission": "MANAGE"}]}],
        "permissions": [
            {"object_type": "directories", "path": "/Shared/clash", "access_control_list": [{"group_name": "full group", "permission_level": "CAN_EDIT"}]},
            {"object_type": "clusters", "object_id": "0101-000009-clashone",
             "access_control_list": [{"group_name": "full group", "permission_level": "CAN_RESTART"}]}],
    }, {"Shared/clash/notebook.py": "# Databricks notebook source\nprint('source')\n", "Shared/clash/file.txt": "source\n"}


def target_side():
    """What the target has before anything is moved."""
    return {
        "users": [{"id": "901", "userName": USER, "displayName": "somebody else", "active": True,
                   "emails": [{"value": USER, "type": "work", "primary": True}]}],
        "groups": [{"id": "902", "displayName": "clash group", "entitlements": [{"value": "databricks-sql-access"}],
                    "meta": {"resourceType": "WorkspaceGroup"}}],
        "service_principals": [{"id": "903", "applicationId": ROBOT + "8", "displayName": "clash robot", "active": True}],
        "instance_profiles": [{"instance_profile_arn": ARN, "iam_role_arn": "arn:aws:iam::111111111111:role/other"}],
        "instance_pools": [pool("0101-000008-clash2-pool0002", max_capacity=3)],
        "cluster_policies": [{"policy_id": "00000000000E0008", "name": "clash policy", "definition": '{"num_workers":{"type":"fixed","value":1}}'}],
        "clusters": [{"cluster_id": "0101-000008-clashtwo", "cluster_name": "clash cluster", "cluster_source": "UI", "state": "TERMINATED",
                      "spark_version": "14.3.x-scala2.12", "node_type_id": "m5d.large", "num_workers": 1}],
        "global_init_scripts": [{"script_id": "F0000008", "name": "clash script", "script": script_of("target"), "enabled": False, "position": 0}],
        "jobs": [{"job_id": 8000900, "settings": {"name": "clash job", "format": "MULTI_TASK", "max_concurrent_runs": 1}}],
        "warehouses": [{**warehouse("Small"), "id": "00000000000a0008"}],
        "secrets": [{"name": "clash", "backend_type": "DATABRICKS", "secrets": [{"key": "key", "string_value": "the target's value"}], "acls": []}],
    }, {"Shared/clash/notebook.py": "# Databricks notebook source\nprint('target')\n", "Shared/clash/file.txt": "target\n"}


def pool(number, **more):
    return {"instance_pool_id": number, "instance_pool_name": "clash pool", "node_type_id": "m5d.large", "min_idle_instances": 0,
            "idle_instance_autotermination_minutes": 10, "state": "ACTIVE",
            "aws_attributes": {"availability": "ON_DEMAND", "zone_id": "us-east-1a"}, **more}


def warehouse(size):
    return {"name": "clash warehouse", "cluster_size": size, "auto_stop_mins": 10, "warehouse_type": "PRO", "min_num_clusters": 1,
            "max_num_clusters": 1, "enable_serverless_compute": False, "state": "STOPPED"}
