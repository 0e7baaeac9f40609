"""Azure -> Google Cloud: the twin refuses nothing, what has no counterpart is named, and it converges."""
import json
import re

from harness import Migration, Twin
from round_estate import PLACES, Side, round_estate
from snapshot import snapshot

# V100 machines and local NVMe disks are not there.
NO_EQUAL = {"cluster 'deep'", "cluster 'wide'", "job 'plain'", "job 'submit'"}


def test_moves(tmp_path):
    mapping = "storage:\n" + "".join(f"  {Side('azure').url(place)}: gs://north-{place}\n" for place in PLACES)
    with Twin(tmp_path, "azure", load=round_estate(tmp_path / "estate", "azure"), name="old") as old, Twin(tmp_path, "gcp", name="new") as new:
        migration = Migration(tmp_path, old, new, mapping)
        migration.run("discover", ok=(0, 3))
        migration.run("plan", ok=(0, 3))
        assert migration.json("rehearse", ok=(0,))["passed"]
        for _ in range(2):      # the second brings the homes of service principals
            migration.run("apply")
            migration.run("plan", ok=(0, 3))
        summary = migration.json("plan", ok=(0, 3))["summary"]
        assert summary.get("create", 0) == summary.get("update", 0) == summary.get("adopt", 0) == 0, summary
        changes = migration.artefact("plan")["changes"]
        left = {f"{c['source']['kind']} '{c['key']}'" for c in changes if c.get("code") == "node-type-unmapped"}
        others = {(c["id"], c.get("code")) for c in changes if c["verb"] not in ("unchanged",) and c.get("code") != "node-type-unmapped"}
        assert left == NO_EQUAL, left
        assert {code for _, code in others} <= {"dependency-not-moved"}, others
        assert {v for kind in migration.json("verify", ok=(0,))["counts"].values() for v in kind} == {"equal", "not-applied"}
        found = snapshot(new.sdk())
    text = json.dumps({**found, "tree": {}})
    for word in ("abfss:", "Standard_", "azure_attributes", "_AZURE"):
        assert word not in text, f"{word} was carried to Google Cloud"
    shared = next(c for c in found["clusters"] if c["cluster_name"] == "shared")
    # databricks-sdk 0.162, GcpAttributes and GcpAvailability; InitScriptInfo.gcs.
    assert shared["gcp_attributes"]["availability"] == "ON_DEMAND_GCP" and shared["gcp_attributes"]["zone_id"] == "auto"
    assert {"gcs": {"destination": "gs://north-init/agent.sh"}} in shared["init_scripts"]
    assert re.fullmatch(r"[a-z0-9]+-(standard|highmem)-4", shared["node_type_id"])
