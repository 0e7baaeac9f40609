"""The prover: it catches every planted wrong translation, with a counterexample of few rows, and none of the right ones."""
import json
import os
import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PLANTED = ROOT / "tests/semantic/planted"
TABLES = """CREATE TABLE n (id int, a int, b int, s varchar(20), d decimal(10,2), t timestamp);
CREATE TABLE o (id int, n_id int, s varchar(20));
"""
NOT_EXECUTED = [("SELECT id FROM n QUALIFY row_number() OVER (ORDER BY id) = 1",
                 "SELECT id FROM n QUALIFY row_number() OVER (ORDER BY id NULLS LAST) = 1"),
                ("SELECT random() FROM n", "SELECT rand() FROM n")]
MOST_ROWS = 4
LEAST_KILLED = 0.9


def pairs(name):
    lines = (PLANTED / name).read_text().splitlines()
    return [line.split(" | ", 1) for line in lines if line.strip() and not line.startswith("#")]


def prove(folder, source, candidate=None, *options):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "source.sql").write_text(TABLES + "".join(f"{statement};\n" for statement in source))
    command = [os.environ["LAKESHIFT"], "prove", str(folder / "source.sql"), "--json", *options]
    if candidate is not None:
        (folder / "candidate.sql").write_text("".join(f"{statement};\n" for statement in candidate))
        command += ["--candidate", str(folder / "candidate.sql")]
    engines = os.environ.get("LAKESHIFT_ENGINES", str(ROOT / ".deps/sql"))
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=dict(os.environ, LAKESHIFT_ENGINES=engines))
    assert done.stdout, done.stderr
    last = json.loads(done.stdout.splitlines()[-1])
    assert "statements" in last, done.stdout + done.stderr
    return last


@pytest.fixture(scope="module")
def right(tmp_path_factory):
    found = pairs("right.sqlpair")
    return prove(tmp_path_factory.mktemp("right"), [s for s, _ in found], [t for _, t in found])


@pytest.fixture(scope="module")
def judged(tmp_path_factory):
    """The wrong translations, and those that cannot be executed: engines take long to start."""
    found = pairs("wrong.sqlpair") + NOT_EXECUTED
    return prove(tmp_path_factory.mktemp("judged"), [s for s, _ in found], [t for _, t in found], "--mutants", "0")


def test_every_planted_wrong_translation_is_caught(judged):
    wrong = judged["statements"][:-len(NOT_EXECUTED)]
    assert len(wrong) == len(pairs("wrong.sqlpair")) >= 30
    assert judged["exit_code"] == 3
    missed = [one["source"] for one in wrong if one["verdict"] != "differs"]
    assert not missed
    for one in wrong:
        example = one["counterexample"]
        assert example["rows"] <= MOST_ROWS, one["source"]
        assert example["source"] != example["target"]
        assert "CREATE TABLE" in example["set_up"]
        # It fails for its rows, not for its words.
        assert not example["target"].startswith("error PARSE"), example["target"]


def test_right_translations_are_proved(right):
    assert right["exit_code"] == 0
    assert {one["verdict"] for one in right["statements"]} == {"proved"}


def test_the_rows_tell_mutants_apart(right):
    assert right["killed"] >= LEAST_KILLED * right["mutants"] > 0


def test_what_rests_on_the_compatibility_layer_says_so(right):
    assert all("rests_on" not in one for one in right["statements"] if "count(a)" in one["source"])


def test_what_cannot_be_executed_is_not_called_proved(judged):
    statements = judged["statements"][-len(NOT_EXECUTED):]
    assert [one["source"].rstrip(";") for one in statements] == [source for source, _ in NOT_EXECUTED]
    assert [one["verdict"] for one in statements] == ["by documented rule"] * len(NOT_EXECUTED)
    assert all(one["reason"] for one in statements)


def test_our_own_translations_are_proved_or_refused(tmp_path):
    statements = ["SELECT id, a / b FROM n WHERE b <> 0 ORDER BY id", "SELECT concat(s, 'x') FROM n", "SELECT d::int FROM n",
                  "SELECT datediff(month, t, '2020-06-01') FROM n", "UPDATE n SET a = 0 WHERE b > 2"]
    result = prove(tmp_path, statements)
    assert result["differs"] == 0
    assert result["proved"] >= 4
