"""Two workspaces into one, and one into two: several routes in one work directory, clashing names by the route's rule. Both ends
are read by the official SDK."""
import contextlib

from harness import Migration, Twin, write_estate
from snapshot import snapshot

LTS = "15.4.x-scala2.12"


def estate(folder, side, people, teams):
    """A small workspace; `side` differs, names clash."""
    def user(number, name):
        return {"id": str(1000 + number), "userName": f"{name}@one.example", "displayName": name, "active": True,
                "emails": [{"value": f"{name}@one.example", "type": "work", "primary": True}]}
    numbers = {name: 1000 + i for i, name in enumerate(people)}
    groups = [{"id": str(3000 + i), "displayName": team, "meta": {"resourceType": "WorkspaceGroup"},
               "members": [{"value": str(numbers[m]), "$ref": f"Users/{numbers[m]}"} for m in members]}
              for i, (team, members) in enumerate(teams.items())]
    pool = {"instance_pool_id": "0903-100000-pool1-both", "instance_pool_name": "pool", "node_type_id": "Standard_DS3_v2", "state": "ACTIVE",
            "min_idle_instances": 0, "idle_instance_autotermination_minutes": 10, "azure_attributes": {"availability": "ON_DEMAND_AZURE"},
            "custom_tags": {"side": side}}
    cluster = {"cluster_id": "0903-100001-both0001", "cluster_name": "shared", "cluster_source": "UI", "state": "TERMINATED", "num_workers": 1,
               "creator_user_name": f"{people[0]}@one.example", "spark_version": LTS, "instance_pool_id": pool["instance_pool_id"],
               "custom_tags": {"side": side}}
    job = {"job_id": 9_000_001, "creator_user_name": f"{people[0]}@one.example", "settings": {
        "name": "nightly", "max_concurrent_runs": 1, "timeout_seconds": 0, "format": "MULTI_TASK", "email_notifications": {},
        "tasks": [{"task_key": "a", "existing_cluster_id": cluster["cluster_id"], "notebook_task": {"notebook_path": f"/Shared/{side}/work"}}],
        "schedule": {"quartz_cron_expression": "0 0 3 * * ?", "timezone_id": "UTC", "pause_status": "UNPAUSED"}, "tags": {"side": side}}}
    secrets = [{"name": side, "backend_type": "DATABRICKS", "secrets": [{"key": "k", "string_value": side}], "acls": []}]
    files = {f"Shared/{side}/work.py": f"# Databricks notebook source\nprint('{side}')\n"}
    return write_estate(folder, files, users=[user(i, n) for i, n in enumerate(people)], groups=groups, instance_pools=[pool],
                        clusters=[cluster], jobs=[job], secrets=secrets, permissions=[
                            {"object_type": "jobs", "object_id": "9000001", "access_control_list": [
                                {"user_name": f"{people[0]}@one.example", "permission_level": "IS_OWNER"},
                                {"group_name": "readers", "permission_level": "CAN_VIEW"}]}])


class Routes(Migration):
    """A work directory with several connections and routes."""

    def __init__(self, tmp, config, **twins):
        first = next(iter(twins.values()))
        self.twins = twins
        super().__init__(tmp, first, first, config=config)

    def command(self, *args):
        for name, twin in self.twins.items():
            self.env[f"LAKESHIFT_{name.upper()}_HOST"], self.env[f"LAKESHIFT_{name.upper()}_TOKEN"] = twin.host, twin.token
        return super().command(*args)

    def move_along(self, route):
        self.run("plan", "--route", route, ok=(0, 3))
        self.run("apply", ok=(0,))

    def check(self, route):
        """A second plan is empty, and verify agrees."""
        summary = self.json("plan", "--route", route, ok=(0, 3))["summary"]
        assert all(summary.get(verb, 0) == 0 for verb in ("create", "update", "adopt")), (route, summary)
        result = self.json("verify", ok=(0,))
        assert result["findings"] == [], result["findings"]
        assert {v for kind in result["counts"].values() for v in kind} <= {"equal", "not-applied"}, result["counts"]
        return summary


