#!/usr/bin/env python3
"""Writes the example estate of Meridian Foods, an invented grocery company on Azure: examples/company/estate.

usage: generate.py [OUTPUT]     same output every time; run it again after a change and commit the result
The folder is what `lakeshift twin --load` reads; see docs/formats/estate.md.
"""
import json
import pathlib
import random
import shutil
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from compute import make_clusters, make_init_scripts, make_policies, make_pools, make_secrets, make_warehouses  # noqa: E402
from jobs import make_jobs  # noqa: E402
from notebooks import make_tree  # noqa: E402
from people import make_groups, make_people  # noqa: E402


def grant(level, *, user=None, group=None, principal=None):
    who = {"user_name": user} if user else {"group_name": group} if group else {"service_principal_name": principal}
    return {**who, "permission_level": level}


def make_permissions(world):
    """Grants on everything, as [{object_type, object_id | path, access_control_list}]."""
    rows = []

    def on(kind, number, *grants):
        rows.append({"object_type": kind, "object_id": str(number), "access_control_list": list(grants)})

    teams = sorted(world["by_team"])
    for index, job in enumerate(world["jobs"]):
        owner = grant("IS_OWNER", user=job["creator_user_name"])
        if index % 11 == 3:
            owner = grant("IS_OWNER", principal=world["principals"][index % 3]["applicationId"])
        on("jobs", job["job_id"], owner, grant("CAN_VIEW", group="everyone"),
           *([grant("CAN_MANAGE_RUN", group="on-call")] if index % 2 else []),
           *([grant("CAN_MANAGE", group="data-platform")] if index % 5 == 0 else []))
    for index, cluster in enumerate(world["clusters"][:-1]):
        on("clusters", cluster["cluster_id"], grant("CAN_MANAGE", user=cluster["creator_user_name"]),
           grant("CAN_ATTACH_TO", group=teams[index % len(teams)]), *([grant("CAN_RESTART", group="on-call")] if index % 2 else []))
    for index, pool in enumerate(world["pools"]):
        on("instance-pools", pool["instance_pool_id"], grant("CAN_ATTACH_TO", group="engineers"),
           *([grant("CAN_MANAGE", group="data-platform")] if index % 2 else []))
    for index, policy in enumerate(world["policies"]):
        on("cluster-policies", policy["policy_id"], grant("CAN_USE", group=("engineers", "automation", "business")[index % 3]))
    for index, warehouse in enumerate(world["warehouses"]):
        on("warehouses", warehouse["id"], grant("IS_OWNER", user=warehouse["creator_name"]), grant("CAN_USE", group="business"),
           *([grant("CAN_USE", principal=world["principals"][5]["applicationId"])] if index == 3 else []),
           *([grant("CAN_MONITOR", group="on-call")] if index == 1 else []))
    folders = {"/Shared/etl": [grant("CAN_EDIT", group="data-engineering"), grant("CAN_READ", group="everyone")],
               "/Shared/reports": [grant("CAN_RUN", group="business"), grant("CAN_MANAGE", group="analytics")],
               "/Shared/legacy": [grant("CAN_READ", group="engineers")],
               "/Shared/init": [grant("CAN_MANAGE", group="data-platform")],
               "/Shared/science": [grant("CAN_MANAGE", group="data-science")]}
    for path, grants in folders.items():
        rows.append({"object_type": "directories", "path": path, "access_control_list": grants})
    rows.append({"object_type": "notebooks", "path": "/Shared/legacy/trigger_by_url",
                 "access_control_list": [grant("CAN_RUN", principal=world["principals"][0]["applicationId"])]})
    rows.append({"object_type": "notebooks", "path": "/Shared/reports/finance/ledger_month",
                 "access_control_list": [grant("CAN_RUN", group="finance / month-end")]})
    rows.append({"object_type": "files", "path": "/Shared/config/tables.yaml",
                 "access_control_list": [grant("CAN_READ", group="everyone"), grant("CAN_EDIT", user=world["users"][2]["userName"])]})
    return rows


def make_not_moved(world):
    """Kinds that lakeshift counts but does not move yet."""
    warehouse = world["warehouses"][1]["id"]
    return {
        "repos": [{"id": 880001, "path": f"/Repos/{world['by_team']['data-engineering'][0]['userName']}/lakehouse",
                   "url": "https://git.meridianfoods.example/lakehouse.git", "provider": "gitHubEnterprise", "branch": "main",
                   "head_commit_id": "9f1c0d7e5b3a4c2d1e0f9a8b7c6d5e4f3a2b1c0d"}],
        "pipelines": [{"pipeline_id": "0a1b2c3d-0001-4000-8000-00000000d171", "name": "orders live", "state": "IDLE",
                       "creator_user_name": world["users"][7]["userName"],
                       "spec": {"id": "0a1b2c3d-0001-4000-8000-00000000d171", "name": "orders live", "continuous": False, "development": False,
                                "libraries": [{"notebook": {"path": "/Shared/etl/orders/orders_bronze"}}]}}],
        "queries": [{"id": "5f0e1d2c-0001-4000-8000-00000000c0de", "display_name": "open orders", "warehouse_id": warehouse,
                     "query_text": "select count(*) from gold.orders_orders", "parent_path": "/Workspace/Shared"}],
        "alerts": [{"id": "5f0e1d2c-0002-4000-8000-00000000a1e7", "display_name": "orders stopped",
                    "query_id": "5f0e1d2c-0001-4000-8000-00000000c0de", "parent_path": "/Workspace/Shared"}],
        "dashboards": [{"dashboard_id": "01efd000000000000000000000000d45", "display_name": "stores today", "warehouse_id": warehouse,
                        "parent_path": "/Workspace/Shared", "lifecycle_state": "ACTIVE", "serialized_dashboard": "{\"pages\":[]}"}],
    }


def make_world():
    rng = random.Random(20261120)
    world = {}
    world["users"], world["by_team"], world["principals"] = make_people(rng)
    world["groups"], _ = make_groups(world["users"], world["by_team"], world["principals"])
    world["tree"] = make_tree(rng, world["by_team"])
    world["pools"] = make_pools()
    world["policies"] = make_policies(world["pools"])
    world["clusters"], world["libraries"] = make_clusters(world["pools"], world["policies"], world["by_team"])
    world["warehouses"] = make_warehouses(world["by_team"])
    world["jobs"] = make_jobs(world)
    world["permissions"] = make_permissions(world)
    return world


def main():
    output = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent / "estate")
    world = make_world()
    shutil.rmtree(output, ignore_errors=True)
    for path, text in world["tree"].items():
        file = output / "workspace" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    documents = {
        "users": world["users"], "groups": world["groups"], "service_principals": world["principals"],
        "instance_pools": world["pools"], "cluster_policies": world["policies"], "clusters": world["clusters"],
        "libraries": world["libraries"], "warehouses": world["warehouses"], "global_init_scripts": make_init_scripts(),
        "secrets": make_secrets(world["by_team"]), "jobs": world["jobs"], "permissions": world["permissions"],
        **make_not_moved(world),
    }
    for name, rows in documents.items():
        (output / f"{name}.json").write_text(json.dumps(rows, indent=1, ensure_ascii=False, sort_keys=True) + "\n")
    counts = {name: len(rows) for name, rows in documents.items()} | {"tree": len(world["tree"])}
    print(json.dumps(counts, sort_keys=True))


if __name__ == "__main__":
    main()
