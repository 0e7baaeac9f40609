"""The mutation test of test_mutation_documents.py for the kinds whose fields are changed by calls of their own: people,
profiles, scripts, secrets, the tree; and for grants and libraries of all kinds. What the SDK lets a client set is taken from its
create calls (tests/field_coverage.py); each leaf is changed, or stands in NOT_CHANGED with its reason."""
import base64
import json
import sys

import pytest
from full_estate import make_estate
from full_values import OTHER_PROFILE, OWNER, PROFILE, SECOND
from harness import ROOT, Migration, Twin, write_estate
from mutation import MAPPING, covers, differences_found, is_inside
from results import save_result

sys.path.insert(0, str(ROOT / "tests"))
import field_coverage  # noqa: E402

SCIM = "/api/2.0/preview/scim/v2"


class Case:
    """One field: how to change it, and the call that puts it back. `path` is what verify says, `leaf` what the SDK calls it;
    `also` are fields of other objects that change with it."""

    def __init__(self, kind, key, path, change, restore, leaf=None, also=()):
        self.kind, self.key, self.path, self.change, self.restore = kind, key, path, change, restore
        self.leaf, self.also = leaf or path, set(also)

    def object(self):
        return self.kind, self.key


def scim_cases(do, kind, key, folder, number, wanted):
    """wanted: path -> other value; put back by a PUT of the whole original."""
    original = do("GET", f"{SCIM}/{folder}/{number}")
    body = {k: v for k, v in original.items() if k not in ("id", "meta", "groups")}
    for path, value in wanted.items():
        changed = json.loads(json.dumps(body))
        changed.update(value)
        yield Case(kind, key, path, lambda c=changed: do("PUT", f"{SCIM}/{folder}/{number}", body=c),
                   lambda: do("PUT", f"{SCIM}/{folder}/{number}", body=body))


def document_cases(do, kind, key, original, path, wanted):
    for name, value in wanted.items():
        yield Case(kind, key, name, lambda v=value: do(*path, body={**original, **v}), lambda: do(*path, body=original))


def make_cases(client):
    do = client.api_client.do
    users = {u.user_name: u.id for u in client.users.list()}
    groups = {g.display_name: g.id for g in client.groups.list()}
    robot = next(p for p in client.service_principals.list() if p.display_name == "full robot")
    cases = []
    cases += scim_cases(do, "user", OWNER, "Users", users[OWNER], {
        "displayName": {"displayName": "somebody else"}, "name.givenName": {"name": {"givenName": "Other", "familyName": "Owner"}},
        "emails": {"emails": [{"value": "other@full.example", "type": "work", "primary": True}]},
        "name.familyName": {"name": {"givenName": "Olga", "familyName": "Other"}}, "active": {"active": False}, "entitlements": {"entitlements": [{"value": "databricks-sql-access"}]},
        "roles": {"roles": [{"value": OTHER_PROFILE}]}})
    cases += scim_cases(do, "group", "full group", "Groups", groups["full group"], {
        "members": {"members": [{"value": users[SECOND]}]}, "entitlements": {"entitlements": [{"value": "allow-cluster-create"}]},
        "roles": {"roles": [{"value": OTHER_PROFILE}]}})
    cases += scim_cases(do, "service_principal", "full robot", "ServicePrincipals", robot.id, {
        "active": {"active": False}, "entitlements": {"entitlements": [{"value": "databricks-sql-access"}]},
        "roles": {"roles": [{"value": OTHER_PROFILE}]}})

    for member, value in (("iam_role_arn", "arn:aws:iam::111111111111:role/other"), ("is_meta_instance_profile", True)):
        original = next(p.as_dict() for p in client.instance_profiles.list() if p.instance_profile_arn == PROFILE)
        cases += document_cases(do, "instance_profile", PROFILE, original, ("POST", "/api/2.0/instance-profiles/edit"), {member: {member: value}})

    script = next(s for s in client.global_init_scripts.list() if s.name == "full script")
    text = client.global_init_scripts.get(script.script_id)
    original = {"name": text.name, "script": text.script, "enabled": bool(text.enabled), "position": text.position or 0}
    url = ("PATCH", f"/api/2.0/global-init-scripts/{script.script_id}")
    cases += document_cases(do, "global_init_script", "full script", original, url, {
        "$content": {"script": base64.b64encode(b"#!/bin/bash\necho other\n").decode()}, "enabled": {"enabled": not original["enabled"]},
        "position": {"position": original["position"] + 1}})
    cases[-3].leaf, cases[-1].also = "script", {("global_init_script", "full second script", "position")}

    cases.append(Case("secret", "full/key", "(value)", lambda: client.secrets.put_secret("full", "key", string_value="other"),
                      lambda: client.secrets.put_secret("full", "key", string_value="full value"), leaf="string_value"))
    cases.append(Case("secret_scope", "full", "$acls", lambda: do("POST", "/api/2.0/secrets/acls/put", body={
        "scope": "full", "principal": "full group", "permission": "WRITE"}), lambda: do("POST", "/api/2.0/secrets/acls/put", body={
            "scope": "full", "principal": "full group", "permission": "READ"})))

    def write(path, content, form, language=None):
        body = {"path": path, "content": base64.b64encode(content.encode()).decode(), "format": form, "overwrite": True}
        do("POST", "/api/2.0/workspace/import", body={**body, **({"language": language} if language else {})})
    for kind, path, form, language in (("notebook", "/Shared/full/notebook", "SOURCE", "PYTHON"), ("workspace_file", "/Shared/full/script.py", "RAW", None)):
        content = base64.b64decode(client.workspace.export(path, format=iam_free_export(form)).content).decode()
        cases.append(Case(kind, path, "$content", lambda p=path, c=content, f=form, g=language: write(p, c + "# changed\n", f, g),
                          lambda p=path, c=content, f=form, g=language: write(p, c, f, g)))
    cases.append(Case("notebook", "/Shared/full/notebook", "language",
                      lambda: write("/Shared/full/notebook", "// Databricks notebook source\nprint('full')\n", "SOURCE", "SCALA"),
                      lambda: write("/Shared/full/notebook", "# Databricks notebook source\nprint('full')\n", "SOURCE", "PYTHON"),
                      also=[("notebook", "/Shared/full/notebook", "$content")]))
    cases += permission_cases(client)
    cases.append(Case("cluster", "full cluster", "$libraries",
                      lambda: do("POST", "/api/2.0/libraries/install", body={"cluster_id": cluster_id(client), "libraries": [{"pypi": {"package": "attrs"}}]}),
                      lambda: do("POST", "/api/2.0/libraries/uninstall", body={"cluster_id": cluster_id(client), "libraries": [{"pypi": {"package": "attrs"}}]})))
    return cases


