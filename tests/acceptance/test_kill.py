"""kill -9 of the real binary at random instants of apply and of cutover, resumed each time: the end state, read by the
official SDK, equals that of a run that was never killed; no duplicate, no orphan; the ledger adds up."""
import json
import random
import time

import pytest
from harness import ROOT, SOAK, Migration, Twin, write_estate
from snapshot import differences, snapshot

SEED = 20261120
KILLS_OF_APPLY = 250 if SOAK else 50
KILLS_OF_CUTOVER = 250 if SOAK else 50


def small_company(folder):
    """A slice of the example company: enough for every kind, small enough to be moved fifty times."""
    estate = ROOT / "examples/company/estate"

    def rows(name):
        return json.loads((estate / f"{name}.json").read_text())
    users = rows("users")[:8]
    ids = {u["id"] for u in users}
    principals = rows("service_principals")[:2]
    ids |= {p["id"] for p in principals}
    groups = [{**g, "members": [m for m in g["members"] if m["value"] in ids]} for g in rows("groups") if g["displayName"] in
              ("data-platform", "on-call", "admins", "automation")]
    names = {u["userName"] for u in users}
    jobs = []
    for job in rows("jobs"):
        text = json.dumps(job)
        keep = job["settings"]["name"] in ("loop: forward", "loop: back", "etl orders orders", "copy of report", "continuous: clickstream")
        if keep:
            for name in {n for n in (json.dumps(u["userName"])[1:-1] for u in rows("users")) if n in text and n not in names}:
                text = text.replace(name, users[0]["userName"])
            jobs.append(json.loads(text))
    clusters = [{**c, "creator_user_name": users[0]["userName"]} for c in rows("clusters")[:4]]
    warehouses = [{**w, "creator_name": users[0]["userName"]} for w in rows("warehouses")[:2]]
    scopes = [{**s, "acls": [a for a in s["acls"] if a["principal"] in names]} for s in rows("secrets")[:2]]
    known = {("clusters", c["cluster_id"]) for c in clusters} | {("jobs", str(j["job_id"])) for j in jobs}
    known |= {("warehouses", w["id"]) for w in warehouses}
    group_names = {g["displayName"] for g in groups}
    permissions = []
    for row in rows("permissions"):
        if (row["object_type"], row.get("object_id")) in known:
            entries = []
            for entry in row["access_control_list"]:
                if entry["permission_level"] == "IS_OWNER":
                    entries.append({"user_name": users[0]["userName"], "permission_level": "IS_OWNER"})
                elif entry.get("group_name") in group_names or entry.get("user_name") in names:
                    entries.append(entry)
            permissions.append({**row, "access_control_list": entries})
    files = {
        "Shared/etl/orders/orders_bronze.py": "# Databricks notebook source\nprint(1)\n",
        "Shared/etl/orders/orders_silver.py": "# Databricks notebook source\nprint(2)\n",
        "Shared/etl/orders/orders_gold.py": "# Databricks notebook source\nprint(3)\n",
        "Shared/etl/marketing/clicks_bronze.py": "# Databricks notebook source\nprint(4)\n",
        "Shared/config/a.json": "{}\n",
    }
    return write_estate(folder, files, users=users, groups=groups, service_principals=principals, instance_pools=rows("instance_pools")[:3],
                        cluster_policies=rows("cluster_policies")[:4], clusters=clusters, warehouses=warehouses, jobs=jobs,
                        global_init_scripts=rows("global_init_scripts")[:1], secrets=scopes, permissions=permissions)


MAPPING = (ROOT / "examples/company/mapping.yaml").read_text()


@pytest.fixture(scope="module")
def estate(tmp_path_factory):
    return small_company(tmp_path_factory.mktemp("estate"))


def test_apply_survives_kills(tmp_path, estate):
    with Twin(tmp_path, "azure", load=estate, name="old") as old:
        with Twin(tmp_path, "aws", name="calm") as calm:
            reference = Migration(tmp_path, old, calm, MAPPING, name="calm-migration")
            reference.move()
            expected = snapshot(calm.sdk())
        rng = random.Random(SEED)
        print(f"seed {SEED}")
        kills = rounds = 0
        while kills < KILLS_OF_APPLY:
            rounds += 1
            with Twin(tmp_path, "aws", "--latency-ms", "3", "--run-lasts-ms", "200", name=f"new{rounds}") as new:
                migration = Migration(tmp_path, old, new, MAPPING, name=f"migration{rounds}")
                migration.run("discover", ok=(0, 3))
                migration.run("plan", ok=(0, 3))
                for _ in range(12):
                    process = migration.start("apply")
                    delay = rng.uniform(0.005, 0.35)
                    time.sleep(delay)
                    if process.poll() is not None:
                        break
                    process.kill()
                    process.wait()
                    kills += 1
                    print(f"round {rounds}: killed after {delay * 1000:.0f} ms")
                migration.run("apply", ok=(0, 3))
                found = snapshot(new.sdk())
                assert differences(expected, found) == []
                again = migration.json("plan")
                assert again["summary"].get("create", 0) == 0 and again["summary"].get("update", 0) == 0, again["summary"]
                assert migration.json("status")["accounting"]["adds_up"]
        print(f"{kills} kills in {rounds} rounds")


