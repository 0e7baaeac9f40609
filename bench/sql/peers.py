#!/usr/bin/env python3
"""One round of one peer over a file: prints user CPU seconds, statements and failures. usage: peers.py NAME FILE

Statements are cut beforehand and the parser's own tables are warm, so that only the work itself is timed.
"""
import json
import logging
import resource
import sys


def make(name):
    if name == "sqlglot":
        import sqlglot
        logging.disable(logging.CRITICAL)
        return lambda text: sqlglot.transpile(text, read="redshift", write="databricks", pretty=True)
    if name == "polyglot":
        import polyglot_sql
        return lambda text: polyglot_sql.transpile(text, read="redshift", write="databricks")
    if name == "libpg_query":
        from pglast.parser import parse_sql_protobuf
        return parse_sql_protobuf
    raise SystemExit(f"no peer '{name}': sqlglot, polyglot, libpg_query")


def main():
    name, path = sys.argv[1:3]
    work = make(name)
    with open(path, encoding="utf-8") as file:
        statements = [s for s in file.read().split(";\n\n") if s.strip()]
    for _ in range(20):
        work("select a, sum(b) from t where c in (1, 2) group by a")
    failed = 0
    before = resource.getrusage(resource.RUSAGE_SELF).ru_utime
    for text in statements:
        try:
            work(text)
        except Exception:  # whatever a peer raises is a statement that it does not do
            failed += 1
    seconds = resource.getrusage(resource.RUSAGE_SELF).ru_utime - before
    print(json.dumps({"seconds": seconds, "statements": len(statements), "failed": failed}))


if __name__ == "__main__":
    main()
