#!/usr/bin/env python3
"""Obtains the public corpora of Redshift SQL that `measure.py` measures with. Nothing of them is committed.

Each comes from its public repository: a bare clone is made below OUT/repositories, or an existing one is used
(--from FOLDER, in it OWNER+NAME/repo or OWNER+NAME). Statements are cut by a splitter of our own in this file, which
knows nothing of the parser that is measured. Written: OUT/<corpus>/<nnnn>.sql, statements with ";\n\n" behind each, and
OUT/corpora.json: per corpus its repository, commit, licence, files and statements, or why it could not be had.
usage: obtain.py OUT [--from FOLDER]
"""
import argparse
import ast
import json
import pathlib
import re
import subprocess
import sys

FORGE = "https://github.com/"
BENCHMARKS, UTILS = "aws-samples/redshift-benchmarks", "awslabs/amazon-redshift-utils"
# name, repository, licence, paths (a regular expression), how statements are found in a file
CORPORA = [
    ("tpcds_ddl", BENCHMARKS, "MIT-0", r"load-tpc-ds/02_ddl/.*\.sql", "psql"),
    ("tpcds", BENCHMARKS, "MIT-0", r"load-tpc-ds/04_sql/.*\.sql", "psql"),
    ("tpch_ddl", UTILS, "Apache-2.0", r"src/CloudDataWarehouseBenchmark/Cloud-DWB-Derived-from-TPCH/10GB/ddl\.sql", "psql"),
    ("tpch", BENCHMARKS, "MIT-0", r"adx-tpc-h/02_sql/.*\.sql", "psql"),
    ("utils_admin", UTILS, "Apache-2.0", r"src/Admin(Scripts|Views)/.*\.sql", "psql"),
    ("utils_other", UTILS, "Apache-2.0", r"src/(?!Admin|StoredProcedures/|CloudDataWarehouseBenchmark/).*\.sql", "psql"),
    ("utils_procedures", UTILS, "Apache-2.0", r"src/StoredProcedures/.*\.sql", "psql"),
    ("documentation", "awsdocs/amazon-redshift-developer-guide", "MIT-0 (samples)", r"doc_source/.*\.md", "markdown"),
    ("sqlglot_tests", "tobymao/sqlglot", "MIT", r"tests/dialects/test_redshift\.py", "validations"),
]
# The guide's text was deleted in its last commit.
REVISIONS = {"awsdocs/amazon-redshift-developer-guide": "HEAD~1"}
# What the scripts of the repositories pass to psql with -v.
VARIABLES = {"schema_name": "tpcds", "EXPLAIN": ""}
HEADS = set("""select with create drop alter insert update delete merge copy unload grant revoke truncate vacuum analyze set reset show
    begin start commit end rollback abort call do declare fetch close prepare execute deallocate explain comment lock use cancel
    refresh attach detach values describe desc""".split())
# Further words that the statement of that head begins with, where it is also an English word.
SECOND = {"end": "transaction|work", "begin": r"transaction|work|isolation|read|\s*$", "start": "transaction", "do": r"\$", "use": r"\w+\s*$",
          "set": r"\S+.*(=|\bto\b)|session|search_path|local|query_group|timezone", "close": r"\w+\s*$", "comment": "on", "lock": r"table|\w+",
          "show": r"\w+", "abort": r"transaction|work|\s*$", "explain": r".*\b(select|with|insert|update|delete|create|merge)\b", "with": r"(recursive\s+)?[\"\w]+"}


def tokens(text):
    """(begin, end, kind) of strings, quoted names, comments and single other characters."""
    pattern = re.compile(r"(?P<line>--[^\n]*)|(?P<quoted>\"(?:[^\"]|\"\")*\")|(?P<string>'(?:[^'\\]|''|\\.)*')"
                         r"|(?P<dollar>\$(?P<tag>[A-Za-z_]\w*)?\$.*?\$(?P=tag)\$|\$\$.*?\$\$)|(?P<block>/\*)|(?P<other>.)", re.S)
    at = 0
    while at < len(text):
        found = pattern.match(text, at)
        end = found.end()
        if found.lastgroup == "block" or found["block"]:
            depth, end = 1, at + 2
            while depth and end < len(text):
                if text.startswith("/*", end):
                    depth, end = depth + 1, end + 2
                elif text.startswith("*/", end):
                    depth, end = depth - 1, end + 2
                else:
                    end += 1
        yield at, end, "block" if found["block"] else "line" if found["line"] else "other" if found["other"] else "text"
        at = end


