"""Cutover and rollback by the real binary between two twins: catch-up, freeze, waves and tags, drain, first runs, gates."""
import base64
import json
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

import pytest
from harness import Migration, Twin, write_estate

ANNA, BEN = "anna@meridian.example", "ben@meridian.example"


def job(number, name, notebook, **more):
    settings = {"name": name, "format": "MULTI_TASK", "max_concurrent_runs": 1, "timeout_seconds": 0,
                "job_clusters": [{"job_cluster_key": "own", "new_cluster": {
                    "num_workers": 1, "spark_version": "15.4.x-scala2.12", "policy_id": "E000000000003301",
                    "node_type_id": "Standard_DS3_v2"}}],
                "tasks": [{"task_key": "main", "job_cluster_key": "own", "timeout_seconds": 60,
                           "notebook_task": {"notebook_path": notebook, "source": "WORKSPACE"}}], **more}
    return {"job_id": number, "creator_user_name": ANNA, "run_as_user_name": ANNA, "settings": settings}


NIGHTLY = {"quartz_cron_expression": "0 0 3 * * ?", "timezone_id": "UTC", "pause_status": "UNPAUSED"}


@pytest.fixture(scope="module")
def estate(tmp_path_factory):
    def user(number, name):
        return {"id": number, "userName": name, "displayName": name.split("@")[0], "active": True,
                "entitlements": [{"value": "workspace-access"}, {"value": "allow-cluster-create"}]}
    groups = [{"id": "6300000001", "displayName": "analysts", "entitlements": [{"value": "databricks-sql-access"}],
               "members": [{"value": "4100000002"}], "meta": {"resourceType": "WorkspaceGroup"}}]
    policies = [{"policy_id": "E000000000003301", "name": "small", "creator_user_name": ANNA,
                 "definition": json.dumps({"num_workers": {"type": "range", "maxValue": 4}})}]
    jobs = [job(101, "finance close", "/Shared/finance/close", schedule=NIGHTLY, tags={"team": "finance"}),
            job(102, "finance report", "/Shared/finance/report", schedule=NIGHTLY, tags={"team": "reporting"}),
            job(103, "people sync", "/Shared/people/sync", schedule=NIGHTLY, tags={"team": "people"}),
            job(104, "by hand", "/Shared/people/sync")]
    files = {f"Shared/{path}.py": f"# Databricks notebook source\nprint('{path}')\n"
             for path in ("finance/close", "finance/report", "people/sync")}
    return write_estate(tmp_path_factory.mktemp("estate"), files, users=[user("4100000001", ANNA), user("4100000002", BEN)],
                        groups=groups, cluster_policies=policies, jobs=jobs)


class Pair:
    """Two twins, the estate applied from one to the other."""

    def __init__(self, tmp, estate, config="", move=True):
        self.old = Twin(tmp, "azure", load=estate, name="old")
        self.new = Twin(tmp, "aws", name="new")
        base = "connections:\n  old: {}\n  new: {}\nroutes:\n  - from: old\n    to: new\n"
        self.migration = Migration(tmp, self.old, self.new, config=base + config)
        if move:
            self.migration.move()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.old.stop()
        self.new.stop()

    def steer(self, twin, **order):
        request = urllib.request.Request(twin.host + "/twin/control", json.dumps(order).encode(), {"x-twin-control": "1"})
        urllib.request.urlopen(request).read()


@pytest.fixture
def pair(tmp_path, estate):
    with Pair(tmp_path, estate) as made:
        yield made


def states(twin):
    """name -> pause status, of jobs that have a schedule."""
    found = {}
    for one in twin.sdk().jobs.list():
        settings = one.settings.as_dict()
        for trigger in ("schedule", "continuous"):
            if trigger in settings:
                found[settings["name"]] = settings[trigger]["pause_status"]
    return found


def jobs_of(twin):
    client = twin.sdk()
    return {one.settings.name: client.jobs.get(one.job_id) for one in client.jobs.list()}


