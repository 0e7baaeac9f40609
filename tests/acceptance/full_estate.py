"""An AWS estate in which every settable field of every moved kind has a value of its own."""
import base64
import dataclasses
import enum
import typing

from databricks.sdk.service import compute, jobs

from full_objects import NOT_SETTABLE_HERE, fields_of, strip_optional

PROFILE = "arn:aws:iam::111111111111:instance-profile/lake"
OTHER_PROFILE = "arn:aws:iam::111111111111:instance-profile/lake-writer"
OWNER, SECOND = "olga.owner@full.example", "sam.second@full.example"
APPLICATION = "11111111-2222-4333-8444-555555555555"
POOLS = ["0101-000001-pool1-full", "0101-000002-pool2-full"]
POLICIES = ["00000000000E0001", "00000000000E0002"]
CLUSTERS = ["0101-000003-fullone", "0101-000004-fulltwo"]
WAREHOUSES = ["00000000000a0001", "00000000000a0002"]
LTS, OTHER_LTS = "15.4.x-scala2.12", "14.3.x-scala2.12"
NODES = ["m5.xlarge", "m5.2xlarge", "r5.2xlarge"]

# Members that name an object of a kind that is not moved yet: a job with one of them is blocked, so it cannot be mutated.
NAMES_WHAT_IS_NOT_MOVED = {
    "alert_task", "dashboard_task", "pipeline_task", "alert", "dashboard", "query", "webhook_notifications", "sql_condition",
    "destination_id", "budget_policy_id", "usage_policy_id", "clean_rooms_notebook_task", "serverless_compute_id",
    "provisioned_capacity_id", "gpu_node_pool_id",
}

# Values by the end of a pattern. The first is used by the full objects, the second by mutations.
VALUES = {
    "spark_version": [LTS, OTHER_LTS], "node_type_id": NODES, "driver_node_type_id": NODES[1:],
    "alternate_node_type_ids[]": NODES, "policy_id": POLICIES, "instance_pool_id": POOLS, "driver_instance_pool_id": POOLS[::-1],
    "existing_cluster_id": CLUSTERS, "warehouse_id": WAREHOUSES, "single_user_name": [OWNER, SECOND],
    "instance_profile_arn": [PROFILE, OTHER_PROFILE], "zone_id": ["us-east-1a", "us-east-1b"], "availability": ["SPOT", "ON_DEMAND"],
    "ebs_volume_type": ["GENERAL_PURPOSE_SSD", "THROUGHPUT_OPTIMIZED_HDD"], "ebs_volume_size": [500, 600], "ebs_volume_count": [1, 2],
    "ebs_volume_iops": [3000, 4000], "ebs_volume_throughput": [125, 200], "spot_bid_price_percent": [80, 90],
    "first_on_demand": [1, 2], "notebook_path": ["/Shared/full/notebook", "/Shared/full/other"],
    "python_file": ["/Shared/full/script.py", "/Shared/full/other.py"], "sql_task.file.path": ["/Shared/full/query.sql", "/Shared/full/other.sql"],
    "quartz_cron_expression": ["0 0 5 * * ?", "0 0 6 * * ?"], "timezone_id": ["Europe/Oslo", "Asia/Tokyo"],
    "pause_status": ["PAUSED", "UNPAUSED"], "inputs": ['["a"]', '["a","b"]'], "url": ["s3://full-landing/in/", "s3://full-landing/out/"],
    "user_name": [OWNER, SECOND], "service_principal_name": [APPLICATION], "region": ["us-east-1", "eu-west-1"],
    "s3.destination": ["s3://full-logs/a", "s3://full-logs/b"], "workspace.destination": ["/Shared/full/init.sh", "/Shared/full/other.sh"],
    "volumes.destination": ["/Volumes/main/full/scripts/init.sh", "/Volumes/main/full/scripts/other.sh"],
    "file.destination": ["file:/opt/init.sh", "file:/opt/other.sh"], "cluster_log_conf.dbfs.destination": ["dbfs:/logs/a", "dbfs:/logs/b"],
    "init_scripts[].dbfs.destination": ["dbfs:/init/a.sh", "dbfs:/init/b.sh"], "canned_acl": ["bucket-owner-full-control", "private"],
    "encryption_type": ["sse-kms", "sse-s3"], "kms_key": ["arn:aws:kms:us-east-1:111111111111:key/a", "arn:aws:kms:us-east-1:111111111111:key/b"],
    "endpoint": ["https://s3.us-east-1.amazonaws.com", "https://s3.eu-west-1.amazonaws.com"],
    "jar": ["s3://full-libs/a.jar", "s3://full-libs/b.jar"], "whl": ["/Volumes/main/full/libs/a.whl", "/Volumes/main/full/libs/b.whl"],
    "egg": ["dbfs:/libs/a.egg", "dbfs:/libs/b.egg"], "requirements": ["/Workspace/Shared/full/requirements.txt", "/Workspace/Shared/full/other.txt"],
    "git_url": ["https://git.full.example/a.git", "https://git.full.example/b.git"], "git_provider": ["gitHub", "gitLab"],
    "condition_task.op": ["EQUAL_TO", "NOT_EQUAL"], "runtime_engine": ["STANDARD", "PHOTON"],
    "data_security_mode": ["SINGLE_USER", "DATA_SECURITY_MODE_DEDICATED"], "num_workers": [2, 3], "cluster_size": ["Small", "Medium"],
    "autotermination_minutes": [35, 45], "ssh_public_keys[]": ["ssh-rsa AAAA full@full.example", "ssh-rsa BBBB full@full.example"],
}


