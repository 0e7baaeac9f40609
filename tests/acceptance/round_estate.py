"""An estate made to go round: every moved kind, every rule type, every place where a cloud hides in a document. The same
company on Azure or on AWS; each cloud has what only it has. Documents are as the API returns them."""
import base64
import json

from harness import write_estate

ANNA, BO, CY, DEE = (f"{n}@north.example" for n in ("anna.ek", "bo.lind", "cy.moe", "dee.o'hara"))
LOADER, REPORTER = "5e0c1a00-0001-4000-8000-0000000000a1", "5e0c1a00-0002-4000-8000-0000000000a2"
ACCOUNT = "111111111111"
PROFILE = f"arn:aws:iam::{ACCOUNT}:instance-profile/lake-reader"
WRITER = f"arn:aws:iam::{ACCOUNT}:instance-profile/teams/lake-writer"
GROUP = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/data/providers/Microsoft.Compute"
LTS, ML = "15.4.x-scala2.12", "15.4.x-gpu-ml-scala2.12"
POOLS = ("0901-100000-pool1-small", "0901-100001-pool2-large", "0901-100002-pool3-memory")
SHARED, POOLED, DEEP = "0901-100010-shared1", "0901-100011-pooled1", "0901-100012-deep001"
WAREHOUSES = ("00000000000000b1", "00000000000000b2", "00000000000000b3")
POLICY = {name: f"00000000000000C{i}" for i, name in enumerate(
    ("every rule", "pooled", "family", "storage", "nodes by pattern", "availability"))}
# The seven reference pairs of node types (AWS, Azure), smallest first.
SIZES = {"small": ("m5.xlarge", "Standard_DS3_v2"), "medium": ("m5.2xlarge", "Standard_DS4_v2"), "large": ("m5.4xlarge", "Standard_DS5_v2"),
         "memory": ("r5.2xlarge", "Standard_E8s_v3"), "memory2": ("r5.4xlarge", "Standard_E16s_v3"),
         "gpu": ("p3.2xlarge", "Standard_NC6s_v3"), "disk": ("i3.2xlarge", "Standard_L8s_v2")}
WORDS = {"azure": {"SPOT": "SPOT_AZURE", "ON_DEMAND": "ON_DEMAND_AZURE", "SPOT_WITH_FALLBACK": "SPOT_WITH_FALLBACK_AZURE"}}


class Side:
    """How one cloud spells what the company has."""

    def __init__(self, cloud):
        self.cloud = cloud
        self.is_aws = cloud == "aws"
        self.block = f"{cloud}_attributes"

    def node(self, size):
        return SIZES[size][0 if self.is_aws else 1]

    def word(self, availability):
        return availability if self.is_aws else WORDS["azure"][availability]

    def url(self, place, path=""):
        return (f"s3://north-{place}/{path}" if self.is_aws else f"abfss://{place}@northlake.dfs.core.windows.net/{path}").rstrip("/") + \
            ("/" if path.endswith("/") else "")

    def machines(self, size, availability="ON_DEMAND", pool=False, disks=True, **more):
        """The node types and the cloud's own block of a cluster or pool."""
        block = {"availability": self.word(availability)}
        out = {"node_type_id": self.node(size), self.block: block, "enable_elastic_disk": not self.is_aws}
        if not pool:
            block["first_on_demand"] = 1
            out["driver_node_type_id"] = self.node(size)
            out["enable_local_disk_encryption"] = False
        if self.is_aws:
            block.update(zone_id="us-east-1a" if pool else "auto", spot_bid_price_percent=100)
            if disks and size not in ("disk",) and not pool:
                block.update(ebs_volume_type="GENERAL_PURPOSE_SSD", ebs_volume_count=1, ebs_volume_size=100)
            if disks and size not in ("disk",) and pool:
                out["disk_spec"] = {"disk_type": {"ebs_volume_type": "GENERAL_PURPOSE_SSD"}, "disk_count": 2, "disk_size": 200}
        else:
            block["spot_bid_max_price"] = -1.0
            if pool and disks:
                out["disk_spec"] = {"disk_type": {"azure_disk_volume_type": "PREMIUM_LRS"}, "disk_count": 2, "disk_size": 200}
        block.update(more)
        return out