MERGE = ("connections:\n  east: {}\n  west: {}\n  home: {}\nroutes:\n  - from: east\n    to: home\n  - from: west\n    to: home\n"
         "    on_clash: rename\n    prefix: west-\n")
SPLIT = ("connections:\n  both: {}\n  left: {}\n  right: {}\nroutes:\n  - from: both\n    to: left\n"
         "    select:\n      exclude: [job, 'group/right only']\n  - from: both\n    to: right\n    select:\n      exclude: ['group/left only', secret, secret_scope]\n")


@contextlib.contextmanager
def split(tmp, teams, config=SPLIT):
    """One source of two targets, read: routes, and the three twins."""
    source = estate(tmp / "estate", "both", ["anna", "bo"], teams)
    with Twin(tmp, "azure", load=source, name="both") as both, Twin(tmp, "aws", name="left") as left, \
            Twin(tmp, "azure", name="right") as right:
        routes = Routes(tmp, config, both=both, left=left, right=right)
        routes.run("discover", ok=(0, 3))
        yield routes, both, left, right


def members(client, group):
    row = next(g for g in client.groups.list() if g.display_name == group)
    return sorted(client.users.get(m.value).user_name for m in client.groups.get(row.id).members or [])


def test_two_sources_into_one_target(tmp_path):
    first = estate(tmp_path / "east-estate", "east", ["anna", "bo"], {"readers": ["anna", "bo"], "east only": ["bo"]})
    second = estate(tmp_path / "west-estate", "west", ["anna", "cy"], {"readers": ["anna", "cy"], "west only": ["cy"]})
    with Twin(tmp_path, "azure", load=first, name="east") as east, Twin(tmp_path, "azure", load=second, name="west") as west, \
            Twin(tmp_path, "aws", name="home") as home:
        routes = Routes(tmp_path, MERGE, east=east, west=west, home=home)
        routes.run("discover", ok=(0, 3))
        missing = routes.run("plan", check=False)
        assert missing.returncode == 2 and "east:home" in missing.stderr and "west:home" in missing.stderr
        routes.move_along("east:home")
        routes.move_along("west:home")
        client = home.sdk()
        # A group that both have with other members is nobody's guess: the first keeps it, the second is blocked with both names.
        assert members(client, "readers") == ["anna@one.example", "bo@one.example"]
        blocked = [c for c in routes.artefact("plan")["changes"] if c["verb"] == "blocked"]
        assert [(c["id"], c["code"]) for c in blocked] == [("group:readers", "clash-between-sources")] and "east/group/" in blocked[0]["reason"]
        for _ in range(2):      # and stays so, in whatever order the plans are made
            routes.check("east:home")
            routes.run("apply")
            assert routes.check("west:home")["blocked"] == 1
            routes.run("apply")
        assert members(client, "readers") == ["anna@one.example", "bo@one.example"]
        # The person that both have is one; pools have unique names, so that the second's has the route's prefix; clusters and jobs
        # may share a name, and each refers to its own side's.
        assert sorted(u.user_name for u in client.users.list() if "@one." in u.user_name) == ["anna@one.example", "bo@one.example", "cy@one.example"]
        pools = {p.instance_pool_name: p for p in client.instance_pools.list()}
        assert {name: p.custom_tags["side"] for name, p in pools.items()} == {"pool": "east", "west-pool": "west"}
        clusters = {c.custom_tags["side"]: c for c in client.clusters.list()}
        assert clusters["east"].instance_pool_id == pools["pool"].instance_pool_id
        assert clusters["west"].instance_pool_id == pools["west-pool"].instance_pool_id
        jobs = {j.settings.tags["side"]: client.jobs.get(j.job_id) for j in client.jobs.list()}
        for side in ("east", "west"):
            task = jobs[side].settings.tasks[0]
            assert task.existing_cluster_id == clusters[side].cluster_id and task.notebook_task.notebook_path == f"/Shared/{side}/work"


