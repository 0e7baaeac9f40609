"""Every kind that moves: an object of it with every settable field, its references, grants, and an object whose name the
target has already, is moved; lakeshift is killed (SIGKILL) while each kind is being created, before and after the call has
had its effect, and resumed; the result, read by the official SDK, equals the source, and what a run gives that was never
killed; cutover and rollback are each other's inverse.

Writes results/kind_moves.json, from which README's table is made.
"""
import json
import random
import re
import signal
import urllib.request

import full_clash
import pytest
from full_estate import make_estate
from harness import Migration, Twin, default_config, write_estate
from mutation import MAPPING
from results import save_result
from snapshot import differences, snapshot

SEED = 20261128
# kind -> end of the path of its create call, text in its body (the SDK's methods: users.create, workspace.import_, ...)
CREATES = {
    "user": ("/scim/v2/Users", ""), "group": ("/scim/v2/Groups", ""), "service_principal": ("/scim/v2/ServicePrincipals", ""),
    "instance_profile": ("/instance-profiles/add", ""), "instance_pool": ("/instance-pools/create", ""),
    "cluster_policy": ("/policies/clusters/create", ""), "cluster": ("/clusters/create", ""),
    "global_init_script": ("/global-init-scripts", ""), "job": ("/jobs/create", ""), "sql_warehouse": ("/sql/warehouses", ""),
    "secret_scope": ("/secrets/scopes/create", ""), "secret": ("/secrets/put", ""), "directory": ("/workspace/mkdirs", ""),
    "notebook": ("/workspace/import", '"SOURCE"'), "workspace_file": ("/workspace/import", '"RAW"'),
}
# Where the snapshot holds a kind, and its permissions.
PLACES = {
    "user": "/users", "group": "/groups", "service_principal": "/service_principals", "instance_profile": "/instance_profiles",
    "instance_pool": "/instance_pools", "cluster_policy": "/cluster_policies", "cluster": "/clusters|/libraries",
    "global_init_script": "/global_init_scripts", "job": "/jobs", "sql_warehouse": "/warehouses", "secret_scope": "/secrets/[^/]+/(backend|acls)",
    "secret": "/secrets/[^/]+/values", "directory": "/tree", "notebook": "/tree", "workspace_file": "/tree",
}
GRANTS = {"instance_pool": "instance-pools", "cluster_policy": "cluster-policies", "cluster": "clusters", "job": "jobs",
          "sql_warehouse": "warehouses", "directory": "directories", "notebook": "notebooks", "workspace_file": "files"}
# The platform makes a principal's home folder itself, named by an application id that only it gives.
HOME_OF_APPLICATION = re.compile(r"/Users/[0-9a-f]{8}-[0-9a-f]{4}-")


def merged(documents, files, more, more_files):
    out = {name: [*rows, *more.get(name, [])] for name, rows in documents.items()}
    return out, {**files, **more_files}


def order_twin(twin, **order):
    request = urllib.request.Request(twin.host + "/twin/control", json.dumps(order).encode(), {"x-twin-control": "1"})
    urllib.request.urlopen(request).read()


def read(twin):
    found = snapshot(twin.sdk())
    found["tree"] = {path: node for path, node in found["tree"].items() if not HOME_OF_APPLICATION.match(path)}
    found["permissions"] = {key: grants for key, grants in found["permissions"].items() if not HOME_OF_APPLICATION.search(key)}
    return found


def kind_of(row):
    for kind, (path, text) in CREATES.items():
        if row["method"] == "POST" and row["path"].endswith(path) and text in json.dumps(row.get("body", {})):
            return kind
    return None


class Journey:
    """The full estate, a target with clashing names, and what happened on the way."""

    def __init__(self, tmp):
        self.tmp = tmp
        documents, files = merged(*make_estate(), *full_clash.source_side())
        source = write_estate(tmp / "source", files, **documents)
        documents, files = full_clash.target_side()
        self.target = write_estate(tmp / "target", files, **documents)
        self.old = Twin(tmp, "aws", load=source, name="old")
        self.kills = {kind: 0 for kind in CREATES}
        self.calm = self.migrate_in_peace()
        self.hurt, self.new = self.migrate_with_kills()

    def plan(self, name):
        twin = Twin(self.tmp, "aws", load=self.target, name=name)
        migration = Migration(self.tmp, self.old, twin, MAPPING, name=f"migration-{name}")
        migration.run("discover", ok=(0, 3))
        migration.run("plan", ok=(0, 3))
        return migration, twin

    def migrate_in_peace(self):
        migration, twin = self.plan("calm")
        migration.run("apply", "--parallel", 1)
        created = [kind_of(row) for row in twin.requests(mutating=True)]
        self.created = [kind for kind in created if kind]
        found = read(twin)
        twin.stop()
        return found

    def chances(self):
        """(kind, how many of its creates come before the first create of the next kind), in the order of the creates."""
        order = sorted(CREATES, key=self.created.index)
        for kind, following in zip(order, [*order[1:], None]):
            end = self.created.index(following) if following else len(self.created)
            yield kind, self.created[:end].count(kind)

    def migrate_with_kills(self):
        migration, twin = self.plan("new")
        self.verbs = [(c["source"]["kind"], c["verb"]) for c in migration.artefact("plan")["changes"]]
        rng = random.Random(SEED)
        print(f"seed {SEED}")
        for kind, count in self.chances():
            first = rng.randint(1, count)
            self.kill_at(migration, twin, kind, first, after_effect=False)
            self.kill_at(migration, twin, kind, rng.randint(1, count - first + 1), after_effect=True)
        self.last = migration.json("apply", "--parallel", 1)
        return migration, twin

    def kill_at(self, migration, twin, kind, number, after_effect):
        path, text = CREATES[kind]
        process = migration.start("apply", "--parallel", 1)
        order_twin(twin, fault={"kind": "kill_process", "process": process.pid, "at_call": number, "path": path, "containing": text,
                                "after_effect": after_effect})
        assert process.wait(120) == -signal.SIGKILL, f"{kind}: was not killed at its create call {number}"
        order_twin(twin, fault={"kind": "none"})
        print(f"killed {'after' if after_effect else 'before'} create call {number} of {kind}")
        self.kills[kind] += 1


