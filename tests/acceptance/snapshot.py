"""The state of a workspace as the official SDK reads it, with ids replaced by natural keys, so that two workspaces can be
compared. Knows nothing of lakeshift."""
import base64
import hashlib
import json

DROPPED = {
    "id", "meta", "schemas", "created_at", "modified_at", "object_id", "resource_id", "created_time", "created_timestamp",
    "last_updated_timestamp", "created_at_timestamp", "start_time", "terminated_time", "last_state_loss_time",
    "last_activity_time", "last_restarted_time", "driver", "executors", "jdbc_port", "spark_context_id", "state",
    "state_message", "termination_reason", "cluster_cores", "cluster_memory_mb", "default_tags", "stats", "status", "spec",
    "updated_at", "created_by", "updated_by", "jdbc_url", "odbc_params", "health", "num_clusters", "num_active_sessions",
    "creator_user_name", "creator_name", "externalId", "etag", "is_default", "cluster_source",
}
STAMP = "lakeshift:source"
PERMISSION_TYPES = {
    "clusters": ("cluster", "cluster_id"), "instance_pools": ("instance-pools", "instance_pool_id"),
    "cluster_policies": ("cluster-policies", "policy_id"), "jobs": ("jobs", "job_id"), "warehouses": ("warehouses", "id"),
}


def place_of(row):
    """What rows of a set are sorted by: the natural key; of equal names the one that tells them apart."""
    own = [str(row[n]) for n in ("cluster_id", "job_id") if isinstance(row, dict) and n in row]
    return (name_of(row), *own, json.dumps(row, sort_keys=True))


def name_of(row):
    names = ("userName", "displayName", "name", "cluster_name", "instance_pool_name", "value", "key")
    return next((str(row[n]) for n in names if isinstance(row, dict) and n in row), "")


def jsonable(value):
    if hasattr(value, "as_dict"):
        return value.as_dict()
    return value


