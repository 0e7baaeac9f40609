"""Runs SQL on a local Spark with Delta, asked by lines of JSON on standard input.

A request {"id": 1, "statements": ["..."], "rows": 1000, "seconds": 30} is answered by one line {"id": 1, "results": [...]}, in
order; a result is {"columns": [[name, type]], "rows": [[text or null]], "truncated": bool} or {"error": {"class", "state",
"message"}}. The first error ends a request: what is behind it is not run and has no result, unless it says "each": true. A
statement that takes longer than its seconds, or whose recursion makes too many rows, has the state 57014. {"id": 2, "parse": "..."} only parses. The first line that is written says that the session is there: {"ready": version}. Ends with its input.

Values are text: numbers in full, binary as hexadecimal, dates and times as Spark writes them in UTC, the rest as JSON.
"""
import json
import logging
import os
import queue
import re
import shutil
import sys
import threading
import time

CONFIGURATION = {
    # As a Databricks SQL warehouse has it.
    "spark.sql.ansi.enabled": "true",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.scripting.enabled": "true",
    "spark.sql.scripting.cursorEnabled": "true",
    "spark.sql.scripting.continueHandlerEnabled": "true",
    "spark.databricks.delta.properties.defaults.feature.allowColumnDefaults": "supported",
    "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
    "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
    # A few rows at a time: no parallelism, no generated code, no bookkeeping.
    "spark.sql.shuffle.partitions": "1",
    "spark.default.parallelism": "1",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    # A view's rows are literals: read once, not again by each query of it.
    "spark.sql.legacy.storeAnalyzedPlanForView": "true",
    "spark.databricks.delta.snapshotPartitions": "1",
    # No table here lives long enough to need one.
    "spark.databricks.delta.properties.defaults.checkpointInterval": "1000",
    "spark.databricks.delta.stats.collect": "false",
    # As in Databricks Runtime 18 LTS: docs.databricks.com/sql/language-manual/data-types/time-type (2026-11).
    "spark.sql.timeType.enabled": "true",
    # Of Databricks' limits a fourth and a hundredth: more than what is compared has, and less than takes a minute.
    "spark.sql.cteRecursionLevelLimit": "25",
    "spark.sql.cteRecursionRowLimit": "10000",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.ui.retainedExecutions": "1",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
}
ENDLESS = "57014"  # query_canceled
OF_RECURSION = ("RECURSION_ROW_LIMIT_EXCEEDED", "RECURSION_LEVEL_LIMIT_EXCEEDED")
# Spark has no statement that drops a temporary view and leaves a table of the same name alone: this one is ours.
FORGET = re.compile(r"DROP TEMPORARY VIEW IF EXISTS (\w+)")
GRACE = 3  # seconds that a session has to stop by itself
JAVA = "-XX:+UseSerialGC -Xss8m -Djava.net.preferIPv4Stack=true"
# Beside the jars, if ./dev made it: the classes as Java has them in memory. Java ignores it when anything does not fit.
ARCHIVE = "spark.jsa"


def start(folder, jars, java=""):
    from pyspark.sql import SparkSession

    jars = os.path.abspath(jars)
    archive = os.path.join(os.path.dirname(jars), ARCHIVE)
    if not java and os.path.exists(archive):
        java = f"-XX:SharedArchiveFile={archive}"
    jar_files = sorted(os.path.join(jars, name) for name in os.listdir(jars) if name.endswith(".jar"))
    builder = SparkSession.builder.master("local[2]").appName("lakeshift")
    for key, value in CONFIGURATION.items():
        builder = builder.config(key, value)
    builder = builder.config("spark.jars", ",".join(jar_files))
    builder = builder.config("spark.driver.extraClassPath", ":".join(jar_files))
    builder = builder.config("spark.sql.warehouse.dir", os.path.join(folder, "warehouse"))
    builder = builder.config("spark.local.dir", os.path.join(folder, "local"))
    builder = builder.config("spark.driver.memory", "1200m")
    builder = builder.config("spark.driver.extraJavaOptions", f"{JAVA} {java} -Dderby.system.home={folder}")
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("OFF")
    logging.getLogger("SQLQueryContextLogger").setLevel(logging.CRITICAL)
    return session


def as_decimal(value):
    return format(value, "f")


def as_moment(value):
    return value.isoformat(" ", "microseconds" if value.microsecond else "seconds")


# How values are written whose Python form is exact.
TEXTS = {"tinyint": str, "smallint": str, "int": str, "bigint": str, "string": str, "date": str, "double": repr,
         "boolean": lambda value: "true" if value else "false", "timestamp_ntz": as_moment, "timestamp": as_moment,
         "void": str}


