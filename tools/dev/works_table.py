#!/usr/bin/env python3
"""README's tables of what works and what does not move yet, from what the acceptance tests found out.

usage: works_table.py RESULTS LAKESHIFT [--write]
RESULTS is the folder of the tests' JSON (build/release/results), LAKESHIFT the binary, whose `kinds --json` names every kind.
Without --write it compares: exit 1 when README.md or the list of fields that were not changed says something else.
"""
import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
README = ROOT / "README.md"
GOLDEN = ROOT / "tests/acceptance/golden/fields_not_mutated.json"
BEGIN, END = "<!-- works:begin -->", "<!-- works:end -->"
TESTS = ("mutation_documents", "mutation_calls", "mutation_clouds", "kind_moves", "semantic")


class Missing(Exception):
    pass


def read_results(folder):
    results = {}
    for name in TESTS:
        file = pathlib.Path(folder) / f"{name}.json"
        if not file.exists():
            raise Missing(f"{file} is not there: run tests/acceptance/test_{name if name != 'mutation_calls' else 'mutation_small'}.py first")
        results[name] = json.loads(file.read_text())
    return results


def fields_of(kind, results):
    """(settable, found, {pattern: reason}) of a kind, over all tests and clouds."""
    rows = [results[name][kind] for name in ("mutation_documents", "mutation_calls") if kind in results[name]]
    if len(rows) != 1:
        raise Missing(f"{kind}: {len(rows)} mutation tests have results for it, one is wanted")
    row = rows[0]
    found = set(row["found"])
    for cloud in results["mutation_clouds"].values():
        found |= set(cloud.get(kind, {}).get("found", []))
    reasons = {pattern: reason for pattern, reason in row["not_mutated"].items() if pattern not in found}
    return row["settable"], len(found), reasons


def grants_text(kind, results):
    count = results["kind_moves"][kind].get("permission", 0)
    if not count:
        return "has none"
    changed = "$permissions" in results["mutation_calls"]["aspects"].get(kind, []) or "$acls" in results["mutation_calls"]["aspects"].get(kind, [])
    return "moved, change found" if changed else "moved"


def rollback_text(row):
    switched = row["rolled_back"]
    if not switched["source"] and not switched["target"]:
        return "nothing runs"
    return f"{switched['source']} stopped and restored, {switched['target']} started and stopped"


def works_table(kinds, results):
    lines = ["| kind | fields changed and found | created | killed, resumed | read back by the SDK | grants | name taken | cutover, rollback |",
             "|---|---|---|---|---|---|---|---|"]
    for kind in kinds:
        row = results["kind_moves"][kind["name"]]
        settable, found, reasons = fields_of(kind["name"], results)
        if found + len(reasons) != settable:
            raise Missing(f"{kind['name']}: {settable} settable fields, {found} found, {len(reasons)} with a reason: does not add up")
        fields = f"{found} of {settable}" + (f", {len(reasons)} not alone" if reasons else "")
        lines.append(f"| {kind['plural']} | {fields} | {row['created']} | {row['killed_and_resumed']} times | "
                     f"{'equal' if row['read_by_sdk'] else 'no'} | {grants_text(kind['name'], results)} | {row['clash']} | {rollback_text(row)} |")
    return lines


def sql_table(results):
    """What Redshift answers against what the translation answers on Spark, by area of the suite."""
    titles = (("proved", "equal"), ("refused", "refused"), ("loud", "fail loudly"), ("type", "equal, another type"), ("silent", "silently other"))
    lines = ["| SQL | cases | " + " | ".join(title for _, title in titles) + " |", "|---" * (len(titles) + 2) + "|"]
    areas = results["semantic"]
    total = {status: sum(area[status] for area in areas.values()) for status, _ in titles}
    for name, area in [*sorted(areas.items()), ("all", total)]:
        lines.append(f"| {name} | {sum(area.values())} | " + " | ".join(str(area[status]) for status, _ in titles) + " |")
    return lines


def not_moved_table(kinds):
    lines = [f"Counted and reported, but not moved yet, are {len(kinds)} kinds:", ""]
    return lines + [", ".join(sorted(kind["plural"] for kind in kinds)) + "."]


def render(all_kinds, results):
    moving = sorted((k for k in all_kinds if k["moves"]), key=lambda k: (k["wave"], k["name"]))
    lacking = sorted({k["name"] for k in moving} ^ (set(results["kind_moves"])))
    if lacking:
        raise Missing(f"kinds and results of test_kind_moves.py disagree about: {', '.join(lacking)}")
    text = [BEGIN, "<!-- made by tools/dev/works_table.py from the results of the tests; not by hand -->", ""]
    text += works_table(moving, results)
    text += ["", "Fields are the leaves that the official SDK's create call takes. Each was changed in the target by the SDK, alone, and",
             "`verify` named exactly that object and field (of lists of texts, the element); which cannot be changed alone, and why, is listed in",
             "[fields_not_mutated.json](tests/acceptance/golden/fields_not_mutated.json). Kills are `kill -9` before and after the effect of",
             "a create call. Rollback switches what runs; what `apply` made in the target stays there: there is no undo of creations.", ""]
    text += sql_table(results)
    text += ["", "Cases are statements of Redshift, run on PostgreSQL (or answered by Redshift's documentation), and their translations, run on",
             "Spark with Delta. What is refused or fails loudly, and why: [golden.txt](tests/semantic/golden.txt).", ""]
    text += not_moved_table([k for k in all_kinds if not k["moves"]])
    golden = {kind["name"]: fields_of(kind["name"], results)[2] for kind in moving}
    return "\n".join([*text, END]), json.dumps(golden, indent=1, sort_keys=True) + "\n"


def main():
    folder, binary = sys.argv[1:3]
    answer = subprocess.run([binary, "kinds", "--json"], capture_output=True, text=True, check=True)
    try:
        table, golden = render(json.loads(answer.stdout.strip().splitlines()[-1])["kinds"], read_results(folder))
    except Missing as error:
        print(f"works_table: {error}")
        return 1
    readme = README.read_text()
    before, _, rest = readme.partition(BEGIN)
    after = rest.partition(END)[2]
    if not rest:
        print(f"works_table: README.md has no {BEGIN}")
        return 1
    wanted = before + table + after
    if "--write" in sys.argv:
        README.write_text(wanted)
        GOLDEN.write_text(golden)
        return 0
    stale = [path.name for path, text in ((README, wanted), (GOLDEN, golden)) if not path.exists() or path.read_text() != text]
    if stale:
        print(f"works_table: {', '.join(stale)} says something else than the results; look at them, then run\n"
              f"  python3 tools/dev/works_table.py {folder} {binary} --write")
        return 1
    print(f"works_table: README agrees with the results in {folder}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