def source_of(twin, path):
    return base64.b64decode(twin.sdk().workspace.export(path).content).decode()


def writes(twin, since=0):
    """What was asked of the twin that changes it; a search is a POST that reads."""
    rows = [(r["method"], r["path"]) for r in twin.requests(mutating=True) if not r["path"].endswith("/search")]
    return rows[since:]


def change_source(twin):
    """What people do while a migration is under way: edit a job, edit a notebook, add both."""
    client = twin.sdk()
    from databricks.sdk.service import jobs, workspace
    client.jobs.update(101, new_settings=jobs.JobSettings(timeout_seconds=1234))
    for path, text in (("/Shared/people/sync", "print('edited')\n"), ("/Shared/finance/new", "print('new')\n")):
        client.workspace.import_(path, content=base64.b64encode(("# Databricks notebook source\n" + text).encode()).decode(),
                                 format=workspace.ImportFormat.SOURCE, language=workspace.Language.PYTHON, overwrite=True)
    made = job(0, "finance new", "/Shared/finance/new", schedule=NIGHTLY, tags={"team": "finance"})["settings"]
    client.api_client.do("POST", "/api/2.2/jobs/create", body=made)


UNPAUSED = {"finance close": "UNPAUSED", "finance report": "UNPAUSED", "people sync": "UNPAUSED"}
PAUSED = {name: "PAUSED" for name in UNPAUSED}


def test_what_changed_since_apply_arrives(pair):
    assert states(pair.old) == UNPAUSED and states(pair.new) == PAUSED
    change_source(pair.old)
    before, after = len(writes(pair.old)), len(writes(pair.new))
    done = pair.migration.run("cutover", "--dry-run")
    for expected in ("update job 'finance close' (settings.timeout_seconds)", "update notebook '/Shared/people/sync'",
                     "create notebook '/Shared/finance/new'", "create job 'finance new'"):
        assert f"would be brought over: {expected}" in done.stdout, done.stdout
    assert "would switch 4 objects" in done.stderr
    assert len(writes(pair.old)) == before and len(writes(pair.new)) == after

    done = pair.migration.json("cutover", ok=(0,))
    assert done["phase"] == "target" and len(done["caught_up"]) == 4 and 0 < done["pause_ms"] < 60_000, done
    assert states(pair.new) == {**UNPAUSED, "finance new": "UNPAUSED"}
    assert set(states(pair.old).values()) == {"PAUSED"}
    assert jobs_of(pair.new)["finance close"].settings.timeout_seconds == 1234
    assert "edited" in source_of(pair.new, "/Shared/people/sync") and "print('new')" in source_of(pair.new, "/Shared/finance/new")
    pair.migration.run("verify")
    summary = pair.migration.json("plan")["summary"]
    assert summary["create"] == summary["update"] == 0, summary

    pair.migration.run("rollback")
    assert states(pair.old) == {**UNPAUSED, "finance new": "UNPAUSED"} and set(states(pair.new).values()) == {"PAUSED"}
    again = pair.migration.json("cutover", ok=(0,))
    assert again["caught_up"] == [] and states(pair.new) == {**UNPAUSED, "finance new": "UNPAUSED"}


def test_the_source_is_written_to_only_where_it_must_be(pair):
    before = len(writes(pair.old))
    pair.migration.run("cutover")
    assert {path for _, path in writes(pair.old, before)} == {"/api/2.2/jobs/update"}
    assert len(writes(pair.old, before)) == 3


def test_without_catch_up_a_changed_source_closes_the_gate(pair):
    change_source(pair.old)
    before = len(writes(pair.old))
    done = pair.migration.run("cutover", "--no-catch-up", ok=(3,))
    assert "gate 'verify equal'" in done.stderr and "finance" in done.stderr, done.stderr
    assert len(writes(pair.old)) == before and states(pair.old)["finance close"] == "UNPAUSED"


