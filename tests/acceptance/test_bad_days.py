"""Bad input and bad days: each gives a clear message with the remedy, names the thing, and loses nothing."""
import hashlib
import json
import os
import pathlib
import subprocess
import time

import pytest
from harness import LAKESHIFT, Migration, Twin, write_estate
from unkind_server import UnkindServer

USERS = [{"id": "101", "userName": "ada@old.example", "displayName": "Ada", "active": True},
         {"id": "102", "userName": "bo@old.example", "displayName": "Bo", "active": True}]


def estate(folder, files=None, **documents):
    documents.setdefault("users", USERS)
    return write_estate(folder, files or {"Shared/a.py": "# Databricks notebook source\nprint(1)\n"}, **documents)


@pytest.fixture
def pair(tmp_path):
    with Twin(tmp_path, "azure", load=estate(tmp_path / "estate"), name="old") as old, Twin(tmp_path, "aws", name="new") as new:
        yield old, new


@pytest.fixture
def migration(tmp_path, pair):
    return Migration(tmp_path, *pair)


def state_of(migration):
    """Digests of everything in the work directory that a failed command must leave as it was."""
    root = migration.dir / ".lakeshift"
    return {str(p.relative_to(root)): hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(root.rglob("*"))
            if p.is_file() and p.name not in ("lock", "state.sqlite-wal", "state.sqlite-shm", "state.sqlite")}


def error_of(migration, *args, code, exit_code):
    done = migration.run("--json", *args, check=False)
    assert done.returncode == exit_code, (done.returncode, done.stdout, done.stderr)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert lines[-1]["event"] == "result" and lines[-1]["exit_code"] == exit_code
    errors = [line for line in lines if line["event"] == "error"]
    assert len(errors) == 1, lines
    codes = [errors[0]["code"]] + [cause["code"] for cause in errors[0]["causes"]]
    assert code in codes, errors[0]
    assert errors[0]["remedy"], errors[0]
    text = migration.run(*args, check=False)
    assert text.returncode == exit_code and "try:" in text.stderr and errors[0]["message"] in text.stderr, text.stderr
    return errors[0]


def words_of(error):
    return " ".join([error["about"], error["message"], error["remedy"]] + [c["about"] + " " + c["message"] for c in error["causes"]])


def imports(twin):
    return [r for r in twin.requests(mutating=True) if r["path"] == "/api/2.0/workspace/import"]


def works_again(migration):
    migration.run("discover", ok=(0, 3))
    assert migration.json("plan")["summary"]["create"] >= 2


def test_wrong_host(migration):
    right = migration.env["LAKESHIFT_OLD_HOST"]
    before = state_of(migration)
    migration.env["LAKESHIFT_OLD_HOST"] = "http://127.0.0.1:9"
    error = error_of(migration, "discover", "old", code="unreachable", exit_code=1)
    assert "127.0.0.1:9" in words_of(error)
    assert state_of(migration) == before
    migration.env["LAKESHIFT_OLD_HOST"] = right
    works_again(migration)


def test_wrong_token(migration):
    right = migration.env["LAKESHIFT_OLD_TOKEN"]
    before = state_of(migration)
    migration.env["LAKESHIFT_OLD_TOKEN"] = "dapi-CANARY-wrong"
    error = error_of(migration, "discover", "old", code="login-failed", exit_code=1)
    assert "127.0.0.1" in words_of(error) or "old" in words_of(error)
    assert "CANARY" not in json.dumps(error)
    assert state_of(migration) == before
    migration.env["LAKESHIFT_OLD_TOKEN"] = right
    works_again(migration)


def test_no_token_at_all(migration):
    del migration.env["LAKESHIFT_OLD_TOKEN"]
    error = error_of(migration, "discover", "old", code="no-credential", exit_code=1)
    assert "LAKESHIFT_OLD_TOKEN" in words_of(error) and "old" in error["about"]


def test_wrong_profile_names_the_closest(migration, tmp_path):
    file = tmp_path / "databrickscfg"
    file.write_text("[OLD-WORKSPACE]\nhost = https://x.example\ntoken = t\n")
    migration.env["DATABRICKS_CONFIG_FILE"] = str(file)
    (migration.dir / "lakeshift.yaml").write_text(
        "connections: {old: {profile: OLD-WORKSPCE}, new: {}}\nroutes: [{from: old, to: new}]\n")
    error = error_of(migration, "discover", "old", code="bad-profile", exit_code=2)
    assert "OLD-WORKSPACE" in error["remedy"]


