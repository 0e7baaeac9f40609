"""The mutation test of test_mutation_documents.py for the kinds whose fields are changed by calls of their own: people, pools, policies,
scripts, secrets, the tree, permissions. Every settable field of each is in the list below; test_list_is_complete holds the
list against the SDK's dataclasses."""
import base64
import inspect
import json

import pytest
from databricks.sdk.service import compute, iam
from full_estate import make_estate
from full_values import OTHER_PROFILE, OWNER, SECOND
from harness import Migration, Twin, write_estate
from mutation import MAPPING, covers
from results import save_result

SCIM = "/api/2.0/preview/scim/v2"


class Case:
    """One field: how to change it, and the call that puts it back."""

    def __init__(self, kind, key, path, change, restore):
        self.kind, self.key, self.path, self.change, self.restore = kind, key, path, change, restore


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
        "displayName": {"displayName": "somebody else"}, "name": {"name": {"givenName": "Other", "familyName": "Name"}},
        "active": {"active": False}, "entitlements": {"entitlements": [{"value": "databricks-sql-access"}]},
        "roles": {"roles": [{"value": OTHER_PROFILE}]}})
    cases += scim_cases(do, "group", "full group", "Groups", groups["full group"], {
        "members": {"members": [{"value": users[SECOND]}]}, "entitlements": {"entitlements": [{"value": "allow-cluster-create"}]},
        "roles": {"roles": [{"value": OTHER_PROFILE}]}})
    cases += scim_cases(do, "service_principal", "full robot", "ServicePrincipals", robot.id, {
        "active": {"active": False}, "entitlements": {"entitlements": [{"value": "databricks-sql-access"}]},
        "roles": {"roles": [{"value": OTHER_PROFILE}]}})

    pool = next(p.as_dict() for p in client.instance_pools.list() if p.instance_pool_name == "full pool")
    pool = {k: pool[k] for k in ("instance_pool_id", "instance_pool_name", "node_type_id", "min_idle_instances", "max_capacity",
                                 "idle_instance_autotermination_minutes", "custom_tags") if k in pool}
    cases += document_cases(do, "instance_pool", "full pool", pool, ("POST", "/api/2.0/instance-pools/edit"), {
        "min_idle_instances": {"min_idle_instances": 2}, "max_capacity": {"max_capacity": 11},
        "idle_instance_autotermination_minutes": {"idle_instance_autotermination_minutes": 45},
        "custom_tags": {"custom_tags": {**pool["custom_tags"], "pool": "other"}}})

    policies = {p.name: p.as_dict() for p in client.cluster_policies.list()}
    full = {k: v for k, v in policies["full policy"].items() if k in ("policy_id", "name", "definition", "description", "max_clusters_per_user", "libraries")}
    cases += document_cases(do, "cluster_policy", "full policy", full, ("POST", "/api/2.0/policies/clusters/edit"), {
        "definition": {"definition": '{"num_workers":{"type":"range","maxValue":60}}'}, "description": {"description": "other"},
        "max_clusters_per_user": {"max_clusters_per_user": 6}, "libraries": {"libraries": [{"pypi": {"package": "six==1.15.0"}}]}})
    family = {k: v for k, v in policies["full family"].items() if k in ("policy_id", "name", "policy_family_id", "policy_family_definition_overrides")}
    cases += document_cases(do, "cluster_policy", "full family", family, ("POST", "/api/2.0/policies/clusters/edit"), {
        "policy_family_definition_overrides": {"policy_family_definition_overrides": '{"autotermination_minutes":{"type":"fixed","value":46}}'}})

    script = next(s for s in client.global_init_scripts.list())
    text = client.global_init_scripts.get(script.script_id)
    original = {"name": text.name, "script": text.script, "enabled": bool(text.enabled), "position": text.position or 0}
    url = ("PATCH", f"/api/2.0/global-init-scripts/{script.script_id}")
    cases += document_cases(do, "global_init_script", "full script", original, url, {
        "$content": {"script": base64.b64encode(b"#!/bin/bash\necho other\n").decode()}, "enabled": {"enabled": not original["enabled"]}})

    cases.append(Case("secret", "full/key", "(value)", lambda: client.secrets.put_secret("full", "key", string_value="other"),
                      lambda: client.secrets.put_secret("full", "key", string_value="full value")))
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
    cases += permission_cases(client, users, groups)
    cases.append(Case("cluster", "full cluster", "$libraries",
                      lambda: do("POST", "/api/2.0/libraries/install", body={"cluster_id": cluster_id(client), "libraries": [{"pypi": {"package": "attrs"}}]}),
                      lambda: do("POST", "/api/2.0/libraries/uninstall", body={"cluster_id": cluster_id(client), "libraries": [{"pypi": {"package": "attrs"}}]})))
    return cases