def test_what_cannot_be_brought_closes_the_gate_by_name(pair):
    made = job(0, "needs what is not there", "/Shared/people/sync", schedule=NIGHTLY)["settings"]
    client = pair.old.sdk()
    warehouse = client.api_client.do("POST", "/api/2.0/pipelines", body={"name": "flow", "libraries": [
        {"notebook": {"path": "/Shared/people/sync"}}]})
    made["tasks"] = [{"task_key": "flow", "pipeline_task": {"pipeline_id": warehouse["pipeline_id"]}}]
    client.api_client.do("POST", "/api/2.2/jobs/create", body=made)
    done = pair.migration.run("cutover", ok=(3,))
    for expected in ("gate-closed", "catch up", "job 'needs what is not there'", "--no-catch-up", "--exclude"):
        assert expected in done.stderr, done.stderr
    assert states(pair.new) == PAUSED
    # Left out of this part, the rest is switched.
    pair.migration.run("cutover", "--select", "tag:team=finance")
    assert states(pair.new)["finance close"] == "UNPAUSED" and states(pair.new)["people sync"] == "PAUSED"


def test_a_target_changed_by_hand_closes_the_gate(pair):
    from databricks.sdk.service import jobs
    pair.new.sdk().jobs.update(jobs_of(pair.new)["people sync"].job_id, new_settings=jobs.JobSettings(timeout_seconds=77))
    done = pair.migration.run("cutover", ok=(3,))
    assert "gate 'verify equal'" in done.stderr and "job 'people sync'" in done.stderr and "timeout_seconds" in done.stderr
    assert states(pair.old) == UNPAUSED


def status_of(host, token, path="/api/2.0/workspace/get-status?path=/Shared"):
    request = urllib.request.Request(host + path, headers={"Authorization": f"Bearer {token}"})
    try:
        return urllib.request.urlopen(request).status
    except urllib.error.HTTPError as error:
        return error.code


def token_for(pair, twin, name):
    """A token that speaks for the user: the twin's client-credentials endpoint."""
    pair.steer(twin, client={"client_id": name, "client_secret": "s", "user": name})
    body = urllib.parse.urlencode({"grant_type": "client_credentials", "client_id": name, "client_secret": "s",
                                   "scope": "all-apis"}).encode()
    return json.loads(urllib.request.urlopen(twin.host + "/oidc/v1/token", body).read())["access_token"]


def entitlements(twin):
    client = twin.sdk()
    rows = [*client.users.list(), *client.groups.list()]
    return {getattr(r, "user_name", None) or r.display_name: sorted(e.value for e in r.entitlements or []) for r in rows}


def test_freeze_keeps_users_out_and_rollback_lets_them_in(pair):
    anna, ben = (token_for(pair, pair.old, name) for name in (ANNA, BEN))
    assert status_of(pair.old.host, anna) == status_of(pair.old.host, ben) == 200
    before = entitlements(pair.old)
    assert before["admins"] and before["users"] and before["analysts"] == ["databricks-sql-access"]

    shown = pair.migration.run("cutover", "--freeze", "--dry-run").stdout
    for expected in (f"take workspace-access from user '{ANNA}'", "from group 'users'", "from group 'analysts'"):
        assert expected in shown, shown
    assert "from group 'admins'" not in shown and entitlements(pair.old) == before

    count = len(writes(pair.old))
    pair.migration.run("cutover", "--freeze")
    assert status_of(pair.old.host, anna) == status_of(pair.old.host, ben) == 403
    assert status_of(pair.old.host, pair.old.token) == 200
    frozen = entitlements(pair.old)
    assert frozen["users"] == [] and frozen["admins"] == before["admins"] and frozen[ANNA] == ["allow-cluster-create"]
    assert {m for m, p in writes(pair.old, count) if p != "/api/2.2/jobs/update"} == {"PATCH"}
    assert {p.split("/")[6] for m, p in writes(pair.old, count) if m == "PATCH"} == {"Users", "Groups"}
    assert entitlements(pair.new) == before, "the target's people keep theirs"
    # What was taken is no change of the estate: nothing of it is planned, nor brought over by another part.
    summary = pair.migration.json("plan")["summary"]
    assert summary["update"] == 0 and summary["create"] == 0, summary
    pair.migration.run("verify")

    pair.migration.run("rollback")
    assert entitlements(pair.old) == before
    assert status_of(pair.old.host, anna) == status_of(pair.old.host, ben) == 200


