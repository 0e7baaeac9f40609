"""A workspace of N objects for the discovery benchmark, written as `lakeshift twin --load` reads it."""
import json
import pathlib


def write_estate(folder, objects):
    """About `objects` objects: 40 % notebooks, 20 % jobs, 20 % users, the rest pools, clusters, policies, groups, secrets."""
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    users = [{"id": str(100000 + i), "userName": f"user{i}@bench.example", "displayName": f"User {i}", "active": True}
             for i in range(objects // 5)]
    groups = [{"id": str(900000 + i), "displayName": f"group {i}", "meta": {"resourceType": "WorkspaceGroup"},
               "members": [{"value": u["id"], "$ref": f"Users/{u['id']}"} for u in users[i::50][:20]]} for i in range(objects // 50)]
    owner = users[0]["userName"]
    jobs = [{"job_id": 7000000 + i, "creator_user_name": owner, "settings": {
        "name": f"job {i}", "max_concurrent_runs": 1,
        "tasks": [{"task_key": "a", "notebook_task": {"notebook_path": f"/Shared/d{i % 100}/n{i}"},
                   "new_cluster": {"spark_version": "15.4.x-scala2.12", "node_type_id": "Standard_DS3_v2", "num_workers": 1}}]}}
            for i in range(objects // 5)]
    clusters = [{"cluster_id": f"0101-{i:06d}-bench{i:04d}", "cluster_name": f"cluster {i}", "spark_version": "15.4.x-scala2.12",
                 "node_type_id": "Standard_DS3_v2", "num_workers": 1, "creator_user_name": owner, "cluster_source": "UI",
                 "state": "TERMINATED"} for i in range(objects // 20)]
    pools = [{"instance_pool_id": f"0101-{i:06d}-pool{i}", "instance_pool_name": f"pool {i}", "node_type_id": "Standard_DS3_v2",
              "min_idle_instances": 0, "state": "ACTIVE"} for i in range(objects // 50)]
    policies = [{"policy_id": "%016X" % (0xE000 + i), "name": f"policy {i}", "definition": "{}"} for i in range(objects // 50)]
    notebooks = objects - sum(map(len, (users, groups, jobs, clusters, pools, policies))) - 100
    documents = {"users": users, "groups": groups, "jobs": jobs, "clusters": clusters, "instance_pools": pools, "cluster_policies": policies}
    for name, rows in documents.items():
        (folder / f"{name}.json").write_text(json.dumps(rows))
    for i in range(notebooks):
        path = folder / "workspace" / "Shared" / f"d{i % 100}" / f"n{i}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"# Databricks notebook source\nprint({i})\n")
    return sum(map(len, documents.values())) + notebooks + 100
