"""An AWS estate in which every settable field of every moved kind has a value of its own."""
import base64

from databricks.sdk.service import compute
from full_jobs import build, make_clusters, make_jobs
from full_values import (APPLICATION, CLUSTERS, LTS, NODES, OTHER_PROFILE, OWNER, POLICIES, POOLS, PROFILE, SECOND,
                         SECOND_APPLICATION, WAREHOUSES)


def make_estate():
    def user(number, mail, **more):
        return {"id": str(100 + number), "userName": mail, "displayName": mail.split("@")[0], "active": True,
                "emails": [{"value": mail, "type": "work", "primary": True}], **more}
    users = [user(1, OWNER, name={"givenName": "Olga", "familyName": "Owner"}, entitlements=[{"value": "allow-cluster-create"}],
                  roles=[{"value": PROFILE}]), user(2, SECOND)]
    principals = [{"id": "201", "applicationId": APPLICATION, "displayName": "full robot", "active": True,
                   "entitlements": [{"value": "workspace-access"}], "roles": [{"value": PROFILE}]},
                  {"id": "202", "applicationId": SECOND_APPLICATION, "displayName": "full second robot", "active": True}]
    groups = [{"id": "301", "displayName": "full inner", "members": [{"value": "102", "$ref": "Users/102"}]},
              {"id": "302", "displayName": "full group", "entitlements": [{"value": "databricks-sql-access"}], "roles": [{"value": PROFILE}],
               "members": [{"value": "101", "$ref": "Users/101"}, {"value": "301", "$ref": "Groups/301"}, {"value": "201", "$ref": "ServicePrincipals/201"}]}]
    groups = [{**g, "meta": {"resourceType": "WorkspaceGroup"}} for g in groups]
    pools = [{"instance_pool_id": POOLS[0], "instance_pool_name": "full pool", "node_type_id": NODES[0], "min_idle_instances": 1,
              "max_capacity": 9, "idle_instance_autotermination_minutes": 21, "enable_elastic_disk": True, "state": "ACTIVE",
              "aws_attributes": {"availability": "SPOT", "spot_bid_price_percent": 80, "zone_id": "us-east-1a"},
              "disk_spec": {"disk_type": {"ebs_volume_type": "GENERAL_PURPOSE_SSD"}, "disk_count": 2, "disk_size": 120},
              "preloaded_spark_versions": [LTS], "custom_tags": {"pool": "full"},
              "preloaded_docker_images": [{"url": "registry.full.example/image:1", "basic_auth": {"username": "robot", "password": "{{secrets/full/key}}"}}]},
             {"instance_pool_id": POOLS[1], "instance_pool_name": "full second pool", "node_type_id": NODES[0], "min_idle_instances": 0,
              "idle_instance_autotermination_minutes": 10, "state": "ACTIVE", "aws_attributes": {"availability": "ON_DEMAND", "zone_id": "us-east-1a"},
              "disk_spec": {"disk_type": {"ebs_volume_type": "GENERAL_PURPOSE_SSD"}, "disk_count": 1, "disk_size": 100}}]
    policies = [{"policy_id": POLICIES[0], "name": "full policy", "definition": '{"num_workers":{"type":"range","maxValue":50,"isOptional":true}}', "description": "every field",
                 "max_clusters_per_user": 50, "libraries": [build(compute.Library, "libraries[]")]},
                {"policy_id": POLICIES[1], "name": "full second policy", "definition": '{"num_workers":{"type":"range","maxValue":40,"isOptional":true}}'},
                {"policy_id": POLICIES[2], "name": "full family", "policy_family_id": "personal-vm", "definition": "{}",
                 "policy_family_definition_overrides": '{"autotermination_minutes":{"type":"fixed","value":35}}'}]
    warehouses = [{"id": WAREHOUSES[0], "name": "full warehouse", "cluster_size": "Small", "auto_stop_mins": 33, "min_num_clusters": 1,
                   "max_num_clusters": 3, "enable_photon": True, "enable_serverless_compute": False, "warehouse_type": "PRO", "state": "STOPPED",
                   "spot_instance_policy": "RELIABILITY_OPTIMIZED", "channel": {"name": "CHANNEL_NAME_PREVIEW"}, "creator_name": OWNER,
                   "instance_profile_arn": PROFILE, "tags": {"custom_tags": [{"key": "team", "value": "full"}]},
                   "max_dbu": 9, "reyden_cluster_size_multiplier": 1.5, "statement_timeout": 600},
                  {"id": WAREHOUSES[1], "name": "full other warehouse", "cluster_size": "Small", "auto_stop_mins": 10, "warehouse_type": "PRO",
                   "enable_serverless_compute": False, "min_num_clusters": 1, "max_num_clusters": 4, "state": "STOPPED", "creator_name": OWNER,
                   "channel": {"name": "CHANNEL_NAME_CUSTOM", "dbsql_version": "2026.10"}}]
    grants = [("clusters", CLUSTERS[0], "CAN_RESTART"), ("instance-pools", POOLS[0], "CAN_ATTACH_TO"), ("cluster-policies", POLICIES[0], "CAN_USE"),
              ("jobs", "7000001", "CAN_VIEW"), ("warehouses", WAREHOUSES[0], "CAN_USE")]
    permissions = []
    for kind, number, level in grants:
        entries = [{"group_name": "full group", "permission_level": level}]
        if kind in ("jobs", "warehouses"):
            entries.append({"user_name": OWNER, "permission_level": "IS_OWNER"})
        permissions.append({"object_type": kind, "object_id": number, "access_control_list": entries})
    for kind, path in (("directories", "/Shared/full"), ("notebooks", "/Shared/full/notebook"), ("files", "/Shared/full/script.py")):
        permissions.append({"object_type": kind, "path": path, "access_control_list": [{"group_name": "full group", "permission_level": "CAN_EDIT"}]})
    script = base64.b64encode(b"#!/bin/bash\necho full\n").decode()
    documents = dict(
        users=users, groups=groups, service_principals=principals, instance_profiles=[
            {"instance_profile_arn": PROFILE, "iam_role_arn": "arn:aws:iam::111111111111:role/lake", "is_meta_instance_profile": False},
            {"instance_profile_arn": OTHER_PROFILE, "is_meta_instance_profile": True}],
        instance_pools=pools, cluster_policies=policies, clusters=make_clusters(), warehouses=warehouses, jobs=make_jobs(),
        libraries=[{"cluster_id": CLUSTERS[0], "libraries": [{"pypi": {"package": "six==1.16.0"}}]}],
        global_init_scripts=[{"script_id": "F0000001", "name": "full script", "script": script, "enabled": True, "position": 0},
                             {"script_id": "F0000002", "name": "full second script", "script": script, "enabled": False, "position": 1}],
        secrets=[{"name": "full", "backend_type": "DATABRICKS", "secrets": [{"key": "key", "string_value": "full value"}],
                  "acls": [{"principal": "full group", "permission": "READ"}, {"principal": OWNER, "permission": "MANAGE"}]}],
        permissions=permissions)
    files = {"Shared/full/notebook.py": "# Databricks notebook source\nprint('full')\n", "Shared/full/other.py": "print('a file')\n",
             "Shared/full/script.py": "print('script')\n", "Shared/full/query.sql": "select 1\n", "Shared/full/other.sql": "select 2\n",
             "Shared/full/init.sh": "#!/bin/bash\n", "Shared/full/other.sh": "#!/bin/bash\n", "Shared/full/requirements.txt": "six\n",
             "Shared/full/other.txt": "six\n", "Shared/full/base.yaml": "a: 1\n", "Shared/full/other.yaml": "a: 2\n",
             "Shared/full/pyproject.toml": "[project]\n", "Shared/full/other.toml": "[project]\n", "Shared/full/a.env": "A=1\n",
             "Shared/full/b.env": "A=2\n", "Shared/full/other.scala": "// Databricks notebook source\nprintln(1)\n"}
    return documents, files