def test_one_source_into_two_targets(tmp_path):
    with split(tmp_path, {"readers": ["anna", "bo"], "left only": ["bo"], "right only": ["anna"]}) as (routes, both, left, right):
        routes.move_along("both:left")
        routes.move_along("both:right")
        # What was done for one target is not forgotten when the other's turn comes.
        for _ in range(2):
            for route in ("both:left", "both:right"):
                routes.check(route)
                routes.run("apply")
        a, b = snapshot(left.sdk()), snapshot(right.sdk())
        writes = [r for r in both.requests(mutating=True) if not r["path"].endswith(("/search", "/oidc/v1/token"))]
    people = ["anna@one.example", "bo@one.example"]
    for found in (a, b):
        assert [u["userName"] for u in found["users"] if "@one." in u["userName"]] == people
        assert [c["cluster_name"] for c in found["clusters"]] == ["shared"] and found["clusters"][0]["instance_pool_id"] == "<pool:pool>"
        assert "/Shared/both/work" in found["tree"]
    names = [{g["displayName"] for g in found["groups"]} for found in (a, b)]
    assert "left only" in names[0] and "right only" not in names[0] and "right only" in names[1] and "left only" not in names[1]
    assert "jobs" not in a and [j["name"] for j in b["jobs"]] == ["nightly"]
    assert "both" in a["secrets"] and "both" not in b.get("secrets", {})
    assert a["instance_pools"][0]["node_type_id"] == "m5.xlarge" and b["instance_pools"][0]["node_type_id"] == "Standard_DS3_v2"
    assert writes == []


def schedules(twin):
    """side -> pause status of its job there."""
    client = twin.sdk()
    jobs = [client.jobs.get(j.job_id).settings.as_dict() for j in client.jobs.list()]
    return {j["tags"]["side"]: j["schedule"]["pause_status"] for j in jobs}


def phases(routes):
    return {f"{r['source']}:{r['target']}": r["phase"] for r in routes.json("status", ok=(0,))["routes"]}