def test_profile_gives_access(migration, pair, tmp_path):
    old, new = pair
    file = tmp_path / "databrickscfg"
    file.write_text(f"[SOURCE]\nhost = {old.host}\ntoken = {old.token}\n[TARGET]\nhost = {new.host}\ntoken = {new.token}\n")
    for name in [n for n in migration.env if n.startswith("LAKESHIFT_")]:
        del migration.env[name]
    migration.env["DATABRICKS_CONFIG_FILE"] = str(file)
    (migration.dir / "lakeshift.yaml").write_text(
        "connections: {old: {profile: SOURCE}, new: {profile: TARGET}}\nroutes: [{from: old, to: new}]\n")
    works_again(migration)


def test_missing_entitlement(migration, pair):
    def refused(method, path, status, headers, body):
        return 403, {"content-type": "application/json"}, json.dumps(
            {"error_code": "PERMISSION_DENIED", "message": "This user lacks the entitlement workspace-access."}).encode()
    before = state_of(migration)
    with UnkindServer(pair[0].host, refused) as server:
        migration.env["LAKESHIFT_OLD_HOST"] = server.host
        error = error_of(migration, "discover", "old", code="missing-entitlement", exit_code=1)
        assert error["about"] == server.host and "workspace-access" in error["remedy"]
    assert state_of(migration) == before
    migration.env["LAKESHIFT_OLD_HOST"] = pair[0].host
    works_again(migration)


def test_not_an_admin(migration, pair):
    def limited(method, path, status, headers, body):
        if path.startswith("/api/2.0/preview/scim/v2/Me"):
            me = json.loads(body)
            me["groups"] = [g for g in me.get("groups", []) if g.get("display") != "admins"]
            return status, headers, json.dumps(me).encode()
        if path.startswith("/api/2.0/preview/scim/v2/ServicePrincipals"):
            return 403, {"content-type": "application/json"}, json.dumps(
                {"error_code": "PERMISSION_DENIED", "message": "Only an admin may do this."}).encode()
        return status, headers, body
    with UnkindServer(pair[0].host, limited) as server:
        migration.env["LAKESHIFT_OLD_HOST"] = server.host
        done = migration.run("--json", "discover", "old", ok=(3,))
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert any(line["event"] == "warning" and "admin" in line["text"] for line in lines)
    blocking = [f for f in lines[-1]["findings"] if f["severity"] == "blocking"]
    assert [f["kind"] for f in blocking] == ["service_principal"] and blocking[0]["remedy"], blocking


def test_html_where_json_should_be(migration, pair):
    def login_page(method, path, status, headers, body):
        return 200, {"content-type": "text/html"}, b"<!doctype html><html><body>Sign in</body></html>"
    before = state_of(migration)
    with UnkindServer(pair[0].host, login_page) as server:
        migration.env["LAKESHIFT_OLD_HOST"] = server.host
        error = error_of(migration, "discover", "old", code="not-a-workspace", exit_code=1)
        assert server.host in words_of(error)
    assert state_of(migration) == before