def value_for(pattern, kind, pick=0):
    for ending in sorted(VALUES, key=len, reverse=True):
        if pattern == ending or pattern.endswith("." + ending) or pattern.endswith("]." + ending):
            return VALUES[ending][pick % len(VALUES[ending])]
    kind = strip_optional(kind)
    if kind is bool:
        return True
    if kind is int:
        return 7 + sum(map(ord, pattern)) % 23
    if kind is float:
        return 1.5
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return list(kind)[0].value
    if typing.get_origin(kind) is dict:
        return {"first": pattern.rsplit(".", 1)[-1]}
    return "full " + pattern.rsplit(".", 1)[-1].replace("[]", "")


def build(cls, prefix, leave_out=(), seen=()):
    """A document of the class with every member set."""
    out = {}
    for name, kind in fields_of(cls):
        if name in leave_out or name in NOT_SETTABLE_HERE or name in NAMES_WHAT_IS_NOT_MOVED:
            continue
        kind = strip_optional(kind)
        path = f"{prefix}.{name}" if prefix else name
        inner, many = kind, False
        if typing.get_origin(kind) is list:
            inner, many, path = strip_optional(typing.get_args(kind)[0]), True, path + "[]"
        if dataclasses.is_dataclass(inner):
            if inner in seen:
                continue
            value = build(inner, path, (), (*seen, cls))
        else:
            value = value_for(path, inner)
        out[name] = [value] if many else value
    return out


def cluster_spec(prefix, *leave_out, **more):
    spec = build(compute.ClusterSpec, prefix, ("autoscale", "cluster_name", "is_single_node", "kind", "use_ml_runtime", "docker_image",
                                               "instance_pool_id", "driver_instance_pool_id", "policy_id", "init_scripts",
                                               "cluster_log_conf", "worker_node_type_flexibility", "driver_node_type_flexibility", *leave_out))
    spec["init_scripts"] = [{"workspace": {"destination": "/Shared/full/init.sh"}},
                            {"s3": {"destination": "s3://full-init/a.sh", "region": "us-east-1"}},
                            {"volumes": {"destination": "/Volumes/main/full/scripts/init.sh"}}]
    spec["cluster_log_conf"] = {"s3": build(compute.S3StorageInfo, "cluster_log_conf.s3")}
    return {**spec, **more}


def make_clusters():
    first = cluster_spec("", policy_id=POLICIES[0])
    second = cluster_spec("", "node_type_id", "driver_node_type_id", "aws_attributes", "enable_elastic_disk", "num_workers", "cluster_log_conf",
                          instance_pool_id=POOLS[0], driver_instance_pool_id=POOLS[1], autoscale={"min_workers": 1, "max_workers": 5},
                          docker_image={"url": "registry.full.example/image:1", "basic_auth": {"username": "robot", "password": "{{secrets/full/key}}"}},
                          cluster_log_conf={"dbfs": {"destination": "dbfs:/logs/a"}}, spark_conf={"spark.speculation": "true"})
    return [{"cluster_id": CLUSTERS[0], "cluster_name": "full cluster", "cluster_source": "UI", "state": "TERMINATED",
             "creator_user_name": OWNER, **first},
            {"cluster_id": CLUSTERS[1], "cluster_name": "full pooled", "cluster_source": "UI", "state": "TERMINATED",
             "creator_user_name": OWNER, **second}]