def iam_free_export(form):
    from databricks.sdk.service.workspace import ExportFormat
    return ExportFormat.SOURCE if form == "SOURCE" else ExportFormat.AUTO


def cluster_id(client):
    return next(c.cluster_id for c in client.clusters.list() if c.cluster_name == "full cluster")


def permission_cases(client):
    do = client.api_client.do
    rows = [("cluster", "full cluster", "clusters", cluster_id(client), "CAN_ATTACH_TO")]
    rows += [("instance_pool", p.instance_pool_name, "instance-pools", p.instance_pool_id, "CAN_MANAGE") for p in client.instance_pools.list()
             if p.instance_pool_name == "full pool"]
    rows += [("cluster_policy", p.name, "cluster-policies", p.policy_id, "CAN_USE") for p in client.cluster_policies.list() if p.name == "full second policy"]
    rows += [("job", j.settings.name, "jobs", j.job_id, "CAN_MANAGE_RUN") for j in client.jobs.list() if j.settings.name == "full job"]
    rows += [("sql_warehouse", w.name, "warehouses", w.id, "CAN_MONITOR") for w in client.warehouses.list() if w.name == "full warehouse"]
    for kind, path in (("directory", "/Shared/full"), ("notebook", "/Shared/full/notebook"), ("workspace_file", "/Shared/full/script.py")):
        plural = {"directory": "directories", "notebook": "notebooks", "workspace_file": "files"}[kind]
        rows.append((kind, path, plural, client.workspace.get_status(path).object_id, "CAN_RUN"))
    for kind, key, plural, number, level in rows:
        url = f"/api/2.0/permissions/{plural}/{number}"
        direct = []
        for entry in do("GET", url)["access_control_list"]:
            who = {k: v for k, v in entry.items() if k in ("user_name", "group_name", "service_principal_name")}
            direct += [{**who, "permission_level": p["permission_level"]} for p in entry["all_permissions"] if not p.get("inherited")]
        direct = [e for e in direct if e.get("group_name") != "admins"]
        group = "full inner" if kind == "cluster_policy" else "full group"      # of policies there is one level only
        other = [e for e in direct if e.get("group_name") != group] + [{"group_name": group, "permission_level": level}]
        yield Case(kind, key, "$permissions", lambda u=url, o=other: do("PUT", u, body={"access_control_list": o}),
                   lambda u=url, d=direct: do("PUT", u, body={"access_control_list": d}))