class Reader:
    def __init__(self, client, contents=True):
        self.client = client
        self.contents = contents
        self.names = {}     # id -> natural key

    def remember(self, kind, identifier, key):
        if identifier not in (None, ""):
            self.names[str(identifier)] = f"<{kind}:{key}>"

    def read(self):
        w = self.client
        out = {}
        users = [jsonable(u) for u in w.users.list()]
        groups = [jsonable(w.groups.get(g.id)) for g in w.groups.list()]
        principals = [jsonable(p) for p in w.service_principals.list()]
        for row in [*users, *principals, *groups]:
            row.pop("groups", None)     # the other side of members
        for user in users:
            self.remember("user", user["id"], user["userName"])
        for group in groups:
            self.remember("group", group["id"], group["displayName"])
        for principal in principals:
            self.remember("service_principal", principal["id"], principal["displayName"])
            self.remember("application", principal.get("applicationId"), principal["displayName"])
        out["users"], out["groups"], out["service_principals"] = users, groups, principals
        out["instance_profiles"] = self.instance_profiles()
        out["instance_pools"] = self.listed(w.instance_pools.list(), "instance_pool_id", "instance_pool_name", "pool")
        out["cluster_policies"] = self.listed(w.cluster_policies.list(), "policy_id", "name", "policy")
        clusters = [c for c in w.clusters.list() if (jsonable(c).get("cluster_source") in ("UI", "API", None))]
        out["clusters"] = self.listed((w.clusters.get(c.cluster_id) for c in clusters), "cluster_id", "cluster_name", "cluster")
        out["warehouses"] = self.listed((w.warehouses.get(x.id) for x in w.warehouses.list()), "id", "name", "warehouse")
        out["global_init_scripts"] = self.listed((w.global_init_scripts.get(s.script_id) for s in w.global_init_scripts.list()),
                                                 "script_id", "name", "init_script")
        out["jobs"] = self.jobs()
        out["libraries"] = {}
        for status in w.libraries.all_cluster_statuses():
            rows = sorted(json.dumps(jsonable(x.library), sort_keys=True) for x in status.library_statuses or [])
            if rows:
                out["libraries"][status.cluster_id] = rows
        out["secrets"] = self.secrets()
        out["tree"] = self.tree()
        out["permissions"] = self.permissions(out)
        return self.normal(out)

    def listed(self, rows, id_field, name_field, kind):
        rows = [jsonable(row) for row in rows]
        self.tell_apart(rows, id_field, name_field, kind)
        return rows

    def tell_apart(self, rows, id_field, name_field, kind):
        """Gives every row its natural key. Of equal names: by who may do what, then by their content without ids."""
        names = [row[name_field] for row in rows]

        def order(row):
            if names.count(row[name_field]) == 1:
                return ("", "")
            grants = jsonable(self.client.permissions.get({"cluster": "clusters", "job": "jobs"}[kind], str(row[id_field])))
            content = {k: v for k, v in row.items() if k not in DROPPED and k != id_field}
            return json.dumps(self.normal(grants), sort_keys=True), json.dumps(self.normal(content), sort_keys=True)
        seen = {}
        for row in sorted(rows, key=order):
            seen[row[name_field]] = seen.get(row[name_field], 0) + 1
            suffix = "" if seen[row[name_field]] == 1 else f"#{seen[row[name_field]]}"
            self.remember(kind, row[id_field], row[name_field] + suffix)

    def instance_profiles(self):
        from databricks.sdk.errors import NotFound
        try:
            return {p.instance_profile_arn: jsonable(p) for p in self.client.instance_profiles.list()}
        except NotFound:    # AWS only
            return {}

    def jobs(self):
        jobs = []
        for job in self.client.jobs.list():
            row = jsonable(self.client.jobs.get(job.job_id))
            jobs.append({"job_id": row["job_id"], "name": row["settings"].get("name", ""), "settings": row["settings"]})
        self.tell_apart(jobs, "job_id", "name", "job")
        return jobs

    def secrets(self):
        scopes = {}
        for scope in self.client.secrets.list_scopes():
            row = {"backend": str(scope.backend_type), "values": {}, "acls": {}}
            if "DATABRICKS" in str(scope.backend_type):
                for secret in self.client.secrets.list_secrets(scope.name):
                    value = base64.b64decode(self.client.secrets.get_secret(scope.name, secret.key).value)
                    row["values"][secret.key] = hashlib.sha256(value).hexdigest()
            for acl in self.client.secrets.list_acls(scope.name):
                row["acls"][acl.principal] = acl.permission.value
            scopes[scope.name] = row
        return scopes

    def tree(self):
        from databricks.sdk.service.workspace import ExportFormat
        found = {}

        def walk(path):
            for node in self.client.workspace.list(path):
                row = {"type": node.object_type.value, "language": node.language.value if node.language else None}
                if row["type"] in ("NOTEBOOK", "FILE") and self.contents:
                    form = ExportFormat.SOURCE if row["type"] == "NOTEBOOK" else ExportFormat.AUTO
                    answer = self.client.workspace.export(node.path, format=form)
                    row["sha256"] = hashlib.sha256(base64.b64decode(answer.content or "")).hexdigest()
                found[self.tree_path(node.path)] = row
                self.remember("tree", node.object_id, self.tree_path(node.path))
                if row["type"] == "DIRECTORY":
                    walk(node.path)
        walk("/")
        return found

    def tree_path(self, path):
        """Homes of service principals are named by their application id, which every workspace makes itself."""
        return "/".join(self.names.get(part, part) for part in path.split("/"))

    def permissions(self, out):
        rows = {}

        def read(kind, identifier, key):
            answer = jsonable(self.client.permissions.get(kind, str(identifier)))
            direct = []
            for entry in answer.get("access_control_list", []):
                who = entry.get("user_name") or entry.get("group_name") or entry.get("service_principal_name")
                for level in entry.get("all_permissions", []):
                    if not level.get("inherited") and who != "admins":
                        direct.append([who, level["permission_level"]])
            if direct:
                rows[f"{kind} {key}"] = sorted(([self.names.get(who, who), level] for who, level in direct), key=str)

        for name, (kind, id_field) in PERMISSION_TYPES.items():
            kind = "clusters" if kind == "cluster" else kind
            for row in out[name]:
                read(kind, row[id_field], self.names[str(row[id_field])])
        for identifier, key in list(self.names.items()):
            if key.startswith("<tree:"):
                node = out["tree"].get(key[6:-1])
                kind = {"NOTEBOOK": "notebooks", "FILE": "files", "DIRECTORY": "directories"}.get(node and node["type"])
                if kind and key not in ("<tree:/Users>", "<tree:/Shared>", "<tree:/Repos>"):
                    read(kind, identifier, key[6:-1])
        return rows

    def normal(self, value, member=None):
        """Drops what the server generates and replaces ids."""
        if isinstance(value, dict):
            out = {}
            for key, item in value.items():
                if key in DROPPED or (key == STAMP) or key.endswith("_id") and key in ("creator_id",):
                    continue
                if key in ("$ref", "display"):      # of members: a second spelling of the id
                    continue
                if key in ("definition", "policy_family_definition_overrides") and isinstance(item, str):
                    item = json.loads(item)         # JSON in a text, with ids in it
                out[self.names.get(key, key)] = self.normal(item, key)
            return {k: v for k, v in out.items() if v not in (None, {}, [])}
        if isinstance(value, list):
            rows = [self.normal(item) for item in value if not (isinstance(item, dict) and item.get("key") == STAMP)]
            if member in ("members", "entitlements", "roles", "users", "jobs", "clusters", "instance_pools", "warehouses",
                          "cluster_policies", "service_principals", "groups", "global_init_scripts", "custom_tags"):
                rows.sort(key=place_of)
            return rows
        text = self.names.get(str(value)) if not isinstance(value, bool) else None
        if text is None and isinstance(value, str) and value.startswith(("/Users/", "/Workspace/Users/")):
            text = self.tree_path(value)
        return text if text is not None else value


def snapshot(client, contents=True):
    return Reader(client, contents).read()


def by_key(rows):
    """Rows of a set by what tells them apart; null for lists without."""
    keys = [place_of(row)[-2] if isinstance(row, dict) and name_of(row) else "" for row in rows]
    keys = [key.strip("<>").split(":", 1)[-1] if key.startswith("<") else key for key in keys]
    return dict(zip(keys, rows)) if rows and all(keys) and len(set(keys)) == len(keys) else None


def differences(a, b, path="", out=None):
    """Paths where two snapshots differ, for readable failures."""
    out = [] if out is None else out
    if path.count("/") == 1 and isinstance(a, list) and isinstance(b, list) and by_key(a) and by_key(b):
        left, right = by_key(a), by_key(b)
        for key in sorted(set(left) | set(right)):
            differences(left.get(key, "(absent)"), right.get(key, "(absent)"), f"{path}[{key}]", out)
        return out
    if isinstance(a, dict) and isinstance(b, dict):
        for key in sorted(set(a) | set(b), key=str):
            differences(a.get(key, "(absent)"), b.get(key, "(absent)"), f"{path}/{key}", out)
    elif isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
        for index, (x, y) in enumerate(zip(a, b)):
            differences(x, y, f"{path}[{index}]", out)
    elif a != b:
        out.append(f"{path}: {json.dumps(a, ensure_ascii=False)[:200]} != {json.dumps(b, ensure_ascii=False)[:200]}")
    return out
