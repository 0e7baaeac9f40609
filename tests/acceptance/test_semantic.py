"""The semantic suite: what Redshift answers, on PostgreSQL or by its documentation, against the translation on Spark."""
import json
import os
import pathlib
import subprocess

from results import save_result

ROOT = pathlib.Path(__file__).resolve().parents[2]
ENGINES = pathlib.Path(os.environ.get("LAKESHIFT_ENGINES", ROOT / ".deps/sql"))
LEAST_CASES = 400
MOST_REFUSED = 0.05
LEAST_PROVED = 0.85
LEAST_KILLED = 0.9
LEAST_MEASURED = 250  # statements that read tables: all of them are measured
SOAK = bool(os.environ.get("LAKESHIFT_SOAK"))
MUTANTS = "6" if SOAK else "3"  # of each statement
CHANGES = ("--mutants-of-changes", "6" if SOAK else "2", "--every-change", "1" if SOAK else "5")  # each takes half a minute on Delta


def run(*arguments, script="run.py"):
    python = ENGINES / "venv/bin/python"
    assert python.exists(), f"{python} does not exist: run ./dev deps sql"
    done = subprocess.run([str(python), str(ROOT / "tests/semantic" / script), *arguments], capture_output=True, text=True,
                          check=False, env=dict(os.environ, LAKESHIFT_ENGINES=str(ENGINES.absolute())))
    print(done.stdout, done.stderr[-3000:])
    return done


def figures_of(path, done):
    assert path.exists(), done.stderr[-3000:]
    return json.loads(path.read_text())


def test_the_compatibility_layer_holds_what_the_guide_documents():
    assert run("--shims").returncode == 0


def test_no_translation_differs_silently(tmp_path):
    done = run("--figures", str(tmp_path / "figures.json"), "--verbose")
    found = figures_of(tmp_path / "figures.json", done)
    save_result("semantic", found["areas"])
    assert found["cases"] >= LEAST_CASES
    assert found["silent"] == 0
    assert found["refused"] <= MOST_REFUSED * found["cases"]
    assert found["proved"] >= LEAST_PROVED * found["cases"]
    assert done.returncode == 0, "something is not as tests/semantic/golden.txt says"


def test_the_rows_of_proofs_tell_mutants_apart(tmp_path):
    """The third figure, over the whole suite: without it, a proof would only say that weak rows agree."""
    done = run("--figures", str(tmp_path / "figures.json"), "--mutants", MUTANTS, *CHANGES, "--verbose", script="kills.py")
    found = figures_of(tmp_path / "figures.json", done)
    assert found["measured"] >= LEAST_MEASURED
    assert found["killed"] >= LEAST_KILLED * found["mutants"] > 0
    assert done.returncode == 0, "what is not proved is not as tests/semantic/kills.txt says"
