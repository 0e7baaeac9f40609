"""AWS -> Azure, a journey of its own: what an AWS workspace has of AWS becomes what Azure has for it, or is a plan line with a
code and a reason. The mapped values are read by the SDK and judged by the vendors' documents and the two clouds' own lists."""
import json
import re

import pytest
from aws_estate import ALONE, aws_estate
from harness import Migration, Twin
from round_estate import BO, CY, LOADER, PROFILE, SIZES, WRITER, storage_map
from snapshot import snapshot

MAPPING = (storage_map("aws", "azure") + "  s3://north-raw/logs: /Volumes/main/ops/logs\n"
           f"instance_profiles:\n  '{PROFILE}': ''\n  '{WRITER}': ''\n"
           "registries:\n  111111111111.dkr.ecr.us-east-1.amazonaws.com: north.azurecr.io\n")
# Microsoft Learn, "Naming conventions for Azure virtual machine sizes": p = the CPU is ARM.
AZURE_ARM = re.compile(r"Standard_[A-Z]+\d+[a-z]*p[a-z]*_v\d+")


@pytest.fixture(scope="module")
def moved(tmp_path_factory):
    tmp = tmp_path_factory.mktemp("aws-to-azure")
    with Twin(tmp, "aws", load=aws_estate(tmp / "estate"), name="old") as old, Twin(tmp, "azure", name="new") as new:
        migration = Migration(tmp, old, new, MAPPING)
        migration.run("discover", ok=(0, 3))
        migration.run("plan", ok=(0, 3))
        migration.rehearsed = migration.json("rehearse", ok=(0,))
        migration.run("apply")      # exit code 0: the twin refused nothing
        migration.run("plan", ok=(0, 3))
        migration.run("apply")      # homes of service principals: their new ids are known now
        yield migration, snapshot(new.sdk()), old, new


def test_everything_arrives_or_is_named(moved):
    migration, _, _, _ = moved
    assert migration.rehearsed["passed"] and migration.rehearsed["refusals"] == []
    summary = migration.json("plan", ok=(0, 3))["summary"]
    assert summary.get("create", 0) == summary.get("update", 0) == summary.get("adopt", 0) == 0, summary
    left = {(c["source"]["kind"], c["key"], c["verb"], c["code"]) for c in migration.artefact("plan")["changes"]
            if c["verb"] != "unchanged"}
    assert left == {
        ("instance_profile", PROFILE, "excluded", "no-counterpart"), ("instance_profile", WRITER, "excluded", "no-counterpart"),
        ("instance_profile", ALONE, "blocked", "cloud-identity-unmapped"),
        ("cluster", "identity nobody decided", "blocked", "cloud-identity-unmapped"),
        ("cluster", "logs to a bucket nobody mapped", "blocked", "storage-unmapped")}
    for change in migration.artefact("plan")["changes"]:
        assert change["verb"] == "unchanged" or change["reason"], change["id"]


def test_verify_finds_it_equal(moved):
    migration, _, _, _ = moved
    result = migration.json("verify", ok=(0,))
    verdicts = {v for kind in result["counts"].values() for v in kind}
    assert verdicts == {"equal", "not-applied"} and result["findings"] == []
    assert sum(kind.get("not-applied", 0) for kind in result["counts"].values()) == 5


def test_nothing_of_aws_is_left(moved):
    _, found, _, new = moved
    found = {**found, "tree": {}}      # contents are left as they are, names are checked elsewhere
    text = json.dumps(found)
    for word in ("arn:aws", "aws_attributes", "s3:", "s3a:", "us-east-1", "ebs_volume", "amazonaws.com", "AWS_REGION", "glueCatalog", LOADER):
        assert word not in text, f"{word} was carried to Azure: {text[max(0, text.find(word) - 200):text.find(word) + 100]}"
    assert [w for w in new.sdk().warehouses.list() if w.name == "reports"][0].as_dict().get("instance_profile_arn") is None


def facts(client):
    return {n.node_type_id: n for n in client.clusters.list_node_types().node_types}