@pytest.fixture(scope="module")
def moved(tmp_path_factory):
    tmp = tmp_path_factory.mktemp("small")
    documents, files = make_estate()
    estate = write_estate(tmp / "estate", files, **documents)
    with Twin(tmp, "aws", load=estate, name="old") as old, Twin(tmp, "aws", name="new") as new:
        migration = Migration(tmp, old, new, MAPPING)
        migration.move()
        yield migration, new


def rounds_of(cases):
    """Lists of cases in which no object is changed twice."""
    left = list(cases)
    while left:
        busy, now = set(), []
        for case in left:
            objects = {case.object(), *((kind, key) for kind, key, _ in case.also)}
            if not objects & busy:
                now.append(case)
                busy |= objects
        left = [case for case in left if case not in now]
        yield now


def judge(case, found):
    who = f"{case.kind} '{case.key}' {case.path}"
    mine = {path for kind, key, path in found if (kind, key) == case.object()}
    if not any(covers(case.path, path) for path in mine):
        yield f"{who}: changed, not found"
    for path in mine:
        if not covers(case.path, path) and (*case.object(), path) not in case.also:
            yield f"{who}: changed, but found {path}"


def test_every_field(moved):
    migration, new = moved
    missed, cases = [], make_cases(new.sdk())
    for now in rounds_of(cases):
        for case in now:
            case.change()
        found = differences_found(migration)
        for case in now:
            missed += judge(case, found)
        touched = {case.object() for case in now} | {(kind, key) for case in now for kind, key, _ in case.also}
        missed += [f"{f}: found, not changed" for f in found if (f[0], f[1]) not in touched]
        for case in now:
            case.restore()
    migration.run("verify", ok=(0, 3))
    left = [j for j in migration.artefact("verify")["judgements"] if j["verdict"] in ("differs", "missing")]
    assert missed == [], "\n".join(missed)
    assert left == [], "putting back did not restore the target"
    result = {kind: leaves_result(kind, cases) for kind in NOT_CHANGED}
    result["aspects"] = {kind: sorted({c.path for c in cases if c.kind == kind and c.path.startswith("$")}) for kind in {c.kind for c in cases}}
    save_result("mutation_calls", result)


def leaves_of(kind):
    judge_of = field_coverage.JUDGES[kind]
    return sorted(set(field_coverage.body_leaves(judge_of.create, judge_of.prefix, judge_of.renames)))


def reason_not_changed(kind, leaf):
    rows = {**field_coverage.JUDGES[kind].exceptions, **NOT_CHANGED[kind]}
    return next((why for pattern, why in rows.items() if field_coverage.covers(pattern, leaf)), None)


def leaves_result(kind, cases):
    changed = {case.leaf for case in cases if case.kind == kind}
    leaves = leaves_of(kind)
    reasons = {leaf: reason_not_changed(kind, leaf) for leaf in leaves}
    found = [leaf for leaf in leaves if any(is_inside(leaf, path) for path in changed) and (reasons[leaf] is None or leaf == "members[].value")]
    if kind in ("notebook", "workspace_file"):
        found = [*found, "content"]
    return {"settable": len(leaves), "found": sorted(set(found)), "named_by_element": [],
            "not_mutated": {leaf: why for leaf, why in reasons.items() if leaf not in found}}


KEY, SERVER = "the natural key: another one is another object, whose loss is tested apart", "the platform gives it"
NOT_CHANGED = {
    "user": {"userName": KEY},
    "group": {"displayName": KEY},
    "service_principal": {"displayName": KEY, "applicationId": SERVER},
    "instance_profile": {"instance_profile_arn": KEY, "skip_validation": "an option of the call, never returned"},
    "global_init_script": {"name": KEY},
    "secret_scope": {"name": KEY, "backend_type": "fixed at creation: there is no call that changes it", "keyvault_metadata": "on Azure only, and fixed at creation"},
    "secret": {"key": KEY, "scope": KEY},
    "directory": {"path": KEY}, "notebook": {"path": KEY}, "workspace_file": {"path": KEY},
}


@pytest.mark.parametrize("kind", NOT_CHANGED)
def test_list_is_complete(moved, kind):
    result = leaves_result(kind, make_cases(moved[1].sdk()))
    assert [leaf for leaf, why in result["not_mutated"].items() if why is None] == []


def test_loss_of_an_object_is_found(moved):
    migration, new = moved
    client = new.sdk()
    client.workspace.delete("/Shared/full/query.sql")
    migration.run("verify", ok=(3,))
    missing = [(j["source"]["kind"], j["key"]) for j in migration.artefact("verify")["judgements"] if j["verdict"] == "missing"]
    assert ("workspace_file", "/Shared/full/query.sql") in missing
