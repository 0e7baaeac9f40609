#!/usr/bin/env python3
"""The corpora that `obtain.py` fetched, through lakeshift, its peers and Spark: every figure of issue 4 in one table.

usage: measure.py CORPORA [--python PEERS_PYTHON] [--sqlparser PROGRAM] [--build FOLDER] [--spark [--minutes N]] [--only NAME,…] [--show N]
       [--schema FROM=TO …] [--causes]
Peers' answers are kept in CORPORA/peers.json by the hash of the statement. With --show, statements that miss a line are
printed. Exit code 1 when a line does not hold.
"""
import argparse
import collections
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys

import obtain

ROOT = pathlib.Path(__file__).resolve().parents[2]
HERE = pathlib.Path(__file__).parent
PEERS = ["sqlglot", "libpg_query", "sqlparser_rs"]
# A peer accepts what it reads; sqlglot's "command" (3), a word and an unread string, is no reading, as it would be none of ours.
READS = (1, 2)
# Corpora whose files are one folder, with the types of their tables; and files that every page of the guide builds on.
TOGETHER = {"tpcds_ddl": ["tpcds_ddl"], "tpcds": ["tpcds_ddl"], "tpch_ddl": ["tpch_ddl"], "tpch": ["tpch_ddl"], "utils_admin": ["utils_admin"]}
SAMPLE = "doc_source/c_sampledb.md"


def digest(text):
    return hashlib.sha1(text.encode()).hexdigest()[:12]


def exclusions():
    lines = (HERE / "exclusions.txt").read_text().splitlines()
    return dict(line.split(None, 1) for line in lines if line and not line.startswith("#"))


def ask_peers(corpora, texts, options):
    path = corpora / "peers.json"
    known = json.loads(path.read_text()) if path.exists() else {}
    commands = {"sqlglot": [options.python, HERE / "accept.py", "sqlglot"], "libpg_query": [options.python, HERE / "accept.py", "libpg_query"],
                "sqlparser_rs": [options.sqlparser] if options.sqlparser else None}
    for peer, command in commands.items():
        asked = [text for text in texts if peer not in known.get(digest(text), {})]
        if not command or not asked:
            continue
        lines = "\0".join(asked) if peer == "sqlparser_rs" else "".join(json.dumps(text) + "\n" for text in asked)
        answers = subprocess.run(command, input=lines.encode(), check=True, capture_output=True).stdout.split()
        if len(answers) != len(asked):
            raise SystemExit(f"{peer} answered {len(answers)} of {len(asked)}")
        for text, answer in zip(asked, answers):
            known.setdefault(digest(text), {})[peer] = int(answer)
    path.write_text(json.dumps(known))
    return known


def probe(options, summary, name):
    folder = options.corpora / name
    paths = sorted(folder.glob("*.sql"))
    command = [options.build / "sql_probe", "redshift"]
    for schema in options.schema:
        command += ["--schema", schema]
    if name in TOGETHER:
        for other in TOGETHER[name]:
            for path in sorted((options.corpora / other).glob("*.sql")):
                command += ["--learn", path]
    elif name == "documentation":
        sample = next(place for place, source in summary[name]["files"].items() if source == SAMPLE)
        command += ["--learn", folder / sample]
    done = subprocess.run([*command, *paths], check=True, capture_output=True, text=True).stdout
    found = collections.defaultdict(list)
    for line in done.splitlines():
        one = json.loads(line)
        found[one["file"]].append(one)
    return paths, found


def pair(options, summary, name):
    """Our statements beside those of the splitter; a file where they are not the same statements is counted as lost."""
    paths, found = probe(options, summary, name)
    lines, lost = [], []
    for path in paths:
        raw = path.read_bytes()
        texts = [one for one, _ in obtain.split(raw.decode())]
        ours = found[str(path)]
        same = len(texts) == len(ours) and all(
            raw[one["begin"]:one["end"]].decode("utf-8", "replace").strip().rstrip(";").strip() == text for one, text in zip(ours, texts))
        if not same:
            lost.append((path.name, len(texts), len(ours)))
        for text, one in zip(texts, ours if same else match(raw, texts, ours)):
            lines.append({**one, "text": text, "hash": digest(text), "source": f"{name}/{path.name}"})
    return lines, lost


def match(raw, texts, ours):
    """By text, where the files are cut differently: what has no partner is not read."""
    by_text = {raw[one["begin"]:one["end"]].decode("utf-8", "replace").strip().rstrip(";").strip(): one for one in ours}
    missing = {"read": False, "outcome": "refused", "output": "", "code": "cut-differently", "message": "the statement is cut differently"}
    return [by_text.get(text, missing) for text in texts]


def count(lines, known, left_out):
    """What the statements of a corpus come to; `kept` holds those behind each figure that misses."""
    c, kept = collections.Counter(), collections.defaultdict(list)
    for one in lines:
        peers = known.get(one["hash"], {})
        c["statements"] += 1
        for peer in PEERS:
            c[peer] += 1 if peers.get(peer) in READS else 0
        c["commands"] += peers.get("sqlglot") == 3
        c["all_read"] += one["read"]
        if one["read"] and one.get("identity"):
            c["not_identity"] += 1
            kept["identity"].append(one)
        if peers.get("libpg_query") == 2:
            c["pg_selects"] += 1
            if not one["read"]:
                c["pg_selects_unread"] += 1
                kept["pg select"].append(one)
        if not any(peers.get(peer) in READS for peer in PEERS):
            c["beyond_read"] += one["read"]
            continue
        if one["hash"] in left_out:
            c["excluded"] += 1
            continue
        c["accepted"] += 1
        if not one["read"] or one.get("opaque"):
            c["unread"] += 1
            kept["unread"].append(one)
        elif one["outcome"] == "refused":
            c["refused"] += 1
            kept["refused"].append(one)
    return c, kept