def as_text(column, kind):
    from pyspark.sql import functions as f
    from pyspark.sql import types as t

    if isinstance(kind, t.BinaryType):
        return f.lower(f.hex(column))
    if isinstance(kind, (t.ArrayType, t.MapType, t.StructType, t.VariantType)):
        return f.to_json(column)
    return column.cast("string")


def run(session, statement, limit):
    forget = FORGET.fullmatch(statement)
    if forget:
        session.catalog.dropTempView(forget[1])
        return {"columns": [], "rows": [], "truncated": False}
    frame = session.sql(statement)
    fields = frame.schema.fields
    columns = [[field.name, field.dataType.simpleString()] for field in fields]
    if not fields:
        return {"columns": [], "rows": [], "truncated": False}
    if all(column[1] in TEXTS or column[1].startswith("decimal") for column in columns):
        # Analysing a second query, which makes texts of the values, would take as long as all the rest.
        texts = [TEXTS.get(column[1], as_decimal) for column in columns]
        found = frame.collect()
        rows = [[None if value is None else text(value) for text, value in zip(texts, row)] for row in found[:limit]]
        return {"columns": columns, "rows": rows, "truncated": len(found) > limit}
    plain = frame.toDF(*[f"c{i}" for i in range(len(fields))])
    texts = plain.select(*[as_text(plain[f"c{i}"], field.dataType).alias(f"c{i}") for i, field in enumerate(fields)])
    rows = [list(row) for row in texts.take(limit + 1)] if is_query(statement) else [list(row) for row in texts.collect()]
    return {"columns": columns, "rows": rows[:limit], "truncated": len(rows) > limit}


def is_query(statement):
    return statement.lstrip(" \n\t(").split(None, 1)[0].upper() in ("SELECT", "WITH", "VALUES", "FROM", "TABLE")


def error_of(failure):
    """The class and state of Spark's own error conditions; for everything else the name of the exception."""
    from pyspark.errors import PySparkException

    text = str(failure)
    if isinstance(failure, PySparkException):
        condition = failure.getCondition() if hasattr(failure, "getCondition") else failure.getErrorClass()
        state = ENDLESS if condition in OF_RECURSION else failure.getSqlState()
        return {"class": condition or type(failure).__name__, "state": state or "", "message": text[:2000]}
    java = getattr(failure, "java_exception", None)
    name = java.getClass().getSimpleName() if java is not None else type(failure).__name__
    return {"class": name, "state": "", "message": text[:2000]}


class Limit:
    """Stops what Spark runs when its time is over, again and again: a statement may be a loop of many jobs."""

    def __init__(self, session, seconds):
        self.context, self.seconds = session.sparkContext, seconds
        self.passed, self.ended = threading.Event(), threading.Event()

    def __enter__(self):
        self.watch = threading.Thread(target=self.stop, daemon=True)
        self.watch.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.watch.join()

    def stop(self):
        wait = self.seconds
        while not self.ended.wait(wait):
            self.passed.set()
            self.context.cancelAllJobs()
            wait = 0.2


def answer(session, request):
    results = []
    if "parse" in request:
        try:
            session._jsparkSession.sessionState().sqlParser().parsePlan(request["parse"])
            results.append({"columns": [], "rows": [], "truncated": False})
        except Exception as failure:  # every failure is an answer
            results.append({"error": error_of(failure)})
        return results
    for statement in request["statements"]:
        try:
            with Limit(session, request.get("seconds", 60)) as limit:
                results.append(run(session, statement, request.get("rows", 1000)))
        except Exception as failure:  # every failure is an answer
            error = error_of(failure)
            if limit.passed.is_set():
                error = {"class": "TIMEOUT", "state": ENDLESS, "message": f"no end within {limit.seconds} s"}
            results.append({"error": error})
            if not request.get("each"):
                break
    return results


def read_requests(requests, folder):
    """Reads on while a request runs: the end of input is also the end of who asked, be it killed, and nobody waits then."""
    for line in sys.stdin:
        requests.put(line)
    requests.put(None)
    time.sleep(GRACE)
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(1)  # the Java side ends with this process


def main():
    os.environ["TZ"] = "UTC"  # of what Python makes of instants
    time.tzset()
    folder, jars = sys.argv[1], sys.argv[2]
    # What the Java side prints must not get between the answers.
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    requests = queue.Queue()
    threading.Thread(target=read_requests, args=(requests, folder), daemon=True).start()
    session = start(folder, jars)
    out.write(json.dumps({"ready": session.version}) + "\n")
    out.flush()
    for line in iter(requests.get, None):
        request = json.loads(line)
        out.write(json.dumps({"id": request["id"], "results": answer(session, request)}) + "\n")
        out.flush()
    session.stop()
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