TASK_TYPES = [n for n, _ in fields_of(jobs.Task) if n.endswith("_task") and n not in NAMES_WHAT_IS_NOT_MOVED]
COMPUTE = ("new_cluster", "existing_cluster_id", "job_cluster_key", "environment_key", "environment_variables_key", "compute")


def make_task(name, **more):
    hints = dict(fields_of(jobs.Task))
    if name == "for_each_task":
        body = {"inputs": VALUES["inputs"][0], "concurrency": 3, "task": {
            "task_key": "inner", "existing_cluster_id": CLUSTERS[0], "notebook_task": {"notebook_path": VALUES["notebook_path"][0]}}}
    elif name == "run_job_task":
        body = {**build(jobs.RunJobTask, "settings.tasks[].run_job_task"), "job_id": 7000002}
    elif name == "sql_task":
        body = {"warehouse_id": WAREHOUSES[0], "file": {"path": VALUES["sql_task.file.path"][0], "source": "WORKSPACE"}, "parameters": {"a": "b"}}
    else:
        body = build(strip_optional(hints[name]), f"settings.tasks[].{name}")
    if name == "spark_python_task":
        body["source"] = "WORKSPACE"
    for member in ("source",):
        if member in body:
            body[member] = "WORKSPACE"
    return {"task_key": name, name: body, **more}


def make_jobs():
    def job(number, name, tasks, **settings):
        return {"job_id": 7000000 + number, "creator_user_name": OWNER, "run_as_user_name": OWNER,
                "settings": {"name": name, "format": "MULTI_TASK", "max_concurrent_runs": 3, "tasks": tasks, **settings}}
    needs_cluster = {"notebook_task", "spark_jar_task", "spark_python_task", "python_wheel_task", "spark_submit_task"}
    tasks = [make_task(t, **({"existing_cluster_id": CLUSTERS[0]} if t in needs_cluster - {"spark_submit_task"} else
                             {"new_cluster": cluster_spec("settings.tasks[].new_cluster", "cluster_log_conf")} if t == "spark_submit_task" else
                             {"environment_key": "first"} if t == "dbt_task" else {})) for t in TASK_TYPES]
    common = build(jobs.Task, "settings.tasks[]", (*COMPUTE, *[n for n, _ in fields_of(jobs.Task) if n.endswith("_task")], "depends_on", "task_key"))
    tasks[TASK_TYPES.index("notebook_task")].update(common)
    tasks[-1]["depends_on"] = [{"task_key": "condition_task", "outcome": "true"}]
    settings = build(jobs.JobSettings, "settings", ("tasks", "schedule", "continuous", "trigger", "triggers", "git_source", "name", "format",
                                                    "max_concurrent_runs", "run_as", "deployment", "edit_mode", "job_clusters", "parent_path",
                                                    "environment_variables", "environments"))
    settings["environments"] = [{"environment_key": "first", "spec": {"client": "2", "dependencies": ["pandas==2.2.2"]}}]
    settings["job_clusters"] = [{"job_cluster_key": "shared", "new_cluster": cluster_spec("settings.job_clusters[].new_cluster")}]
    settings["run_as"] = {"user_name": SECOND}
    settings["schedule"] = build(jobs.CronSchedule, "settings.schedule")
    note = [{"task_key": "n", "existing_cluster_id": CLUSTERS[0], "notebook_task": {"notebook_path": VALUES["notebook_path"][0]}}]
    rows = [job(1, "full job", tasks, **settings), job(2, "full other", note, run_as={"service_principal_name": APPLICATION})]
    triggers = build(jobs.TriggerSettings, "settings.trigger", ("pause_status",))
    for number, (name, body) in enumerate(sorted(triggers.items()), 10):
        rows.append(job(number, f"full trigger {name}", note, trigger={"pause_status": "PAUSED", name: body}))
    rows.append(job(30, "full continuous", note, continuous={"pause_status": "PAUSED", "task_retry_mode": "ON_FAILURE"}))
    git = build(jobs.GitSource, "settings.git_source", ("git_commit", "git_tag", "git_snapshot", "job_source"))
    rows.append(job(31, "full git", [{"task_key": "n", "existing_cluster_id": CLUSTERS[0], "notebook_task": {"notebook_path": "a/b", "source": "GIT"}}],
                    git_source=git))
    return rows


