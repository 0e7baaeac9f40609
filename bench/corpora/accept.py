#!/usr/bin/env python3
"""Which statements a peer reads: lines of JSON strings on standard input, a line 1 or 0 for each. usage: accept.py sqlglot|libpg_query

For libpg_query a third answer, 2, says that it reads the text as one SELECT; for sqlglot 3, that it keeps the statement as
a "command": its first word, and the rest as a string that it did not read.
"""
import json
import logging
import sys


def sqlglot_reads():
    import sqlglot

    logging.disable(logging.CRITICAL)

    def reads(text):
        found = sqlglot.parse(text, read="redshift")
        return 3 if any(isinstance(one, sqlglot.exp.Command) for one in found) else 1
    return reads


def libpg_query_reads():
    from pglast import ast, parse_sql

    def reads(text):
        found = parse_sql(text)
        return 2 if len(found) == 1 and isinstance(found[0].stmt, ast.SelectStmt) else 1
    return reads


def main():
    reads = {"sqlglot": sqlglot_reads, "libpg_query": libpg_query_reads}[sys.argv[1]]()
    for line in sys.stdin:
        try:
            print(reads(json.loads(line)))
        except Exception:  # whatever a peer raises is a statement that it does not read
            print(0)


if __name__ == "__main__":
    main()
