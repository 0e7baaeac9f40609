"""Secret values are nowhere: not in the state, its WAL, artefacts, the report, the output, nor in argument lists."""
import base64
import json
import pathlib
import subprocess
import sys
import threading
import time
import urllib.request

import pytest
from harness import LAKESHIFT, Migration, Twin, write_estate

CANARIES = {("etl", "password"): "CANARY-a1b2c3-first", ("etl", "token"): "CANARY-d4e5f6-“quoted” \\ line\nbreak",
            ("apps", "key"): "CANARY-" + "x" * 3000}
TOKENS = ["token-old", "token-new"]


def forms(value):
    """The value as bytes, in base64, JSON-escaped, in hex: however it might have been kept."""
    import json
    raw = value.encode()
    return {raw, base64.b64encode(raw), json.dumps(value)[1:-1].encode(), raw.hex().encode(), raw[:40]}


def hits(root, values):
    found = []
    for path in sorted(pathlib.Path(root).rglob("*")):
        if not path.is_file():
            continue
        data = path.read_bytes()
        found += [(str(path), value[:20]) for value in values for form in forms(value) if form in data]
    return found


class WatchProcesses(threading.Thread):
    """Looks at the argument lists and environments of lakeshift processes while they run."""

    def __init__(self):
        super().__init__(daemon=True)
        self.seen, self.stop = set(), threading.Event()

    def run(self):
        while not self.stop.is_set():
            for entry in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
                try:
                    self.seen.add(entry.read_bytes())
                except OSError:
                    pass
            time.sleep(0.02)


@pytest.fixture
def estate(tmp_path):
    scopes = {}
    for (scope, key), value in CANARIES.items():
        scopes.setdefault(scope, []).append({"key": key, "string_value": value})
    return write_estate(tmp_path / "estate", {"Shared/a.py": "# Databricks notebook source\n"},
                        secrets=[{"name": n, "backend_type": "DATABRICKS", "secrets": s, "acls": []} for n, s in scopes.items()])


def read_back(client):
    return {(s, k): base64.b64decode(client.secrets.get_secret(s, k).value).decode() for s, k in CANARIES}


def journey(migration):
    outputs = [migration.run(*args, ok=(0, 3)) for args in (
        ["discover"], ["plan", "--full", "--all"], ["rehearse"], ["apply"], ["--json", "verify"], ["status"], ["report"], ["--json", "report"])]
    return "".join(done.stdout + done.stderr for done in outputs)


def test_values_from_the_api(tmp_path, estate):
    with Twin(tmp_path, "azure", load=estate, name="old") as old, Twin(tmp_path, "aws", name="new") as new:
        migration = Migration(tmp_path, old, new)
        watch = WatchProcesses()
        watch.start()
        text = journey(migration)
        watch.stop.set()
        watch.join()
        assert read_back(new.sdk()) == CANARIES
        values = list(CANARIES.values())
        assert hits(migration.dir, [*values, *TOKENS]) == []
        assert not [v[:20] for v in values for form in forms(v) if form.decode("utf-8", "ignore") in text]
        assert any(b"apply" in line for line in watch.seen), "no lakeshift process was seen"
        assert not [v for v in [*values, "CANARY"] for line in watch.seen if v.encode() in line]
        assert not [t for t in TOKENS for line in watch.seen if t.encode() in line and b"\0twin\0" not in line]
        verdicts = {j["key"]: j["verdict"] for j in migration.artefact("verify")["judgements"] if j["source"]["kind"] == "secret"}
        assert len(verdicts) == 3 and set(verdicts.values()) == {"equal"}


BY_RUN = ("connections: {old: {}, new: {}}\nroutes: [{from: old, to: new}]\n"
          "secrets_from: cluster\nallow_source_runs: true\n")


def closed_twin(tmp_path, estate):
    """A source whose API gives no secret value outside of a notebook; its clusters run real Python."""
    twin = Twin(tmp_path, "azure", "--no-secret-values", "--python", sys.executable, load=estate, name="old")
    order = json.dumps({"cluster_starts_ms": 300}).encode()
    urllib.request.urlopen(urllib.request.Request(twin.host + "/twin/control", order, {"x-twin-control": "1"})).read()
    return twin