WAVES = "waves:\n  finance: [job/finance-*, 'tag:team=finance', job/finance report]\n  people: ['job/people*']\n"


def test_a_wave_goes_alone_and_brings_what_it_needs(tmp_path, estate):
    with Pair(tmp_path, estate, WAVES, move=False) as pair:
        run = pair.migration.run
        run("discover", ok=(0, 3))
        run("plan")
        wrong = run("apply", "--wave", "finanse", ok=(2,))
        assert "there is no wave 'finanse'" in wrong.stderr and "'finance'" in wrong.stderr
        run("apply", "--wave", "finance")
        assert sorted(jobs_of(pair.new)) == ["finance close", "finance report"]
        assert "small" in [p.name for p in pair.new.sdk().cluster_policies.list()], "what the jobs need came along"
        run("verify", "--wave", "finance")
        assert "not-applied" in run("verify", ok=(3,)).stdout
        run("cutover", "--wave", "finance")
        assert states(pair.new) == {"finance close": "UNPAUSED", "finance report": "UNPAUSED"}
        assert states(pair.old) == {"finance close": "PAUSED", "finance report": "PAUSED", "people sync": "UNPAUSED"}

        # The target's job lives there now: an edit of it is not undone by the next wave.
        from databricks.sdk.service import jobs
        pair.new.sdk().jobs.update(jobs_of(pair.new)["finance close"].job_id, new_settings=jobs.JobSettings(timeout_seconds=99))
        run("apply", "--wave", "people")
        run("verify", "--wave", "people")
        run("cutover", "--wave", "people")
        assert states(pair.new) == UNPAUSED and jobs_of(pair.new)["finance close"].settings.timeout_seconds == 99
        assert len(jobs_of(pair.new)) == 3

        run("rollback", "--wave", "finance")
        assert states(pair.old) == {"finance close": "UNPAUSED", "finance report": "UNPAUSED", "people sync": "PAUSED"}
        assert states(pair.new) == {"finance close": "PAUSED", "finance report": "PAUSED", "people sync": "UNPAUSED"}
        run("rollback")
        assert states(pair.old) == UNPAUSED


def test_a_plan_of_a_wave_holds_what_it_needs(tmp_path, estate):
    with Pair(tmp_path, estate, WAVES, move=False) as pair:
        pair.migration.run("discover", ok=(0, 3))
        summary = pair.migration.json("plan", "--wave", "people")["summary"]
        assert summary["blocked"] == 0 and summary["excluded"] > 0
        pair.migration.run("apply")
        assert sorted(jobs_of(pair.new)) == ["people sync"]
        assert pair.new.sdk().workspace.get_status("/Shared/people/sync").path == "/Shared/people/sync"
        pair.migration.run("cutover")
        assert states(pair.new) == {"people sync": "UNPAUSED"} and states(pair.old)["finance close"] == "UNPAUSED"


def test_selection_by_tag(pair):
    wrong = pair.migration.run("cutover", "--select", "tag:", ok=(2,))
    assert "names no tag" in wrong.stderr
    pair.migration.run("cutover", "--select", "tag:team=fin*")
    assert states(pair.new) == {**PAUSED, "finance close": "UNPAUSED"}
    pair.migration.run("rollback", "--select", "tag:team=people")
    assert states(pair.new)["finance close"] == "UNPAUSED"
    pair.migration.run("rollback", "--select", "tag:team")
    assert states(pair.old) == UNPAUSED and states(pair.new) == PAUSED


