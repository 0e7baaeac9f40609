#!/usr/bin/env python3
"""Judges the field tables of the kinds that move by the official SDK.

usage: field_coverage.py DUMP.json    (what `lakeshift kinds --json` prints)

For every kind that moves: each field that the SDK's create call takes is in the table and is sent; each field that its
get answers is in the table; the table names nothing that the SDK does not know; and what only create takes is marked as
fixed at creation. Reads nothing of src/ or data/. Prints one line per violation and exits 1 when there is any.
"""
import dataclasses
import functools
import inspect
import json
import re
import sys
import typing

from databricks.sdk.service import compute, iam, jobs, sql, workspace

SENT = {"settable", "create_only", "write_only", "secret"}


@dataclasses.dataclass
class Judge:
    """What the SDK says about one kind."""
    read: type                       # dataclass of the get (or list) answer
    create: typing.Callable          # method whose body is what can be set
    update: typing.Callable = None   # method whose body is what can be changed; None: not judged
    prefix: str = ""                 # where the body lies in the document
    body_prefix: str = ""            # where the document lies in update's body
    renames: dict = dataclasses.field(default_factory=dict)     # body's member -> document's
    exceptions: dict = dataclasses.field(default_factory=dict)  # pattern -> reason
    repeated: dict = dataclasses.field(default_factory=dict)    # what update takes and does not change -> reason


SCIM = {
    "schemas": "says which schema the body follows; the same in every call",
    "id": "the platform generates it; the SDK's dataclass serves reading and writing",
    "groups": "membership is written on the group; the member's side is read only",
    "externalId": "the identity provider's own id, which is another one in the target's provider",
    "meta": "SCIM says where and what the resource is; generated",
    **{f"{name}[].{part}": "the value alone says it; the rest is shown to people or generated"
       for name in ("emails", "entitlements", "roles", "members") for part in ("display", "primary", "$ref", "type")},
}
TREE = {
    "content": "the bytes are the object's content, named by digest",
    "format": "follows from the kind and the language",
    "overwrite": "an option of the call, not of the object",
    "size": "follows from the content",
    "directory_info": "counts of what is inside a folder",
    "language": "only notebooks have one",
}

JUDGES = {
    "cluster": Judge(compute.ClusterDetails, compute.ClustersAPI.create, compute.ClustersAPI.edit),
    "instance_pool": Judge(compute.GetInstancePool, compute.InstancePoolsAPI.create, compute.InstancePoolsAPI.edit,
                           repeated={"node_type_id": "edit demands it and refuses another than the present one"}),
    "cluster_policy": Judge(compute.Policy, compute.ClusterPoliciesAPI.create, compute.ClusterPoliciesAPI.edit),
    "instance_profile": Judge(compute.InstanceProfile, compute.InstanceProfilesAPI.add, compute.InstanceProfilesAPI.edit),
    "global_init_script": Judge(compute.GlobalInitScriptDetailsWithContent, compute.GlobalInitScriptsAPI.create,
                                compute.GlobalInitScriptsAPI.update),
    "job": Judge(jobs.Job, jobs.JobsAPI.create, jobs.JobsAPI.reset, prefix="settings.", body_prefix="new_settings.",
                 exceptions={
                     "settings.format": "ignored by create, update and reset",
                     "settings.deployment": "names the bundle that deployed the job, which does not know the copy",
                     "settings.git_source.git_snapshot": "the commit that a run used; says nothing about the job",
                     "settings.git_source.job_source.dirty_state": "the platform's comparison with the repository",
                     "settings.access_control_list": "grants are set by a call of their own",
                 }),
    "sql_warehouse": Judge(sql.GetWarehouseResponse, sql.WarehousesAPI.create, sql.WarehousesAPI.edit,
                           exceptions={"creator_name": "who asked for it; ownership is a grant",
                                       "customer_version_label": "output only, says the SDK"}),
    "user": Judge(iam.User, iam.UsersV2API.create, exceptions=SCIM),
    "group": Judge(iam.Group, iam.GroupsV2API.create,
                   exceptions={**SCIM, "members[].value": "set by calls of its own"}),
    "service_principal": Judge(iam.ServicePrincipal, iam.ServicePrincipalsV2API.create, exceptions=SCIM),
    "directory": Judge(workspace.ObjectInfo, workspace.WorkspaceAPI.mkdirs,
                       exceptions=TREE),
    "notebook": Judge(workspace.ObjectInfo, workspace.WorkspaceAPI.import_,
                      exceptions={name: why for name, why in TREE.items() if name != "language"}),
    "workspace_file": Judge(workspace.ObjectInfo, workspace.WorkspaceAPI.import_,
                            exceptions=TREE),
    "secret_scope": Judge(workspace.SecretScope, workspace.SecretsAPI.create_scope,
                          renames={"scope": "name", "scope_backend_type": "backend_type",
                                   "backend_azure_keyvault": "keyvault_metadata"},
                          exceptions={"initial_manage_principal": "grants are set by calls of their own"}),
    "secret": Judge(workspace.SecretMetadata, workspace.SecretsAPI.put_secret,
                    exceptions={"bytes_value": "the other way to send the same value"}),
}


def plain(kind):
    """The type inside Optional, List and Dict, and the pattern's suffix: "", "[]" or ".*"."""
    origin = typing.get_origin(kind)
    if origin is typing.Union:
        return plain(next(a for a in typing.get_args(kind) if a is not type(None)))
    if origin is list:
        return plain(typing.get_args(kind)[0])[0], "[]"
    if origin is dict:
        return plain(typing.get_args(kind)[1])[0], ".*"
    return kind, ""


