"""Pools, policies, clusters, warehouses, init scripts and secrets of Meridian Foods."""
import base64
import json

AZURE = {"availability": "ON_DEMAND_AZURE", "first_on_demand": 1, "spot_bid_max_price": -1}
SPOT = {"availability": "SPOT_WITH_FALLBACK_AZURE", "first_on_demand": 1, "spot_bid_max_price": -1}
LTS = "15.4.x-scala2.12"


def make_pools():
    def pool(number, name, node, idle, **more):
        return {"instance_pool_id": f"1103-08{number:02d}00-pool{number}-pool-az{number:04d}", "instance_pool_name": name,
                "node_type_id": node, "min_idle_instances": idle, "max_capacity": 20,
                "idle_instance_autotermination_minutes": 15, "enable_elastic_disk": True,
                "azure_attributes": {"availability": "ON_DEMAND_AZURE", "spot_bid_max_price": -1},
                "preloaded_spark_versions": [LTS], "custom_tags": {"cost-centre": "dp-01"}, "state": "ACTIVE", **more}
    return [
        pool(1, "etl small", "Standard_DS3_v2", 1),
        pool(2, "etl large", "Standard_DS5_v2", 0,
             azure_attributes={"availability": "SPOT_AZURE", "spot_bid_max_price": -1}),
        pool(3, "memory", "Standard_E8s_v3", 0),
        pool(4, "storage", "Standard_L8s_v2", 0, preloaded_spark_versions=["14.3.x-scala2.12"]),
        pool(5, "science-gpu", "Standard_NC6s_v3", 0, preloaded_spark_versions=["15.4.x-gpu-ml-scala2.12"],
             idle_instance_autotermination_minutes=10),
    ]


def make_policies(pools):
    def policy(number, name, definition, **more):
        return {"policy_id": "E0%014X" % (0x3300 + number), "name": name, "definition": json.dumps(definition, indent=1),
                "created_at_timestamp": 1690000000000 + number, "creator_user_name": "amara.demir@meridianfoods.example",
                "is_default": False, **more}
    fixed_tag = {"custom_tags.team": {"type": "fixed", "value": "data-engineering"}}
    return [
        policy(1, "engineering", {
            **fixed_tag, "node_type_id": {"type": "allowlist", "values": ["Standard_DS3_v2", "Standard_DS4_v2", "Standard_DS5_v2"],
                                          "defaultValue": "Standard_DS3_v2"},
            "autotermination_minutes": {"type": "range", "maxValue": 120, "defaultValue": 30},
            "azure_attributes.availability": {"type": "fixed", "value": "ON_DEMAND_AZURE", "hidden": True}}),
        policy(2, "jobs only", {
            "cluster_type": {"type": "fixed", "value": "job"},
            "node_type_id": {"type": "regex", "pattern": "Standard_E(8|16)s_v3"},
            "spark_version": {"type": "unlimited", "defaultValue": LTS},
            "azure_attributes.spot_bid_max_price": {"type": "fixed", "value": -1}}),
        policy(3, "pooled", {"instance_pool_id": {"type": "fixed", "value": pools[0]["instance_pool_id"]},
                             "num_workers": {"type": "range", "minValue": 1, "maxValue": 8}}),
        policy(4, "analysts", {
            "node_type_id": {"type": "blocklist", "values": ["Standard_NC6s_v3"]},
            "spark_conf.spark.databricks.cluster.profile": {"type": "forbidden", "hidden": True},
            "autoscale.max_workers": {"type": "range", "maxValue": 4},
            "data_security_mode": {"type": "fixed", "value": "USER_ISOLATION"}}, max_clusters_per_user=2,
            description="shared compute for analysts"),
        policy(5, "lake access", {
            "spark_conf.fs.azure.account.auth.type.meridianlake.dfs.core.windows.net": {"type": "fixed", "value": "OAuth"},
            "init_scripts.0.workspace.destination": {"type": "fixed", "value": "/Shared/init/install-agent.sh"},
            "dbus_per_hour": {"type": "range", "maxValue": 60}}),
        policy(6, "personal (family)", {"spark_version": {"type": "unlimited"}},
               policy_family_id="personal-vm",
               policy_family_definition_overrides=json.dumps(
                   {"autotermination_minutes": {"type": "fixed", "value": 60}})),
    ]


