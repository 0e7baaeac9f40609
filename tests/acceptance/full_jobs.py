"""Compute specifications and jobs that together have every settable member at a value of its own. What excludes each
other in one document lies in documents of its own. Knows the SDK and the vendor's rules, nothing of lakeshift."""
import dataclasses
import enum
import typing

from databricks.sdk.service import compute, jobs

from full_objects import NOT_SETTABLE_HERE, fields_of, strip_optional
from full_values import APPLICATION, CLUSTERS, NAMES_WHAT_IS_NOT_MOVED, OWNER, POLICIES, POOLS, SECOND, VALUES, WAREHOUSES

CELL = "/Shared/full/notebook"


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


# Compute: by machines, from pools, and by policy in the simple form.

def init_scripts():
    return [{place: build(kind, f"init_scripts[].{place}")} for place, kind in (
        ("workspace", compute.WorkspaceStorageInfo), ("s3", compute.S3StorageInfo), ("volumes", compute.VolumesStorageInfo),
        ("dbfs", compute.DbfsStorageInfo), ("file", compute.LocalFileInfo))]


LOGS = {"s3": compute.S3StorageInfo, "dbfs": compute.DbfsStorageInfo, "volumes": compute.VolumesStorageInfo}


def logs_to(place):
    return {place: build(LOGS[place], f"cluster_log_conf.{place}")}


IN_VARIANTS = ("autoscale", "cluster_name", "is_single_node", "kind", "use_ml_runtime", "docker_image", "instance_pool_id",
               "driver_instance_pool_id", "policy_id", "init_scripts", "cluster_log_conf")
MACHINES = ("node_type_id", "driver_node_type_id", "aws_attributes", "enable_elastic_disk", "num_workers",
            "worker_node_type_flexibility", "driver_node_type_flexibility")


def by_machines(prefix):
    return {**build(compute.ClusterSpec, prefix, IN_VARIANTS), "init_scripts": init_scripts(), "cluster_log_conf": logs_to("s3")}


def from_pools(prefix):
    spec = build(compute.ClusterSpec, prefix, (*IN_VARIANTS, *MACHINES))
    return {**spec, "instance_pool_id": POOLS[0], "driver_instance_pool_id": POOLS[1],
            "autoscale": {"min_workers": 1, "max_workers": 5}, "cluster_log_conf": logs_to("dbfs"),
            "docker_image": {"url": "registry.full.example/image:1",
                             "basic_auth": {"username": "robot", "password": "{{secrets/full/key}}"}}}


def by_policy(prefix):
    spec = build(compute.ClusterSpec, prefix, (*IN_VARIANTS, *MACHINES, "custom_tags", "spark_conf", "spark_env_vars"))
    return {**spec, "node_type_id": VALUES["node_type_id"][0], "policy_id": POLICIES[0], "kind": "CLASSIC_PREVIEW",
            "aws_attributes": build(compute.AwsAttributes, f"{prefix}.aws_attributes"), "enable_elastic_disk": True, "is_single_node": True, "use_ml_runtime": True, "cluster_log_conf": logs_to("volumes")}


VARIANTS = {"machines": by_machines, "pools": from_pools, "policy": by_policy}


def make_clusters():
    names = {"machines": "full cluster", "pools": "full pooled", "policy": "full by policy"}
    rows = [{"cluster_id": number, "cluster_name": names[variant], "cluster_source": "UI", "state": "TERMINATED",
             "creator_user_name": OWNER, **make("")} for number, (variant, make) in zip(CLUSTERS, VARIANTS.items())]
    rows[1]["enable_elastic_disk"] = False      # what the platform fills in
    rows[2].update(num_workers=0, driver_node_type_id=rows[2]["node_type_id"])
    return rows


# Tasks.