def split(text):
    """Statements without their ';'; the last one also when it has none. Comments alone are no statement."""
    begin, solid = 0, False
    for at, end, kind in tokens(text):
        if kind == "other" and text[at] == ";":
            if solid:
                yield text[begin:at].strip(), True
            begin, solid = end, False
        elif kind == "text" or (kind == "other" and not text[at].isspace()):
            solid = True
    if solid:
        yield text[begin:].strip(), False


def bare(text):
    """The text without the comments before it."""
    while True:
        text = text.lstrip()
        if text.startswith("--"):
            text = text.partition("\n")[2]
        elif text.startswith("/*"):
            text = text[next(end for _, end, _ in tokens(text)):]
        else:
            return text


def is_statement(text):
    found = re.match(r"\(?\s*([A-Za-z]+)\b\s*(.*)", bare(text), re.S)
    if not found or found[1].lower() not in HEADS:
        return False
    wanted = SECOND.get(found[1].lower())
    return wanted is None or re.match(wanted, found[2], re.I | re.S) is not None


def of_psql(text):
    text = re.sub(r"^\\[a-z].*$", "", text, flags=re.M)
    for name, value in VARIABLES.items():
        text = re.sub(rf":{name}\b", value, text)
    return [one for one, _ in split(text)]


def is_closed(text):
    return not any(kind == "other" and text[at] in "'\"" for at, _, kind in tokens(text))


def of_markdown(text):
    """Complete statements in fenced blocks: those that begin with a statement's word and end with ';'. Where a quote is
    never closed (misprints of the guide), nobody can say where the statement ends: it is none."""
    found = []
    for block in re.findall(r"^[ \t]*```[^\n]*\n(.*?)^[ \t]*```", text, re.M | re.S):
        found += [one for one, ended in split(block) if ended and is_statement(one) and is_closed(one)]
    return found


def of_validations(text):
    """First arguments of validate_identity and validate_all; a bare expression becomes a SELECT of it."""
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("validate_identity", "validate_all"):
            try:
                one = ast.literal_eval(node.args[0])
            except ValueError:
                continue
            one = one.strip().rstrip(";")
            found.append(one if is_statement(one) or one.upper().startswith(("CREATE", "BEGIN")) else f"SELECT {one}")
    return list(dict.fromkeys(found))


FINDERS = {"psql": of_psql, "markdown": of_markdown, "validations": of_validations}


class Repository:
    def __init__(self, name, have, out):
        flat = name.replace("/", "+")
        places = [pathlib.Path(have) / flat / "repo", pathlib.Path(have) / flat] if have else []
        self.place = next((place for place in places if (place / "HEAD").exists()), out / "repositories" / flat)
        if not self.place.exists():
            subprocess.run(["git", "clone", "-q", "--bare", FORGE + name, self.place], check=True)
        self.revision = REVISIONS.get(name, "HEAD")
        self.commit = self.git("rev-parse", self.revision).strip()

    def git(self, *arguments):
        return subprocess.run(["git", "--git-dir", self.place, *arguments], check=True, capture_output=True).stdout.decode("utf-8", "replace")

    def files(self, pattern):
        listed = self.git("ls-tree", "-r", "--name-only", self.revision).splitlines()
        return [(name, self.git("show", f"{self.revision}:{name}")) for name in sorted(listed) if re.fullmatch(pattern, name)]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--from", dest="have")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    summary, seen = {}, {}
    for name, source, licence, pattern, finder in CORPORA:
        try:
            repository = seen[source] = seen.get(source) or Repository(source, options.have, options.out)
            files = repository.files(pattern)
        except (subprocess.CalledProcessError, OSError) as failure:
            summary[name] = {"repository": source, "missing": str(failure)}
            print(f"{name}: cannot be had: {failure}", file=sys.stderr)
            continue
        folder = options.out / name
        folder.mkdir(exist_ok=True)
        for old in folder.glob("*.sql"):
            old.unlink()
        count = size = 0
        sources = {}
        for path, text in files:
            statements = FINDERS[finder](text.removeprefix("\ufeff").replace("\r\n", "\n"))
            if not statements:
                continue
            written = "".join(one + ("\n" if "--" in one.rpartition("\n")[2] else "") + ";\n\n" for one in statements)
            place = f"{len(sources):04d}.sql"
            sources[place] = path
            (folder / place).write_text(written, encoding="utf-8")
            count, size = count + len(statements), size + len(written.encode())
        summary[name] = {"repository": source, "commit": repository.commit, "licence": licence, "files": sources,
                         "statements": count, "bytes": size}
        print(f"{name:18} {len(sources):5} files {count:6} statements {size:9} bytes")
    (options.out / "corpora.json").write_text(json.dumps(summary, indent=1))
    return 1 if any("missing" in one for one in summary.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
