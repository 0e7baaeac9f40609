"""The two engines of the suite, driven without lakeshift: PostgreSQL through psycopg, Spark through its worker."""
import json
import os
import pathlib
import pwd
import re
import shutil
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
HOME = pathlib.Path(os.environ.get("LAKESHIFT_ENGINES", ROOT / ".deps/sql"))

OIDS = {16: "boolean", 20: "integer", 21: "integer", 23: "integer", 700: "float", 701: "double", 1700: "decimal", 25: "string",
        1042: "char", 1043: "string", 705: "string", 18: "string", 19: "string", 1082: "date", 1083: "time",
        1114: "timestamp", 1184: "timestamptz", 1186: "interval", 17: "binary", 114: "json", 3802: "json"}
SPARK = {"tinyint": "integer", "smallint": "integer", "int": "integer", "bigint": "integer", "float": "float",
         "double": "double", "string": "string", "boolean": "boolean", "date": "date", "timestamp": "timestamptz",
         "timestamp_ntz": "timestamp", "binary": "binary", "variant": "json", "void": None, "time(6)": "time"}
DATE_PARTS = re.compile(r"\b(dateadd|datediff|date_part|date_trunc|datepart)\s*\(\s*([a-z_]+)\s*,", re.I)

EXTRACT = re.compile(r"\bextract\s*\(\s*([a-z_]+)\s+from\s", re.I)


def postgres_words(sql):
    """Bare words of date parts, and EXTRACT, as calls that the schema redshift defines."""
    return EXTRACT.sub(r"extract_of('\1', ", DATE_PARTS.sub(r"\1('\2',", sql))


class Answer:
    """Rows of (family, text) cells, or an error."""

    def __init__(self, rows=None, error=None):
        self.rows, self.error = rows, error


def as_server_user():
    """PostgreSQL refuses to be run by root."""
    if os.getuid() != 0:
        return [], None
    for name in ("postgres", "nobody"):
        try:
            return ["runuser", "-u", name, "--"], pwd.getpwnam(name)
        except KeyError:
            continue
    raise RuntimeError("running as root, and there is neither a user postgres nor nobody to run PostgreSQL as")


class Postgres:
    def __init__(self):
        import psycopg

        prefix, user = as_server_user()
        self.prefix = prefix
        self.folder = tempfile.mkdtemp(prefix="lspg")
        if user:
            os.chown(self.folder, user.pw_uid, user.pw_gid)
        data = f"{self.folder}/data"
        programs = pathlib.Path("/usr/lib/postgresql")
        folders = sorted(programs.glob("*/bin"), key=lambda f: float(f.parent.name))
        self.bin = str(folders[-1]) if folders else os.path.dirname(shutil.which("initdb"))
        # Stops the server and removes its files at the end of its input: also when this process is killed.
        script = (f"trap '' INT TERM HUP; cat >/dev/null; {self.bin}/pg_ctl -D {data} -m immediate stop >/dev/null 2>&1; "
                  f"rm -rf {self.folder}")
        self.guard = subprocess.Popen([*prefix, "sh", "-c", script], stdin=subprocess.PIPE, cwd="/")
        self.call("initdb", "-D", data, "-U", "postgres", "-A", "trust", "--no-sync", "-E", "UTF8", "--lc-collate=C",
                  "--lc-ctype=C.UTF-8")
        options = (f"-c listen_addresses='' -c unix_socket_directories='{self.folder}' -c fsync=off -c timezone=UTC "
                   "-c shared_buffers=32MB")
        self.call("pg_ctl", "-D", data, "-w", "-l", f"{self.folder}/log", "-o", options, "start")
        with psycopg.connect(host=self.folder, user="postgres", autocommit=True) as setup:
            setup.execute("CREATE DATABASE redshift")
        self.connection = psycopg.connect(host=self.folder, user="postgres", dbname="redshift", autocommit=True,
                                          options="-c allow_system_table_mods=on")
        self.must((ROOT / "data/redshift_on_postgres.sql").read_text())
        self.must("SET allow_system_table_mods = off")
        self.must("SET search_path = public, redshift, pg_catalog; SET standard_conforming_strings = off; "
                  "SET escape_string_warning = off; SET backslash_quote = on")

    def call(self, program, *arguments):
        command = self.prefix + [os.path.join(self.bin, program), *arguments]
        done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, cwd="/", check=False)
        if done.returncode:
            raise RuntimeError(f"{program}: {done.stderr}")

    def raw(self, sql):
        return self.connection.pgconn.exec_(sql.encode())

    def must(self, sql):
        result = self.raw(sql)
        if result.error_message:
            raise RuntimeError(f"{result.error_message.decode()}: {sql[:300]}")
        return result

    def run(self, sql):
        result = self.raw(postgres_words(sql))
        if result.error_message:
            return Answer(error=result.error_message.decode().strip())
        families = [OIDS.get(result.ftype(c), "other") for c in range(result.nfields)]
        rows = []
        for r in range(result.ntuples):
            cells = [result.get_value(r, c) for c in range(result.nfields)]
            rows.append([(f, None if v is None else v.decode()) for f, v in zip(families, cells)])
        return Answer(rows=rows)

    def stop(self):
        self.connection.close()
        self.guard.stdin.close()
        self.guard.wait(60)


class Spark:
    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="lsspark")
        self.log = open(f"{self.folder}/log", "w")
        worker = ROOT / "src/knowledge/engines/spark_worker.py"
        self.process = subprocess.Popen([str(HOME / "venv/bin/python"), str(worker), self.folder, str(HOME / "jars")],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log, text=True,
                                        cwd=self.folder)

    def wait(self):
        line = self.process.stdout.readline()
        if "ready" not in line:
            raise RuntimeError(f"Spark did not start: {open(self.folder + '/log').read()[-2000:]}")

    def ask(self, statements):
        self.process.stdin.write(json.dumps({"id": 0, "statements": statements}) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())["results"]

    def run(self, statements):
        """The answer of the last statement, or the first error."""
        last = self.ask(statements)[-1]
        if "error" in last:
            return Answer(error=f"{last['error']['class']}: {last['error']['message']}")
        families = [self.family(kind) for _, kind in last["columns"]]
        return Answer(rows=[list(zip(families, row)) for row in last["rows"]])

    @staticmethod
    def family(kind):
        if kind.startswith("decimal"):
            return "decimal"
        if kind.startswith(("varchar", "char")) or " collate " in kind:
            return "string"
        if kind.startswith("interval"):
            return "interval"
        return SPARK.get(kind, "other")

    def stop(self):
        self.process.stdin.close()
        self.process.wait(60)
        shutil.rmtree(self.folder, ignore_errors=True)