TASK_TYPES = [n for n, _ in fields_of(jobs.Task) if n.endswith("_task") and n not in NAMES_WHAT_IS_NOT_MOVED]
COMPUTE = ("new_cluster", "existing_cluster_id", "job_cluster_key", "environment_key", "environment_variables_key", "compute")
ON_A_CLUSTER = ("notebook_task", "spark_jar_task", "spark_python_task", "python_wheel_task", "spark_submit_task", "dbt_task")


def task_body(name, path):
    hints = dict(fields_of(jobs.Task))
    if name == "for_each_task":
        return {"inputs": VALUES["inputs"][0], "concurrency": 3, "task": {
            "task_key": "inner", "existing_cluster_id": CLUSTERS[0], "notebook_task": {"notebook_path": CELL}}}
    if name == "run_job_task":
        return {**build(jobs.RunJobTask, f"{path}.run_job_task"), "job_id": 7000002}
    if name == "sql_task":
        return {"warehouse_id": WAREHOUSES[0], "file": {"path": VALUES["sql_task.file.path"][0], "source": "WORKSPACE"},
                "parameters": {"a": "b"}}
    return build(strip_optional(hints[name]), f"{path}.{name}")


def make_task(name, path="settings.tasks[]", **more):
    where = {"existing_cluster_id": CLUSTERS[0]} if name in ON_A_CLUSTER else {}
    return {"task_key": name, name: task_body(name, path), **where, **more}


def common_of_tasks(path):
    """What every type of task may have, but for what it runs on."""
    return build(jobs.Task, path, (*COMPUTE, *[n for n, _ in fields_of(jobs.Task) if n.endswith("_task")], "depends_on", "task_key"))


def simple_task(key="n", **more):
    return {"task_key": key, "notebook_task": {"notebook_path": CELL}, **more}


# Jobs.

OF_THEIR_OWN = ("tasks", "schedule", "continuous", "trigger", "triggers", "git_source", "name", "format", "run_as", "deployment",
                "job_clusters", "environments")


def every_setting():
    tasks = [make_task(name) for name in TASK_TYPES]
    tasks[TASK_TYPES.index("notebook_task")].update(common_of_tasks("settings.tasks[]"))
    tasks[-1]["depends_on"] = [{"task_key": "condition_task", "outcome": "true"}]
    return {**build(jobs.JobSettings, "settings", OF_THEIR_OWN), "tasks": tasks, "run_as": {"user_name": SECOND},
            "schedule": build(jobs.CronSchedule, "settings.schedule")}


def on_other_compute(shared):
    return [simple_task("shared", job_cluster_key=shared), simple_task("serverless", environment_key="first"),
            simple_task("variables", existing_cluster_id=CLUSTERS[0], environment_variables_key="full environment_variables_key"),
            simple_task("accelerated", compute={"hardware_accelerator": VALUES["hardware_accelerator"][0]})]


def environments():
    """Of the two ways to name the version, each job has one in each of its environments."""
    full = "settings.environments[].spec"
    variables = build(jobs.JobSettings, "settings")["environment_variables"]
    other = {"environment_variables_key": "second", "spec": {"variables": {"SECOND": "2"}}}
    return {"environment_variables": [*variables, other], "environments": [
        {"environment_key": "first", "spec": build(compute.Environment, full, ("client", "base_environment"))},
        {"environment_key": "second", "spec": build(compute.Environment, full, ("environment_version",))}]}


def every_compute():
    shared = [{"job_cluster_key": f"shared {v}", "new_cluster": {**make("settings.job_clusters[].new_cluster"), "apply_policy_default_values": True}}
              for v, make in VARIANTS.items()]
    tasks = [simple_task(f"own {v}", new_cluster={**make("settings.tasks[].new_cluster"), "apply_policy_default_values": True})
             for v, make in VARIANTS.items()]
    tasks += on_other_compute("shared machines")
    return {"tasks": tasks, "job_clusters": shared, **environments()}


