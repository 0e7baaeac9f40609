"""What the mutation tests share: every leaf of a document changed to another valid value, and which finding names it."""
import copy
import enum
import re

from full_objects import SCHEMAS, document_leaves, get, other_value, pattern_of, put
from full_values import NAMES_WHAT_IS_NOT_MOVED

MAPPING = "accounts:\n  '111111111111': '111111111111'\n"

# Leaves that cannot be changed by themselves in this estate, each with the reason: expressions over patterns. They are
# counted, and golden/fields_not_mutated.json lists what each stands for.
CANNOT_CHANGE_ALONE = {
    r"^settings\.name$|^cluster_name$|^name$": "the natural key: another name is another object, whose loss is tested apart",
    r"^settings\.format$": "the SDK: ignored in create, update and reset calls",
    r"new_cluster\.cluster_name$": "the SDK: of job clusters the platform sets it from the ids of job and run",
    r"\.git_snapshot\.|\.dirty_state$": "the platform's own record of a run, or of its comparison with the repository",
    r"^settings\.deployment\.": "names the bundle that deployed the job, which does not know the copy",
    r"^settings\.access_control_list": "grants are set and judged by calls of their own: test_mutation_small.py",
    r"for_each_task\.task\.for_each_task": "for-each tasks cannot be nested in each other",
    r"for_each_task\.task\.depends_on": "the task inside a for-each has no others beside it to depend on",
    r"^clone_from\.|^apply_policy_default_values$": "only read by the create call, never returned",
    r"health\.rules\[\]\.op$": "the SDK knows one value, and demands it",
    r"^creator_name$|^customer_version_label$": "the SDK: output only",
    "|".join(rf"(^|\.){name}(\[\])?(\.|$)" for name in sorted(NAMES_WHAT_IS_NOT_MOVED)):
        "names an object of a kind that does not move yet, which blocks the job",
}
# A name inside one document to which other members of it refer: changed where nothing does.
REMOVED = object()     # the other value of an enumeration with one value is none
KEYS = ("task_key", "job_cluster_key", "environment_key", "environment_variables_key")


# In an estate of AWS; test_mutation_clouds.py changes what the other clouds alone have.
OF_ANOTHER_CLOUD = {r"(^|\.)(azure|gcp)_attributes\.|\.abfss\.|\.gcs\.|remote_disk": "another cloud's, and not changed in a workspace of that cloud"}
FIXED = "fixed at creation: the SDK's edit call does not take it"
OF_KIND = {
    "instance_pool": {r"^instance_pool_name$": CANNOT_CHANGE_ALONE[r"^settings\.name$|^cluster_name$|^name$"],
                      r"^(aws_attributes|azure_attributes|gcp_attributes|disk_spec|preloaded_|node_type_flexibility|node_type_id|enable_elastic_disk)": FIXED},
    "cluster_policy": {r"^policy_family_id$": FIXED},
}


def reason_of(kind, pattern, in_its_cloud=False):
    rows = {**CANNOT_CHANGE_ALONE, **OF_KIND.get(kind, {}), **({} if in_its_cloud else OF_ANOTHER_CLOUD)}
    return next((reason for expression, reason in rows.items() if re.search(expression, pattern)), None)


def is_referred_to(document, path, value):
    """Is this leaf the definition of a key that another leaf names?"""
    name = path.rsplit(".", 1)[-1]
    if name not in KEYS:
        return False
    return sum(1 for other, its in document_leaves(document) if other.rsplit(".", 1)[-1] == name and its == value) > 1


def is_reference(path):
    return path.endswith("].task_key") and "depends_on" in path or re.search(r"task(s\[\d+\])?\.(job_cluster_key|environment_key|environment_variables_key)$", path)


def other_key(document, path, value):
    """Another key of the same document for a leaf that names one."""
    name = path.rsplit(".", 1)[-1]
    others = [its for other, its in document_leaves(document) if other.rsplit(".", 1)[-1] == name and not is_reference(other)
              and its != value and not other.startswith(path.rsplit(".depends_on", 1)[0]) and ".for_each_task." not in other]
    return others[0] if others else value


def other_than(kind, document, path, value, known):
    """Another valid value for a leaf, or the same when it cannot be changed alone here."""
    pattern = pattern_of(path)
    if pattern not in SCHEMAS[kind] or reason_of(kind, pattern, True) or value in ({}, [], None):
        return value
    if path == "enable_elastic_disk" and "instance_pool_id" in document:
        return value        # shown, but the pool's: Terraform provider, ModifyRequestOnInstancePool
    if is_reference(path):
        return other_key(document, path, value)
    if is_referred_to(document, path, value):
        return value
    schema = SCHEMAS[kind][pattern]
    if isinstance(schema, type) and issubclass(schema, enum.Enum) and len(schema) == 1:
        return REMOVED
    return other_value(pattern, value, schema, known)


def mutable_paths(kind, document, known):
    return [path for path, value in document_leaves(document) if other_than(kind, document, path, value, known) != value]


def mutated(kind, document, path, known):
    changed = copy.deepcopy(document)
    other = other_than(kind, document, path, get(document, path), known)
    if other is REMOVED:
        holder, _, name = path.rpartition(".")
        del (get(changed, holder) if holder else changed)[name]
    else:
        put(changed, path, other)
    return changed


def is_inside(path, outer):
    return path == outer or path.startswith((outer + ".", outer + "["))


def covers(path, found):
    """A finding names the field, something inside it (a key of a map), or the element of a set that it is in."""
    return is_inside(found, path) or is_inside(path, found)


def differences_found(migration):
    """(kind, key, path) of every difference that verify finds now."""
    migration.run("verify", ok=(0, 3))
    return {(j["source"]["kind"], j["key"], d["path"]) for j in migration.artefact("verify")["judgements"] for d in j.get("differences", [])}
