"""A token revoked in mid-run: the run waits for a new one and goes on, or ends resumable; nothing is lost or made twice."""
import collections
import json
import subprocess
import time

import pytest
from harness import Migration, Twin, write_estate

AMOUNT = 30


def estate(folder, **documents):
    files = {f"Shared/n{i:02}.py": f"# Databricks notebook source\nprint({i})\n" for i in range(AMOUNT)}
    return write_estate(folder, files, users=[{"id": "101", "userName": "ada@old.example", "active": True}], **documents)


def imports(twin):
    return [r for r in twin.requests(mutating=True) if r["path"] == "/api/2.0/workspace/import"]


def until(condition, what, seconds=30):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, what
        time.sleep(0.05)


@pytest.fixture
def planned(tmp_path):
    with Twin(tmp_path, "azure", load=estate(tmp_path / "estate"), name="old") as old, \
            Twin(tmp_path, "aws", name="new") as new:
        migration = Migration(tmp_path, old, new)
        migration.run("discover", ok=(0, 3))
        migration.run("plan")
        new.steer(latency_ms=80)
        yield migration


class Running:
    """A command under way with its JSON lines."""

    def __init__(self, migration, *args):
        self.file = migration.dir / "running.jsonl"
        with open(self.file, "wb") as out:
            self.process = subprocess.Popen(migration.command(*args, "--json"), env=migration.env, stdout=out,
                                            stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)

    def lines(self):
        return [json.loads(line) for line in self.file.read_text().splitlines(keepends=True) if line.endswith("\n")]

    def events(self, kind):
        return [line for line in self.lines() if line["event"] == kind]

    def ends(self, code, seconds=60):
        assert self.process.wait(seconds) == code, self.file.read_text()[-3000:]
        return self.lines()[-1]


def revoked_in_the_middle(migration, running):
    until(lambda: len(imports(migration.new)) >= 6, "nothing is imported")
    migration.new.steer(revoke=migration.new.token)
    assert running.process.poll() is None, "it was over before the token was revoked"


def renew(twin):
    twin.token = "token-second"
    twin.steer(accept=twin.token, latency_ms=0)


def check_all_there_once(migration):
    done = collections.Counter(r["body"]["path"] for r in imports(migration.new) if r["status"] == 200)
    assert len(done) == AMOUNT and set(done.values()) == {1}, done
    found = [o.path for o in migration.new.sdk().workspace.list("/Shared") if o.path.startswith("/Shared/n")]
    assert len(found) == AMOUNT
    migration.run("verify")
    assert migration.json("plan")["summary"]["create"] == 0


def test_it_waits_for_a_new_token_in_the_profile(planned, tmp_path):
    old, new = planned.old, planned.new
    profiles = tmp_path / "databrickscfg"

    def write_profiles():
        profiles.write_text(f"[SOURCE]\nhost = {old.host}\ntoken = {old.token}\n[TARGET]\nhost = {new.host}\ntoken = {new.token}\n")
    write_profiles()
    for name in [n for n in planned.env if n.startswith("LAKESHIFT_")]:
        del planned.env[name]
    planned.env["DATABRICKS_CONFIG_FILE"] = str(profiles)
    (planned.dir / "lakeshift.yaml").write_text(
        "connections: {old: {profile: SOURCE}, new: {profile: TARGET}}\nroutes: [{from: old, to: new}]\n")
    running = Running(planned, "apply", "--parallel", "2")
    revoked_in_the_middle(planned, running)
    until(lambda: running.events("warning"), "no warning that it waits")
    warning = running.events("warning")[0]["text"]
    assert new.host in warning and "waiting 15 minutes" in warning and "put a new token into profile 'TARGET'" in warning
    made = len([r for r in imports(new) if r["status"] == 200])
    time.sleep(2)
    assert running.process.poll() is None and len([r for r in imports(new) if r["status"] == 200]) == made < AMOUNT
    renew(new)
    write_profiles()
    assert running.ends(0)["complete"]
    assert len(running.events("warning")) == 1 and any("again; going on" in n["text"] for n in running.events("notice"))
    assert "token-" not in running.file.read_text()
    check_all_there_once(planned)