@functools.cache
def wire_names(cls):
    """Attribute -> name on the wire, as the dataclass itself writes it."""
    found = dict(re.findall(r'body\["([^"]+)"\] = (?:\[[^\n]* for v in )?self\.(\w+)', inspect.getsource(cls.as_dict)))
    return {attribute: wire for wire, attribute in found.items()}


@functools.cache
def members_of(cls):
    """(name on the wire, type) of every member of a dataclass."""
    names, hints = wire_names(cls), typing.get_type_hints(cls)
    return [(names.get(f.name, f.name), hints[f.name]) for f in dataclasses.fields(cls)]


def leaves(kind, prefix, open_classes=()):
    """Patterns of all leaves below a type; a class inside itself is entered once more."""
    inner, suffix = plain(kind)
    path = prefix + ("[]" if suffix == "[]" else "")
    if not dataclasses.is_dataclass(inner):
        yield prefix
        return
    if open_classes.count(inner) >= 2:
        return
    if not members_of(inner):
        yield prefix
    for wire, member in members_of(inner):
        yield from leaves(member, f"{path}.{wire}" if path else wire, (*open_classes, inner))


def body_leaves(method, prefix="", renames=None):
    source = inspect.getsource(method)
    hints = typing.get_type_hints(method)
    for wire, parameter in re.findall(r'body\["([^"]+)"\] = (?:\[[^\n]* for v in )?(\w+)', source):
        yield from leaves(hints[parameter], prefix + (renames or {}).get(wire, wire))


def covers(pattern, leaf):
    """Does a row of our table describe this leaf? Rows for elements and for a map's values describe the leaf itself."""
    pattern = re.sub(r"(\.\*|\[\])$", "", pattern)
    return leaf == pattern or leaf.startswith(pattern + ".") or leaf.startswith(pattern + "[]")


class Coverage:
    def __init__(self, kind, judge):
        self.kind, self.judge = kind["name"], judge
        self.rows = {row["pattern"]: row for row in kind["fields"] if not row["pattern"].startswith("$")}
        self.used = set()
        self.violations = []

    def excepted(self, leaf):
        for pattern in self.judge.exceptions:
            if covers(pattern, leaf):
                self.used.add(pattern)
                return True
        return False

    def row_of(self, leaf):
        """The row of the leaf itself, else of the nearest object around it."""
        for place in self.around(leaf):
            for pattern in (place, place + "[]", place + ".*"):
                if pattern in self.rows:
                    return self.rows[pattern]
        return None

    @staticmethod
    def around(leaf):
        """The leaf and every object it lies in."""
        while leaf:
            yield leaf
            leaf = leaf[:-2] if leaf.endswith("[]") else leaf.rpartition(".")[0]

    def say(self, leaf, what):
        self.violations.append(f"{self.kind}: {leaf}: {what}")

    def run(self):
        settable = list(body_leaves(self.judge.create, self.judge.prefix, self.judge.renames))
        readable = list(leaves(self.judge.read, ""))
        for leaf in settable:
            row = self.row_of(leaf)
            if self.excepted(leaf):
                continue
            if row is None:
                self.say(leaf, "the create call takes it, the table does not know it")
            elif row["role"] not in SENT:
                self.say(leaf, f"the create call takes it, the table says {row['role']}")
        for leaf in readable:
            if self.row_of(leaf) is None and not self.excepted(leaf):
                self.say(leaf, "the get call answers it, the table does not know it")
            elif leaf not in settable and (self.row_of(leaf) or {}).get("role") in ("settable", "create_only"):
                if not self.excepted(leaf):
                    self.say(leaf, "the table would send it, the create call does not take it")
        known = {around for leaf in settable + readable for around in self.around(leaf)}
        for pattern in self.rows:
            if re.sub(r"(\.\*|\[\])$", "", pattern) not in known and not self.excepted(pattern):
                self.say(pattern, "the table names it, the SDK does not know it")
        if self.judge.update:
            self.check_update(settable)
        for pattern in sorted(set(self.judge.exceptions) - self.used):
            if pattern not in TREE and pattern not in SCIM:  # these two serve several kinds
                self.say(pattern, "this exception excuses nothing; remove it")
        return self.violations

    def check_update(self, settable):
        changeable = {leaf.removeprefix(self.judge.body_prefix) if self.judge.body_prefix else leaf
                      for leaf in body_leaves(self.judge.update)}
        for leaf in settable:
            row = self.row_of(leaf)
            if row is None or self.excepted(leaf) or leaf in self.judge.repeated:
                continue
            can_change = leaf.removeprefix(self.judge.prefix) in changeable
            if row["role"] == "settable" and not can_change:
                self.say(leaf, "the table says settable, the update call does not take it")
            elif row["role"] == "create_only" and can_change:
                self.say(leaf, "the table says create_only, the update call takes it")


def violations(dump):
    found = []
    moving = {kind["name"]: kind for kind in dump["kinds"] if kind["moves"]}
    for name in sorted(set(moving) ^ set(JUDGES)):
        found.append(f"{name}: " + ("no judge: add it to tests/field_coverage.py" if name in moving else "not a kind that moves"))
    for name in sorted(set(moving) & set(JUDGES)):
        found += Coverage(moving[name], JUDGES[name]).run()
    return found


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        dump = json.load(file)
    found = violations(dump)
    for line in found:
        print(line)
    rows = sum(len(kind["fields"]) for kind in dump["kinds"] if kind["moves"])
    print(f"field coverage: {len(JUDGES)} kinds, {rows} fields, {len(found)} violations")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
