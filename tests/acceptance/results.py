"""What the acceptance tests found out, kept as JSON, one file per test. tools/dev/works_table.py makes README's tables of it."""
import json
import os
import pathlib

from harness import ROOT

RESULTS = pathlib.Path(os.environ.get("LAKESHIFT_RESULTS", ROOT / "build/results"))


def save_result(name, result):
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / f"{name}.json").write_text(json.dumps(result, indent=1, sort_keys=True) + "\n")