def test_truncated_body(migration, pair):
    cut = []

    def once(method, path, status, headers, body):
        if path.startswith("/api/2.0/preview/scim/v2/Users?") and not cut and len(body) > 40:
            cut.append(path)
            return status, {**headers, "content-length": str(len(body))}, body[:len(body) // 2]
        return status, headers, body
    with UnkindServer(pair[0].host, once) as server:
        migration.env["LAKESHIFT_OLD_HOST"] = server.host
        result = migration.json("discover", "old", ok=(0,))
    assert cut, "the list was never cut"
    assert result["sides"]["old"]["kinds"]["user"]["listed"] >= 2


def test_cut_text_with_a_right_length(migration, pair):
    """A gateway that ends a body early and says its new length: JSON that breaks off."""
    def always(method, path, status, headers, body):
        if "/scim/v2/Users?" in path:
            return status, headers, body[:len(body) // 2]
        return status, headers, body
    with UnkindServer(pair[0].host, always) as server:
        migration.env["LAKESHIFT_OLD_HOST"] = server.host
        result = migration.json("discover", "old", ok=(3,))
    blocking = [f for f in result["findings"] if f["severity"] == "blocking"]
    assert [(f["code"], f["kind"]) for f in blocking] == [("kind-not-read", "user")], blocking
    assert "cut off or broken" in blocking[0]["cause"] and blocking[0]["remedy"], blocking
    migration.env["LAKESHIFT_OLD_HOST"] = pair[0].host
    works_again(migration)


def test_invalid_utf8(migration, pair):
    def latin1(method, path, status, headers, body):
        return status, headers, body.replace(b'"Bo"', b'"B\xf6"')
    with UnkindServer(pair[0].host, latin1) as server:
        migration.env["LAKESHIFT_OLD_HOST"] = server.host
        done = migration.run("--json", "discover", "old", ok=(0, 3))
    result = json.loads(done.stdout.splitlines()[-1])
    # The lists that hold the byte are findings that name it and its place: never silence, never a crash.
    findings = [f for f in result["findings"] if "utf-8" in json.dumps(f).lower()]
    assert {f["kind"] for f in findings} >= {"user"} and result["exit_code"] == 3, result["findings"]
    for finding in findings:
        assert finding["code"] == "kind-not-read" and "byte 0xf6 at line 1, column" in finding["cause"] and finding["remedy"], finding
    migration.env["LAKESHIFT_OLD_HOST"] = pair[0].host
    works_again(migration)


def test_notebook_over_the_limit(tmp_path):
    big = "# Databricks notebook source\n" + "# 0123456789abcdef\n" * 620_000
    assert len(big) > 11_000_000
    folder = estate(tmp_path / "estate", {"Shared/big.py": big, "Shared/small.py": "# Databricks notebook source\n"})
    with Twin(tmp_path, "azure", load=folder, name="old") as old, Twin(tmp_path, "aws", name="new") as new:
        migration = Migration(tmp_path, old, new)
        migration.run("discover", ok=(0, 3))
        migration.json("plan")
        changes = {c["key"]: c for c in migration.artefact("plan")["changes"] if c["source"]["kind"] == "notebook"}
        assert changes["/Shared/small"]["verb"] == "create"
        assert changes["/Shared/big"]["verb"] in ("manual", "blocked") and changes["/Shared/big"]["code"], changes["/Shared/big"]
        assert changes["/Shared/big"]["reason"]
        migration.run("apply", ok=(0, 3))
        assert migration.json("status")["accounting"]["adds_up"]


def test_names_with_slashes_and_emoji(tmp_path):
    names = ["data/eng: α/β", "🚀 launch", "100% + more?#", "夜間 バッチ"]
    groups = [{"id": str(200 + i), "displayName": name, "members": [{"value": "101"}]} for i, name in enumerate(names)]
    files = {"Shared/🚀 émoji + plus.py": "# Databricks notebook source\n", "Shared/100% #1?.sql": "-- Databricks notebook source\n"}
    with Twin(tmp_path, "azure", load=estate(tmp_path / "estate", files, groups=groups), name="old") as old, \
            Twin(tmp_path, "aws", name="new") as new:
        migration = Migration(tmp_path, old, new)
        migration.move()
        migration.run("verify")
        assert set(names) <= {g.display_name for g in new.sdk().groups.list()}
        found = {o.path for o in new.sdk().workspace.list("/Shared")}
        assert {"/Shared/🚀 émoji + plus", "/Shared/100% #1?"} <= found


def test_duplicate_names(tmp_path):
    jobs = [{"job_id": 1000 + i, "creator_user_name": "ada@old.example", "created_time": 1_700_000_000_000 + i,
             "settings": {"name": "nightly", "max_concurrent_runs": 1, "timeout_seconds": 60 + i}} for i in range(3)]
    with Twin(tmp_path, "azure", load=estate(tmp_path / "estate", jobs=jobs), name="old") as old, \
            Twin(tmp_path, "aws", name="new") as new:
        migration = Migration(tmp_path, old, new)
        migration.move()
        keys = [c["key"] for c in migration.artefact("plan")["changes"] if c["source"]["kind"] == "job"]
        assert keys == ["nightly", "nightly#2", "nightly#3"]
        made = [new.sdk().jobs.get(j.job_id).settings for j in new.sdk().jobs.list()]
        assert sorted(s.timeout_seconds for s in made) == [60, 61, 62] and {s.name for s in made} == {"nightly"}
        assert migration.json("plan")["summary"]["create"] == 0


def test_cyclic_references(tmp_path):
    def job(job_id, name, other):
        return {"job_id": job_id, "creator_user_name": "ada@old.example",
                "settings": {"name": name, "tasks": [{"task_key": "next", "run_job_task": {"job_id": other}}]}}
    groups = [{"id": "301", "displayName": "a", "members": [{"value": "302", "$ref": "Groups/302"}]},
              {"id": "302", "displayName": "b", "members": [{"value": "101"}]}]
    jobs = [job(1, "one", 2), job(2, "two", 3), job(3, "three", 1)]
    with Twin(tmp_path, "azure", load=estate(tmp_path / "estate", jobs=jobs, groups=groups), name="old") as old, \
            Twin(tmp_path, "aws", name="new") as new:
        migration = Migration(tmp_path, old, new)
        migration.move()
        client = new.sdk()
        found = {client.jobs.get(j.job_id).settings.name: j.job_id for j in client.jobs.list()}
        for name, other in (("one", "two"), ("two", "three"), ("three", "one")):
            assert client.jobs.get(found[name]).settings.tasks[0].run_job_task.job_id == found[other]
        migration.run("verify")


def test_full_disk(tmp_path, pair):
    small = tmp_path / "small"
    small.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(small)], capture_output=True).returncode:
        pytest.skip("this machine does not let a test mount a small file system")
    try:
        migration = Migration(small, *pair)
        migration.run("discover", ok=(0, 3))
        filler = small / "filler"
        out = os.open(filler, os.O_WRONLY | os.O_CREAT)
        with pytest.raises(OSError, match="No space left"):
            while True:
                os.write(out, b"x" * 4096)
        os.close(out)
        error = error_of(migration, "discover", "old", code="disk-full", exit_code=1)
        assert str(small) in words_of(error)
        filler.unlink()
        works_again(migration)
    finally:
        subprocess.run(["umount", str(small)], check=True)