def people():
    def user(number, mail, **more):
        return {"id": str(1000 + number), "userName": mail, "displayName": mail.split("@")[0].replace(".", " ").title(), "active": True,
                "emails": [{"value": mail, "type": "work", "primary": True}], **more}
    users = [user(1, ANNA, entitlements=[{"value": "workspace-access"}, {"value": "allow-cluster-create"}],
                  name={"givenName": "Anna", "familyName": "Ek"}),
             user(2, BO, entitlements=[{"value": "databricks-sql-access"}]), user(3, CY), user(4, DEE, active=False)]
    principals = [{"id": "2001", "applicationId": LOADER, "displayName": "loader", "active": True,
                   "entitlements": [{"value": "allow-cluster-create"}]},
                  {"id": "2002", "applicationId": REPORTER, "displayName": "reporter", "active": True}]

    def group(number, name, members, **more):
        kinds = {"1": "Users", "2": "ServicePrincipals", "3": "Groups"}
        return {"id": str(number), "displayName": name, "meta": {"resourceType": "WorkspaceGroup"},
                "members": [{"value": m, "$ref": f"{kinds[m[0]]}/{m}"} for m in members], **more}
    groups = [group(3001, "loaders", ["1002", "2001"], entitlements=[{"value": "allow-cluster-create"}]),
              group(3002, "readers", ["1003"]),
              group(3003, "everybody at north", ["3001", "3002", "1001"], entitlements=[{"value": "workspace-access"}]),
              group(3004, "empty", [])]
    return users, principals, groups


def make_pools(side):
    def pool(number, name, size, **more):
        return {"instance_pool_id": POOLS[number], "instance_pool_name": name, "min_idle_instances": 0, "max_capacity": 10,
                "idle_instance_autotermination_minutes": 15, "state": "ACTIVE", "custom_tags": {"cost": f"c-{number}"}, **more,
                **side.machines(size, more.pop("availability", "ON_DEMAND"), pool=True)}
    rows = [pool(0, "small", "small", preloaded_spark_versions=[LTS]), pool(1, "large", "large"), pool(2, "memory", "memory")]
    rows[0]["min_idle_instances"] = 1
    rows[1][side.block]["availability"] = side.word("SPOT")
    if side.is_aws:
        rows[2][side.block]["instance_profile_arn"] = PROFILE
    else:
        rows[1].pop("disk_spec")
    return rows