def test_routes_are_switched_one_by_one(tmp_path):
    first = estate(tmp_path / "east-estate", "east", ["anna", "bo"], {"readers": ["anna", "bo"]})
    second = estate(tmp_path / "west-estate", "west", ["anna", "bo"], {"readers": ["anna", "bo"]})
    with Twin(tmp_path, "azure", load=first, name="east") as east, Twin(tmp_path, "azure", load=second, name="west") as west, \
            Twin(tmp_path, "aws", name="home") as home:
        routes = Routes(tmp_path, MERGE, east=east, west=west, home=home)
        routes.run("discover", ok=(0, 3))
        routes.move_along("east:home")
        routes.move_along("west:home")
        for verb in (["cutover"], ["rollback"], ["complete", "--yes"]):
            unsaid = routes.run(*verb, ok=(2,))
            assert "several routes" in unsaid.stderr and "east:home (source), west:home (source)" in unsaid.stderr, unsaid.stderr
        assert "did you mean 'east:home'" in routes.run("cutover", "--route", "eats:home", ok=(2,)).stderr
        assert schedules(home) == {"east": "PAUSED", "west": "PAUSED"}

        # The plan made last is west's; east's is its own, and so is what is recorded of its cutover.
        done = routes.json("cutover", "--route", "east:home", ok=(0,))
        assert done["route"] == "east:home" and done["phase"] == "target"
        assert (schedules(east), schedules(west)) == ({"east": "PAUSED"}, {"west": "UNPAUSED"})
        assert schedules(home) == {"east": "UNPAUSED", "west": "PAUSED"}
        assert phases(routes) == {"east:home": "target", "west:home": "source"}
        routes.run("verify", "--route", "east:home")
        routes.run("verify", "--route", "west:home")

        # West's stops half-way, because of a run; east goes back meanwhile, and each is where it was left.
        running = west.sdk().jobs.run_now(9_000_001).response.run_id
        stuck = routes.run("cutover", "--route", "west:home", "--drain-seconds", "0", check=False)
        assert stuck.returncode != 0 and "still active" in stuck.stderr, stuck.stderr
        assert phases(routes) == {"east:home": "target", "west:home": "paused"}
        shown = routes.run("status", "--route", "west:home").stdout
        assert "cutover stands at 'paused'" in shown and "of the route east:home the workloads run in 'home'" in shown, shown
        routes.run("rollback", "--route", "east:home")
        assert (schedules(east), schedules(west)) == ({"east": "UNPAUSED"}, {"west": "PAUSED"})
        west.sdk().jobs.cancel_run(running)
        routes.run("cutover", "--route", "west:home")
        assert schedules(home) == {"east": "PAUSED", "west": "UNPAUSED"}
        assert phases(routes) == {"east:home": "source", "west:home": "target"}

        routes.run("complete", "--route", "west:home", "--yes")
        assert "completed" in routes.run("rollback", "--route", "west:home", check=False).stderr
        routes.run("cutover", "--route", "east:home")
        assert schedules(home) == {"east": "UNPAUSED", "west": "UNPAUSED"}
        report = routes.json("report", "--route", "east:home", ok=(0,))
        assert {(r["source"], r["phase"]) for r in report["routes"]} == {("east", "target"), ("west", "completed")}
        assert "of the route west:home the workloads run in 'home', for good" in report["workloads"]
        documents = [routes.artefact(f"mapping-{side}-home")["objects"] for side in ("east", "west")]
        ids = [{row["new_id"] for row in rows if row["kind"] == "job"} for rows in documents]
        assert len(ids[0]) == len(ids[1]) == 1 and ids[0] != ids[1]


def test_a_job_of_two_targets_is_started_once(tmp_path):
    config = SPLIT.replace("[job, 'group/right only']", "['group/right only']")
    with split(tmp_path, {"readers": ["anna", "bo"]}, config) as (routes, both, left, right):
        routes.move_along("both:left")
        routes.move_along("both:right")
        routes.run("cutover", "--route", "both:left")
        second = routes.json("cutover", "--route", "both:right", ok=(0,))
        assert any("job 'nightly' is switched by the route 'both:left' already" in line for line in second["lines"]), second["lines"]
        assert [schedules(twin)["both"] for twin in (both, left, right)] == ["PAUSED", "UNPAUSED", "PAUSED"]
        # When it went back, the other route may have it.
        routes.run("rollback", "--route", "both:left")
        routes.run("cutover", "--route", "both:right")
        assert [schedules(twin)["both"] for twin in (both, left, right)] == ["PAUSED", "PAUSED", "UNPAUSED"]


def test_each_route_is_rehearsed_and_each_target_tried(tmp_path):
    with split(tmp_path, {"readers": ["anna", "bo"], "left only": ["bo"], "right only": ["anna"]}) as (routes, both, left, right):
        for route in ("both:left", "both:right"):
            routes.run("plan", "--route", route, ok=(0, 3))
        # The right one's plan was made last; the left one's is rehearsed by its name, and neither forgets the other.
        calls = {route: routes.json("rehearse", "--route", route, ok=(0,))["calls"] for route in ("both:left", "both:right")}
        assert calls["both:left"] != calls["both:right"]
        assert [routes.artefact(f"rehearse-both-{side}")["calls"] for side in ("left", "right")] == [*calls.values()]
        routes.run("accept", "--route", "both:left", ok=(0,))
        assert routes.artefact("accept-left")["passed"]
        text = {side: routes.run("status", "--route", f"both:{side}").stdout for side in ("left", "right")}
        assert "the target works" in text["left"] and "the target was not tried" in text["right"], text
        assert [r for r in right.requests(mutating=True) if "/clusters" in r["path"]] == []