def test_node_types(moved):
    """Every machine has the source's cores, memory within -5 % to +20 %, GPUs and processor; the pairs come out where Azure has
    one that is as near (DS*_v2 has 12 % less memory than m5, so another of the same size is nearer)."""
    _, found, old, new = moved
    there, here = facts(old.sdk()), facts(new.sdk())
    before = {c.cluster_name: c for c in old.sdk().clusters.list()}
    after = {c["cluster_name"]: c for c in found["clusters"]}
    compared = 0
    for name, cluster in after.items():
        if name == "of one name" or not cluster.get("node_type_id"):
            continue
        source = before[name].node_type_id
        a, b = there[source.replace("m-fleet.", "m5.")], here[cluster["node_type_id"]]
        assert a.num_gpus == b.num_gpus, (source, b.node_type_id)
        assert bool(a.is_graviton) == bool(AZURE_ARM.fullmatch(b.node_type_id)), (source, b.node_type_id)
        if not a.num_gpus:
            assert a.num_cores == b.num_cores and -0.05 <= b.memory_mb / a.memory_mb - 1 <= 0.20, (source, b.node_type_id)
        compared += 1
    assert compared >= 20
    pairs = {size: after[f"pair {size}"]["node_type_id"] for size in SIZES}
    assert {s: pairs[s] for s in ("memory", "memory2", "gpu")} == {s: SIZES[s][1] for s in ("memory", "memory2", "gpu")}
    assert re.fullmatch(r"Standard_L8s(_v\d)?", pairs["disk"])
    assert after["eight A100"]["node_type_id"].startswith("Standard_ND96") and after["one T4"]["node_type_id"] == "Standard_NC4as_T4_v3"
    assert not any(AZURE_ARM.fullmatch(c.get("node_type_id", "")) for n, c in after.items() if n != "graviton")


def test_attributes(moved):
    _, found, _, _ = moved
    clusters = {c["cluster_name"]: c for c in found["clusters"]}
    # databricks-sdk 0.162, AzureAttributes: -1 is "up to the on-demand price", as 100 per cent is on AWS.
    assert clusters["every attribute"]["azure_attributes"] == {"availability": "SPOT_AZURE", "first_on_demand": 2, "spot_bid_max_price": -1}
    assert clusters["spot with fallback"]["azure_attributes"]["availability"] == "SPOT_WITH_FALLBACK_AZURE"
    assert clusters["logs to s3"]["cluster_log_conf"] == {"volumes": {"destination": "/Volumes/main/ops/logs/a"}}
    everywhere = clusters["s3 everywhere"]
    assert everywhere["init_scripts"] == [{"abfss": {"destination": "abfss://init@northlake.dfs.core.windows.net/a.sh"}},
                                          {"workspace": {"destination": "/Shared/init/agent.sh"}}]
    assert everywhere["spark_conf"] == {"north.checkpoint": "abfss://gold@northlake.dfs.core.windows.net/check", "spark.speculation": "true"}
    assert everywhere["spark_env_vars"] == {"NORTH_OUT": "abfss://gold@northlake.dfs.core.windows.net/out"}
    assert everywhere["custom_tags"]["path"] == "a/b"
    assert clusters["image from ECR"]["docker_image"]["url"] == "north.azurecr.io/lake:1"
    assert clusters["graviton"]["spark_version"] == "15.4.x-aarch64-scala2.12"


def test_pools(moved):
    _, found, _, _ = moved
    pools = {p["instance_pool_name"]: p for p in found["instance_pools"]}
    # databricks-sdk 0.162, DiskTypeAzureDiskVolumeType; disk_size "Azure: 1 - 1023 GiB".
    assert pools["hdd"]["disk_spec"] == {"disk_count": 2, "disk_size": 1023, "disk_type": {"azure_disk_volume_type": "STANDARD_LRS"}}
    assert pools["small"]["disk_spec"] == {"disk_count": 2, "disk_size": 200, "disk_type": {"azure_disk_volume_type": "PREMIUM_LRS"}}
    assert pools["cheap spot"]["azure_attributes"] == {"availability": "SPOT_AZURE", "spot_bid_max_price": -1}
    assert "disk_spec" not in pools["cheap spot"]


