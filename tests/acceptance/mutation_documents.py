"""Every settable field of every kind is changed in the target by the official SDK, one at a time, and verify must find
exactly that object and that field. Mutations of different kinds are made in the same round, so a round also shows that
verify keeps them apart.

Writes build/results/kinds.json, from which README's table of what works is made.
"""
import copy
import json
import os
import pathlib
import re

import pytest
from full_estate import VALUES, make_estate
from full_objects import SCHEMAS, document_leaves, other_value, pattern_of, put
from harness import ROOT, Migration, Twin, write_estate

RESULTS = pathlib.Path(os.environ.get("LAKESHIFT_RESULTS", ROOT / "build/results"))
MAPPING = "accounts:\n  '111111111111': '111111111111'\n"

# Leaves that no client can change by themselves, each with the reason; listed here so that they are counted.
CANNOT_CHANGE_ALONE = {
    r"settings\.name$|cluster_name$|instance_pool_name$|^name$": "the natural key: another name is another object (its loss is tested apart)",
    r"settings\.format$": "the only value that multi-task jobs have",
    r"settings\.tasks\[\]\.task_key$|job_cluster_key$|environment_key$|\.parameters\[\]\.name$": "a key that other members refer to",
    r"\.outcome$": "only meaningful beside a condition task",
    r"\.source$": "WORKSPACE or GIT: the latter needs a git source",
    r"basic_auth\.": "write-only: never returned",
    r"settings\.deployment|settings\.edit_mode": "set by bundles only",
}


class Target:
    """Reads and writes whole documents of one kind in the target."""

    def __init__(self, kind, get, edit, id_field):
        self.kind, self.get, self.edit, self.id_field = kind, get, edit, id_field
        self.original = None


def edit_through(client, path, method="POST"):
    return lambda document: client.api_client.do(method, path, body=document)


def targets(client):
    do = client.api_client.do
    rows = []
    for job in client.jobs.list():
        rows.append((Target("job", lambda i=job.job_id: {"job_id": i, "settings": do("GET", "/api/2.2/jobs/get", query={"job_id": i})["settings"]},
                            lambda d: do("POST", "/api/2.2/jobs/reset", body={"job_id": d["job_id"], "new_settings": d["settings"]}), "job_id"),
                     job.settings.name))
    settable = set(p.split(".")[0].split("[")[0] for p in SCHEMAS["cluster"]) | {"cluster_id"}
    for cluster in client.clusters.list():
        rows.append((Target("cluster", lambda i=cluster.cluster_id: {k: v for k, v in do("GET", "/api/2.1/clusters/get", query={"cluster_id": i}).items()
                                                                     if k in settable},
                            edit_through(client, "/api/2.1/clusters/edit"), "cluster_id"), cluster.cluster_name))
    warehouse_fields = ("id name cluster_size auto_stop_mins min_num_clusters max_num_clusters enable_photon enable_serverless_compute warehouse_type "
                        "spot_instance_policy channel instance_profile_arn tags").split()
    for warehouse in client.warehouses.list():
        rows.append((Target("sql_warehouse", lambda i=warehouse.id: {k: v for k, v in do("GET", f"/api/2.0/sql/warehouses/{i}").items() if k in warehouse_fields},
                            lambda d: do("POST", f"/api/2.0/sql/warehouses/{d['id']}/edit", body={k: v for k, v in d.items() if k != "id"}), "id"),
                     warehouse.name))
    return rows


def mutations(kind, document, id_field, known):
    """(path, changed document) for every leaf that can be changed alone."""
    out, refused = [], []
    for path, value in document_leaves(document):
        pattern = pattern_of(path)
        if path == id_field or "lakeshift:source" in path:
            continue
        if re.search(r"(^|\.)(custom_tags|tags)$", pattern) and isinstance(value, dict):
            value = dict(value)
        reason = next((r for p, r in CANNOT_CHANGE_ALONE.items() if re.search(p, pattern)), None)
        if reason:
            refused.append((pattern, reason))
            continue
        other = other_value(pattern, value, SCHEMAS.get(kind, {}).get(pattern), known)
        if other == value:
            refused.append((pattern, "the workspace has only one valid value"))
            continue
        changed = copy.deepcopy(document)
        put(changed, path, other)
        out.append((path, changed))
    return out, refused