def make_policies(side):
    a = side.block
    every = {
        "node_type_id": {"type": "allowlist", "values": [side.node(s) for s in ("small", "medium", "large")], "defaultValue": side.node("small")},
        "driver_node_type_id": {"type": "blocklist", "values": [side.node("gpu")]},
        f"{a}.first_on_demand": {"type": "range", "minValue": 1, "maxValue": 3, "defaultValue": 1},
        f"{a}.availability": {"type": "fixed", "value": side.word("ON_DEMAND"), "hidden": True},
        "autotermination_minutes": {"type": "range", "maxValue": 120, "defaultValue": 30},
        "spark_conf.spark.databricks.cluster.profile": {"type": "forbidden", "hidden": True},
        "custom_tags.team": {"type": "unlimited", "defaultValue": "lake", "isOptional": True},
        "spark_version": {"type": "regex", "pattern": "1[3-6]\\.[0-9]+\\.x-scala2\\.12"},
        "data_security_mode": {"type": "allowlist", "values": ["USER_ISOLATION", "SINGLE_USER", "NONE"]},
        "cluster_type": {"type": "fixed", "value": "all-purpose"}}
    every[f"{a}.spot_bid_price_percent" if side.is_aws else f"{a}.spot_bid_max_price"] = {
        "type": "fixed", "value": 100 if side.is_aws else -1, "hidden": True}
    if side.is_aws:
        every[f"{a}.instance_profile_arn"] = {"type": "allowlist", "values": [PROFILE, WRITER], "isOptional": True}
        every[f"{a}.zone_id"] = {"type": "unlimited", "defaultValue": "auto", "isOptional": True}
    definitions = {
        "every rule": every,
        "pooled": {"instance_pool_id": {"type": "allowlist", "values": list(POOLS[:2])},
                   "driver_instance_pool_id": {"type": "unlimited", "defaultValue": POOLS[0], "isOptional": True}},
        "storage": {"init_scripts.0.workspace.destination": {"type": "fixed", "value": "/Shared/init/agent.sh"},
                    "cluster_log_conf.type": {"type": "fixed", "value": "DBFS"},
                    "cluster_log_conf.path": {"type": "fixed", "value": "dbfs:/logs/policy"},
                    "spark_conf.north.root": {"type": "fixed", "value": side.url("gold", "reports")},
                    "spark_env_vars.NORTH_IN": {"type": "allowlist", "values": [side.url("raw", "a"), side.url("raw", "b")]}},
        "nodes by pattern": {"node_type_id": {"type": "regex", "pattern": "r5\\.(2|4)xlarge" if side.is_aws else "Standard_E(8|16)s_v3"}},
        "availability": {f"{a}.availability": {"type": "regex", "pattern": "SPOT.*"}}}
    rows = [{"policy_id": POLICY[name], "name": name, "definition": json.dumps(rules), "creator_user_name": ANNA}
            for name, rules in definitions.items()]
    rows[0].update(description="every type of rule", max_clusters_per_user=5, libraries=[
        {"pypi": {"package": "six==1.16.0"}}, {"whl": side.url("libs", "north-1.0-py3-none-any.whl")}])
    rows.append({"policy_id": POLICY["family"], "name": "family", "policy_family_id": "personal-vm", "definition": "{}",
                 "policy_family_definition_overrides": json.dumps({
                     "autotermination_minutes": {"type": "fixed", "value": 45}, "node_type_id": {"type": "fixed", "value": side.node("small")}})})
    return rows


def make_clusters(side):
    def cluster(number, name, creator=ANNA, **more):
        return {"cluster_id": number, "cluster_name": name, "cluster_source": "UI", "state": "TERMINATED", "creator_user_name": creator,
                "spark_version": LTS, "autotermination_minutes": 30, "num_workers": 2, "spark_conf": {}, "spark_env_vars": {},
                "custom_tags": {}, "data_security_mode": "NONE", **more}
    scripts = [{"workspace": {"destination": "/Shared/init/agent.sh"}},
               {"s3": {"destination": side.url("init", "agent.sh"), "region": "us-east-1"}} if side.is_aws else
               {"abfss": {"destination": side.url("init", "agent.sh")}},
               {"volumes": {"destination": "/Volumes/main/ops/init/agent.sh"}}]
    shared = cluster(SHARED, "shared", **side.machines("small"), policy_id=POLICY["every rule"], custom_tags={"team": "lake"},
                     init_scripts=scripts, cluster_log_conf={"dbfs": {"destination": "dbfs:/logs/shared"}},
                     spark_conf={"spark.speculation": "true", "north.root": side.url("gold", "reports"),
                                 "north.key": "{{secrets/lake/api-key}}"},
                     spark_env_vars={"NORTH_IN": side.url("raw", "in"), "PYSPARK_PYTHON": "/databricks/python3/bin/python3"},
                     pinned_by_user_name=ANNA, autoscale={"min_workers": 1, "max_workers": 6}, ssh_public_keys=["ssh-rsa AAAA north"])
    shared.pop("num_workers")
    pooled = cluster(POOLED, "pooled", BO, instance_pool_id=POOLS[0], driver_instance_pool_id=POOLS[1], policy_id=POLICY["pooled"],
                     enable_elastic_disk=not side.is_aws, enable_local_disk_encryption=False)
    deep = cluster(DEEP, "deep", CY, **side.machines("gpu"), data_security_mode="SINGLE_USER", single_user_name=CY)
    deep.update(spark_version=ML, num_workers=0, custom_tags={"ResourceClass": "SingleNode"},
                spark_conf={"spark.master": "local[*]", "spark.databricks.cluster.profile": "singleNode"})
    photon = cluster("0901-100013-photon1", "photon", **side.machines("memory2"), runtime_engine="PHOTON")
    photon["driver_node_type_id"] = side.node("memory")
    photon["workload_type"] = {"clients": {"jobs": False, "notebooks": True}}
    same = [cluster(f"0901-10002{i}-same00{i}", "of one name", who, **side.machines(size, "SPOT_WITH_FALLBACK"))
            for i, (who, size) in enumerate(((BO, "medium"), (CY, "large")))]
    wide = cluster("0901-100030-wide001", "wide", **side.machines("disk", "SPOT"))
    rows = [shared, pooled, deep, photon, *same, wide]
    if side.is_aws:
        for row in (shared, photon, pooled):
            row.setdefault("aws_attributes", {})["instance_profile_arn"] = PROFILE
    else:
        rows.append(azure_only(cluster, side))
    return rows