def make_clusters(pools, policies, by_team):
    engineer, scientist = by_team["data-engineering"], by_team["data-science"]
    lake = "meridianlake.dfs.core.windows.net"
    rows = []

    def cluster(name, creator, spec, source="UI", pinned=False):
        number = len(rows) + 1
        rows.append({"cluster_id": f"1015-07{number:02d}11-clst{number:04d}", "cluster_name": name,
                     "spark_version": LTS, "creator_user_name": creator["userName"], "cluster_source": source,
                     "state": "TERMINATED", "autotermination_minutes": 60, "enable_elastic_disk": True,
                     "spark_conf": {}, "spark_env_vars": {}, "custom_tags": {}, "data_security_mode": "NONE",
                     "azure_attributes": AZURE, "start_time": 1731000000000 + number,
                     **({"pinned_by_user_name": creator["userName"]} if pinned else {}), **spec})
        return rows[-1]

    cluster("shared-etl", engineer[0], {"node_type_id": "Standard_DS4_v2", "autoscale": {"min_workers": 2, "max_workers": 8},
            "policy_id": policies[0]["policy_id"], "azure_attributes": {**AZURE}, "autotermination_minutes": 30,
            "custom_tags": {"team": "data-engineering"}}, pinned=True)
    cluster("shared-analytics", by_team["analytics"][0], {"node_type_id": "Standard_DS3_v2",
            "autoscale": {"min_workers": 1, "max_workers": 4}, "data_security_mode": "USER_ISOLATION",
            "policy_id": policies[3]["policy_id"]}, pinned=True)
    cluster("scratch", engineer[1], {"node_type_id": "Standard_DS3_v2", "num_workers": 1})
    cluster("scratch", engineer[2], {"node_type_id": "Standard_DS5_v2", "num_workers": 2, "azure_attributes": SPOT})
    cluster("science-gpu", scientist[0], {"node_type_id": "Standard_NC6s_v3", "num_workers": 0,
            "spark_version": "15.4.x-gpu-ml-scala2.12", "spark_conf": {"spark.databricks.cluster.profile": "singleNode", "spark.master": "local[*]"},
            "custom_tags": {"ResourceClass": "SingleNode"}, "data_security_mode": "SINGLE_USER",
            "single_user_name": scientist[0]["userName"]})
    cluster("pooled-small", engineer[3], {"instance_pool_id": pools[0]["instance_pool_id"],
            "driver_instance_pool_id": pools[2]["instance_pool_id"], "num_workers": 3,
            "policy_id": policies[2]["policy_id"], "azure_attributes": {}})
    cluster("lake-loader", engineer[4], {"node_type_id": "Standard_E8s_v3", "num_workers": 4,
            "spark_conf": {f"fs.azure.account.auth.type.{lake}": "OAuth",
                           f"fs.azure.account.oauth2.client.id.{lake}": "{{secrets/storage/client-id}}",
                           f"fs.azure.account.oauth2.client.secret.{lake}": "{{secrets/storage/client-secret}}",
                           "spark.sql.shuffle.partitions": "64"},
            "spark_env_vars": {"ENVIRONMENT": "prod", "API_KEY": "{{secrets/platform/api-key}}"},
            "init_scripts": [{"workspace": {"destination": "/Shared/init/install-agent.sh"}},
                             {"workspace": {"destination": "/Shared/init/proxy.sh"}}],
            "cluster_log_conf": {"dbfs": {"destination": "dbfs:/cluster-logs/lake"}}})
    cluster("storage-heavy", engineer[5], {"node_type_id": "Standard_L8s_v2", "num_workers": 6, "azure_attributes": SPOT})
    cluster("photon", engineer[6], {"node_type_id": "Standard_E16s_v3", "driver_node_type_id": "Standard_E8s_v3",
            "num_workers": 2, "runtime_engine": "PHOTON"})
    cluster("notebooks only", scientist[1], {"node_type_id": "Standard_DS3_v2", "num_workers": 1,
            "workload_type": {"clients": {"notebooks": True, "jobs": False}}})
    cluster("Ad hoc / ünïcode 🍋", by_team["finance"][0], {"node_type_id": "Standard_DS4_v2", "num_workers": 1,
            "ssh_public_keys": ["ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQC7 finance"]})
    cluster("job-710-run-1", engineer[0], {"node_type_id": "Standard_DS3_v2", "num_workers": 1}, source="JOB")
    libraries = [
        {"cluster_id": rows[0]["cluster_id"], "libraries": [{"pypi": {"package": "great-expectations==0.18.8"}},
                                                             {"maven": {"coordinates": "com.microsoft.azure:azure-eventhubs-spark_2.12:2.3.22"}}]},
        {"cluster_id": rows[4]["cluster_id"], "libraries": [{"pypi": {"package": "lightgbm"}}, {"cran": {"package": "forecast"}}]},
        {"cluster_id": rows[6]["cluster_id"], "libraries": [{"whl": "/Workspace/Shared/libraries/meridian-1.4.0-py3-none-any.whl"}]},
    ]
    return rows, libraries