def test_an_oauth_client_buys_another_token_without_a_pause(planned):
    new = planned.new
    del planned.env["LAKESHIFT_NEW_TOKEN"]
    planned.env.update(LAKESHIFT_NEW_CLIENT_ID="twin-client", LAKESHIFT_NEW_CLIENT_SECRET="twin-secret")
    running = Running(planned, "apply", "--parallel", "2")
    until(lambda: len(imports(new)) >= 6, "nothing is imported")
    new.steer(revoke_all=True)
    assert running.process.poll() is None
    assert running.ends(0)["complete"]
    assert not running.events("warning")
    bought = [r for r in new.requests() if r["path"] == "/oidc/v1/token"]
    assert len(bought) == 2 and any(r["status"] == 403 for r in imports(new)), "the revoked token was refused, once bought anew"
    new.steer(accept=new.token)
    check_all_there_once(planned)


def test_without_a_new_token_it_ends_resumable(planned):
    new = planned.new
    running = Running(planned, "apply", "--parallel", "2", "--login-wait", "0")
    revoked_in_the_middle(planned, running)
    result = running.ends(4)
    errors = running.events("error")
    assert [e["code"] for e in errors] == ["login-failed"] and errors[0]["about"] == new.host
    assert "LAKESHIFT_NEW_" in errors[0]["message"] and "put a new token into" in errors[0]["remedy"]
    assert result["stopped"] and not result["complete"]
    refused = [r for r in new.requests() if r["status"] == 403]
    assert 1 <= len(refused) <= 8, "a workspace that refuses the login is not asked again and again"
    status = planned.json("status")
    assert status["accounting"]["adds_up"]
    again = planned.run("apply", "--login-wait", "0", check=False)
    assert again.returncode == 1 and "login-failed" in again.stderr and "try:" in again.stderr
    renew(new)
    planned.env["LAKESHIFT_NEW_TOKEN"] = new.token
    done = planned.json("apply", ok=(0,))
    assert done["complete"] and done["resumed"] > 0
    check_all_there_once(planned)


def test_a_discovery_that_lost_its_login_keeps_the_former_inventory(planned):
    old = planned.old
    state = planned.dir / ".lakeshift"
    before = {p.name: p.read_bytes() for p in state.glob("*.json")}
    old.steer(latency_ms=80)
    asked = len(old.requests())
    running = Running(planned, "discover", "old", "--login-wait", "0", "--parallel", "2")
    until(lambda: len(old.requests()) >= asked + 8, "nothing is read")
    old.steer(revoke=old.token)
    running.ends(4)
    errors = running.events("error")
    assert [e["code"] for e in errors] == ["login-failed"] and errors[0]["about"] == old.host and errors[0]["remedy"]
    assert {p.name: p.read_bytes() for p in state.glob("*.json")} == before
    planned.run("plan")  # from the inventory that is kept: the same to the byte
    assert (state / "plan.json").read_bytes() == before["plan.json"]
    renew(old)
    planned.env["LAKESHIFT_OLD_TOKEN"] = old.token
    planned.run("discover", ok=(0, 3))
    planned.run("plan")
    planned.run("apply")
    check_all_there_once(planned)


def test_a_cutover_that_lost_its_login_goes_on(tmp_path):
    jobs = [{"job_id": 1000 + i, "creator_user_name": "ada@old.example",
             "settings": {"name": f"job {i}", "schedule": {"quartz_cron_expression": "0 0 3 * * ?", "timezone_id": "UTC",
                                                           "pause_status": "UNPAUSED"}}} for i in range(10)]
    with Twin(tmp_path, "azure", load=estate(tmp_path / "estate", jobs=jobs), name="old") as old, \
            Twin(tmp_path, "aws", name="new") as new:
        migration = Migration(tmp_path, old, new)
        migration.move()
        old.steer(latency_ms=80)

        def paused():
            return [r for r in old.requests(mutating=True) if "/jobs/" in r["path"]]
        running = Running(migration, "cutover", "--watch-seconds", "0", "--login-wait", "0", "--parallel", "1")
        until(lambda: len(paused()) >= 3, "nothing is paused")
        old.steer(revoke=old.token)
        running.ends(4)
        errors = running.events("error")
        assert [e["code"] for e in errors] == ["login-failed"] and errors[0]["about"] == old.host and errors[0]["remedy"]
        assert {j.settings.schedule.pause_status.value for j in new.sdk().jobs.list()} == {"PAUSED"}
        renew(old)
        migration.env["LAKESHIFT_OLD_TOKEN"] = old.token
        assert migration.json("cutover", "--watch-seconds", "0", ok=(0,))["phase"] == "target"
        assert {j.settings.schedule.pause_status.value for j in old.sdk().jobs.list()} == {"PAUSED"}
        assert {j.settings.schedule.pause_status.value for j in new.sdk().jobs.list()} == {"UNPAUSED"}