def azure_only(cluster, side):
    """What has no counterpart elsewhere: each member comes back changed or not at all."""
    row = cluster("0901-100040-azure01", "azure only", **side.machines("medium", "SPOT", spot_bid_max_price=0.25,
                  capacity_reservation_group=GROUP + "/capacityReservationGroups/lake", log_analytics_info={
                      "log_analytics_workspace_id": "5e0c1a00-0003-4000-8000-0000000000a3", "log_analytics_primary_key": "example-key"}))
    row.update(remote_disk_throughput=250, total_initial_remote_disk_size=600,
               worker_node_type_flexibility={"alternate_node_type_ids": ["Standard_D8s_v3", "Standard_D8ds_v5"]},
               spark_conf={"fs.azure.account.auth.type.northlake.dfs.core.windows.net": "OAuth", "spark.speculation": "false"},
               spark_env_vars={"AZURE_TENANT_ID": "5e0c1a00-0004-4000-8000-0000000000a4", "NORTH": "1"})
    return row


def make_jobs(side):
    rows = []

    def job(name, *tasks, owner=ANNA, **settings):
        rows.append({"job_id": 8_000_001 + len(rows), "creator_user_name": owner, "run_as_user_name": owner, "created_time": 1700000000000,
                     "settings": {"name": name, "format": "MULTI_TASK", "max_concurrent_runs": 1, "timeout_seconds": 0, "tasks": list(tasks),
                                  "email_notifications": {}, "webhook_notifications": {}, **settings}})
        return rows[-1]["job_id"]

    def task(key, after=(), **more):
        return {"task_key": key, **({"depends_on": [{"task_key": k} for k in after]} if after else {}), **more}

    def spec(size="small", **more):
        machines = side.machines(size, "SPOT_WITH_FALLBACK")
        for member in ("driver_node_type_id", "enable_local_disk_encryption", "enable_elastic_disk"):
            machines.pop(member)
        if side.is_aws:
            machines[side.block]["instance_profile_arn"] = WRITER
        return {"spark_version": LTS, "num_workers": 2, **machines, **more}
    note = {"notebook_path": "/Shared/etl/orders", "source": "WORKSPACE"}
    home = {"notebook_path": f"/Users/{BO}/report", "source": "WORKSPACE"}
    orders = job("orders", task("bronze", job_cluster_key="etl", notebook_task={**note, "base_parameters": {"root": side.url("raw", "orders")}},
                                libraries=[{"jar": side.url("libs", "north.jar")}, {"pypi": {"package": "six"}}], max_retries=2),
                 task("silver", ["bronze"], job_cluster_key="etl", spark_python_task={
                     "python_file": "/Shared/etl/clean.py", "parameters": ["--out", side.url("gold", "orders")]}),
                 job_clusters=[{"job_cluster_key": "etl", "new_cluster": spec(
                     "medium", init_scripts=[{"workspace": {"destination": "/Shared/init/agent.sh"}}],
                     cluster_log_conf={"dbfs": {"destination": "dbfs:/logs/etl"}}, custom_tags={"team": "lake"})}],
                 schedule={"quartz_cron_expression": "0 15 5 * * ?", "timezone_id": "Europe/Oslo", "pause_status": "UNPAUSED"},
                 run_as={"service_principal_name": LOADER}, tags={"team": "lake"}, queue={"enabled": True},
                 parameters=[{"name": "in", "default": side.url("raw", "today")}, {"name": "day", "default": "last"}],
                 email_notifications={"on_failure": [BO, "desk@elsewhere.example"]})
    job("pooled", task("a", new_cluster={"spark_version": LTS, "instance_pool_id": POOLS[1], "num_workers": 1,
                                         "policy_id": POLICY["pooled"]}, notebook_task=note), owner=BO)
    job("report", task("file", sql_task={"warehouse_id": WAREHOUSES[0], "file": {"path": "/Shared/sql/close.sql", "source": "WORKSPACE"}}),
        task("home", ["file"], existing_cluster_id=SHARED, notebook_task=home, run_if="ALL_DONE"),
        owner=BO, run_as={"user_name": CY}, schedule={"quartz_cron_expression": "0 0 6 * * ?", "timezone_id": "UTC", "pause_status": "PAUSED"},
        health={"rules": [{"metric": "RUN_DURATION_SECONDS", "op": "GREATER_THAN", "value": 600}]})
    job("dbt", task("dbt", environment_key="dbt", dbt_task={
        "commands": ["dbt run"], "project_directory": "/Shared/dbt", "source": "WORKSPACE", "warehouse_id": WAREHOUSES[1],
        "catalog": "main", "schema": "north"}), environments=[{"environment_key": "dbt", "spec": {
            "client": "2", "dependencies": ["dbt-databricks==1.8.5", "/Workspace/Shared/libs/north.whl"]}}],
        run_as={"service_principal_name": REPORTER})
    job("jar", task("jar", new_cluster=spec("memory"), spark_jar_task={"main_class_name": "north.Main", "parameters": [side.url("raw", "x")]},
                    libraries=[{"jar": side.url("libs", "main.jar")}]), owner=CY)
    job("wheel", task("wheel", existing_cluster_id=DEEP, python_wheel_task={
        "package_name": "north", "entry_point": "go", "named_parameters": {"to": side.url("gold", "wheel")}},
        libraries=[{"whl": side.url("libs", "north-1.0-py3-none-any.whl")}, {"requirements": "/Workspace/Shared/etl/requirements.txt"}]))
    job("submit", task("submit", new_cluster=spec("disk"), spark_submit_task={
        "parameters": ["--class", "north.Main", side.url("libs", "main.jar")]}))
    job("markets", task("each", for_each_task={"inputs": '["no","se"]', "concurrency": 2, "task": {
        "task_key": "market", "existing_cluster_id": SHARED, "notebook_task": {**note, "base_parameters": {"root": side.url("gold", "m")}}}}))
    job("decide", task("is_last", condition_task={"op": "EQUAL_TO", "left": "{{job.parameters.day}}", "right": "last"}),
        {"task_key": "close", "depends_on": [{"task_key": "is_last", "outcome": "true"}], "run_job_task": {"job_id": orders}},
        parameters=[{"name": "day", "default": "last"}])
    first = job("loop a", task("b", run_job_task={"job_id": 0}))
    rows[-1]["settings"]["tasks"][0]["run_job_task"]["job_id"] = job("loop b", task("a", run_job_task={"job_id": first}))
    rows[-2]["settings"]["tasks"][0]["run_job_task"]["job_id"] = rows[-1]["job_id"]
    rows[-1]["settings"]["tasks"][0]["run_job_task"]["job_id"] = first
    job("arrivals", task("load", existing_cluster_id=SHARED, notebook_task=note), trigger={
        "pause_status": "UNPAUSED", "file_arrival": {"url": side.url("raw", "drop/"), "min_time_between_triggers_seconds": 120}})
    job("beats", task("beat", existing_cluster_id=SHARED, notebook_task=note), trigger={
        "pause_status": "UNPAUSED", "periodic": {"interval": 4, "unit": "HOURS"}})
    job("updates", task("load", existing_cluster_id=SHARED, notebook_task=note), trigger={
        "pause_status": "PAUSED", "table_update": {"table_names": ["main.north.orders"], "condition": "ANY_UPDATED"}})
    job("stream", task("s", existing_cluster_id=SHARED, notebook_task=note), continuous={"pause_status": "UNPAUSED"})
    job("plain", task("p", new_cluster={"spark_version": LTS, "num_workers": 1, "node_type_id": side.node("disk")}, notebook_task=note))
    job("git", task("g", existing_cluster_id=SHARED, notebook_task={"notebook_path": "jobs/main", "source": "GIT"}),
        git_source={"git_url": "https://git.north.example/jobs.git", "git_provider": "gitHub", "git_branch": "main"})
    for owner in (BO, CY):
        job("copy of report", task("copy", existing_cluster_id=SHARED, notebook_task=note), owner=owner)
    job("robot's", task("r", existing_cluster_id=SHARED, notebook_task={"notebook_path": f"/Users/{LOADER}/robot", "source": "WORKSPACE"}),
        owner=CY)
    return rows


