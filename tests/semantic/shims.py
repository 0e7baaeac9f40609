"""Checks the compatibility layer: documented examples hold on PostgreSQL, and each function has at least three."""
import collections

import caselib
import compare
import engines

# Steps of aggregates and parts of other functions: seen through what uses them.
INNER = {"avg_step", "avg_end", "avg_numeric_end", "any_value_step", "json_text", "part", "extract_of"}
LEAST = 3


def check(postgres, cases):
    counts, failed = collections.Counter(), 0
    for case in cases:
        expected = (engines.Answer(error="documented to fail") if case.fails else
                    engines.Answer(rows=[[caselib.literal(v) for v in row.split(" | ")] for row in case.rows]))
        difference = compare.compare(expected, postgres.run(case.sql[0]), True, False)
        counts[case.name.split()[0]] += 1
        if difference:
            failed += 1
            print(f"{case.name}: {case.sql[0]}: {difference[1]}")
    functions = postgres.run("SELECT DISTINCT proname::text FROM pg_proc WHERE pronamespace = 'redshift'::regnamespace").rows
    missing = sorted(name for ((_, name),) in functions if name not in INNER and counts[name] < LEAST)
    for name in missing:
        print(f"{name}: {counts[name]} examples, at least {LEAST} are needed")
    print(f"compatibility layer: {len(functions)} functions, {sum(counts.values())} documented examples, {failed} do not hold, "
          f"{len(missing)} functions with fewer than {LEAST}")
    return 1 if failed or missing else 0
