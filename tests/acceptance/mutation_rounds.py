"""Rounds of mutations: many objects are changed by the official SDK, each in one field, and verify must find exactly those;
then all are put back. Of a document with many fields there are copies, so a round also shows that verify keeps objects apart."""
import copy
import inspect
import json

from databricks.sdk.service import compute
from full_objects import SCHEMAS, document_leaves, pattern_of
from full_values import VALUES
from harness import Migration, Twin, write_estate
from mutation import MAPPING, covers, differences_found, is_inside, mutable_paths, mutated

ROUNDS = 20         # about as many as there are; more copies make fewer rounds
# kind -> the estate's file, and where an object holds its id
PLACES = {"job": ("jobs", "job_id"), "cluster": ("clusters", "cluster_id"), "sql_warehouse": ("warehouses", "id"),
          "instance_pool": ("instance_pools", "instance_pool_id"), "cluster_policy": ("cluster_policies", "policy_id")}
KINDS = tuple(PLACES)


class Target:
    """One object in the target: its document as the SDK reads it, and the call that sets it."""

    def __init__(self, kind, key, document, edit):
        self.kind, self.key, self.original, self.edit = kind, key, document, edit


def targets(client):
    do = client.api_client.do
    for job in client.jobs.list():
        settings = do("GET", "/api/2.2/jobs/get", query={"job_id": job.job_id})["settings"]
        yield Target("job", job.settings.name, {"settings": settings}, lambda d, i=job.job_id: do(
            "POST", "/api/2.2/jobs/reset", body={"job_id": i, "new_settings": d["settings"]}))
    for cluster in client.clusters.list():
        document = do("GET", "/api/2.1/clusters/get", query={"cluster_id": cluster.cluster_id})
        yield Target("cluster", cluster.cluster_name, only_settable("cluster", document), lambda d, i=cluster.cluster_id: do(
            "POST", "/api/2.1/clusters/edit", body={"cluster_id": i, **d}))
    for pool in client.instance_pools.list():       # edit takes little, and refuses the rest
        document = {name: value for name, value in pool.as_dict().items() if name in POOL_EDIT}
        yield Target("instance_pool", pool.instance_pool_name, document, lambda d: do("POST", "/api/2.0/instance-pools/edit", body=d))
    for policy in client.cluster_policies.list():
        document = only_settable("cluster_policy", policy.as_dict())
        if "policy_family_id" in document:      # then the definition follows from family and overrides
            document.pop("definition", None)
        yield Target("cluster_policy", policy.name, document, lambda d, i=policy.policy_id: do(
            "POST", "/api/2.0/policies/clusters/edit", body={"policy_id": i, **d}))
    for warehouse in client.warehouses.list():
        document = do("GET", f"/api/2.0/sql/warehouses/{warehouse.id}")
        yield Target("sql_warehouse", warehouse.name, only_settable("sql_warehouse", document), lambda d, i=warehouse.id: do(
            "POST", f"/api/2.0/sql/warehouses/{i}/edit", body=d))


POOL_EDIT = set(inspect.signature(compute.InstancePoolsAPI.edit).parameters)
NAMES = ("name", "cluster_name", "instance_pool_name")


def name_of(row):
    holder = row.get("settings", row)
    return next(name for name in NAMES if name in holder), holder


def only_settable(kind, document):
    members = {pattern.split(".")[0].split("[")[0] for pattern in SCHEMAS[kind]}
    return {name: value for name, value in document.items() if name in members}