def every_nested_task():
    """A for-each over every type of task; for-each itself cannot be nested (twin: job_rules.cc, vendor: "For each task")."""
    path = "settings.tasks[].for_each_task.task"
    inner = [make_task(name, path) for name in TASK_TYPES if name != "for_each_task"]
    inner[[t["task_key"] for t in inner].index("notebook_task")].update(common_of_tasks(path))
    inner += [simple_task(f"own {v}", new_cluster={**make(f"{path}.new_cluster"), "apply_policy_default_values": True})
              for v, make in VARIANTS.items()]
    inner += on_other_compute("shared")
    shared = from_pools("settings.job_clusters[].new_cluster")
    return {"job_clusters": [{"job_cluster_key": key, "new_cluster": shared} for key in ("shared", "shared second")], **environments(),
            "tasks": [{"task_key": f"each {t['task_key']}", "for_each_task": {"inputs": VALUES["inputs"][0], "concurrency": 3, "task": t}}
                      for t in inner]}


FROM_GIT = {"notebook_task": {"notebook_path": "a/b"}, "spark_python_task": {"python_file": "a/b.py"},
            "sql_task": {"warehouse_id": WAREHOUSES[0], "file": {"path": "a/b.sql"}},
            "dbt_task": {"commands": ["dbt run"], "project_directory": "a"}}


def from_git():
    tasks = []
    for name, body in FROM_GIT.items():
        body = {**body, "file": {**body["file"], "source": "GIT"}} if "file" in body else {**body, "source": "GIT"}
        tasks.append({"task_key": name, name: body, **({} if name == "sql_task" else {"existing_cluster_id": CLUSTERS[0]})})
    return tasks


def jobs_of_git():
    for reference in ("git_branch", "git_commit", "git_tag"):
        source = build(jobs.GitSource, "settings.git_source", {"git_branch", "git_commit", "git_tag", "git_snapshot"} - {reference})
        source["job_source"].pop("dirty_state")
        tasks = from_git() if reference == "git_branch" else [simple_task(existing_cluster_id=CLUSTERS[0])]
        yield f"full {reference}", {"git_source": source, "tasks": tasks}


def jobs_that_start_themselves():
    note = [simple_task(existing_cluster_id=CLUSTERS[0])]
    legacy = build(jobs.TriggerSettings, "settings.trigger", ("pause_status",))
    for name, body in sorted(legacy.items()):
        yield f"full trigger {name}", {"tasks": note, "trigger": {"pause_status": "PAUSED", name: body}}
    several = build(jobs.TriggerConfiguration, "settings.triggers[]", ("pause_status",))
    yield "full triggers", {"tasks": note, "triggers": [{"pause_status": "PAUSED", name: body} for name, body in sorted(several.items())]}
    yield "full continuous", {"tasks": note, "continuous": build(jobs.Continuous, "settings.continuous")}
    # These run in the source: the cutover starts them, the rollback stops them.
    yield "full running", {"tasks": note, "schedule": {**build(jobs.CronSchedule, "settings.schedule"), "pause_status": "UNPAUSED"}}
    yield "full running trigger", {"tasks": note, "trigger": {"pause_status": "UNPAUSED", "periodic": legacy["periodic"]}}


def every_job():
    """(name, settings) of all jobs; the second is the one that run_job_task names."""
    note = [simple_task(existing_cluster_id=CLUSTERS[0])]
    yield "full job", every_setting()
    yield "full other", {"tasks": note, "run_as": {"service_principal_name": APPLICATION}}
    yield "full group run", {"tasks": note, "run_as": {"group_name": "full group"}}
    yield "full compute", every_compute()
    yield "full nested", every_nested_task()
    yield from jobs_that_start_themselves()
    yield from jobs_of_git()


def make_jobs():
    return [{"job_id": 7000000 + number, "creator_user_name": OWNER, "run_as_user_name": OWNER,
             "settings": {"name": name, "format": "MULTI_TASK", "max_concurrent_runs": 3, **settings}}
            for number, (name, settings) in enumerate(every_job(), 1)]
