"""What a move leaves for people and for programs: one page, JUnit, and a chain of evidence that tells when it was changed."""
import json
import re
import xml.etree.ElementTree as tree

import pytest

from postgres_pair import APP_PASSWORD, PASSWORD, Pair


@pytest.fixture
def pair(tmp_path):
    pair = Pair(tmp_path)
    yield pair
    pair.stop()


def page(path):
    """The page and the data in it."""
    text = path.read_text()
    return text, json.loads(re.search(r'<script type="application/json" id="data">\n?(.*?)</script>', text, re.S).group(1))


def test_a_move_tells_all_it_did_and_all_it_did_not(pair):
    pair.source.run("CREATE TABLE scratch_1 (id int PRIMARY KEY); CREATE UNLOGGED TABLE cache (id int PRIMARY KEY); INSERT INTO cache VALUES (1)")
    config = pair.dir / "lakeshift.yaml"
    config.write_text(config.read_text() + "    leave_out: [public.scratch_*]\n")
    pair.move("create", "--until-caught-up")
    pair.target.run("SET session_replication_role = replica; UPDATE balance SET amount = 7 WHERE id = 42")
    pair.move("verify", ok=(3,))
    text, data = page(pair.folder() / "report.html")
    assert data["equal"] is False and "id='42', column amount" in data["differences"][0]
    assert [table["table"] for table in data["tables"] if not table["equal"]] == ["public.balance"]
    pair.target.run("SET session_replication_role = replica; UPDATE balance SET amount = 1000 WHERE id = 42")
    config.write_text(config.read_text() + "    hooks:\n      before-open: [sleep, '30']\n")
    pair.move("cutover", "--pause-budget", 1500, ok=(6,))
    config.write_text(config.read_text().split("    hooks:")[0])
    pair.move("cutover")
    pair.move("cutover", ok=(3,))  # it is over there already: refused
    pair.move("rollback")

    text, data = page(pair.folder() / "report.html")
    assert not re.search(r'(?:src|href)="?https?:|@import|url\(', text), "the page needs the network"
    assert PASSWORD not in text and APP_PASSWORD not in text
    tables = {table["table"]: table for table in data["tables"]}
    assert tables["public.item"]["rows"] == 20000 and tables["public.item"]["equal"] and tables["public.item"]["bytes"] > 1_000_000
    assert [(one["verb"], one["outcome"]) for one in data["switches"]] == [
        ("cutover", "went back"), ("cutover", "switched"), ("rollback", "switched")]
    assert data["switches"][0]["pause_ms"] >= data["switches"][0]["budget_ms"] == 1500 and data["switches"][1]["budget_ms"] == 120000
    runs = [(run["verb"], run["outcome"]) for run in data["runs"]]
    assert runs == [("create", "done"), ("verify", "blocked"), ("cutover", "went-back"), ("cutover", "done"), ("cutover", "blocked"),
                    ("rollback", "done")]
    steps = [step["step"] for step in data["runs"][3]["steps"]]
    assert steps.index("fence") < steps.index("drain") < steps.index("compare") < steps.index("open")
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+Z", step["at"]) and step["text"] for step in data["runs"][3]["steps"])
    missing = {one["what"]: one for one in data["not_done"]}
    assert missing["tables left out"]["names"] == ["public.scratch_1"] and "leave_out" in missing["tables left out"]["why"]
    assert missing["unlogged tables not compared while both sides live"]["count"] == 1
    assert "1500 ms" in missing["cutover gone back by itself"]["why"]
    assert "gate direction" in missing["cutover refused"]["why"] and missing["verify refused"]["count"] == 1
    assert "warning pg-unlogged at create" in missing

    suites = tree.parse(pair.folder() / "junit.xml").getroot()
    by_name = [(suite.get("name"), int(suite.get("tests")), int(suite.get("failures")), int(suite.get("skipped"))) for suite in suites]
    assert [name for name, *_ in by_name] == ["move shop " + name for name in (
        "create", "verify", "cutover", "cutover", "cutover", "rollback", "switches", "rows", "not done", "evidence")]
    for suite in suites:
        assert len(suite) == int(suite.get("tests")) and len(suite.findall(".//failure")) == int(suite.get("failures"))
    failed = {name for name, _, failures, _ in by_name if failures}
    assert failed == {"move shop verify", "move shop cutover", "move shop switches"}
    assert dict((name, skipped) for name, _, _, skipped in by_name)["move shop not done"] == len(data["not_done"])


def test_evidence_that_was_changed_is_told(pair):
    pair.move("create", "--until-caught-up")
    pair.move("verify")
    whole = pair.move("report")
    assert whole["chain"]["intact"] and whole["chain"]["lines"] == len(pair.evidence())
    path = pair.folder() / "evidence.jsonl"
    good = path.read_text()
    lines = good.splitlines(keepends=True)
    verify = next(number for number, line in enumerate(lines, 1) if '"step":"verify"' in line)
    forged = [
        ("changed", "".join(lines).replace('"equal":true', '"equal":false', 1), f"line {verify + 1} does not follow"),
        ("taken away within", "".join(lines[:2] + lines[3:]), "line 3 does not follow"),
        ("taken away at the end", "".join(lines[:-1]), "lines were taken away at its end"),
        ("last one changed", "".join(lines[:-1]) + lines[-1].replace('"outcome":"done"', '"outcome":"blocked"'), "it was changed"),
        ("no line at all", "", "lines were taken away at its end"),
        ("unreadable", good.replace(lines[1], "{\n"), "line 2 does not follow")]
    for what, text, told in forged:
        assert text != good, what
        path.write_text(text)
        report = pair.move("report", ok=(3,))
        assert not report["chain"]["intact"] and told in report["chain"]["text"], (what, report["chain"])
        text, data = page(pair.folder() / "report.html")
        assert not data["chain"]["intact"] and told in data["chain"]["text"]
        evidence = [suite for suite in tree.parse(pair.folder() / "junit.xml").getroot() if suite.get("name").endswith("evidence")][0]
        assert told in evidence.find(".//failure").get("message")
        assert "evidence-broken" in pair.lakeshift("move", "verify", "shop", ok=(1,)).stderr, what
    path.write_text(good)
    assert pair.move("report", "--output", pair.dir / "shop.html")["chain"]["intact"]
    assert page(pair.dir / "shop.html")[1]["rows"] == 20000 + 2000 + 20
    assert pair.move("verify")["outcome"] == "done"