def iam_free_export(form):
    from databricks.sdk.service.workspace import ExportFormat
    return ExportFormat.SOURCE if form == "SOURCE" else ExportFormat.AUTO


def cluster_id(client):
    return next(c.cluster_id for c in client.clusters.list() if c.cluster_name == "full cluster")


def permission_cases(client, users, groups):
    do = client.api_client.do
    rows = [("cluster", "full cluster", "clusters", cluster_id(client), "CAN_ATTACH_TO")]
    rows += [("instance_pool", p.instance_pool_name, "instance-pools", p.instance_pool_id, "CAN_MANAGE") for p in client.instance_pools.list()
             if p.instance_pool_name == "full pool"]
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
        other = [e for e in direct if e.get("group_name") != "full group"] + [{"group_name": "full group", "permission_level": level}]
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


def test_every_field(moved):
    migration, new = moved
    missed, counts = [], {}
    for case in make_cases(new.sdk()):
        case.change()
        migration.run("verify", ok=(0, 3))
        found = {(j["source"]["kind"], j["key"], d["path"]) for j in migration.artefact("verify")["judgements"] for d in j.get("differences", [])}
        mine = {f for f in found if f[0] == case.kind and f[1] == case.key and covers(case.path, f[2])}
        if not mine:
            missed.append(f"{case.kind} '{case.key}' {case.path}: changed, not found")
        if found - mine:
            missed.append(f"{case.kind} '{case.key}' {case.path}: also found {sorted(found - mine)}")
        counts[case.kind] = counts.get(case.kind, 0) + 1
        case.restore()
    migration.run("verify", ok=(0, 3))
    left = [j for j in migration.artefact("verify")["judgements"] if j["verdict"] in ("differs", "missing")]
    save_result("calls", {"mutated": counts})
    assert missed == [], "\n".join(missed)
    assert left == [], "putting back did not restore the target"


# What the SDK lets a client set at creation, and where each is changed above or why it is not.
IMMUTABLE = "immutable: a difference is shown as a replacement"
PEOPLE = {"schemas": "constant", "groups": "server", "id": "server", "external_id": "the identity provider's", "self": ""}
SETTABLE = {
    compute.InstancePoolsAPI: {
        "min_idle_instances", "max_capacity", "idle_instance_autotermination_minutes", "custom_tags"},
    compute.ClusterPoliciesAPI: {"definition", "description", "libraries", "max_clusters_per_user", "policy_family_definition_overrides"},
    compute.GlobalInitScriptsAPI: {"script", "enabled"},
    iam.UsersAPI: {"display_name", "name", "active", "entitlements", "roles"},
    iam.GroupsAPI: {"members", "entitlements", "roles"},
    iam.ServicePrincipalsAPI: {"active", "entitlements", "roles"},
}
NOT_CHANGED = {
    compute.InstancePoolsAPI: dict.fromkeys(
        ["node_type_id", "aws_attributes", "disk_spec", "enable_elastic_disk", "preloaded_docker_images", "preloaded_spark_versions",
         "node_type_flexibility"], IMMUTABLE) | dict.fromkeys(
             ["azure_attributes", "gcp_attributes", "remote_disk_throughput", "total_initial_remote_disk_size"], "another cloud's") | {
                 "instance_pool_name": "natural key"},
    compute.ClusterPoliciesAPI: {"name": "natural key", "policy_family_id": IMMUTABLE},
    compute.GlobalInitScriptsAPI: {"name": "natural key", "position": "a place in an order of one"},
    iam.UsersAPI: {**PEOPLE, "user_name": "natural key", "emails": "follow the user name"},
    iam.GroupsAPI: {**PEOPLE, "display_name": "natural key", "meta": "server"},
    iam.ServicePrincipalsAPI: {**PEOPLE, "display_name": "natural key", "application_id": "server"},
}


@pytest.mark.parametrize("api", list(SETTABLE), ids=lambda api: api.__name__)
def test_list_is_complete(api):
    names = set(inspect.signature(api.create).parameters) - {"self"}
    assert names - SETTABLE[api] - set(NOT_CHANGED[api]) == set()


def test_loss_of_an_object_is_found(moved):
    migration, new = moved
    client = new.sdk()
    client.workspace.delete("/Shared/full/query.sql")
    migration.run("verify", ok=(3,))
    missing = [(j["source"]["kind"], j["key"]) for j in migration.artefact("verify")["judgements"] if j["verdict"] == "missing"]
    assert ("workspace_file", "/Shared/full/query.sql") in missing


