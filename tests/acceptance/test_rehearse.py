"""Rehearse tells beforehand what the target would refuse, and agrees with a target that took everything."""
import pytest
from harness import ESTATE, ROOT, Migration, Twin
from round_estate import round_estate, storage_map

COMPANY_MAPPING = (ROOT / "examples/company/mapping.yaml").read_text()


def test_before_and_after_apply(tmp_path):
    with Twin(tmp_path, "azure", load=ESTATE, name="old") as old, Twin(tmp_path, "aws", name="new") as new:
        migration = Migration(tmp_path, old, new, COMPANY_MAPPING)
        migration.run("discover", ok=(0, 3))
        migration.run("plan", ok=(0, 3))
        asked = len(new.requests())
        before = migration.json("rehearse", ok=(0,))
        assert before["passed"] and before["calls"] > 1000
        assert len(new.requests()) == asked, "a rehearsal calls nothing real"
        migration.run("apply", ok=(0, 3))
        right_after = migration.json("rehearse", ok=(0,))
        assert right_after["passed"] and right_after["applied"] and right_after["calls"] == 0
        # The next plan is about a target that holds everything: it has no call, and the twin of the target agrees with it.
        migration.run("plan", ok=(0, 3))
        again = migration.json("rehearse", ok=(0,))
        assert "applied" not in again
        assert again["calls"] == 0 and again["refusals"] == [] and again["unequal"] == [] and again["not_converged"] == []


@pytest.fixture(scope="module")
def old(tmp_path_factory):
    tmp = tmp_path_factory.mktemp("rehearsed")
    with Twin(tmp, "azure", load=round_estate(tmp / "estate", "azure"), name="old") as twin:
        yield twin


def plan_with(tmp_path, old, new, mapping=""):
    migration = Migration(tmp_path, old, new, storage_map("azure", "aws") + mapping)
    migration.run("discover", ok=(0, 3))
    migration.run("plan", ok=(0, 3))
    return migration


@pytest.mark.parametrize("path,value,word", [
    ("node_type_id", "m5.wide", "m5.wide"), ("aws_attributes.zone_id", "us-east-1z", "us-east-1z"),
    ("spark_version", "15.9.x-scala2.12", "15.9.x"), ("autotermination_minutes", "5", "between 10 and 10000")])
def test_names_what_the_target_would_refuse(tmp_path, old, path, value, word):
    """A user's own last word (mapping.yaml, fields) is not judged by the plan: the target's lists do."""
    field = f"fields:\n  - kind: cluster\n    object: photon\n    path: {path}\n    value: {value}\n"
    with Twin(tmp_path, "aws", name="new") as new:
        migration = plan_with(tmp_path, old, new, field)
        result = migration.json("rehearse", ok=(3,))
        assert not result["passed"] and [r["key"] for r in result["refusals"]] == ["photon"], result["refusals"]
        refusal = result["refusals"][0]
        assert refusal["kind"] == "cluster" and word in refusal["message"] and refusal["code"] and refusal["remedy"]
        assert result["unequal"] == [] and result["not_converged"] == []
        # Apply ends the same way, with the same object.
        applied = migration.run("apply", ok=(4,))
        assert "photon" in applied.stdout and word in applied.stdout
        names = {c.cluster_name for c in new.sdk().clusters.list()}
    assert "photon" not in names and "wide" in names


def test_knows_the_tier(tmp_path, old):
    with Twin(tmp_path, "aws", "--tier", "standard", name="new") as new:
        result = plan_with(tmp_path, old, new).json("rehearse", ok=(3,))
    refused = {(r["kind"], r["key"]) for r in result["refusals"]}
    assert ("cluster_policy", "pooled") in refused and ("secret_scope", "lake") in refused
    assert {r["code"] for r in result["refusals"]} == {"feature-disabled"}
    assert result["not_converged"] == [], "what waits for a refused object is not a second complaint"
