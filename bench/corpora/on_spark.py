"""What was emitted, on open-source Spark with Delta: read by its parser, and analysed with the tables there.

`run` is called by measure.py; the same file is the worker, run by the engine's own Python, which holds the session.
Tables are those of the corpus itself: its CREATE TABLEs, as lakeshift translated them, run on Delta. A statement that
asks for a table that nothing in the corpus creates is counted apart, because nothing can be said of it.
"""
import collections
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

import stand_ins

ROOT = pathlib.Path(__file__).resolve().parents[2]
HERE = pathlib.Path(__file__).parent
NOT_THERE = ("TABLE_OR_VIEW_NOT_FOUND", "SCHEMA_NOT_FOUND", "CATALOG_NOT_FOUND", "REQUIRES_SINGLE_PART_NAMESPACE", "DELTA_TABLE_NOT_FOUND", "UNRESOLVED_VARIABLE", "VARIABLE_NOT_FOUND")
ALONE = ("sqlglot_tests",)  # each statement is a test of its own: a table of that name in another test is not the one it reads
RUN = re.compile(r"\s*(CREATE\s+(?!SCHEMA)|ALTER\b|DECLARE\b)", re.I)
EXECUTE = re.compile(r"\s*EXECUTE\s+IMMEDIATE\s+(\w+)(?:\s+USING\s+(.*))?$", re.I | re.S)
DROP_COLUMN = re.compile(r"\s*ALTER\s+TABLE\s+([\w.`]+)\s+DROP\s+COLUMN\s+([\w`]+)\s*$", re.I)
TABLE = re.compile(r"\s*CREATE\s+(?:OR\s+REPLACE\s+)?(?:TABLE|VIEW)\s+(?:IF\s+NOT\s+EXISTS\s+)?((?:`[^`]+`|\w+)(?:\s*\.\s*(?:`[^`]+`|\w+))*)", re.I)
# What CREATE FUNCTION f (…) and CREATE MODEL … FUNCTION f make.
MADE_FUNCTION = re.compile(r"\bcreate\b.*?\bfunction\s+([\w.]+)", re.I | re.S)
PLAIN_TABLE = re.compile(r"\s*CREATE\s+(?:OR\s+REPLACE\s+)?TABLE\b", re.I)


# Keys are informational on Databricks; open-source Delta refuses them, and collations, so they are left out where a table is made.
KEY = re.compile(r",?\s*(?:CONSTRAINT\s+(?:`[^`]+`|\w+)\s+)?(?:PRIMARY\s+KEY|FOREIGN\s+KEY|UNIQUE)\s*\([^()]*\)(?:\s+REFERENCES\s+[\w.`]+\s*(?:\([^()]*\))?)?"
                 r"|\s+(?:PRIMARY\s+KEY|UNIQUE)\b|\s+(?:FOREIGN\s+KEY\s+)?REFERENCES\s+[\w.`]+\s*(?:\([^()]*\))?", re.I)


def without_keys(text):
    text = stand_ins.stored(text)
    return KEY.sub("", text).replace(" COLLATE UTF8_LCASE", "") if PLAIN_TABLE.match(without_comments(text)) else text


PLACE = re.compile(r"(\bLOCATION\s+')s3a?://", re.I)


def on_this_machine(text, folder):
    """Files in object storage are folders here; Avro's reader, which is a module of its own, is Parquet's."""
    return re.sub(r"\bUSING AVRO\b", "USING PARQUET", PLACE.sub(rf"\g<1>file:{folder}/", text))


def without_comments(text):
    return re.sub(r"^(\s+|--[^\n]*\n|/\*.*?\*/)*", "", text, flags=re.S)


def set_apart(text, heads):
    words = " ".join(without_comments(text).split())
    def pattern(head):
        return r".*? ".join(r"[^ ]+".join(re.escape(part) for part in piece.split("*")) for piece in head.split("** ")) + r"(?!\w)"
    return any(re.match(pattern(head), words, re.I) for head in heads)


