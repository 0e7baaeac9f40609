"""Azure -> AWS -> Azure returns the first estate up to a golden list of differences, each with its reason; AWS -> AWS with
another account id and renamed users likewise. Both ends are read by the official SDK."""
import json
import re

import pytest
from harness import ROOT, Migration, Twin
from snapshot import differences, snapshot
from test_kill import small_company

GOLDEN = ROOT / "tests/acceptance/golden"
MAPPING = (ROOT / "examples/company/mapping.yaml").read_text()


def reverse_storage(mapping):
    lines = []
    for line in mapping.splitlines():
        found = re.match(r"  (abfss://\S+): (s3://\S+)", line)
        lines.append(f"  {found.group(2)}: {found.group(1)}" if found else line)
    return "\n".join(lines) + "\n"


def unexpected(found, golden_name):
    """Differences that no row of the golden list explains; and rows that explain nothing."""
    rows = json.loads((GOLDEN / golden_name).read_text())
    used, left = set(), []
    for text in found:
        row = next((i for i, r in enumerate(rows) if re.search(r["pattern"], text)), None)
        if row is None:
            left.append(text)
        else:
            used.add(row)
    return left, [r["pattern"] for i, r in enumerate(rows) if i not in used]


def test_azure_aws_azure(tmp_path):
    estate = small_company(tmp_path / "estate")
    with Twin(tmp_path, "azure", load=estate, name="first") as first, Twin(tmp_path, "aws", name="middle") as middle, \
            Twin(tmp_path, "azure", name="last") as last:
        Migration(tmp_path, first, middle, MAPPING, name="there").move()
        Migration(tmp_path, middle, last, reverse_storage(MAPPING), name="back").move()
        found = differences(snapshot(first.sdk()), snapshot(last.sdk()))
    left, unused = unexpected(found, "round_trip_azure_aws_azure.json")
    assert left == [], "\n".join(left)
    assert unused == [], "the golden list allows what did not happen"


@pytest.fixture
def aws_estate(tmp_path):
    """The small company as it would be on AWS, in account 111111111111."""
    profile = "arn:aws:iam::111111111111:instance-profile/lake-reader"
    estate = small_company(tmp_path / "aws-estate")

    def rewrite(name, change):
        file = estate / f"{name}.json"
        file.write_text(json.dumps([change(row) for row in json.loads(file.read_text())]))

    def to_aws(row):
        text = json.dumps(row)
        for a, b in {"Standard_DS3_v2": "m5.xlarge", "Standard_DS4_v2": "m5.2xlarge", "Standard_DS5_v2": "m5.4xlarge",
                     "Standard_E8s_v3": "r5.2xlarge", "SPOT_WITH_FALLBACK_AZURE": "SPOT_WITH_FALLBACK", "SPOT_AZURE": "SPOT",
                     "ON_DEMAND_AZURE": "ON_DEMAND", "azure_attributes": "aws_attributes", "Standard_NC6s_v3": "p3.2xlarge",
                     "Standard_E(8|16)s_v3": "r5.(2|4)xlarge"}.items():
            text = text.replace(a, b)
        row = json.loads(text)
        fix(row)
        return row

    def fix(value):
        if isinstance(value, dict):
            attributes = value.get("aws_attributes")
            if isinstance(attributes, dict):
                attributes.pop("spot_bid_max_price", None)
                if "node_type_id" in value:
                    attributes.update(ebs_volume_type="GENERAL_PURPOSE_SSD", ebs_volume_count=1, ebs_volume_size=100)
                    if "instance_pool_name" not in value:
                        attributes.update(instance_profile_arn=profile, zone_id="auto")
                    else:
                        attributes.pop("ebs_volume_type"), attributes.pop("ebs_volume_count"), attributes.pop("ebs_volume_size")
                        attributes["zone_id"] = "us-east-1a"
                        value["disk_spec"] = {"disk_type": {"ebs_volume_type": "GENERAL_PURPOSE_SSD"}, "disk_count": 1, "disk_size": 100}
            for item in value.values():
                fix(item)
        elif isinstance(value, list):
            for item in value:
                fix(item)
    for name in ("clusters", "instance_pools", "jobs"):
        rewrite(name, to_aws)
    policies = [{"policy_id": p["policy_id"], "name": p["name"], "definition": json.dumps(
        {"node_type_id": {"type": "allowlist", "values": ["m5.xlarge", "m5.2xlarge", "m5.4xlarge"]},
         "aws_attributes.instance_profile_arn": {"type": "fixed", "value": profile}})}
        for p in json.loads((estate / "cluster_policies.json").read_text())]
    pool = json.loads((estate / "instance_pools.json").read_text())[0]["instance_pool_id"]
    for policy in policies:
        if policy["name"] == "pooled":
            policy["definition"] = json.dumps({"instance_pool_id": {"type": "fixed", "value": pool}})
        elif policy["name"] == "analysts":
            policy["definition"] = json.dumps({"autoscale.max_workers": {"type": "range", "maxValue": 4}})
    (estate / "cluster_policies.json").write_text(json.dumps(policies))
    (estate / "instance_profiles.json").write_text(json.dumps([{"instance_profile_arn": profile}]))
    return estate


def test_aws_aws_other_account(tmp_path, aws_estate):
    there = "accounts:\n  '111111111111': '222222222222'\npeople:\n  '*@meridianfoods.example': '*@meridian.example'\n"
    back = "accounts:\n  '222222222222': '111111111111'\npeople:\n  '*@meridian.example': '*@meridianfoods.example'\n"
    with Twin(tmp_path, "aws", load=aws_estate, name="first") as first, Twin(tmp_path, "aws", name="middle") as middle, \
            Twin(tmp_path, "aws", name="last") as last:
        Migration(tmp_path, first, middle, there, name="there").move()
        text = json.dumps(snapshot(middle.sdk()))
        assert "111111111111" not in text and "@meridianfoods.example" not in text
        assert "arn:aws:iam::222222222222:instance-profile/lake-reader" in text
        Migration(tmp_path, middle, last, back, name="back").move()
        found = differences(snapshot(first.sdk()), snapshot(last.sdk()))
    left, unused = unexpected(found, "round_trip_aws_aws_aws.json")
    assert left == [], "\n".join(left)
    assert unused == [], "the golden list allows what did not happen"
