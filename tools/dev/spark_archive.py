"""Archives the classes that Spark loads (Java's class data sharing), so that Spark starts sooner for every proof and test.

usage: ENGINES/venv/bin/python spark_archive.py ENGINES   from ENGINES/venv and ENGINES/jars to ENGINES/spark.jsa
"""
import os
import pathlib
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "src/knowledge/engines"))
import spark_worker

# What proofs ask for, once each: what is not loaded here is loaded later from the jars.
STATEMENTS = [
    "CREATE OR REPLACE TEMP VIEW v AS SELECT CAST(c0 AS INT) AS a, CAST(c1 AS STRING) AS s, CAST(c2 AS DECIMAL(10,2)) AS d, "
    "CAST(c3 AS TIMESTAMP_NTZ) AS t FROM VALUES ('1', 'x', '1.5', '2020-01-01'), (NULL, 'y', '2', '2021-01-01') AS r(c0, c1, c2, c3)",
    "SELECT s, sum(d) AS total, count(DISTINCT a), max(t) FROM v WHERE a IS NOT NULL GROUP BY s HAVING sum(d) > 1 ORDER BY 1 LIMIT 3",
    "SELECT x.a, row_number() OVER (PARTITION BY x.s ORDER BY x.d DESC) FROM v x LEFT JOIN v y ON x.a = y.a AND x.t < y.t",
    "SELECT a FROM v WHERE s IN (SELECT s FROM v) UNION SELECT length(s) FROM v EXCEPT SELECT CAST(avg(d) AS INT) FROM v",
    "SELECT date_format(t, 'yyyy-MM'), date_trunc('MONTH', t), regexp_replace(s, 'x', 'z'), d / 3, split_part(s, ',', 1), "
    "array_join(collect_list(s) OVER (), ',') FROM v",
    "CREATE OR REPLACE TABLE k (a INT, s STRING, d DECIMAL(10,2)) USING delta",
    "INSERT INTO k SELECT a, s, d FROM v",
    "UPDATE k SET d = d + 1 WHERE a = 1",
    "DELETE FROM k WHERE s = 'y'",
    "MERGE INTO k USING v ON k.a = v.a WHEN MATCHED THEN UPDATE SET s = v.s WHEN NOT MATCHED THEN INSERT (a, s, d) VALUES (v.a, v.s, v.d)",
    "BEGIN DECLARE n INT DEFAULT 0; WHILE n < 2 DO SET n = n + 1; END WHILE; IF n > 1 THEN INSERT INTO k VALUES (n, 'z', 1); END IF; END",
    "SELECT * FROM k",
    "SELECT nothing FROM k",
]


def main():
    engines = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory(dir=engines) as folder:
        made = os.path.join(folder, spark_worker.ARCHIVE)
        session = spark_worker.start(folder, os.path.join(engines, "jars"), f"-XX:ArchiveClassesAtExit={made}")
        for statement in STATEMENTS:
            spark_worker.answer(session, {"statements": [statement]})
        gateway = session.sparkContext._gateway
        session.stop()
        try:
            gateway.jvm.System.exit(0)
        except Exception:  # Java is gone before it answers
            pass
        gateway.proc.wait()
        if not os.path.exists(made):
            sys.exit("Java wrote no archive: Spark will start as slowly as before")
        os.replace(made, os.path.join(engines, spark_worker.ARCHIVE))


if __name__ == "__main__":
    main()