def test_running_work_is_waited_for_and_named(pair):
    client = pair.old.sdk()
    run_id = client.jobs.run_now(103).response.run_id
    done = pair.migration.run("cutover", "--drain-seconds", "0", ok=(1, 4))
    assert "still-running" in done.stderr and "job 'people sync'" in done.stderr and "--drain-seconds" in done.stderr
    assert states(pair.new) == PAUSED and set(states(pair.old).values()) == {"PAUSED"}

    timer = threading.Timer(1.0, lambda: client.jobs.cancel_run(run_id))
    timer.start()
    began = time.monotonic()
    pair.migration.run("cutover", "--drain-seconds", "60")
    timer.join()
    assert time.monotonic() - began > 1 and states(pair.new) == UNPAUSED


def test_first_runs_are_watched_and_missed_ones_listed(tmp_path, estate):
    with Pair(tmp_path, estate) as pair:
        from databricks.sdk.service import jobs
        client = pair.old.sdk()
        schedule = jobs.CronSchedule(quartz_cron_expression="* * * * * ?", timezone_id="UTC",
                                     pause_status=jobs.PauseStatus.UNPAUSED)
        client.jobs.update(103, new_settings=jobs.JobSettings(schedule=schedule, max_concurrent_runs=9))
        # One starts each second and lasts 2.5 s: at any instant the youngest has 1.5 s to go, so a due second is missed.
        pair.steer(pair.old, run_lasts_ms=2500)
        pair.steer(pair.new, run_lasts_ms=3000, failing_runs="/Shared/finance/*")
        # The twin starts what is due when somebody looks at runs: here somebody always does.
        over = threading.Event()

        seen = threading.Event()

        def look():
            while not over.wait(0.1):
                if list(client.jobs.list_runs(job_id=103, active_only=True)):
                    seen.set()
        looking = threading.Thread(target=look)
        looking.start()
        try:
            assert seen.wait(30), "the schedule of every second started nothing"
            done = pair.migration.json("cutover", "--watch-seconds", "8", ok=(0,))
        finally:
            over.set()
            looking.join()
        lines = "\n".join(done["lines"])
        assert "first run in the target: job 'people sync' succeeded" in lines, lines
        assert "2 objects had no run within 8 s" in lines
        first = {row["job"]: row for row in done["first_runs"]}
        assert len(first) == 3 and sorted(row["outcome"] for row in first.values()) == ["none", "none", "succeeded"], first
        run = pair.new.sdk().jobs.get_run(int(first["people sync"]["run_id"]))
        assert run.job_id == jobs_of(pair.new)["people sync"].job_id and run.state.result_state == jobs.RunResultState.SUCCESS
        missed = [row for row in done["backfill"] if row["job"] == "people sync"]
        assert missed and all(row["due"].endswith("Z") for row in missed), done["backfill"]
        ran = list(pair.new.sdk().jobs.list_runs(job_id=jobs_of(pair.new)["people sync"].job_id))
        assert ran, "it runs by its schedule in the target"


def test_a_first_run_that_fails_is_told_with_its_page(tmp_path, estate):
    with Pair(tmp_path, estate) as pair:
        from databricks.sdk.service import jobs
        schedule = jobs.CronSchedule(quartz_cron_expression="* * * * * ?", timezone_id="UTC",
                                     pause_status=jobs.PauseStatus.UNPAUSED)
        pair.old.sdk().jobs.update(103, new_settings=jobs.JobSettings(schedule=schedule, max_concurrent_runs=9))
        pair.steer(pair.new, run_lasts_ms=300, failing_runs="*")
        done = pair.migration.json("cutover", "--watch-seconds", "6", "--drain-seconds", "30", ok=(3,))
        assert done["phase"] == "target", "a failed run is told, the switch stands"
        row = next(row for row in done["first_runs"] if row["job"] == "people sync")
        run = pair.new.sdk().jobs.get_run(int(row["run_id"]))
        assert row["outcome"] == "failed" and row["url"] == run.run_page_url
        assert row["result"] == run.state.result_state.value and row["message"] == run.state.state_message
        line = next(line for line in done["lines"] if "job 'people sync' failed" in line)
        assert run.run_page_url in line and run.state.state_message in line
        pair.migration.run("report")
        report = (pair.migration.dir / "report.html").read_text()
        assert "First runs in the target" in report and run.run_page_url in report


