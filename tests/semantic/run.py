"""Runs the semantic suite: every case on PostgreSQL (or its documented answer) and its translation on Spark, and compares.

Prints three figures (silent differences, refused, proved) and what is wrong; ends with 1 when anything differs from
golden.txt, or when a silent difference is there. --update writes golden.txt; silent differences never go into it.
"""
import argparse
import itertools
import json
import os
import pathlib
import re
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import caselib
import compare
import engines
import shims

HERE = pathlib.Path(__file__).resolve().parent
GOLDEN = HERE / "golden.txt"
STATUSES = ("proved", "refused", "loud", "type", "silent")
COLUMN = re.compile(r"^\s*(\w+)\s+([a-z]+(?: precision)?)\s*(\([\d, ]+\))?", re.I)
SPARK_TYPES = {"int": "INT", "smallint": "SMALLINT", "bigint": "BIGINT", "decimal": "DECIMAL", "double precision": "DOUBLE",
               "real": "FLOAT", "boolean": "BOOLEAN", "varchar": "VARCHAR", "char": "CHAR", "date": "DATE",
               "timestamp": "TIMESTAMP_NTZ", "timestamptz": "TIMESTAMP"}


def columns_of(statement):
    """[(name, Spark type)] of a CREATE TABLE of a case file."""
    body = statement[statement.index("(") + 1:statement.rindex(")")]
    columns = []
    for part in re.split(r",(?![^(]*\))", body):
        name, kind, size = COLUMN.match(part).groups()
        columns.append((name, SPARK_TYPES[kind.lower()] + (size or "")))
    return columns


class Tables:
    """The tables of a case file: made on PostgreSQL by the file's statements, copied to Spark from there."""

    def __init__(self, postgres, statements):
        self.columns, self.rows = {}, {}
        for statement in statements:
            match = re.match(r"CREATE TABLE (\w+)", statement)
            if match:
                self.columns[match[1]] = columns_of(statement)
                postgres.must(f"DROP TABLE IF EXISTS {match[1]}")
            postgres.must(statement)
        for name in self.columns:
            self.rows[name] = self.texts(postgres.run(f"SELECT * FROM {name}"))
        self.stale = set(self.columns)  # on Spark: not there, or not as they were

    @staticmethod
    def texts(answer):
        return [[text for _, text in row] for row in answer.rows]

    def selects(self, name):
        def literal(text, kind):
            if text is not None and kind.startswith("CHAR"):
                text = text.rstrip(" ")
            return "NULL" if text is None else "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"

        kinds = self.columns[name]
        rows = ", ".join("(" + ", ".join(literal(v, k) for v, (_, k) in zip(row, kinds)) + ")" for row in self.rows[name])
        as_string = lambda kind: "STRING" if kind.startswith(("VARCHAR", "CHAR")) else kind
        casts = ", ".join(f"CAST(c{i} AS {as_string(kind)}) AS {column}" for i, (column, kind) in enumerate(kinds))
        return f"SELECT /*+ COALESCE(1) */ {casts} FROM VALUES {rows} AS v({', '.join(f'c{i}' for i in range(len(kinds)))})"

    def as_views(self):
        return [f"CREATE OR REPLACE TEMP VIEW {name} AS {self.selects(name)}" for name in self.columns]

    def as_tables(self):
        made = ["SELECT 1"]
        for name, kinds in self.columns.items():
            if name not in self.stale:
                continue
            columns = ", ".join(f"{c} {'STRING' if k.startswith('CHAR') else k}" for c, k in kinds)
            made += [f"CREATE OR REPLACE TABLE {name} ({columns}) USING delta",
                     f"INSERT INTO {name} {self.selects(name)}"]
        return made

    def changed(self, status, expected):
        """A change has run. Where both hold the same afterwards, the tables that it left as they were need not be made again."""
        same = status == "proved" and len(expected) == len(self.columns) and not expected[0].error
        self.stale = {name for i, name in enumerate(self.columns) if not same or self.texts(expected[i]) != self.rows[name]}

    def contents(self):
        return [f"SELECT * FROM {name}" for name in self.columns]


def translate(binary, cases):
    """{case id: (statements, None), or (None, code of the refusal)}: all cases of a file, in one go."""
    statements = cases[0].tables + [sql for case in cases for sql in case.sql]
    done = subprocess.run([binary, "translate", "sql", "-", "--json"], input=";\n".join(statements) + ";\n", capture_output=True,
                          text=True, check=False)
    records = [record for record in map(json.loads, done.stdout.splitlines()) if "index" in record]
    if len(records) != len(statements):
        raise RuntimeError(f"{cases[0].file}: {len(statements)} statements, {len(records)} answers: {done.stderr.strip()[:300]}")
    answers = iter(records[len(cases[0].tables):])
    return {case.id: outputs_of([next(answers) for _ in case.sql]) for case in cases}


def outputs_of(records):
    for record in records:
        if record["status"] != "translated":
            return None, ([finding["code"] for finding in record["findings"]] or ["no-finding"])[0]
    return [record["output"].rstrip().rstrip(";") for record in records], None


def is_change(sql):
    return sql.split(None, 1)[0].upper() in ("INSERT", "UPDATE", "DELETE", "MERGE", "TRUNCATE")


def must_answer(case, answer):
    """A source that fails for want of PostgreSQL's words would agree with every failure of the target."""
    if answer.error:
        raise RuntimeError(f"{case.id} (line {case.line}) does not say '! error', but PostgreSQL fails: {answer.error}")
    return answer