def add_copies(documents):
    """Copies of what has more leaves than there are rounds."""
    for kind, (place, number) in PLACES.items():
        for row in list(documents.get(place, [])):
            for index in range(1, -(-len(mutable_paths(kind, row, VALUES)) // ROUNDS)):
                twin = copy.deepcopy(row)
                twin[number] = twin[number] + 1000 * index if isinstance(twin[number], int) else f"{twin[number][:-2]}{index:02d}"
                name, holder = name_of(twin)
                holder[name] += f" copy {index:02d}"
                documents[place].append(twin)
    return documents


def moved_estate(tmp, cloud, documents, files):
    """Moves the documents, and their copies, to a workspace of the same cloud: (migration, twins, what was meant)."""
    documents = add_copies(documents)
    estate = write_estate(tmp / "estate", files, **documents)
    meant = {(kind, name_of(row)[1][name_of(row)[0]]): row for kind, (place, _) in PLACES.items() for row in documents.get(place, [])}
    old, new = Twin(tmp, cloud, load=estate, name="old"), Twin(tmp, cloud, name="new")
    migration = Migration(tmp, old, new, MAPPING)
    migration.move()
    bad = not_equal(migration)
    assert bad == [], json.dumps(bad, indent=1)[:6000]
    return migration, (old, new), meant


def not_equal(migration):
    migration.run("verify", ok=(0, 3))
    return [j for j in migration.artefact("verify")["judgements"] if j["verdict"] != "equal"
            and j.get("code") != "service-principal-home"]    # made by the platform for the principal's new id


def known_values(client):
    """VALUES with the target's own ids in place of the source's."""
    known = {name: list(values) for name, values in VALUES.items()}
    known["existing_cluster_id"] = [c.cluster_id for c in client.clusters.list()]
    known["policy_id"] = [p.policy_id for p in client.cluster_policies.list() if p.name in ("full policy", "full second policy")]
    known["instance_pool_id"] = known["driver_instance_pool_id"] = [p.instance_pool_id for p in client.instance_pools.list()]
    known["warehouse_id"] = [w.id for w in client.warehouses.list()]
    known["run_job_task.job_id"] = [j.job_id for j in client.jobs.list()][:3]
    known["service_principal_name"] = [p.application_id for p in client.service_principals.list()]
    return known


class Queue:
    """The copies of one object, and what is to be changed in them."""

    def __init__(self):
        self.targets, self.todo = [], []


def queues_of(client, meant, chosen):
    known, queues = known_values(client), {}
    for target in targets(client):
        queue = queues.setdefault((target.kind, target.key.split(" copy ")[0]), Queue())
        queue.targets.append(target)
        if len(queue.targets) == 1:    # what the platform filled in by itself is not changed
            ours = {path for path, _ in document_leaves(meant[target.kind, target.key])}
            queue.todo = [path for path in mutable_paths(target.kind, target.original, known) if path in ours and chosen(pattern_of(path))]
    return known, list(queues.values())


class Rounds:
    """Changes, looks, puts back, until the queues are empty."""

    def __init__(self, migration, client, meant, chosen=lambda pattern: True):
        self.migration = migration
        self.known, self.queues = queues_of(client, meant, chosen)
        self.missed = []
        self.exact = {kind: set() for kind in KINDS}
        self.as_element = {kind: set() for kind in KINDS}
        self.count = 0

    def run(self):
        while any(queue.todo for queue in self.queues):
            self.one_round()

    def one_round(self):
        self.count += 1
        wanted = [each for queue in self.queues for each in self.change(queue)]
        found = differences_found(self.migration)
        for target, path in wanted:
            self.judge(target, path, {p for kind, key, p in found if kind == target.kind and key == target.key})
        known = {(target.kind, target.key) for target, _ in wanted}
        self.missed += [f"round {self.count}: {kind} '{key}' {path}: found, not changed"
                        for kind, key, path in sorted(found) if (kind, key) not in known]
        for target, _ in wanted:
            target.edit(target.original)

    def change(self, queue):
        for target in queue.targets:
            if not queue.todo:
                return
            path = queue.todo.pop(0)
            try:
                target.edit(mutated(target.kind, target.original, path, self.known))
            except Exception as error:  # noqa: BLE001 - the workspace refuses this value: VALUES must be mended
                self.missed.append(f"{target.kind} '{target.key}' {path}: the target refused the change: {error}")
                continue
            yield target, path

    def judge(self, target, path, found):
        who = f"{target.kind} '{target.key}' {path}"
        if not any(covers(path, each) for each in found):
            self.missed.append(f"{who}: changed, not found")
        self.missed += [f"{who}: changed, but found {each}" for each in sorted(found) if not covers(path, each)]
        exact = any(is_inside(each, path) for each in found)
        (self.exact if exact else self.as_element)[target.kind].add(pattern_of(path))

    def found(self, kind):
        return self.exact[kind] | self.as_element[kind]