def make_warehouses(side):
    def warehouse(number, name, **more):
        return {"id": WAREHOUSES[number], "name": name, "auto_stop_mins": 15, "min_num_clusters": 1, "max_num_clusters": 2, "state": "STOPPED",
                "creator_name": ANNA, "cluster_size": "Small", "enable_photon": True, "warehouse_type": "PRO", "enable_serverless_compute": False,
                "spot_instance_policy": "COST_OPTIMIZED", "channel": {"name": "CHANNEL_NAME_CURRENT"}, **more}
    rows = [warehouse(0, "reports", tags={"custom_tags": [{"key": "team", "value": "lake"}]}),
            warehouse(1, "serverless", enable_serverless_compute=True, cluster_size="Large", max_num_clusters=4),
            warehouse(2, "classic", warehouse_type="CLASSIC", enable_photon=False, spot_instance_policy="RELIABILITY_OPTIMIZED",
                      channel={"name": "CHANNEL_NAME_PREVIEW"})]
    if side.is_aws:
        rows[0]["instance_profile_arn"] = PROFILE
    return rows


def make_permissions(jobs):
    def grant(kind, number, *entries):
        names = {"u": "user_name", "g": "group_name", "s": "service_principal_name"}
        return {"object_type": kind, **({"path": number} if number.startswith("/") else {"object_id": number}),
                "access_control_list": [{names[n]: who, "permission_level": level} for n, who, level in entries]}
    rows = [grant("clusters", SHARED, ("g", "readers", "CAN_ATTACH_TO"), ("s", LOADER, "CAN_RESTART"), ("u", BO, "CAN_MANAGE")),
            grant("clusters", "0901-100021-same001", ("g", "loaders", "CAN_RESTART")),
            grant("instance-pools", POOLS[0], ("g", "loaders", "CAN_ATTACH_TO"), ("u", BO, "CAN_MANAGE")),
            grant("cluster-policies", POLICY["every rule"], ("g", "everybody at north", "CAN_USE")),
            grant("cluster-policies", POLICY["pooled"], ("s", LOADER, "CAN_USE")),
            grant("warehouses", WAREHOUSES[0], ("u", ANNA, "IS_OWNER"), ("g", "readers", "CAN_USE"), ("s", REPORTER, "CAN_MONITOR")),
            grant("directories", "/Shared/etl", ("g", "readers", "CAN_READ")), grant("notebooks", "/Shared/etl/orders", ("u", CY, "CAN_EDIT")),
            grant("files", "/Shared/etl/clean.py", ("s", LOADER, "CAN_RUN")), grant("directories", f"/Users/{BO}", ("u", CY, "CAN_MANAGE"))]
    for row in jobs:
        owner = ("s", LOADER, "IS_OWNER") if row["settings"]["name"] == "jar" else ("u", row["creator_user_name"], "IS_OWNER")
        more = [("g", "loaders", "CAN_MANAGE_RUN"), ("u", DEE, "CAN_VIEW")] if row["settings"]["name"] == "orders" else []
        rows.append(grant("jobs", str(row["job_id"]), owner, *more))
    return rows


