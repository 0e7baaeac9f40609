"""Objects with every settable field at a value of its own, built from the official SDK's dataclasses, and for every field
another valid value. Knows the SDK and the vendor's rules, nothing of lakeshift.

A leaf is named by its pattern: "settings.tasks[].notebook_task.notebook_path".
"""
import copy
import dataclasses
import enum
import inspect
import typing

from databricks.sdk.service import compute, jobs, sql

# Leaves that no workspace on this cloud lets a client set, with the reason.
NOT_SETTABLE_HERE = {
    "azure_attributes": "another cloud's", "gcp_attributes": "another cloud's",
    "abfss": "another cloud's storage", "gcs": "another cloud's storage",
    "remote_disk_throughput": "another cloud's disks", "total_initial_remote_disk_size": "another cloud's disks",
    "apply_policy_default_values": "only read by the create call, never returned",
    "clone_from": "only read by the create call, never returned",
}


def fields_of(cls):
    hints = typing.get_type_hints(cls)
    return [(f.name, hints[f.name]) for f in dataclasses.fields(cls)]


def strip_optional(kind):
    if typing.get_origin(kind) is typing.Union:
        kind = next(a for a in typing.get_args(kind) if a is not type(None))
    return kind


def leaves(members, prefix="", seen=()):
    """(pattern, type) of every leaf below members (name, type); a class inside itself is entered once more."""
    for name, kind in members:
        kind = strip_optional(kind)
        path = f"{prefix}{name}"
        if typing.get_origin(kind) is list:
            kind, path = strip_optional(typing.get_args(kind)[0]), path + "[]"
        if dataclasses.is_dataclass(kind):
            if seen.count(kind) >= 2:
                continue
            inner = list(leaves(fields_of(kind), path + ".", (*seen, kind)))
            yield from inner or [(path, dict)]
        else:
            yield path, kind


def settable(method, prefix=""):
    """Pattern -> type of every leaf that the SDK's method takes."""
    hints = typing.get_type_hints(method)
    members = [(name, hints[name]) for name in inspect.signature(method).parameters if name != "self"]
    return dict(leaves(members, prefix))


def document_leaves(value, prefix=""):
    """(path, value) of every leaf of a JSON document; maps of texts are one leaf."""
    if isinstance(value, dict) and value and pattern_of(prefix) not in MAPS:
        for key, item in value.items():
            yield from document_leaves(item, f"{prefix}.{key}" if prefix else key)
    elif isinstance(value, list) and value:
        for index, item in enumerate(value):
            yield from document_leaves(item, f"{prefix}[{index}]")
    else:
        yield prefix, value


def get(document, path):
    for part in parts_of(path):
        document = document[part]
    return document


def put(document, path, value):
    *head, last = parts_of(path)
    for part in head:
        document = document[part]
    document[last] = value


def parts_of(path):
    out = []
    for piece in path.replace("[", ".[").split("."):
        if piece.startswith("["):
            out.append(int(piece[1:-1]))
        elif piece:
            out.append(piece)
    return out


def pattern_of(path):
    return "".join("[]" if isinstance(p, int) else ("." if i else "") + p for i, p in enumerate(parts_of(path)))


def other_value(pattern, value, kind, known):
    """Another valid value for a leaf. `known` maps the end of a pattern to the values a workspace accepts there."""
    for ending in sorted(known, key=len, reverse=True):
        if pattern == ending or pattern.endswith("." + ending) or pattern.endswith("]" + ending):
            options = known[ending]
            return copy.deepcopy(next((o for o in options if o != value), value))
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if isinstance(value, float):
        return value + 0.5
    if isinstance(value, dict):
        return {**value, "added_by_test": "x"}
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return next((m.value for m in kind if m.value != value), value)
    return f"{value}-changed"


SCHEMAS = {
    "job": settable(jobs.JobsAPI.create, "settings."),
    "cluster": settable(compute.ClustersAPI.create),
    "sql_warehouse": settable(sql.WarehousesAPI.create),
    "instance_pool": settable(compute.InstancePoolsAPI.create),
    "cluster_policy": settable(compute.ClusterPoliciesAPI.create),
}
MAPS = {pattern for schema in SCHEMAS.values() for pattern, kind in schema.items() if typing.get_origin(kind) is dict}
