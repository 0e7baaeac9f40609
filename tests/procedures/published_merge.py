"""The published rewrite of the loop over customers against the loop: looks for the smallest tables on which they differ.

Runs the loop on PostgreSQL, its translation and the published MERGE on Spark with Delta. Ends with 0 when the translation is equal
on every data set, and the MERGE is refuted in both ways by data sets of at most three rows, which are printed as SQL.
"""
import itertools
import os
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "semantic"))
sys.path.insert(0, str(HERE))
import compare
import engines
import proclib
import run

# As it was published, with the names of the loop's tables.
PUBLISHED = """MERGE INTO customer_segments AS t USING (
  SELECT customer_id, CASE WHEN total_spend > 10000 THEN 'Platinum' WHEN total_spend > 5000 THEN 'Gold' ELSE 'Silver' END AS segment
  FROM customers
) AS s ON t.customer_id = s.customer_id
WHEN MATCHED AND t.segment <> s.segment THEN UPDATE SET segment = s.segment
WHEN NOT MATCHED THEN INSERT (customer_id, segment) VALUES (s.customer_id, s.segment)"""
CUSTOMERS = [None, "(1, 7000)", "(1, NULL)"]
SEGMENTS = [None, "(1, 'Silver')", "(1, NULL)"]
CONTENTS = "SELECT customer_id, segment FROM customer_segments"


def data_sets():
    """Tables of at most one row each, the smallest first."""
    sets = [([c] if c else [], [s] if s else []) for c, s in itertools.product(CUSTOMERS, SEGMENTS)]
    return sorted(sets, key=lambda one: len(one[0]) + len(one[1]))


def fill(customers, segments):
    statements = ["DELETE FROM customers", "DELETE FROM customer_segments"]
    if customers:
        statements.append(f"INSERT INTO customers VALUES {', '.join(customers)}")
    if segments:
        statements.append(f"INSERT INTO customer_segments VALUES {', '.join(segments)}")
    return statements


def answers(postgres, spark, script, customers, segments):
    """Tables behind the loop, its translation, the published MERGE."""
    made = fill(customers, segments)
    for statement in made + ["CALL update_customer_segments()"]:
        postgres.must(statement)
    loop = postgres.run(CONTENTS)
    return loop, spark.run(made + [script, CONTENTS]), spark.run(made + [PUBLISHED, CONTENTS])


def refuted(postgres, spark, binary):
    """Whether the translation is equal on every data set, and the MERGE is not, in both ways, by at most three rows."""
    procedure = proclib.read_file(HERE / "25_published_loop.sqlproc")
    invented = unset = None
    run.drop_all(postgres, spark, procedure)
    for text in (procedure.tables, procedure.source):
        postgres.must(text)
    tables, scripts, refusal = run.translated(binary, procedure)
    assert not refusal, refusal
    made = spark.run(["SET spark.sql.sources.default=delta"] + [s for text in tables for s in run.split(text)])
    assert not made.error, made.error
    for customers, segments in data_sets():
        loop, ours, published = answers(postgres, spark, scripts[0], customers, segments)
        difference = compare.compare(loop, ours, False, False)
        assert not difference, f"{customers} {segments}: the translation differs: {difference}"
        if not compare.compare(loop, published, False, False):
            continue
        more = len(published.rows) > len(loop.rows)
        kind = "invents a row" if more else "leaves a segment unset"
        first = invented is None if more else unset is None
        invented, unset = (invented or (customers, segments), unset) if more else (invented, unset or (customers, segments))
        if first:
            print(f"the published MERGE {kind}:", *[s + ";" for s in fill(customers, segments)[2:]], sep="\n  ", flush=True)
            print(f"  the loop leaves {run.cells(loop)}, the MERGE {run.cells(published)}", flush=True)
        if invented and unset:
            break
    return [len(one[0]) + len(one[1]) <= 3 for one in (invented, unset) if one] == [True, True]


def main():
    spark, postgres = engines.Spark(), engines.Postgres()
    try:
        spark.wait()
        return 0 if refuted(postgres, spark, os.environ["LAKESHIFT"]) else 1
    finally:
        postgres.stop()
        spark.stop()


if __name__ == "__main__":
    sys.exit(main())
