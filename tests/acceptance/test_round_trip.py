"""Azure -> AWS -> Azure returns the first estate up to a golden list of differences, each with its reason; AWS -> AWS with
another account id and renamed users returns it exactly. Every leg is the whole journey with its cutover, so that what ran
runs again; both ends are read by the official SDK."""
import json
import re

from harness import ESTATE, ROOT, Migration, Twin
from round_estate import ANNA, BO, CY, DEE, LOADER, PROFILE, REPORTER, SIZES, WRITER, round_estate, storage_map
from snapshot import differences, snapshot

GOLDEN = ROOT / "tests/acceptance/golden"
COMPANY_MAPPING = (ROOT / "examples/company/mapping.yaml").read_text()


def move_with_cutover(migration, not_moved=()):
    """The journey, the second round of which brings the homes of service principals: their names are known by then."""
    for _ in range(2):
        migration.run("discover", ok=(0, 3))
        migration.run("plan", ok=(0, 3))
        migration.run("apply", ok=(0, 3))
    changes = migration.artefact("plan")["changes"]
    left = {c["id"] for c in changes if c["verb"] not in ("create", "update", "adopt", "unchanged")}
    assert left == set(not_moved), left
    assert migration.json("verify", ok=(0,) if not left else (0, 3))["findings"] == [] or left
    differing = [j for j in migration.artefact("verify")["judgements"] if j["verdict"] in ("differs", "missing", "not-provable")]
    assert differing == []
    migration.run("cutover")


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
    estate = round_estate(tmp_path / "estate", "azure")
    with Twin(tmp_path, "azure", load=estate, name="first") as first, Twin(tmp_path, "aws", name="middle") as middle, \
            Twin(tmp_path, "azure", name="last") as last:
        before = snapshot(first.sdk())
        move_with_cutover(Migration(tmp_path, first, middle, storage_map("azure", "aws"), name="there"))
        check_pairs(middle.sdk())
        between = json.dumps(snapshot(middle.sdk()))
        for word in ("abfss:", "Standard_", "_AZURE", "azure_attributes", "log_analytics", LOADER, REPORTER):
            assert word not in between, f"{word} was carried to AWS"
        move_with_cutover(Migration(tmp_path, middle, last, storage_map("aws", "azure"), name="back"))
        found = differences(before, snapshot(last.sdk()))
    left, unused = unexpected(found, "round_trip_azure_aws_azure.json")
    assert left == [], "\n".join(left)
    assert unused == [], "the golden list allows what did not happen"


def check_pairs(client):
    """The seven reference pairs of node types, Azure -> AWS."""
    nodes = {c.cluster_name: (c.node_type_id, c.driver_node_type_id) for c in client.clusters.list()}
    same = sorted(c.node_type_id for c in client.clusters.list() if c.cluster_name == "of one name")
    aws = {size: pair[0] for size, pair in SIZES.items()}
    assert nodes["shared"] == (aws["small"], aws["small"]) and same == sorted((aws["medium"], aws["large"]))
    assert nodes["photon"] == (aws["memory2"], aws["memory"])
    assert nodes["deep"][0] == aws["gpu"] and nodes["wide"][0] == aws["disk"]


def test_the_product_tells_the_same_differences():
    """The committed table of expected differences has a row for everything that a round trip was seen to change, and none for
    what it was not. What is not moved at all is in example_not_moved.json instead."""
    lines = (ROOT / "data/expected_differences.csv").read_text().splitlines()
    cells = [line.split(";") for line in lines if line and not line.startswith("#")]
    table = {f"{c[0]};{c[1]}" for c in cells if c[2] in ("azure->aws->azure", "*->*->*")}
    seen = set()
    for name in ("round_trip_azure_aws_azure.json", "round_trip_company.json"):
        for row in json.loads((GOLDEN / name).read_text()):
            assert "table" in row or "not moved yet" in row["reason"], row
            seen |= set(row.get("table", []))
    assert seen == table


NEW_ACCOUNT = "222222222222"
THERE = f"accounts:\n  '111111111111': '{NEW_ACCOUNT}'\npeople:\n  '*@north.example': '*@south.example'\n"
BACK = f"accounts:\n  '{NEW_ACCOUNT}': '111111111111'\npeople:\n  '*@south.example': '*@north.example'\n"


def renamed(mail):
    return mail.replace("@north.example", "@south.example")