def test_policies(moved):
    """Rules on what Azure has are there in its words; rules on what it has not are gone, each with a finding or a decision."""
    migration, found, _, _ = moved
    policies = {p["name"]: p["definition"] for p in found["cluster_policies"]}
    a = "azure_attributes"
    assert policies["aws fixed"] == {f"{a}.availability": {"type": "fixed", "value": "SPOT_AZURE", "hidden": True},
                                     f"{a}.first_on_demand": {"type": "fixed", "value": 1, "hidden": True},
                                     f"{a}.spot_bid_max_price": {"type": "fixed", "value": -1, "hidden": True}}
    assert policies["aws range and blocklist"] == {f"{a}.availability": {"type": "blocklist", "values": ["ON_DEMAND_AZURE"]},
                                                   f"{a}.first_on_demand": {"type": "range", "minValue": 1, "maxValue": 2, "defaultValue": 1}}
    assert policies["aws allowlist"] == {
        f"{a}.availability": {"type": "allowlist", "values": ["SPOT_AZURE", "ON_DEMAND_AZURE"], "defaultValue": "ON_DEMAND_AZURE"},
        f"{a}.first_on_demand": {"type": "allowlist", "values": [1, 2], "defaultValue": 2}}
    assert policies["aws regex"] == {f"{a}.availability": {"type": "regex", "pattern": "SPOT.*"}}
    assert policies["aws forbidden"].keys() == {f"{a}.availability", f"{a}.first_on_demand", f"{a}.spot_bid_max_price"}
    assert policies["aws unlimited"][f"{a}.spot_bid_max_price"] == {"type": "unlimited", "defaultValue": -1, "isOptional": True}
    assert policies["nodes by pattern"]["node_type_id"] == {"type": "allowlist", "values": ["Standard_E8s_v3", "Standard_E16s_v3"]}
    told = {(f["key"], f["where"].split(":", 1)[1]) for f in migration.artefact("plan")["findings"] if f["code"] == "policy-rule-dropped"}
    for name in ("zone_id", "ebs_volume_type", "ebs_volume_count", "ebs_volume_size", "ebs_volume_iops", "ebs_volume_throughput"):
        assert ("aws fixed", f"aws_attributes.{name}") in told and ("aws allowlist", f"aws_attributes.{name}") in told
    assert ("aws allowlist", "aws_attributes.spot_bid_price_percent") in told and ("aws fixed", "aws_attributes.instance_profile_arn") in told


def test_jobs(moved):
    _, found, _, _ = moved
    jobs = {j["name"]: j["settings"] for j in found["jobs"]}
    raw, gold = ("abfss://%s@northlake.dfs.core.windows.net" % place for place in ("raw", "gold"))
    orders = jobs["orders"]
    assert orders["parameters"][0]["default"] == f"{raw}/today"
    assert orders["tasks"][0]["notebook_task"]["base_parameters"] == {"root": f"{raw}/orders"}
    assert orders["tasks"][0]["libraries"][0]["jar"] == "abfss://libs@northlake.dfs.core.windows.net/north.jar"
    assert orders["tasks"][1]["spark_python_task"]["parameters"] == ["--out", f"{gold}/orders"]
    assert orders["run_as"] == {"service_principal_name": "<application:loader>"}
    assert jobs["arrivals"]["trigger"]["file_arrival"]["url"] == f"{raw}/drop/"
    assert jobs["submit"]["tasks"][0]["spark_submit_task"]["parameters"][2] == "abfss://libs@northlake.dfs.core.windows.net/main.jar"
    inner = jobs["markets"]["tasks"][0]["for_each_task"]["task"]
    assert inner["notebook_task"]["base_parameters"] == {"root": f"{gold}/m"}
    # An absent availability is spot with fallback on AWS and on demand on Azure (Terraform provider, databricks_cluster).
    assert jobs["plain"]["tasks"][0]["new_cluster"]["azure_attributes"] == {"availability": "SPOT_WITH_FALLBACK_AZURE"}
    assert [BO, "IS_OWNER"] in found["permissions"]["jobs <job:report>"] and [CY, "CAN_EDIT"] in found["permissions"]["notebooks /Shared/etl/orders"]


def test_losses_are_told(moved):
    migration, _, _, _ = moved
    told = {(f["code"], f["key"]) for f in migration.artefact("plan")["findings"]}
    for wanted in (("spot-price-cap", "every attribute"), ("disk-smaller", "every attribute"), ("disk-dropped", "graviton"),
                   ("disk-size-clamped", "hdd"), ("spot-price-cap", "cheap spot"), ("conf-cloud-only", "s3 everywhere"),
                   ("environment-cloud-only", "s3 everywhere")):
        assert wanted in told, wanted
    decisions = {d["path"] for c in migration.artefact("plan")["changes"] if c["key"] == "every attribute" for d in c["decisions"]}
    for name in ("zone_id", "ebs_volume_count", "ebs_volume_iops", "instance_profile_arn"):
        assert f"aws_attributes.{name}" in decisions, (name, decisions)
