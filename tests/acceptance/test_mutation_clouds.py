"""The fields that one cloud alone has, changed in workspaces of that cloud: attribute blocks, storage and disks of clusters, of
jobs' clusters, of tasks in a for-each."""
import pytest
from databricks.sdk.service import compute
from full_jobs import build
from full_objects import SCHEMAS, document_leaves, pattern_of
from full_values import LTS, OWNER
from mutation import reason_of
from mutation_rounds import PLACES, Rounds, moved_estate, not_equal
from results import save_result

RESULT = {}
OWN = {     # cloud -> members of a cluster specification that only it has
    "azure": {"node_type_id": "Standard_D4s_v3", "azure_attributes": build(compute.AzureAttributes, "azure_attributes"),
              "init_scripts": [{"abfss": {"destination": "abfss://full@full.dfs.core.windows.net/a.sh"}}],
              "remote_disk_throughput": 200, "total_initial_remote_disk_size": 300},
    "gcp": {"node_type_id": "n2-standard-4", "gcp_attributes": build(compute.GcpAttributes, "gcp_attributes"),
            "init_scripts": [{"gcs": {"destination": "gs://full-init/a.sh"}}]},
}
OWN_PARTS = ("azure_attributes.", "gcp_attributes.", "abfss.", "gcs.", "remote_disk")


def spec_of(cloud):
    return {"spark_version": LTS, "num_workers": 2, "driver_node_type_id": OWN[cloud]["node_type_id"], **OWN[cloud]}


def estate_of(cloud):
    spec = spec_of(cloud)
    note = {"notebook_task": {"notebook_path": "/Shared/full/notebook"}, "new_cluster": spec}
    tasks = [{"task_key": "own", **note}, {"task_key": "shared", "notebook_task": note["notebook_task"], "job_cluster_key": "shared"},
             {"task_key": "each", "for_each_task": {"inputs": "[1]", "task": {"task_key": "inner", **note}}}]
    return {
        "users": [{"id": "101", "userName": OWNER, "displayName": "olga", "active": True,
                   "emails": [{"value": OWNER, "type": "work", "primary": True}]}],
        "clusters": [{"cluster_id": "0101-000003-fullone", "cluster_name": "full cluster", "cluster_source": "UI", "state": "TERMINATED",
                      "creator_user_name": OWNER, "autotermination_minutes": 30, **spec}],
        "jobs": [{"job_id": 7000001, "creator_user_name": OWNER, "run_as_user_name": OWNER, "settings": {
            "name": "full job", "format": "MULTI_TASK", "max_concurrent_runs": 1, "tasks": tasks,
            "job_clusters": [{"job_cluster_key": "shared", "new_cluster": spec}]}}],
    }, {"Shared/full/notebook.py": "# Databricks notebook source\n"}


def is_own(pattern):
    return any(part in pattern for part in OWN_PARTS)


@pytest.mark.parametrize("cloud", OWN)
def test_every_field_of_the_cloud_is_found(tmp_path, cloud):
    documents, files = estate_of(cloud)
    wanted = {kind: {pattern_of(path) for row in documents[place] for path, _ in document_leaves(row)} & set(SCHEMAS[kind])
              for kind, (place, _) in PLACES.items() if place in documents}
    migration, twins, meant = moved_estate(tmp_path, cloud, documents, files)
    try:
        rounds = Rounds(migration, twins[1].sdk(), meant, is_own)
        rounds.run()
        assert rounds.missed == [], "\n".join(rounds.missed)
        assert not_equal(migration) == []
    finally:
        for twin in twins:
            twin.stop()
    for kind, patterns in wanted.items():
        lacking = [p for p in patterns if is_own(p) and p not in rounds.found(kind) and reason_of(kind, p, True) is None]
        assert lacking == [], kind
    RESULT[cloud] = {kind: {"found": sorted(rounds.found(kind))} for kind in wanted}


def test_results_are_written():
    assert set(RESULT) == set(OWN)
    save_result("mutation_clouds", RESULT)