@pytest.fixture(scope="module")
def moved(tmp_path_factory):
    tmp = tmp_path_factory.mktemp("full")
    documents, files = make_estate()
    estate = write_estate(tmp / "estate", files, **documents)
    with Twin(tmp, "aws", load=estate, name="old") as old, Twin(tmp, "aws", name="new") as new:
        migration = Migration(tmp, old, new, MAPPING)
        migration.move()
        verdict = migration.json("verify")
        bad = [j for j in migration.artefact("verify")["judgements"] if j["verdict"] in ("differs", "missing")]
        assert bad == [], json.dumps(bad, indent=1)[:4000]
        yield migration, old, new


def found_differences(migration):
    migration.run("verify", ok=(0, 3))
    return {(j["source"]["kind"], j["key"], d["path"]) for j in migration.artefact("verify")["judgements"] for d in j.get("differences", [])}


def known_values(client):
    """VALUES with the target's own ids in place of the source's."""
    known = {k: list(v) for k, v in VALUES.items()}
    known["existing_cluster_id"] = [c.cluster_id for c in client.clusters.list()]
    known["policy_id"] = [p.policy_id for p in client.cluster_policies.list()]
    known["instance_pool_id"] = known["driver_instance_pool_id"] = [p.instance_pool_id for p in client.instance_pools.list()]
    known["warehouse_id"] = [w.id for w in client.warehouses.list()]
    known["run_job_task.job_id"] = [j.job_id for j in client.jobs.list()][:3]
    known["service_principal_name"] = [p.application_id for p in client.service_principals.list()]
    return known


def save_result(name, result):
    RESULTS.mkdir(parents=True, exist_ok=True)
    file = RESULTS / "mutation.json"
    rows = json.loads(file.read_text()) if file.exists() else {}
    rows[name] = result
    file.write_text(json.dumps(rows, indent=1, sort_keys=True) + "\n")


def covers(path, found):
    """A finding names the field or the member it is in (a set is compared as a whole)."""
    return path == found or path.startswith(found + "[") or path.startswith(found + ".") or found.startswith(path)


def test_every_field_of_documents(moved):
    migration, _, new = moved
    client = new.sdk()
    known = known_values(client)
    queues, counts, refused = [], {}, {}
    for target, key in targets(client):
        target.original = target.get()
        todo, no = mutations(target.kind, target.original, target.id_field, known)
        queues.append((target, key, todo))
        refused.setdefault(target.kind, {}).update(no)
    rounds = max(len(todo) for _, _, todo in queues)
    missed = []
    for number in range(rounds):
        wanted, restore = [], []
        for target, key, todo in queues:
            if number >= len(todo):
                continue
            path, changed = todo[number]
            try:
                target.edit(changed)
            except Exception as error:  # noqa: BLE001 - the workspace refuses this value: the test's table must be mended
                missed.append(f"{target.kind} '{key}' {path}: the target refused the mutation: {error}")
                continue
            wanted.append((target.kind, key, path))
            restore.append(target)
        found = found_differences(migration)
        for kind, key, path in wanted:
            if not any(k == kind and n == key and covers(path, p) for k, n, p in found):
                missed.append(f"{kind} '{key}' {path}: changed, not found")
            counts[kind] = counts.get(kind, 0) + 1
        for kind, key, path in found:
            if not any(k == kind and n == key and covers(w, path) for k, n, w in wanted):
                missed.append(f"round {number}: {kind} '{key}' {path}: found, not changed")
        for target in restore:
            target.edit(target.original)
    save_result("documents", {"mutated": counts, "not_changeable_alone": refused})
    assert missed == [], "\n".join(missed)
