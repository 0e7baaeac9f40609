"""./dev demo sql: a folder of everyday Redshift SQL is translated and proved, and what is refused is listed."""
import os
import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
STATEMENTS = 40
LEAST_PROVED = 30
REFUSED = {"sql-format", "sql-no-equivalent"}


def test_the_example_warehouse_is_translated_and_proved():
    engines = os.environ.get("LAKESHIFT_ENGINES", str(ROOT / ".deps/sql"))
    done = subprocess.run([str(ROOT / "examples/warehouse/demo.sh")], capture_output=True, text=True, check=False,
                          env=dict(os.environ, LAKESHIFT_ENGINES=engines, MUTANTS="0"))
    assert done.returncode == 0, done.stdout + done.stderr
    verdicts = re.findall(r"^\w+\.sql:\d+: .+\n  (proved|differs|by documented rule|refused)", done.stdout.split("Refused, and why")[0], re.M)
    assert len(verdicts) == STATEMENTS
    assert "differs" not in verdicts
    assert verdicts.count("proved") >= LEAST_PROVED
    refused = done.stdout.split("Refused, and why")[1]
    assert set(re.findall(r"refused \(([a-z-]+)\)", refused)) == REFUSED
    translated = "".join(path.read_text() for path in (ROOT / "build/demo-sql/databricks").rglob("*.sql"))
    assert "CREATE TABLE sales.stores" in translated
    for left in ("DISTKEY", "SORTKEY", "ENCODE", "IAM_ROLE", "arn:aws"):
        assert left not in translated