def run(found, options, summary, left_out):
    import obtain

    heads = [line.strip() for line in (HERE / "databricks_only.txt").read_text().splitlines() if line and not line.startswith("#")]
    groups, judged = [], {}
    for name, (lines, _) in found.items():
        judged[name] = (collections.Counter(), collections.defaultdict(list))
        pages = collections.defaultdict(list)
        for number, one in enumerate(lines):
            if one["outcome"] != "translated" or not one["output"].strip() or one["hash"] in left_out:
                continue
            counts = judged[name][0]
            if set_apart(one["output"], heads):
                counts["emitted"] += 1
                counts["apart"] += 1
                continue
            parts = [part for part, _ in obtain.split(one["output"])]
            counts["emitted"] += 1
            if any(set_apart(part, heads) for part in parts):
                counts["apart"] += 1
                continue
            page = one["source"] if name == "documentation" else f"{name} {number}" if name in ALONE else name
            pages[page].append({"corpus": name, "number": number, "parts": parts})
        groups += [{"page": page, "statements": ones} for page, ones in pages.items()]
    pools = {"base": [], "rest": []}
    for name, (lines, _) in found.items():
        for one in lines:
            if one["outcome"] == "translated" and PLAIN_TABLE.match(without_comments(one["output"])):
                base = name != "documentation" or summary[name]["files"][one["source"].partition("/")[2]] == "doc_source/c_sampledb.md"
                pools["base" if base else "rest"].append({"corpus": name, "text": one["output"]})
    functions = {name.lower().rpartition(".")[2] for lines, _ in found.values() for one in lines
                 for name in MADE_FUNCTION.findall(one["text"])}
    answers = ask({"groups": groups, "pools": pools, "functions": sorted(functions), "minutes": options.minutes})
    for group in groups:
        for one in group["statements"]:
            judged[one["corpus"]][0]["unjudged"] += 1
    for name, number, fault, kind in answers:
        judged[name][0]["unjudged"] -= 1
        counts, kept = judged[name]
        one = found[name][0][number]
        counts["unparsed" if kind == "unparsed" else "parsed"] += 1
        if kind in ("analysed", "unanalysed", "no_table"):
            counts[kind] += 1
        if kind in ("unparsed", "unanalysed"):
            kept["spark " + kind].append({**one, "message": fault + "\n" + one["output"], "code": fault.partition(":")[0]})
        if kind == "unanalysed" and name == "tpcds_ddl" and PLAIN_TABLE.match(one["output"]):
            counts["tables_refused"] += 1
        if kind == "no_table":
            kept["spark no_table"].append({**one, "message": fault, "code": ""})
    return judged


def ask(request):
    home = pathlib.Path(os.environ.get("LAKESHIFT_ENGINES", ROOT / ".deps/sql"))
    done = subprocess.run([home / "venv/bin/python", HERE / "on_spark.py", home / "jars"], input=json.dumps(request), capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"Spark: {done.stderr[-3000:]}")
    return [json.loads(line) for line in done.stdout.splitlines()]


