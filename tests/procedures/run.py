"""Runs the procedures of this folder on PostgreSQL (CREATE PROCEDURE, CALL) and, as the scripts that they are translated to, on
Spark with Delta; compares what the calls return, whether they fail, and what the tables hold, and both with what the file says.

Ends with 1 when anything differs, is refused, or is not as its file says. --figures FILE writes what was found, as JSON.
"""
import argparse
import json
import os
import pathlib
import re
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "semantic"))
sys.path.insert(0, str(HERE))
import compare
import engines
import proclib


def translate(binary, source, form):
    """One record a statement."""
    done = subprocess.run([binary, "translate", "sql", "-", "--json", "--procedures", form], input=source, capture_output=True,
                          text=True, check=False)
    return [json.loads(line) for line in done.stdout.splitlines() if '"index"' in line]


def translated(binary, procedure):
    """(tables, [call], None), or (…, why not). A call is a list of statements."""
    source = procedure.tables + procedure.source + "".join(step.sql + ";\n" for step in procedure.steps if step.kind != "rows")
    records = translate(binary, source, "script")
    bad = [r for r in records if r["status"] != "translated"]
    if bad or not records:
        why = [f"{f['code']} at {f['line']}:{f['column']}: {f['message']}" for r in bad for f in r["findings"] if f["severity"] == "error"]
        return None, None, "; ".join(why) or "no answer"
    calls = [step for step in procedure.steps if step.kind != "rows"]
    before, rest = records[:len(records) - len(calls)], records[len(records) - len(calls):]
    return [r["output"] for r in before if r["output"]], [r["output"] for r in rest], None


def rules_of(binary, procedure):
    records = translate(binary, procedure.tables + procedure.source, "databricks")
    return {rule["name"] for record in records for rule in record["rules"]}, records


def cells(answer):
    def spelled(value):
        if value is None:
            return "null"
        return {"true": "t", "false": "f"}.get(value, value)

    return [" | ".join(spelled(value) for _, value in row) for row in answer.rows]


def split(script):
    """The statements of a translated CREATE TABLE part; a script is one statement."""
    if script.startswith("BEGIN"):
        return [script]
    return [part for part in re.split(r";\n", script) if part.strip()]


def drop_all(postgres, spark, procedure):
    for name in procedure.table_names:
        postgres.must(f"DROP TABLE IF EXISTS {name} CASCADE")
        spark.run([f"DROP TABLE IF EXISTS {name}"])


def run_one(postgres, spark, binary, procedure):
    """What is wrong, in words; nothing when all is equal."""
    drop_all(postgres, spark, procedure)
    for text in (procedure.tables, procedure.postgres or procedure.source.replace("NONATOMIC", "")):
        postgres.must(text)
    tables, calls, refusal = translated(binary, procedure)
    if refusal:
        return [f"refused: {refusal}"]
    made = spark.run(["SET spark.sql.sources.default=delta"] + [s for text in tables for s in split(text)])
    if made.error:
        return [f"tables on Spark: {made.error}"]
    wrong = []
    calls = iter(calls)
    for step in procedure.steps:
        left = postgres.run(step.postgres or step.sql)
        right = spark.run([next(calls)] if step.kind != "rows" else [step.sql])
        wrong += judge(step, left, right)
    return wrong


def judge(step, left, right):
    where = f"line {step.line}: {step.sql}"
    if step.kind == "error":
        if not left.error or not right.error:
            return [f"{where}: it must fail, but PostgreSQL says {left.error or 'nothing'}, Spark says {right.error or 'nothing'}"]
        missing = [side for side, text in (("PostgreSQL", left.error), ("Spark", right.error)) if step.message not in text]
        return [f"{where}: {side} does not say '{step.message}'" for side in missing]
    for side, answer in (("PostgreSQL", left), ("Spark", right)):
        if answer.error:
            return [f"{where}: {side} fails: {answer.error[:1500]}"]
    if step.kind == "call" and step.rows is None:
        return []
    found = []
    for side, answer in (("PostgreSQL", left), ("Spark", right)):
        if sorted(cells(answer)) != sorted(step.rows):
            found.append(f"{where}: {side} has {cells(answer)}, not {step.rows}")
    difference = compare.compare(left, right, False, False)
    if difference and not found:
        found.append(f"{where}: {difference}")
    return found


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", default=os.environ.get("LAKESHIFT", ""))
    parser.add_argument("--only", default="", help="pattern of file names")
    parser.add_argument("--figures", default="")
    parser.add_argument("--published", action="store_true", help="published_merge.py too, on the same engines")
    arguments = parser.parse_args()
    started = time.time()
    results, published = {}, None
    spark, postgres = engines.Spark(), engines.Postgres()
    try:
        spark.wait()
        for procedure in proclib.read_folder(HERE):
            if not re.search(arguments.only, procedure.name):
                continue
            try:
                results[procedure.name] = run_one(postgres, spark, arguments.binary, procedure)
            except RuntimeError as failure:
                results[procedure.name] = [str(failure)]
            if not results[procedure.name]:
                print(f"{procedure.name}: equal", flush=True)
            for line in results[procedure.name]:
                print(f"{procedure.name}: {line}", flush=True)
        if arguments.published:
            import published_merge  # it needs this module

            try:
                published = published_merge.refuted(postgres, spark, arguments.binary)
            except (AssertionError, RuntimeError) as failure:
                print(f"the published MERGE: {failure}", flush=True)
                published = False
    finally:
        postgres.stop()
        spark.stop()
    equal = [name for name, wrong in results.items() if not wrong]
    print(f"procedures: {len(results)} in {time.time() - started:.0f} s, equal on both engines {len(equal)}")
    if arguments.figures:
        pathlib.Path(arguments.figures).write_text(json.dumps({"procedures": len(results), "equal": equal, "wrong": results,
                                                               "published_refuted": published}))
    return 0 if len(equal) == len(results) and results and published is not False else 1


if __name__ == "__main__":
    sys.exit(main())