def source_answers(postgres, case, tables):
    """What must come out: a list with one answer, or one a table for changes."""
    if case.fails:
        return [engines.Answer(error="it must fail")]
    if case.rows is not None:
        return [engines.Answer(rows=[[caselib.literal(v) for v in row.split(" | ")] for row in case.rows])]
    if not is_change(case.sql[0]):
        return [must_answer(case, postgres.run(case.postgres or case.sql[0]))]
    postgres.must("BEGIN")
    done = must_answer(case, postgres.run(case.postgres or case.sql[0]))
    answers = [done] if done.error else [postgres.run(query) for query in tables.contents()]
    postgres.must("ROLLBACK")
    return answers


def target_answers(spark, case, tables, outputs):
    if not is_change(case.sql[0]):
        return [spark.run(outputs)]
    made = spark.run(tables.as_tables())
    if made.error:
        raise RuntimeError(f"{case.id}: {made.error}")
    done = spark.run(outputs)
    return [done] if done.error else [spark.run([query]) for query in tables.contents()]


def judge(case, expected, actual):
    """(status, why)."""
    if len(expected) != len(actual):
        failed = [answer for answer in expected + actual if answer.error]
        return ("loud" if actual[0].error else "silent"), failed[0].error[:300]
    for left, right in zip(expected, actual):
        difference = compare.compare(left, right, case.ordered, case.rows is not None)
        if difference:
            return difference
    return "proved", ""


def run_all(arguments, postgres, spark):
    results = {}
    wanted = [case for case in caselib.read_folder(HERE)
              if case.file != "shims" and (not arguments.only or re.search(arguments.only, case.id))]
    for _, cases in itertools.groupby(wanted, lambda case: case.file):
        results.update(run_file(arguments, postgres, spark, list(cases)))
    return results


def run_file(arguments, postgres, spark, cases):
    results = {}
    tables = Tables(postgres, cases[0].tables)
    if not is_change(cases[0].sql[0]):  # tables of changes are made anew for each case
        failed = spark.run(tables.as_views())
        if failed.error:
            raise RuntimeError(failed.error)
    if arguments.untranslated:
        translations = {case.id: (case.sql, None) for case in cases}
    else:
        translations = translate(arguments.binary, cases)
    for case in cases:
        outputs, refusal = translations[case.id]
        expected = source_answers(postgres, case, tables)
        if refusal:
            results[case.id] = ("refused", refusal, case, "")
            continue
        status, why = judge(case, expected, target_answers(spark, case, tables, outputs))
        if is_change(case.sql[0]):
            tables.changed(status, expected)
        results[case.id] = (status, why, case, "; ".join(outputs))
    return results


def golden_lines(results):
    lines = []
    for name, (status, why, _, _) in results.items():
        if status == "refused":
            lines.append(f"refused\t{name}\t{why}")
        elif status in ("loud", "type"):
            lines.append(f"{status}\t{name}")
    return lines


def report(arguments, results, seconds):
    count = lambda status: sum(1 for result in results.values() if result[0] == status)
    for name, (status, why, case, output) in results.items():
        if status in ("silent", "loud", "type") and (arguments.verbose or status == "silent"):
            print(f"{status} {name} (line {case.line}, {case.source})\n  source: {'; '.join(case.sql)}\n  target: {output}\n  {why}")
    total = len(results)
    print(f"semantic suite: {total} cases in {seconds:.0f} s: silent differences {count('silent')}, refused {count('refused')} "
          f"({100 * count('refused') / max(1, total):.1f} %), proved {count('proved')} ({100 * count('proved') / max(1, total):.1f} %); "
          f"loud {count('loud')}, same value of another type {count('type')}")
    areas = {}
    for status, _, case, _ in results.values():
        area = areas.setdefault(case.file, dict.fromkeys(STATUSES, 0))
        area[status] += 1
    return {"cases": total} | {status: count(status) for status in STATUSES} | {"areas": areas, "seconds": round(seconds, 1)}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", default=os.environ.get("LAKESHIFT", ""))
    parser.add_argument("--only", default="", help="pattern of names")
    parser.add_argument("--update", action="store_true")
    parser.add_argument("--verbose", action="store_true")
    parser.add_argument("--untranslated", action="store_true", help="what no translation at all would give")
    parser.add_argument("--shims", action="store_true", help="only the documented examples of the compatibility layer")
    parser.add_argument("--figures", default="", help="file for the figures, as JSON")
    arguments = parser.parse_args()
    started = time.time()
    spark = None if arguments.shims else engines.Spark()
    postgres = engines.Postgres()
    try:
        if arguments.shims:
            return shims.check(postgres, caselib.read_file(HERE / "shims.sqlcase"))
        spark.wait()
        results = run_all(arguments, postgres, spark)
    finally:
        postgres.stop()
        if spark:
            spark.stop()
    figures = report(arguments, results, time.time() - started)
    if arguments.figures:
        pathlib.Path(arguments.figures).write_text(json.dumps(figures))
    lines = golden_lines(results)
    if arguments.update:
        GOLDEN.write_text("# status, case, and for refusals the code of the finding. Written by run.py --update.\n" + "\n".join(lines) + "\n")
    wanted = [line for line in GOLDEN.read_text().splitlines() if not line.startswith("#")] if GOLDEN.exists() else []
    if arguments.only or arguments.untranslated:
        return 0
    changed = sorted(set(lines) ^ set(wanted))
    for line in changed:
        print(f"{'new, not in' if line in lines else 'no longer, but in'} golden.txt: {line}")
    return 1 if changed or figures["silent"] else 0


if __name__ == "__main__":
    sys.exit(main())