class Judge:
    def __init__(self, session, worker, pools, functions, folder):
        self.session, self.worker, self.folder = session, worker, folder
        self.state = session._jsparkSession.sessionState()
        self.mode = getattr(self.state, "executePlan$default$2")()
        self.pool = collections.defaultdict(list)
        for kind in ("base", "rest"):
            for one in pools[kind]:
                self.pool[self.last(self.table_of(one["text"]))].append((kind, one["corpus"], one["text"]))
        self.functions = functions
        self.there = {}
        self.of_parquet = set()
        self.kept = set()

    @staticmethod
    def table_of(text):
        found = TABLE.match(without_comments(text))
        return re.sub(r"[`\s]", "", found[1]).lower() if found else ""

    @staticmethod
    def last(name):
        return name.rpartition(".")[2]

    def parse(self, text):
        return self.state.sqlParser().parsePlan(stand_ins.spelled(text))

    def fault(self, failure):
        one = self.worker.error_of(failure)
        return f"{one['class']}: {one['message'][:600]}"

    def run(self, text):
        """Runs a CREATE, ALTER or DECLARE; what has that name makes room."""
        dropped = DROP_COLUMN.match(without_comments(text))
        if dropped and re.sub("`", "", dropped[1]).lower() in self.of_parquet:
            return self.without_column(dropped[1], dropped[2])
        function = re.match(r"CREATE\s+(?:OR\s+REPLACE\s+)?FUNCTION\s+([\w.`]+)", without_comments(text), re.I)
        if function:
            self.session.sql(f"DROP FUNCTION IF EXISTS {function[1]}")
        name = self.table_of(text)
        if "." in name:
            self.session.sql(f"CREATE SCHEMA IF NOT EXISTS {name.rpartition('.')[0]}")
        if name:
            self.drop(name)
        made = on_this_machine(without_keys(text), self.folder)
        self.session.sql(made)
        if name:
            (self.of_parquet.add if made.rstrip().endswith("USING PARQUET") else self.of_parquet.discard)(name)
            self.there[name] = "VIEW" if re.match(r"\s*CREATE\s+(OR\s+REPLACE\s+)?VIEW", without_comments(text), re.I) else "TABLE"

    def without_column(self, table, column):
        """Tables with geometries are Parquet here (stand_ins.py), which cannot drop a column."""
        self.session.sql(f"CREATE TABLE lakeshift_kept USING PARQUET AS SELECT * EXCEPT ({column}) FROM {table}")
        self.session.sql(f"DROP TABLE {table}")
        self.session.sql(f"ALTER TABLE lakeshift_kept RENAME TO {table}")

    def drop(self, name):
        for kind in ("VIEW", "TABLE"):
            try:
                self.session.sql(f"DROP {kind} IF EXISTS {name}")
            except Exception:  # it is of the other kind
                pass
        self.there.pop(name, None)
        self.kept.discard(name)

    def supply(self, fault, corpus, page):
        """Creates the table that an analysis missed, from the page, the guide's sample or the corpus; False when nothing does."""
        found = re.search(r"table or view `([^ ]+)` cannot be found|The table or view ((?:`[^`]+`\.?)+)", fault)
        if not found:
            return False
        name = re.sub("`", "", found[1] or found[2]).lower()
        if name in self.there:
            return False
        candidates = [text for text in page if self.last(self.table_of(text)) == self.last(name)]
        candidates += [text for kind, owner, text in self.pool[self.last(name)]
                       if kind == "base" and corpus not in ALONE and owner.split("_")[0] == corpus.split("_")[0]]
        for text in candidates[:1]:
            shown = name if name.count(".") < 2 else name.partition(".")[2]
            spelled = re.sub(re.escape(re.search(TABLE, without_comments(text))[1]), ".".join(f"`{part}`" for part in shown.split(".")), without_comments(text), count=1)
            self.run(re.sub(r"(?i)CREATE\s+TABLE\s+IF\s+NOT\s+EXISTS", "CREATE TABLE", spelled))
            if text not in page:
                self.kept.add(shown)
            return True
        return False

    def misses_more(self, fault):
        """Columns where no table is named at all, and functions that the corpus makes in a language that is refused."""
        if fault.startswith("UNRESOLVED_COLUMN") and "OneRowRelation" in fault and "Relation spark_catalog" not in fault:
            return True
        routine = re.search(r"routine `?([^ ]+?)`? (?:on|cannot)", fault) if fault.startswith(("UNRESOLVED_ROUTINE", "ROUTINE_NOT_FOUND")) else None
        return routine is not None and re.sub("`", "", routine[1]).lower().rpartition(".")[2] in self.functions

    def prepared(self, text):
        """Of EXECUTE IMMEDIATE the text itself with its values: Delta's parser hands no parameters on to Spark's."""
        found = EXECUTE.match(without_comments(text))
        if not found:
            return text
        inner = self.session.sql(f"SELECT {found[1]}").collect()[0][0]
        for value, name in re.findall(r"(.+?)\s+AS\s+(p\d+)(?:,\s*|\s*$)", found[2] or "", re.S):
            inner = re.sub(rf":{name}\b", lambda _: value, inner)
        return inner

    def analyse(self, text, corpus, page):
        for _ in range(30):
            try:
                if RUN.match(without_comments(text)):
                    self.run(text)
                else:
                    self.state.executePlan(self.parse(self.prepared(text)), self.mode).assertAnalyzed()
                return "analysed", ""
            except Exception as failure:  # every failure is an answer
                fault = self.fault(failure)
                if self.misses_more(fault):
                    return "no_table", fault
                if not fault.startswith(NOT_THERE):
                    return "unanalysed", fault
                try:
                    if not self.supply(fault, corpus, page):
                        return "no_table", fault
                except Exception as second:
                    fault = self.fault(second)
                    return "no_table" if fault.startswith(NOT_THERE) else "unanalysed", "supply: " + fault
        return "unanalysed", "tables without end"

    def group(self, group):
        page = [part for one in group["statements"] for part in one["parts"] if PLAIN_TABLE.match(without_comments(part))]
        made = {self.last(self.table_of(text)) for text in page}
        for name in [name for name in self.there if name not in self.kept or self.last(name) in made]:
            self.drop(name)
        for one in group["statements"]:
            kind, fault = "analysed", ""
            for part in one["parts"]:
                try:
                    self.parse(part)
                except Exception as failure:
                    kind, fault = "unparsed", self.fault(failure)
                    break
                this, why = self.analyse(part, one["corpus"], page)
                if this != "analysed":
                    kind, fault = this, why
                    break
            yield one["corpus"], one["number"], fault, kind


def main():
    sys.path.insert(0, str(ROOT / "src/knowledge/engines"))
    import spark_worker

    request = json.load(sys.stdin)
    folder = tempfile.mkdtemp(prefix="lscorpora")
    out, sys.stdout = sys.stdout, sys.stderr
    try:
        session = spark_worker.start(folder, sys.argv[1])
        stand_ins.make(session)
        session.conf.set("spark.sql.sources.default", "delta")  # as on Databricks
        judge = Judge(session, spark_worker, request["pools"], set(request["functions"]), folder)
        end = time.monotonic() + 60 * request["minutes"]
        for group in request["groups"]:
            for answer in judge.group(group):
                print(json.dumps(answer), file=out, flush=True)
            if time.monotonic() > end:
                break
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    os._exit(0)


if __name__ == "__main__":
    main()
