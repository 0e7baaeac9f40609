"""The field tables agree with the official SDK, and the judge objects when they do not."""
import copy
import json
import pathlib
import subprocess
import sys

import pytest
from harness import LAKESHIFT, ROOT

sys.path.insert(0, str(ROOT / "tests"))
import field_coverage  # noqa: E402


@pytest.fixture(scope="module")
def dump():
    answer = subprocess.run([LAKESHIFT, "kinds", "--json"], capture_output=True, text=True, check=True)
    return json.loads(answer.stdout)


def rows_of(dump, kind):
    return next(k for k in dump["kinds"] if k["name"] == kind)["fields"]


def test_tables_agree_with_the_sdk(dump):
    assert field_coverage.violations(dump) == []


def test_a_dropped_row_is_seen_for_every_field_that_is_sent(dump):
    for kind in dump["kinds"]:
        sent = [row["pattern"] for row in kind["fields"] if row["role"] in ("settable", "create_only")]
        if not kind["moves"]:
            continue
        planted = {"kinds": [{**k, "fields": list(k["fields"])} for k in dump["kinds"] if k["name"] == kind["name"]]}
        judge = field_coverage.JUDGES[kind["name"]]
        for pattern in sent[:: max(1, len(sent) // 40)]:
            planted["kinds"][0]["fields"] = [row for row in kind["fields"] if row["pattern"] != pattern]
            coverage = field_coverage.Coverage(planted["kinds"][0], judge)
            if coverage.excepted(pattern):
                continue
            found = coverage.run()
            assert any("does not know it" in line for line in found), f"{kind['name']}: {pattern}"


def test_a_planted_row_is_seen(dump):
    planted = copy.deepcopy(dump)
    rows_of(planted, "cluster").append({"pattern": "spark_versoin", "role": "settable"})
    assert field_coverage.violations(planted) == [
        "cluster: spark_versoin: the table names it, the SDK does not know it"]


@pytest.mark.parametrize("kind,pattern,role,complaint", [
    ("cluster", "num_workers", "read_only", "the create call takes it, the table says read_only"),
    ("cluster", "spark_context_id", "settable", "the table would send it, the create call does not take it"),
    ("instance_pool", "disk_spec.disk_size", "settable", "the table says settable, the update call does not take it"),
    ("instance_pool", "max_capacity", "create_only", "the table says create_only, the update call takes it"),
    ("job", "settings.tasks[].for_each_task.task.timeout_seconds", "read_only",
     "the create call takes it, the table says read_only"),
])
def test_a_wrong_role_is_seen(dump, kind, pattern, role, complaint):
    planted = copy.deepcopy(dump)
    row = next(r for r in rows_of(planted, kind) if r["pattern"] == pattern)
    row["role"] = role
    assert f"{kind}: {pattern}: {complaint}" in field_coverage.violations(planted)


def test_a_kind_without_a_judge_is_seen(dump):
    planted = copy.deepcopy(dump)
    planted["kinds"].append({"name": "gadget", "moves": True, "fields": []})
    assert field_coverage.violations(planted) == ["gadget: no judge: add it to tests/field_coverage.py"]


def test_the_script_reads_nothing_of_ours():
    text = pathlib.Path(field_coverage.__file__).read_text()
    assert "src/" not in text.replace("Reads nothing of src/", "")
