"""The semantic suite: what Redshift answers, on PostgreSQL or by its documentation, against the translation on Spark."""
import json
import os
import pathlib
import subprocess

from results import save_result

ROOT = pathlib.Path(__file__).resolve().parents[2]
ENGINES = pathlib.Path(os.environ.get("LAKESHIFT_ENGINES", ROOT / ".deps/sql"))
LEAST_CASES = 400


def run(*arguments):
    python = ENGINES / "venv/bin/python"
    assert python.exists(), f"{python} does not exist: run ./dev deps sql"
    done = subprocess.run([str(python), str(ROOT / "tests/semantic/run.py"), *arguments], capture_output=True, text=True,
                          check=False, env=dict(os.environ, LAKESHIFT_ENGINES=str(ENGINES.absolute())))
    print(done.stdout, done.stderr[-3000:])
    return done


def test_the_compatibility_layer_holds_what_the_guide_documents():
    assert run("--shims").returncode == 0


def test_no_translation_differs_silently(tmp_path):
    figures = tmp_path / "figures.json"
    done = run("--figures", str(figures), "--verbose")
    assert figures.exists(), done.stderr[-3000:]
    found = json.loads(figures.read_text())
    save_result("semantic", found["areas"])
    assert found["cases"] >= LEAST_CASES
    assert found["silent"] == 0
    assert done.returncode == 0, "something is not as tests/semantic/golden.txt says"