def make_estate():
    def user(number, mail, **more):
        return {"id": str(100 + number), "userName": mail, "displayName": mail.split("@")[0], "active": True,
                "emails": [{"value": mail, "type": "work", "primary": True}], **more}
    users = [user(1, OWNER, name={"givenName": "Olga", "familyName": "Owner"}, entitlements=[{"value": "allow-cluster-create"}],
                  roles=[{"value": PROFILE}]), user(2, SECOND)]
    principals = [{"id": "201", "applicationId": APPLICATION, "displayName": "full robot", "active": True,
                   "entitlements": [{"value": "workspace-access"}], "roles": [{"value": PROFILE}]}]
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
    policies = [{"policy_id": POLICIES[0], "name": "full policy", "definition": '{"num_workers":{"type":"range","maxValue":50}}', "description": "every field",
                 "max_clusters_per_user": 5, "libraries": [{"pypi": {"package": "six==1.16.0"}}]},
                {"policy_id": POLICIES[1], "name": "full family", "policy_family_id": "personal-vm", "definition": "{}",
                 "policy_family_definition_overrides": '{"autotermination_minutes":{"type":"fixed","value":45}}'}]
    warehouses = [{"id": WAREHOUSES[0], "name": "full warehouse", "cluster_size": "Small", "auto_stop_mins": 33, "min_num_clusters": 1,
                   "max_num_clusters": 3, "enable_photon": True, "enable_serverless_compute": False, "warehouse_type": "PRO", "state": "STOPPED",
                   "spot_instance_policy": "RELIABILITY_OPTIMIZED", "channel": {"name": "CHANNEL_NAME_PREVIEW"}, "creator_name": OWNER,
                   "instance_profile_arn": PROFILE, "tags": {"custom_tags": [{"key": "team", "value": "full"}]}},
                  {"id": WAREHOUSES[1], "name": "full other warehouse", "cluster_size": "Small", "auto_stop_mins": 10, "warehouse_type": "PRO",
                   "enable_serverless_compute": False, "min_num_clusters": 1, "max_num_clusters": 1, "state": "STOPPED", "creator_name": OWNER}]
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
            {"instance_profile_arn": PROFILE, "iam_role_arn": "arn:aws:iam::111111111111:role/lake"}, {"instance_profile_arn": OTHER_PROFILE}],
        instance_pools=pools, cluster_policies=policies, clusters=make_clusters(), warehouses=warehouses, jobs=make_jobs(),
        libraries=[{"cluster_id": CLUSTERS[0], "libraries": [{"pypi": {"package": "six==1.16.0"}}]}],
        global_init_scripts=[{"script_id": "F0000001", "name": "full script", "script": script, "enabled": True, "position": 0}],
        secrets=[{"name": "full", "backend_type": "DATABRICKS", "secrets": [{"key": "key", "string_value": "full value"}],
                  "acls": [{"principal": "full group", "permission": "READ"}, {"principal": OWNER, "permission": "MANAGE"}]}],
        permissions=permissions)
    files = {"Shared/full/notebook.py": "# Databricks notebook source\nprint('full')\n", "Shared/full/other.py": "print('a file')\n",
             "Shared/full/script.py": "print('script')\n", "Shared/full/query.sql": "select 1\n", "Shared/full/other.sql": "select 2\n",
             "Shared/full/init.sh": "#!/bin/bash\n", "Shared/full/other.sh": "#!/bin/bash\n", "Shared/full/requirements.txt": "six\n",
             "Shared/full/other.txt": "six\n", "Shared/full/other.scala": "// Databricks notebook source\nprintln(1)\n"}
    return documents, files