def source_writes(twin):
    return [r["path"] for r in twin.requests(mutating=True) if not r["path"].endswith("/search")]


def test_values_by_a_run_on_a_cluster(tmp_path, estate):
    with closed_twin(tmp_path, estate) as old, Twin(tmp_path, "aws", name="new") as new:
        migration = Migration(tmp_path, old, new, config=BY_RUN)
        watch = WatchProcesses()
        watch.start()
        migration.run("discover", ok=(0, 3))
        planned = migration.run("plan").stdout
        assert "source-run" in planned and "cluster" in planned and "inverse" in planned, planned
        assert source_writes(old) == [], "planning writes nothing"
        text = "".join(done.stdout + done.stderr for done in (migration.run(*args, ok=(0, 3)) for args in (
            ["apply"], ["--json", "verify"], ["status"], ["report"], ["--json", "report"])))
        watch.stop.set()
        watch.join()
        assert read_back(new.sdk()) == CANARIES
        values = list(CANARIES.values())
        assert hits(migration.dir, [*values, *TOKENS]) == []
        assert not [v[:20] for v in values for form in forms(v) if form.decode("utf-8", "ignore") in text]
        # Neither what was sent to the source nor what its commands printed holds a value.
        log = old.log.read_bytes()
        assert not [v[:20] for v in values for form in forms(v) if form in log]
        assert any(b"\0-c\0" in line for line in watch.seen), "no interpreter was seen"
        assert not [v for v in [*values, "CANARY"] for line in watch.seen if v.encode() in line]
        verdicts = {j["key"]: j["verdict"] for j in migration.artefact("verify")["judgements"] if j["source"]["kind"] == "secret"}
        assert len(verdicts) == 3 and set(verdicts.values()) == {"equal"}, verdicts
        # The closed list of effects, and their inverse: nothing of it is left.
        assert set(source_writes(old)) == {"/api/2.1/clusters/create", "/api/2.1/clusters/permanent-delete", "/api/1.2/contexts/create",
                                           "/api/1.2/contexts/destroy", "/api/1.2/commands/execute"}
        assert list(old.sdk().clusters.list()) == []


def test_what_a_killed_run_left_in_the_source_is_removed(tmp_path, estate):
    with closed_twin(tmp_path, estate) as old, Twin(tmp_path, "aws", name="new") as new:
        migration = Migration(tmp_path, old, new, config=BY_RUN)
        migration.run("discover", ok=(0, 3))
        migration.run("plan")
        process = migration.start("apply")
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and not any(p.endswith("/clusters/create") for p in source_writes(old)):
            time.sleep(0.01)
        process.kill()
        process.wait()
        assert [c.cluster_name.startswith("lakeshift secrets") for c in old.sdk().clusters.list()] == [True]
        migration.run("apply")
        assert read_back(new.sdk()) == CANARIES and list(old.sdk().clusters.list()) == []


def test_a_printed_value_is_redacted_by_the_platform(tmp_path, estate):
    """Why the run seals: the twin, like the platform, takes values out of what a command prints."""
    from databricks.sdk.service import compute
    with closed_twin(tmp_path, estate) as old:
        client = old.sdk()
        cluster = client.clusters.create(spark_version="15.4.x-scala2.12", node_type_id="Standard_DS3_v2", num_workers=1).result()
        context = client.command_execution.create(cluster_id=cluster.cluster_id, language=compute.Language.PYTHON).result()
        done = client.command_execution.execute(cluster_id=cluster.cluster_id, context_id=context.id, language=compute.Language.PYTHON,
                                                command="print(dbutils.secrets.get('etl', 'password'))").result()
        assert done.results.data == "[REDACTED]"
        done = client.command_execution.execute(cluster_id=cluster.cluster_id, context_id=context.id, language=compute.Language.PYTHON,
                                                command="dbutils.secrets.get('etl', 'none')").result()
        assert done.results.result_type == compute.ResultType.ERROR and "does not exist" in done.results.summary