def round_estate(folder, cloud):
    side = Side(cloud)
    users, principals, groups = people()
    if side.is_aws:
        users[0]["roles"] = [{"value": PROFILE}]
        groups[0]["roles"] = [{"value": WRITER}]
    jobs = make_jobs(side)
    text = (f"# Databricks notebook source\nspark.read.load('{side.url('raw', 'orders')}')\n"
            f"dbutils.notebook.run('/Users/{BO}/report', 60)\n")
    notebook = "# Databricks notebook source\nprint({!r})\n".format
    files = {"Shared/etl/orders.py": text, "Shared/etl/clean.py": "print('clean')\n", "Shared/etl/requirements.txt": "six\n",
             "Shared/etl/query.sql": "-- Databricks notebook source\nselect 1\n", "Shared/etl/stats.r": "# Databricks notebook source\n1 + 1\n",
             "Shared/etl/Main.scala": "// Databricks notebook source\nprintln(1)\n", "Shared/sql/close.sql": "select 1\n",
             "Shared/init/agent.sh": "#!/bin/bash\ntrue\n", "Shared/dbt/dbt_project.yml": "name: north\n", "Shared/libs/north.whl": b"PK\x05\x06" + bytes(18),
             f"Users/{BO}/report.py": notebook("report"), f"Users/{DEE}/über/notes.md": "gone but kept\n",
             f"Users/{LOADER}/robot.py": notebook("robot")}
    init = base64.b64encode(b"#!/bin/bash\ntrue\n").decode()
    documents = dict(
        users=users, groups=groups, service_principals=principals, instance_pools=make_pools(side), cluster_policies=make_policies(side),
        clusters=make_clusters(side), warehouses=make_warehouses(side), jobs=jobs,
        libraries=[{"cluster_id": SHARED, "libraries": [{"pypi": {"package": "six==1.16.0"}}, {"jar": side.url("libs", "north.jar")},
                                                        {"maven": {"coordinates": "north:lake:1.0", "exclusions": ["a:b"]}}]},
                   {"cluster_id": DEEP, "libraries": [{"whl": "/Workspace/Shared/libs/north.whl"}, {"cran": {"package": "forecast"}}]}],
        global_init_scripts=[{"script_id": "00000000000000D1", "name": "first", "script": init, "enabled": True, "position": 0},
                             {"script_id": "00000000000000D2", "name": "second", "script": init, "enabled": False, "position": 1}],
        secrets=[{"name": "lake", "backend_type": "DATABRICKS", "secrets": [{"key": "api-key", "string_value": "one"},
                                                                            {"key": "other.key", "string_value": "två\nlinjer"}],
                  "acls": [{"principal": ANNA, "permission": "MANAGE"}, {"principal": "readers", "permission": "READ"},
                           {"principal": LOADER, "permission": "WRITE"}]},
                 {"name": "empty", "backend_type": "DATABRICKS", "secrets": [], "acls": [{"principal": BO, "permission": "MANAGE"}]}],
        permissions=make_permissions(jobs))
    if side.is_aws:
        documents["instance_profiles"] = [{"instance_profile_arn": PROFILE, "iam_role_arn": f"arn:aws:iam::{ACCOUNT}:role/lake-reader",
                                           "is_meta_instance_profile": False},
                                          {"instance_profile_arn": WRITER, "is_meta_instance_profile": False}]
    return write_estate(folder, files, **documents)


PLACES = ("raw", "gold", "libs", "init")


def storage_map(start, end):
    """The storage section of a mapping file."""
    return "storage:\n" + "".join(f"  {Side(start).url(p)}: {Side(end).url(p)}\n" for p in PLACES)