def make_warehouses(by_team):
    def warehouse(number, name, size, kind, serverless, **more):
        return {"id": "%016x" % (0xa100 + number), "name": name, "cluster_size": size, "warehouse_type": kind,
                "enable_serverless_compute": serverless, "enable_photon": True, "auto_stop_mins": 20,
                "min_num_clusters": 1, "max_num_clusters": 2, "spot_instance_policy": "COST_OPTIMIZED", "state": "STOPPED",
                "creator_name": by_team["data-platform"][number % 3]["userName"],
                "channel": {"name": "CHANNEL_NAME_CURRENT"}, **more}
    return [
        warehouse(1, "Starter Warehouse", "Small", "PRO", False),
        warehouse(2, "bi-prod", "Large", "PRO", True, max_num_clusters=6, auto_stop_mins=10,
                  tags={"custom_tags": [{"key": "team", "value": "analytics"}]}),
        warehouse(3, "finance", "Medium", "CLASSIC", False, spot_instance_policy="RELIABILITY_OPTIMIZED"),
        warehouse(4, "dbt", "X-Small", "PRO", True),
        warehouse(5, "adhoc preview", "2X-Small", "PRO", False, channel={"name": "CHANNEL_NAME_PREVIEW"}),
    ]


def make_init_scripts():
    def script(number, name, text, enabled, position):
        return {"script_id": "%016X" % (0xB200 + number), "name": name, "script": base64.b64encode(text.encode()).decode(),
                "enabled": enabled, "position": position}
    return [
        script(1, "set timezone", "#!/bin/bash\nln -sf /usr/share/zoneinfo/Europe/Stockholm /etc/localtime\n", True, 0),
        script(2, "audit agent", "#!/bin/bash\ncurl -s https://meridianlake.blob.core.windows.net/tools/agent.sh | bash\n", True, 1),
        script(3, "old proxy", "#!/bin/bash\nexport http_proxy=http://10.2.0.9:3128\n", False, 2),
    ]


def make_secrets(by_team):
    def scope(name, values, acls, **more):
        return {"name": name, "backend_type": "DATABRICKS",
                "secrets": [{"key": k, "string_value": v} for k, v in values.items()],
                "acls": [{"principal": p, "permission": level} for p, level in acls], **more}
    manager = by_team["data-platform"][0]["userName"]
    return [
        scope("storage", {"client-id": "example-client-id", "client-secret": "example-client-secret-1",
                          "archive-key": "example-archive-key=="}, [(manager, "MANAGE"), ("engineers", "READ")]),
        scope("platform", {"api-key": "example-api-key", "automation-token": "example-token"},
              [(manager, "MANAGE"), ("automation", "READ"), ("7d0c4b1e-1100-4a6f-9d3e-1f2a3b4c5d6e", "WRITE")]),
        scope("finance", {"erp-password": "example pässwörd", "bank.key": "example\nmulti\nline"}, [("finance / month-end", "READ"), (manager, "MANAGE")]),
        scope("empty", {}, [(manager, "MANAGE")]),
        {"name": "corporate-vault", "backend_type": "AZURE_KEYVAULT", "secrets": [],
         "acls": [{"principal": "users", "permission": "READ"}],
         "keyvault_metadata": {"resource_id": "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/data/providers/Microsoft.KeyVault/vaults/meridian",
                               "dns_name": "https://meridian.vault.azure.net/"}},
    ]