def test_a_changed_value_is_found_without_being_told(tmp_path, estate):
    with Twin(tmp_path, "azure", load=estate, name="old") as old, Twin(tmp_path, "aws", name="new") as new:
        migration = Migration(tmp_path, old, new)
        migration.move()
        new.sdk().secrets.put_secret("etl", "password", string_value="CANARY-changed-in-target")
        done = migration.run("verify", ok=(3,))
        wrong = [j for j in migration.artefact("verify")["judgements"] if j["verdict"] == "differs"]
        assert [j["key"] for j in wrong] == ["etl/password"]
        assert hits(migration.dir, [*CANARIES.values(), "CANARY-changed-in-target"]) == [] and "CANARY" not in done.stdout + done.stderr


def test_values_from_the_users_file(tmp_path, estate):
    import json
    with Twin(tmp_path, "azure", load=estate, name="old") as old, Twin(tmp_path, "aws", name="new") as new:
        config = ("connections: {old: {}, new: {}}\nroutes: [{from: old, to: new}]\n"
                  "secrets_from: file\nsecrets_file: ../secrets.yaml\n")
        migration = Migration(tmp_path, old, new, config=config)
        file = {}
        for (scope, key), value in CANARIES.items():
            file.setdefault(scope, {})[key] = "FILE-" + value
        (tmp_path / "secrets.yaml").write_text(json.dumps(file))
        migration.move()
        assert read_back(new.sdk()) == {name: "FILE-" + value for name, value in CANARIES.items()}
        assert hits(migration.dir, list(CANARIES.values())) == []
        assert not [r for r in old.requests() if r["path"].startswith("/api/2.0/secrets/get")]


def test_a_missing_value_blocks_only_its_secret(tmp_path, estate):
    with Twin(tmp_path, "azure", load=estate, name="old") as old, Twin(tmp_path, "aws", name="new") as new:
        config = ("connections: {old: {}, new: {}}\nroutes: [{from: old, to: new}]\n"
                  "secrets_from: file\nsecrets_file: ../secrets.yaml\n")
        migration = Migration(tmp_path, old, new, config=config)
        (tmp_path / "secrets.yaml").write_text("etl: {password: one, tokn: two}\napps: {key: three}\n")
        migration.run("discover", ok=(0, 3))
        migration.run("plan")
        done = migration.run("--json", "apply", ok=(4,))
        import json
        errors = json.loads(done.stdout.splitlines()[-1])["errors"]
        assert len(errors) == 1, errors
        error = next(iter(errors.values()))
        assert error["code"] == "secret-unavailable" and "etl/token" in json.dumps(error) and "etl/tokn" in error["remedy"]
        assert "two" not in done.stdout
        (tmp_path / "secrets.yaml").write_text("etl: {password: one, token: two}\napps: {key: three}\n")
        migration.run("apply")


def test_a_broken_file_is_named_without_its_content(tmp_path, estate):
    with Twin(tmp_path, "azure", load=estate, name="old") as old, Twin(tmp_path, "aws", name="new") as new:
        config = ("connections: {old: {}, new: {}}\nroutes: [{from: old, to: new}]\n"
                  "secrets_from: file\nsecrets_file: ../secrets.yaml\n")
        migration = Migration(tmp_path, old, new, config=config)
        (tmp_path / "secrets.yaml").write_text("etl:\n  password: [CANARY-list]\n")
        migration.run("discover", ok=(0, 3))
        migration.run("plan")
        done = migration.run("apply", ok=(2,))
        assert "bad-secrets-file" in done.stderr and "secrets.yaml:2" in done.stderr and "CANARY" not in done.stderr


def test_the_token_is_not_an_argument():
    text = subprocess.run([LAKESHIFT, "init", "--help"], capture_output=True, text=True).stdout
    assert "--token" not in text