def accept_config(**more):
    return "accept:\n" + "".join(f"  {name}: {json.dumps(value)}\n" for name, value in more.items())


STEPS = ["start a cluster", "install a package", "run a notebook", "upload a file", "create and drop a table", "run a job"]


def test_the_target_is_tried_for_real(tmp_path, estate):
    config = accept_config(databases=["db.internal:5432"], buckets=["s3://raw/"])
    with Pair(tmp_path, estate, config) as pair:
        pair.steer(pair.new, cluster_starts_ms=200, run_lasts_ms=200)
        before = {name: len(list(rows)) for name, rows in (("jobs", pair.new.sdk().jobs.list()), ("clusters", pair.new.sdk().clusters.list()))}
        done = pair.migration.json("accept", ok=(0,))
        steps = {s["name"]: s for s in done["steps"]}
        assert list(steps) == [*STEPS, "reach database db.internal:5432", "reach bucket s3://raw/"]
        assert {s["outcome"] for s in steps.values()} == {"passed"}, steps
        after = {name: len(list(rows)) for name, rows in (("jobs", pair.new.sdk().jobs.list()), ("clusters", pair.new.sdk().clusters.list()))}
        assert after == before, "what it made is gone"
        ran = [r.run_name for r in pair.new.sdk().jobs.list_runs()]
        assert "lakeshift acceptance" in ran and len(ran) == 5, ran


def test_a_failing_clause_closes_the_gate_of_the_cutover(tmp_path, estate):
    config = accept_config(databases=["db.internal:5432"]) + "gates: [accept]\n"
    with Pair(tmp_path, estate, config) as pair:
        pair.steer(pair.new, cluster_starts_ms=200, run_lasts_ms=200)
        for order, clause in (({"failing_runs": "*reach*"}, "reach database db.internal:5432"),
                              ({"failing_runs": "", "failing_packages": "simplejson*"}, "install a package")):
            pair.steer(pair.new, **order)
            done = pair.migration.run("cutover", ok=(3,))
            assert "gate 'accept'" in done.stderr and clause in done.stderr, done.stderr
            assert states(pair.old) == UNPAUSED and states(pair.new) == PAUSED
        pair.steer(pair.new, failing_packages="")
        pair.migration.run("cutover")
        assert states(pair.new) == UNPAUSED


def test_a_table_is_made_on_the_warehouse_that_is_named(pair):
    pair.steer(pair.new, cluster_starts_ms=200, run_lasts_ms=200)
    from databricks.sdk.service import sql
    made = pair.new.sdk().api_client.do("POST", "/api/2.0/sql/warehouses", body={
        "name": "small", "cluster_size": "2X-Small", "max_num_clusters": 1, "auto_stop_mins": 10})
    done = pair.migration.json("accept", "--warehouse", made["id"], ok=(0,))
    step = next(s for s in done["steps"] if s["name"] == "create and drop a table")
    assert step["outcome"] == "passed" and "dropped default.lakeshift_acceptance_" in step["clean_up"]
    answer = pair.new.sdk().statement_execution.execute_statement("DROP TABLE default.none", made["id"])
    assert answer.status.state == sql.StatementState.FAILED
    wrong = pair.migration.json("accept", "--warehouse", "0000000000000000", ok=(3,))
    assert [s["name"] for s in wrong["steps"] if s["outcome"] == "failed"] == ["create and drop a table"]