def test_aws_aws_other_account(tmp_path):
    estate = round_estate(tmp_path / "estate", "aws")
    with Twin(tmp_path, "aws", load=estate, name="first") as first, Twin(tmp_path, "aws", name="middle") as middle, \
            Twin(tmp_path, "aws", name="last") as last:
        before = snapshot(first.sdk())
        there = Migration(tmp_path, first, middle, THERE, name="there")
        move_with_cutover(there)
        between = snapshot(middle.sdk())
        check_renamed(between, middle.sdk(), there)
        move_with_cutover(Migration(tmp_path, middle, last, BACK, name="back"))
        found = differences(before, snapshot(last.sdk()))
    assert found == []


def check_renamed(found, client, migration):
    """Every place that names a person, an application or the account names the new one, and notebooks have a finding."""
    text = json.dumps(found, ensure_ascii=False)
    for old in ("111111111111", "@north.example", LOADER, REPORTER):
        assert old not in text, f"{old} is still there"
    assert {r["instance_profile_arn"] for r in (p.as_dict() for p in client.instance_profiles.list())} == {
        PROFILE.replace("111111111111", NEW_ACCOUNT), WRITER.replace("111111111111", NEW_ACCOUNT)}
    assert found["secrets"]["lake"]["acls"].keys() >= {renamed(ANNA), "readers"}
    settings = {j["name"]: j["settings"] for j in found["jobs"]}
    assert settings["orders"]["run_as"] == {"service_principal_name": "<application:loader>"}
    assert settings["orders"]["email_notifications"]["on_failure"] == [renamed(BO), "desk@elsewhere.example"]
    assert settings["report"]["run_as"] == {"user_name": renamed(CY)}
    home = [t for t in settings["report"]["tasks"] if t["task_key"] == "home"][0]["notebook_task"]["notebook_path"]
    assert home == f"/Users/{renamed(BO)}/report"
    assert settings["robot's"]["tasks"][0]["notebook_task"]["notebook_path"] == "/Users/<application:loader>/robot"
    deep = next(c for c in found["clusters"] if c["cluster_name"] == "deep")
    assert deep["single_user_name"] == renamed(CY)
    shared = next(c for c in client.clusters.list() if c.cluster_name == "shared")
    assert shared.aws_attributes.instance_profile_arn == PROFILE.replace("111111111111", NEW_ACCOUNT)
    assert [renamed(BO), "IS_OWNER"] in found["permissions"]["jobs <job:report>"]
    assert ["<application:loader>", "IS_OWNER"] in found["permissions"]["jobs <job:jar>"]
    assert [renamed(DEE), "CAN_VIEW"] in found["permissions"]["jobs <job:orders>"]
    assert [renamed(CY), "CAN_MANAGE"] in found["permissions"][f"directories /Users/{renamed(BO)}"]
    assert f"/Users/{renamed(DEE)}/über/notes.md" in found["tree"]
    assert not any("@north" in path for path in found["tree"])
    # The notebook's text is left as it is; the line that names a home is told.
    findings = [f for f in migration.artefact("plan")["findings"] if f["key"] == "/Shared/etl/orders"]
    assert any(f["code"] == "home-path" and BO in json.dumps(f, ensure_ascii=False) for f in findings), findings


def test_whole_company(tmp_path):
    back = re.sub(r"  (abfss://\S+): (s3://\S+)", r"  \2: \1", COMPANY_MAPPING)
    with Twin(tmp_path, "azure", load=ESTATE, name="first") as first, Twin(tmp_path, "aws", name="middle") as middle, \
            Twin(tmp_path, "azure", name="last") as last:
        before = snapshot(first.sdk())
        for old, new, mapping, name in ((first, middle, COMPANY_MAPPING, "there"), (middle, last, back, "back")):
            migration = Migration(tmp_path, old, new, mapping, name=name)
            for _ in range(2):
                migration.run("discover", ok=(0, 3))
                migration.run("plan", ok=(0, 3))
                migration.run("apply", ok=(0, 3))
            migration.run("verify", ok=(0, 3))
            migration.run("cutover", ok=(0, 3))
        found = differences(before, snapshot(last.sdk()))
    left, unused = unexpected(found, "round_trip_company.json")
    assert left == [], "\n".join(left)
    assert unused == [], "the golden list allows what did not happen"