def test_corrupt_state(migration):
    migration.move()
    database = migration.dir / ".lakeshift/state.sqlite"
    good = database.read_bytes()
    for name in ("state.sqlite-wal", "state.sqlite-shm"):
        (migration.dir / ".lakeshift" / name).unlink(missing_ok=True)
    database.write_bytes(b"this is not a database" * 100)
    before = state_of(migration)
    for command in ("plan", "status"):
        error = error_of(migration, command, code="corrupt-state", exit_code=1)
        assert "state.sqlite" in words_of(error)
    assert state_of(migration) == before
    database.write_bytes(good)
    assert migration.json("plan")["summary"]["create"] == 0


def test_damaged_plan(migration):
    migration.move()
    plan = migration.dir / ".lakeshift/plan.json"
    plan.write_text(plan.read_text()[:500])
    error = error_of(migration, "apply", code="corrupt-state", exit_code=1)
    assert "plan.json" in words_of(error) and "lakeshift plan" in error["remedy"]


def test_newer_state(migration):
    migration.run("discover", ok=(0, 3))
    file = migration.dir / ".lakeshift/format"
    good = file.read_text()
    file.write_text("lakeshift work directory 99\n")
    before = state_of(migration)
    error = error_of(migration, "status", code="newer-format", exit_code=1)
    assert "99" in words_of(error) and "newer" in error["remedy"]
    assert state_of(migration) == before
    file.write_text(good)
    works_again(migration)


def test_newer_plan(migration):
    migration.move()
    path = migration.dir / ".lakeshift/plan.json"
    plan = json.loads(path.read_text())
    plan["version"] = 99
    path.write_text(json.dumps(plan))
    error = error_of(migration, "apply", code="newer-format", exit_code=1)
    assert "99" in words_of(error)


