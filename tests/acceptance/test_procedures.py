"""Procedures: each of tests/procedures on both engines, the table of constructs against them, and the published rewrite of a loop."""
import json
import os
import pathlib
import re
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
ENGINES = pathlib.Path(os.environ.get("LAKESHIFT_ENGINES", ROOT / ".deps/sql"))
FOLDER = ROOT / "tests/procedures"
LEAST = 25
STATUS = {"executed": "executed", "script": "executed in script form", "structural": "structural only", "refused": "refused"}
sys.path.insert(0, str(FOLDER))
import proclib  # noqa: E402


def python(*arguments):
    program = ENGINES / "venv/bin/python"
    assert program.exists(), f"{program} does not exist: run ./dev deps sql"
    done = subprocess.run([str(program), *arguments], capture_output=True, text=True, check=False,
                          env=dict(os.environ, LAKESHIFT_ENGINES=str(ENGINES.absolute())))
    print(done.stdout, done.stderr[-3000:])
    return done


@pytest.fixture(scope="module")
def figures(tmp_path_factory):
    found = tmp_path_factory.mktemp("procedures") / "figures.json"
    python(str(FOLDER / "run.py"), "--published", "--figures", str(found))
    return json.loads(found.read_text())


def test_procedures_leave_the_same_tables_on_both_engines(figures):
    assert figures["procedures"] >= LEAST
    assert {name: wrong for name, wrong in figures["wrong"].items() if wrong} == {}


def constructs():
    lines = (FOLDER / "constructs.tsv").read_text().splitlines()
    return [line.split("\t") for line in lines if line and not line.startswith("#")]


def cases():
    """[(source, expectations)] of the text tests."""
    found = []
    for part in (ROOT / "tests/sql/translate/procedures.sqltest").read_text().split("\n## ")[1:]:
        source, *expectations = part.partition("\n")[2].split("\n--> ")
        found.append((source, [e.partition("\n")[0] for e in expectations]))
    return found


def test_the_table_of_constructs_says_what_is_so(figures):
    ran = {p.name: p for p in proclib.read_folder(FOLDER) if p.name in figures["equal"]}
    for construct, status, code, pattern in constructs():
        if status in ("executed", "script"):
            assert any(re.search(pattern, p.tables + p.source, re.I | re.S) for p in ran.values()), f"nothing that ran uses: {construct}"
        else:
            wanted = "databricks" if status == "structural" else f"refused {code}"
            assert any(wanted in expected and re.search(pattern, source, re.I | re.S) for source, expected in cases()), \
                f"no text test shows: {construct} ({wanted})"


def test_the_documentation_has_the_same_table():
    rows = re.findall(r"^\| (.+?) \| (.*?) \| (.+?) \|$", (ROOT / "docs/procedures.md").read_text(), re.M)[1:]
    documented = [(name, said) for name, _, said in rows if not name.startswith("---")]
    expected = [(name, STATUS[status] + (f" (`{code}`)" if code else "")) for name, status, code, _ in constructs()]
    assert documented == expected


def test_loops_become_one_statement_where_their_files_say_so():
    for procedure in proclib.read_folder(FOLDER):
        if not procedure.set_based:
            continue
        done = subprocess.run([os.environ["LAKESHIFT"], "translate", "sql", "-", "--json"], input=procedure.tables + procedure.source,
                              capture_output=True, text=True, check=False)
        last = json.loads(done.stdout.splitlines()[-1])
        found = {finding["code"] for finding in last["findings"]}
        one = procedure.set_based == "yes"
        assert ("sql-loop-set-based" in found, "sql-loop-kept" in found) == (one, not one), procedure.name
        assert (" FOR " not in last["output"] or not one) and last["status"] == "translated", last["output"]


def test_the_published_merge_is_refuted_by_at_most_three_rows(figures):
    assert figures["published_refuted"] is True


def prove(folder, *options):
    """The loop over customers by `lakeshift prove`: its tables, the procedure and a CALL of it."""
    procedure = proclib.read_file(FOLDER / "25_published_loop.sqlproc")
    tables = "".join(line + "\n" for line in procedure.tables.splitlines() if not line.startswith("INSERT"))
    (folder / "loop.sql").write_text(tables + procedure.source + "CALL update_customer_segments();\n")
    done = subprocess.run([os.environ["LAKESHIFT"], "prove", str(folder / "loop.sql"), "--json", *options], capture_output=True, text=True,
                          check=False, env=dict(os.environ, LAKESHIFT_ENGINES=str(ENGINES)))
    statements = json.loads(done.stdout.splitlines()[-1])["statements"]
    assert len(statements) == 1, statements
    return statements[0]


def test_prove_shows_that_the_loop_is_translated_right(tmp_path):
    proof = prove(tmp_path)
    assert proof["verdict"] == "proved", proof
    assert "MERGE INTO" in proof["target"] and proof["strength"]["killed"] > 0, proof


def test_prove_refutes_the_published_merge(tmp_path):
    published = re.search(r'PUBLISHED = """(.*?)"""', (FOLDER / "published_merge.py").read_text(), re.S)[1]
    (tmp_path / "merge.sql").write_text(published + ";\n")
    proof = prove(tmp_path, "--candidate", str(tmp_path / "merge.sql"))
    assert proof["verdict"] == "differs", proof
    assert proof["counterexample"]["rows"] <= 3, proof
