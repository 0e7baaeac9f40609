"""How well rows tell translations apart: `lakeshift prove` over the statements of the suite, with its mutants.

Every SELECT, INSERT, UPDATE, DELETE and MERGE of the case files that names a table, each with the tables of its file; the
prover makes the rows. Of each statement at most --mutants, spread over its length, always the same ones. A statement that
names no table has one answer, which run.py compares: there is nothing to mutate in it. Prints the verdicts, the kill rate
(mutants killed of those that could be run) and, with --verbose, what survived. What is not proved is listed in kills.txt,
with the verdict and its reason: another list than that is a failure, until --update writes it anew.
"""
import argparse
import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import caselib

MOST_STATEMENTS = 200  # to one pair of engines
MOST_CHANGES = 12  # each takes as long as many queries: tables are made anew for every set of rows and every mutant
CHANGE = re.compile(r"\s*(INSERT|UPDATE|DELETE|MERGE)\b", re.I)
WRITTEN = "# Statements of the suite that the prover does not prove: verdict, reason, statement. Written by kills.py --update.\n"
HERE = pathlib.Path(__file__).resolve().parent


def batches(pattern, every):
    """Texts for the prover, tables first, and whether they change tables: without two tables of one name in one, and none
    that takes longer than all others. Changes come first, for they take longest: of them each `every`th."""
    found, changing, left = [], 0, set()
    for case in caselib.read_folder(HERE):
        if case.file == "shims" or case.fails or (pattern and not re.search(pattern, case.id)):
            continue
        tables = {re.match(r"CREATE TABLE (\w+)", one)[1]: one for one in case.tables if one.startswith("CREATE TABLE")}
        for one in case.sql:
            if not any(re.search(rf"\b{name}\b", one) for name in tables):
                continue
            changes = bool(CHANGE.match(one))
            changing += changes
            if changes and changing % every:
                left.add(plain(one))
                continue
            fits = [batch for batch in found if batch[0] == changes and all(batch[1].get(name, made) == made for name, made in tables.items())]
            if not fits:
                found.append((changes, {}, []))
            batch = fits[0] if fits else found[-1]
            batch[1].update(tables)
            batch[2].append(one)
    texts = []
    for changes, tables, statements in sorted(found, key=lambda batch: not batch[0]):
        parts = -(-len(statements) // (MOST_CHANGES if changes else MOST_STATEMENTS))
        texts += [(";\n".join(list(tables.values()) + statements[at::parts]) + ";\n", changes) for at in range(parts)]
    return texts, left


def plain(text):
    return re.sub(r"\s+", " ", text).strip()


def prove(binary, text, mutants):
    started = time.time()
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
        file.write(text)
        file.flush()
        done = subprocess.run([binary, "prove", file.name, "--json", "--mutants", str(mutants)], capture_output=True, text=True,
                              check=False)
    last = json.loads(done.stdout.splitlines()[-1]) if done.stdout else {}
    if "statements" not in last:
        sys.exit(f"lakeshift prove: {done.stdout[-500:]} {done.stderr[-2000:]}")
    print(f"{len(last['statements'])} statements in {time.time() - started:.0f} s: {last['killed']} of {last['mutants']} mutants "
          "killed", flush=True)
    return last


def not_proved(statements):
    """Lines of kills.txt: reasons without what changes from run to run."""
    lines = []
    for one in statements:
        if one["verdict"] != "proved":
            why = one.get("reason") or one.get("counterexample", {}).get("why", "")
            why = plain(re.sub(r"\(condition = .*", "", why))
            lines.append(f"{one['verdict']}\t{why}\t{plain(one['source'])}\n")
    return sorted(lines)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", default=os.environ.get("LAKESHIFT", ""))
    parser.add_argument("--only", default="", help="pattern of names")
    parser.add_argument("--mutants", type=int, default=12)
    parser.add_argument("--mutants-of-changes", type=int, default=0, help="of a statement that changes tables; 0: as many as of others")
    parser.add_argument("--every-change", type=int, default=1, help="N: only each Nth statement that changes tables")
    parser.add_argument("--jobs", type=int, default=2, help="pairs of engines at a time")
    parser.add_argument("--verbose", action="store_true")
    parser.add_argument("--figures", default="", help="file for the figures, as JSON")
    parser.add_argument("--update", action="store_true", help="write kills.txt anew")
    arguments = parser.parse_args()
    started = time.time()
    texts, left = batches(arguments.only, arguments.every_change)
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        fewer = arguments.mutants_of_changes or arguments.mutants
        answers = list(pool.map(lambda batch: prove(arguments.binary, batch[0], fewer if batch[1] else arguments.mutants),
                                texts))
    statements = [one for answer in answers for one in answer["statements"]]
    mutants, killed = (sum(answer[key] for answer in answers) for key in ("mutants", "killed"))
    count = {verdict: sum(1 for one in statements if one["verdict"] == verdict)
             for verdict in ("proved", "differs", "by documented rule", "refused")}
    for one in statements:
        survivors = one.get("strength", {}).get("survivors", [])
        if one["verdict"] in ("differs", "by documented rule") or (arguments.verbose and survivors):
            print(f"{one['verdict']}: {one['source']}\n  target: {one.get('target', '')}")
            for key in ("reason", "counterexample"):
                if one.get(key):
                    print(f"  {key}: {one[key]}")
            if survivors:
                print(f"  survivors: {survivors}")
    rate = killed / mutants if mutants else 0
    measured = sum(1 for one in statements if one.get("strength", {}).get("mutants"))
    print(f"kill rate over the suite: {len(statements)} statements in {time.time() - started:.0f} s: " +
          ", ".join(f"{v} {n}" for v, n in count.items()) +
          f"; {measured} with mutants: {mutants}, killed {killed} ({100 * rate:.1f} %)")
    if arguments.figures:
        pathlib.Path(arguments.figures).write_text(json.dumps({**count, "mutants": mutants, "killed": killed, "measured": measured}))
    listed = HERE / "kills.txt"
    found = not_proved(statements)
    if arguments.update and not left:
        listed.write_text(WRITTEN + "".join(found))
    if left:
        print(f"{len(left)} statements that change tables were left out")
    known = [line for line in listed.read_text().splitlines(keepends=True)[1:]
             if line.rstrip("\n").rpartition("\t")[2].rstrip(";") not in {one.rstrip(";") for one in left}]
    if arguments.only or found == known:
        return 0
    for line in sorted(set(found) ^ set(known)):
        print(("new: " if line in found else "gone: ") + line, end="")
    return 1


if __name__ == "__main__":
    sys.exit(main())