def running(client):
    state = {}
    for job in client.jobs.list():
        settings = client.jobs.get(job.job_id).settings.as_dict()
        for member in ("schedule", "continuous", "trigger"):
            if settings.get(member):
                state[settings["name"]] = settings[member].get("pause_status")
    return state


def test_cutover_survives_kills(tmp_path, estate):
    with Twin(tmp_path, "azure", "--latency-ms", "3", "--run-lasts-ms", "200", load=estate, name="old") as old, \
            Twin(tmp_path, "aws", "--latency-ms", "3", "--run-lasts-ms", "200", name="new") as new:
        migration = Migration(tmp_path, old, new, MAPPING)
        migration.move()
        migration.run("verify", ok=(0, 3))
        before = running(old.sdk())
        assert "UNPAUSED" in before.values()
        rng = random.Random(SEED + 1)
        kills = 0
        for cycle in range(1000):
            for verb in ("cutover", "rollback"):
                for _ in range(4):
                    process = migration.start(verb)
                    time.sleep(rng.uniform(0.005, 0.25))
                    if process.poll() is not None:
                        break
                    process.kill()
                    process.wait()
                    kills += 1
                migration.run(verb, ok=(0, 3))
                source, target = running(old.sdk()), running(new.sdk())
                if verb == "cutover":
                    assert set(source.values()) <= {"PAUSED"}
                    assert target == before
                else:
                    assert source == before
                    assert set(target.values()) <= {"PAUSED"}
            if kills >= KILLS_OF_CUTOVER:
                break
        print(f"seed {SEED + 1}: {kills} kills in {cycle + 1} cycles")
        assert kills >= KILLS_OF_CUTOVER


def people(client):
    rows = [*client.users.list(), *client.groups.list()]
    return {getattr(r, "user_name", None) or r.display_name: sorted(e.value for e in r.entitlements or []) for r in rows}


def test_a_frozen_cutover_that_catches_up_survives_kills(tmp_path, estate):
    """Between apply and cutover the source is edited: killed anywhere, the change arrives once, and everybody gets back in."""
    from databricks.sdk.service import jobs
    with Twin(tmp_path, "azure", "--latency-ms", "3", "--run-lasts-ms", "200", load=estate, name="old") as old, \
            Twin(tmp_path, "aws", "--latency-ms", "3", "--run-lasts-ms", "200", name="new") as new:
        migration = Migration(tmp_path, old, new, MAPPING)
        migration.move()
        source, target = old.sdk(), new.sdk()
        before, entitled = running(source), people(source)
        edited = next(j for j in source.jobs.list() if j.settings.name == "etl orders orders").job_id
        rng = random.Random(SEED + 2)
        kills = 0
        for cycle in range(100):
            value = 1000 + cycle
            source.jobs.update(edited, new_settings=jobs.JobSettings(timeout_seconds=value))
            made = source.api_client.do("POST", "/api/2.2/jobs/create", body={
                "name": f"new in cycle {cycle}", "tasks": [{"task_key": "a", "run_job_task": {"job_id": edited}}],
                "schedule": {"quartz_cron_expression": "0 0 3 * * ?", "timezone_id": "UTC", "pause_status": "UNPAUSED"}})
            before[f"new in cycle {cycle}"] = "UNPAUSED"
            for verb in (["cutover", "--freeze"], ["rollback"]):
                for _ in range(4):
                    process = migration.start(*verb)
                    time.sleep(rng.uniform(0.05, 1.2))
                    if process.poll() is not None:
                        break
                    process.kill()
                    process.wait()
                    kills += 1
                migration.run(*verb)
                if verb[0] == "cutover":
                    assert set(running(source).values()) <= {"PAUSED"} and running(target) == before
                    found = [target.jobs.get(j.job_id) for j in target.jobs.list() if j.settings.name == "etl orders orders"]
                    assert [j.settings.timeout_seconds for j in found] == [value]
                    names = [sorted(j.settings.name for j in client.jobs.list()) for client in (source, target)]
                    assert names[0] == names[1], names
                    frozen = people(source)
                    assert frozen["users"] == [] and frozen["admins"] == entitled["admins"]
                else:
                    assert running(source) == before and set(running(target).values()) <= {"PAUSED"}
                    assert people(source) == entitled
            if kills >= KILLS_OF_CUTOVER // 2:
                break
        print(f"seed {SEED + 2}: {kills} kills in {cycle + 1} cycles, last job {made['job_id']}")
        assert kills >= KILLS_OF_CUTOVER // 2