COLUMNS = [("statements", "stat."), ("sqlglot", "sqlglot"), ("commands", "command"), ("libpg_query", "pg_query"), ("sqlparser_rs", "sqlparser"), ("accepted", "any peer"),
           ("excluded", "excluded"), ("unread", "unread"), ("refused", "refused"), ("all_read", "read"), ("not_identity", "not id."),
           ("pg_selects", "pg SEL."), ("pg_selects_unread", "unread"), ("emitted", "emitted"), ("apart", "apart"), ("parsed", "sp.pars."),
           ("unparsed", "not"), ("analysed", "analys."), ("unanalysed", "not"), ("no_table", "no table")]


def print_table(rows):
    print(f"{'corpus':18}" + "".join(f"{title:>10}" for _, title in COLUMNS))
    for name, c in rows:
        print(f"{name:18}" + "".join(f"{c[key]:10}" for key, _ in COLUMNS))


def judge(c, spark):
    share = lambda part, whole: 100 * part / whole if whole else 0.0
    lines = [("of statements a peer accepts, read, %", 100 - share(c["unread"], c["accepted"]), ">=", 99.5),
             ("of these refused, %", share(c["refused"], c["accepted"]), "<=", 3), ("left out by hash, %", share(c["excluded"], c["accepted"] + c["excluded"]), "<=", 1),
             ("read, but parse of render is another", c["not_identity"], "<=", 0), ("SELECTs of libpg_query that are not read", c["pg_selects_unread"], "<=", 0),
             ("files whose statements are cut differently", c["lost_files"], "<=", 0)]
    if spark:
        lines += [("set apart as Databricks' own, %", share(c["apart"], c["emitted"]), "<=", 15), ("of the rest, Spark parses, %", share(c["parsed"], c["parsed"] + c["unparsed"]), ">=", 100),
                  ("of those whose tables are there, Spark analyses, %", share(c["analysed"], c["analysed"] + c["unanalysed"]), ">=", 100),
                  ("TPC-DS CREATE TABLEs that Delta refuses", c["tables_refused"], "<=", 0),
                  ("statements that Spark had no time for", c["unjudged"], "<=", 0)]
    good = True
    for title, value, relation, least in lines:
        holds = value >= least if relation == ">=" else value <= least
        good = good and holds
        print(f"{'holds' if holds else 'MISSES':7} {title}: {value:.2f} (wanted {relation} {least})")
    return good


def show(kept, most):
    for title, ones in kept.items():
        groups = collections.Counter(one.get("code", "") if title == "refused" else "" for one in ones)
        print(f"\n== {title}: {len(ones)} {dict(groups.most_common())}")
        for one in ones[:most]:
            reason = one.get("message") if title != "identity" else one["identity"]
            print(f"-- {one['source']} {one['hash']} [{one.get('code', '')}] {str(reason)[:400]}\n{one['text'][:400]}\n")


def causes(refused):
    lines = [line.split("\t") for line in (HERE / "causes.txt").read_text().splitlines() if line and not line.startswith("#")]
    told = [f"{one.get('code', '')} {one.get('message', '')}" for one in refused]
    found = collections.Counter(next((cause for cause, pattern in lines if re.search(pattern, text)), "other") for text in told)
    for cause, number in found.most_common():
        print(f"{number:6} {cause}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("corpora", type=pathlib.Path)
    parser.add_argument("--python", default=os.environ.get("LAKESHIFT_PEERS", str(ROOT / ".deps/bench-sql/bin/python")))
    parser.add_argument("--sqlparser", help="sqlparser_peer, built by cargo")
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build/release")
    parser.add_argument("--spark", action="store_true")
    parser.add_argument("--minutes", type=float, default=60, help="Spark judges no longer; what is left is counted")
    parser.add_argument("--only", default="")
    parser.add_argument("--show", type=int, default=0)
    parser.add_argument("--schema", action="append", default=[], help="FROM=TO, as in sql_probe; may be repeated")
    parser.add_argument("--causes", action="store_true", help="why statements are refused, by causes.txt")
    options = parser.parse_args()
    summary = json.loads((options.corpora / "corpora.json").read_text())
    names = [name for name in summary if "missing" not in summary[name] and (not options.only or name in options.only.split(","))]
    found = {name: pair(options, summary, name) for name in names}
    known = ask_peers(options.corpora, [one["text"] for lines, _ in found.values() for one in lines], options)
    left_out, rows, everything = exclusions(), [], collections.defaultdict(list)
    total = collections.Counter()
    if options.spark:
        import on_spark
        judged = on_spark.run(found, options, summary, left_out)
    for name, (lines, lost) in found.items():
        c, kept = count(lines, known, left_out)
        c["lost_files"] = len(lost)
        for where in lost:
            print(f"{name}: {where[0]} has {where[1]} statements by the splitter, {where[2]} by lakeshift")
        if options.spark:
            c.update(judged[name][0])
            kept.update(judged[name][1])
        rows.append((name, c))
        total.update(c)
        for title, ones in kept.items():
            everything[title] += ones
    print_table([*rows, ("all", total)])
    reasons = collections.Counter(one.get("code", "") for one in everything["refused"])
    print("refused: " + ", ".join(f"{code} {number}" for code, number in reasons.most_common()))
    if options.causes:
        causes(everything["refused"])
    if options.show:
        show(everything, options.show)
    return 0 if judge(total, options.spark) else 1


if __name__ == "__main__":
    sys.exit(main())