def test_two_runs_at_once(tmp_path):
    files = {f"Shared/n{i}.py": "# Databricks notebook source\n" for i in range(40)}
    with Twin(tmp_path, "azure", load=estate(tmp_path / "estate", files), name="old") as old, \
            Twin(tmp_path, "aws", "--latency-ms", "150", name="new") as new:
        migration = Migration(tmp_path, old, new)
        migration.run("discover", ok=(0, 3))
        migration.run("plan")
        first = migration.start("apply", "--parallel", "2")
        try:
            deadline = time.monotonic() + 20
            while not imports(new) and time.monotonic() < deadline:
                time.sleep(0.05)
            error = error_of(migration, "apply", code="locked", exit_code=1)
            assert str(first.pid) in words_of(error)
            migration.run("status")      # reading is allowed meanwhile
            migration.run("report")
        finally:
            assert first.wait(120) == 0
        migration.run("verify")
        assert len([o for o in new.sdk().workspace.list("/Shared") if o.path.startswith("/Shared/n")]) == 40


@pytest.mark.parametrize("text, wrong, near", [
    ("conections: {old: {}, new: {}}\nroutes: [{from: old, to: new}]\n", "conections", "connections"),
    ("connections: {old: {}, new: {}}\nroutes:\n  - from: old\n    to: neu\n", "neu", "new"),
    ("connections: {old: {clud: aws}, new: {}}\nroutes: [{from: old, to: new}]\n", "clud", "cloud"),
    ("connections: {old: {cloud: azur}, new: {}}\nroutes: [{from: old, to: new}]\n", "azur", "azure"),
    ("connections: {old: {}, new: {}}\nroutes: [{from: old, to: new}]\nparalel: 4\n", "paralel", "parallel"),
])
def test_typo_in_the_configuration(migration, text, wrong, near):
    good = (migration.dir / "lakeshift.yaml").read_text()
    before = state_of(migration)
    (migration.dir / "lakeshift.yaml").write_text(text)
    error = error_of(migration, "discover", code="bad-config", exit_code=2)
    assert wrong in words_of(error) and f"'{near}'" in error["remedy"], error
    assert "lakeshift.yaml:" in error["about"]
    assert state_of(migration) == before
    (migration.dir / "lakeshift.yaml").write_text(good)
    works_again(migration)


def test_typo_in_a_selection(migration):
    migration.run("discover", ok=(0, 3))
    error = error_of(migration, "plan", "--select", "notebok/*", code="bad-selection", exit_code=2)
    assert "notebok" in words_of(error) and "notebook" in error["remedy"]


def test_typo_in_the_mapping_file(tmp_path, pair):
    migration = Migration(tmp_path, *pair, "node_typs: {a: b}\n")
    migration.run("discover", ok=(0, 3))
    error = error_of(migration, "plan", code="bad-mapping", exit_code=2)
    assert "node_typs" in words_of(error) and "node_types" in error["remedy"]


def test_not_a_work_directory(tmp_path):
    done = subprocess.run([LAKESHIFT, "status", "--dir", str(tmp_path)], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert done.returncode == 1 and "lakeshift init" in done.stderr and str(tmp_path) in done.stderr
    assert list(pathlib.Path(tmp_path).iterdir()) == []


def test_interrupt_keeps_what_was_done(tmp_path):
    files = {f"Shared/n{i}.py": "# Databricks notebook source\n" for i in range(30)}
    with Twin(tmp_path, "azure", load=estate(tmp_path / "estate", files), name="old") as old, \
            Twin(tmp_path, "aws", "--latency-ms", "100", name="new") as new:
        migration = Migration(tmp_path, old, new)
        migration.run("discover", ok=(0, 3))
        migration.run("plan")
        first = migration.start("apply", "--parallel", "2")
        deadline = time.monotonic() + 20
        while len(imports(new)) < 6 and time.monotonic() < deadline:
            time.sleep(0.05)
        first.send_signal(2)
        assert first.wait(30) == 130
        made = len(imports(new))
        done = migration.json("apply", ok=(0,))
        assert done["resumed"] > 0 and done["complete"]
        assert len(imports(new)) > made
        migration.run("verify")
        assert os.path.exists(migration.dir / ".lakeshift/state.sqlite")