@pytest.fixture(scope="module")
def journey(tmp_path_factory):
    made = Journey(tmp_path_factory.mktemp("kinds"))
    yield made
    made.old.stop()
    made.new.stop()


RESULT = {kind: {} for kind in CREATES}


def of_kind(kind, paths):
    return [path for path in paths if re.match(PLACES[kind], path)]


def test_killed_while_each_kind_is_created_and_resumed(journey):
    assert journey.last["complete"], journey.last
    assert differences(journey.calm, read(journey.new)) == []
    for kind in CREATES:
        assert journey.kills[kind] == 2
        RESULT[kind].update(created=journey.verbs.count((kind, "create")), killed_and_resumed=journey.kills[kind])


def test_nothing_is_left_to_do(journey):
    journey.hurt.run("verify", ok=(0, 3))
    bad = [j for j in journey.hurt.artefact("verify")["judgements"] if j["verdict"] != "equal" and j.get("code") != "service-principal-home"]
    assert bad == [], json.dumps(bad, indent=1)[:4000]
    summary = journey.hurt.json("plan")["summary"]
    assert summary.get("create", 0) == 0 and summary.get("update", 0) == 0, summary


def test_every_field_that_the_sdk_reads_is_the_source_s(journey):
    """But for what arrives at rest: exactly what runs by itself in the source."""
    found = differences(read(journey.old), read(journey.new))
    at_rest = [line for line in found if is_at_rest(line)]
    other = [line for line in found if line not in at_rest]
    assert other == [], "\n".join(other)
    assert at_rest, "nothing ran in the source"
    for kind in CREATES:
        RESULT[kind]["read_by_sdk"] = True
        RESULT[kind]["at_rest"] = len(of_kind(kind, at_rest))


AT_REST = (r"/jobs\[[^]]*\]/settings/(schedule|trigger|continuous)/pause_status: \"UNPAUSED\" != \"PAUSED\"$",
           r"/instance_pools\[[^]]*\]/min_idle_instances: \d+ != (0|\"\(absent\)\")$", r"/global_init_scripts\[[^]]*\]/enabled: true != (false|\"\(absent\)\")$")


def is_at_rest(line):
    return any(re.match(expression, line) for expression in AT_REST)


def test_grants_are_there(journey):
    found = read(journey.new)
    for kind, plural in GRANTS.items():
        rows = [key for key in found["permissions"] if key.startswith(plural + " ")]
        assert rows, f"no grant on any {kind}"
        RESULT[kind]["permission"] = len(rows)
    RESULT["secret_scope"]["permission"] = sum(1 for scope in found["secrets"].values() if scope["acls"])
    assert RESULT["secret_scope"]["permission"]


def test_clashing_names_are_seen_and_follow_the_route(journey):
    """`adopt` (the default) made the target's object the source's; with `block` each is refused by name."""
    changes = {(c["source"]["kind"], c["key"]): c for c in journey.hurt.artefact("plan")["changes"]}
    config = default_config(True).replace("    to: new\n", "    to: new\n    on_clash: block\n")
    with Twin(journey.tmp, "aws", load=journey.target, name="blocked") as twin:
        migration = Migration(journey.tmp, journey.old, twin, MAPPING, config, name="migration-blocked")
        migration.run("discover", ok=(0, 3))
        migration.run("plan", ok=(0, 3))
        blocked = {(c["source"]["kind"], c["key"]): c for c in migration.artefact("plan")["changes"]}
    for kind, key in full_clash.KEYS.items():
        assert changes[kind, key]["verb"] == "unchanged", (kind, changes[kind, key])
        refused = blocked[kind, key]["verb"] == "blocked" and blocked[kind, key]["code"] == "name-taken"
        RESULT[kind]["clash"] = "adopted or, by choice, refused" if refused else f"adopted; with 'block': {blocked[kind, key]['verb']}"
        assert refused, (kind, blocked[kind, key])


def test_cutover_and_rollback(journey):
    before_old, before_new = read(journey.old), read(journey.new)
    journey.hurt.run("apply")       # the plan that was made meanwhile has nothing to do
    journey.hurt.run("verify", ok=(0, 3))
    journey.hurt.run("cutover")
    switched_old = differences(before_old, read(journey.old))
    switched_new = differences(before_new, read(journey.new))
    assert switched_old and switched_new
    journey.hurt.run("rollback")
    assert differences(before_old, read(journey.old)) == []
    assert differences(before_new, read(journey.new)) == []
    for kind in CREATES:
        RESULT[kind]["rolled_back"] = {"source": len(of_kind(kind, switched_old)), "target": len(of_kind(kind, switched_new))}


def test_all_results_are_written():
    assert all({"created", "read_by_sdk", "clash", "rolled_back"} <= set(row) for row in RESULT.values()), RESULT
    save_result("kind_moves", RESULT)
