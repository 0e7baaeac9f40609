"""Two real PostgreSQL servers, a work directory with a move between them, and a writer that notes what was acknowledged.

Nothing here reads src/ or data/: the tests judge the binary from outside, by psycopg.
"""
import os
import pathlib
import pwd
import random
import shutil
import signal
import subprocess
import tempfile
import threading
import time

import psycopg

from harness import ROOT
from moved_pair import APP_PASSWORD, PASSWORD, MovedPair, free_port


def program(major, name):
    debian = pathlib.Path(f"/usr/lib/postgresql/{major}/bin/{name}")
    return str(debian if debian.exists() else ROOT / f".deps/postgres/{major}/bin/{name}")


class Server:
    """A server of its own, fsync on, password logins over TCP; its owner is nobody's root."""

    def __init__(self, major=15, name="pg"):
        self.major, self.port, self.process = major, free_port(), None
        self.door = self.port  # where a move and applications knock
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix=f"lakeshift-{name}-"))
        user = pwd.getpwnam("postgres") if os.getuid() == 0 else None
        self.as_user = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}
        if user:
            os.chown(self.folder, user.pw_uid, user.pw_gid)
        secret = self.folder / "secret"
        secret.write_text(PASSWORD)
        secret.chmod(0o644)
        self.call("initdb", "-D", self.data, "-U", "mover", "--pwfile", secret, "-A", "scram-sha-256", "--no-sync",
                  "-E", "UTF8", "--locale=C.UTF-8")
        with open(self.folder / "data/postgresql.conf", "a") as out:
            out.write(f"port = {self.port}\nlisten_addresses = '127.0.0.1'\nunix_socket_directories = '{self.folder}'\n"
                      "wal_level = logical\nmax_wal_senders = 20\nmax_replication_slots = 20\nmax_connections = 60\n"
                      "shared_buffers = '64MB'\ntimezone = 'UTC'\nfsync = on\nlog_min_messages = warning\n")
        self.start()

    @property
    def data(self):
        return self.folder / "data"

    def call(self, name, *words):
        subprocess.run([program(self.major, name), *map(str, words)], check=True, capture_output=True,
                       cwd=str(self.folder), **self.as_user)

    def start(self):
        with open(self.folder / "log", "ab") as log:
            # It ends with the test, however that ends.
            self.process = subprocess.Popen(["setpriv", "--pdeathsig", "INT", program(self.major, "postgres"), "-D", str(self.data)],
                                            stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd=str(self.folder),
                                            start_new_session=True, **self.as_user)
        deadline = time.monotonic() + 60
        while True:
            try:
                self.connect("postgres").close()
                return
            except psycopg.OperationalError:
                if time.monotonic() > deadline or self.process.poll() is not None:
                    raise AssertionError((self.folder / "log").read_text()[-3000:])
                time.sleep(0.05)

    def crash(self):
        """kill -9 of the whole server at one instant: no process of it is left when this returns."""
        os.kill(self.process.pid, signal.SIGSTOP)  # makes no new children
        children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        for child in map(int, children):
            os.kill(child, signal.SIGKILL)
        self.process.kill()
        self.process.wait()
        deadline = time.monotonic() + 20
        while any(pathlib.Path(f"/proc/{child}").exists() and self.is_ours(child) for child in children):
            assert time.monotonic() < deadline, "processes of a killed server do not end"
            time.sleep(0.005)
        (self.data / "postmaster.pid").unlink(missing_ok=True)

    def is_ours(self, pid):
        try:
            return os.readlink(f"/proc/{pid}/cwd") == str(self.data)
        except OSError:
            return False

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def connect(self, database="shop", user="mover", password=PASSWORD, **more):
        return psycopg.connect(**{"host": "127.0.0.1", "port": self.port, "dbname": database, "user": user, "password": password,
                                  "autocommit": True, "connect_timeout": 10, **more})

    def run(self, sql, database="shop"):
        with self.connect(database) as session:
            session.execute(sql)

    def rows(self, sql, database="shop"):
        with self.connect(database) as session:
            return session.execute(sql).fetchall()

    def value(self, sql, database="shop"):
        return self.rows(sql, database)[0][0]


SCHEMA = """
CREATE TABLE item (id bigserial PRIMARY KEY, note text NOT NULL, writer int NOT NULL, seq bigint NOT NULL);
CREATE INDEX item_by_writer ON item (writer, seq);
CREATE TABLE balance (id int PRIMARY KEY, amount bigint NOT NULL, seen timestamptz);
CREATE TABLE line (item_id bigint NOT NULL REFERENCES item ON DELETE CASCADE, part int, what jsonb, PRIMARY KEY (item_id, part));
CREATE TABLE audit (at timestamptz, what text, seq bigint);
ALTER TABLE audit REPLICA IDENTITY FULL;
CREATE TABLE big (id int PRIMARY KEY, body bytea);
ALTER TABLE big ALTER body SET STORAGE EXTERNAL;
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.seen := clock_timestamp(); RETURN NEW; END $$;
CREATE TRIGGER touched BEFORE UPDATE ON balance FOR EACH ROW EXECUTE FUNCTION touch();
INSERT INTO balance SELECT i, 1000, NULL FROM generate_series(1, 2000) i;
INSERT INTO big SELECT i, decode(repeat(md5(i::text), 200), 'hex') FROM generate_series(1, 20) i;
INSERT INTO item (note, writer, seq) SELECT 'before ' || i, 0, i FROM generate_series(1, 20000) i;
"""
RIGHTS = """
GRANT SELECT, INSERT, UPDATE, DELETE ON item, balance, line, audit, big TO shop_app;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO shop_app;
"""
TABLES = ("item", "balance", "line", "audit", "big")


class Pair(MovedPair):
    """Source and target with the move `shop` between them."""

    name = "shop"

    def __init__(self, tmp, source=15, target=15, extra="", budget=120000, user="mover", lag_limit=5000, wire=None):
        """`wire` makes what stands between the move and its servers."""
        self.source, self.target = Server(source, "src"), Server(target, "dst")
        self.wire = wire([self.source, self.target], pathlib.Path(tmp)) if wire else None
        for server in (self.source, self.target):
            server.run("CREATE DATABASE shop", "postgres")
        self.source.run(f"CREATE ROLE shop_app LOGIN PASSWORD '{APP_PASSWORD}'")
        if user != "mover":
            self.make_users(user)
        self.source.run(f"SET ROLE {user};{SCHEMA}{RIGHTS}")
        self.dir = pathlib.Path(tmp) / "work"
        self.dir.mkdir()
        (self.dir / "lakeshift.yaml").write_text(
            "moves:\n  shop:\n"
            f"    source: postgresql://{user}@127.0.0.1:{self.source.door}/shop\n"
            f"    target: postgresql://{user}@127.0.0.1:{self.target.door}/shop\n"
            f"    applications: [shop_app]\n    workers: 2\n    pause_budget_ms: {budget}\n    lag_limit_ms: {lag_limit}\n"
            "    accept: [pg-long-transaction]\n" + extra)
        self.env = {k: v for k, v in os.environ.items() if not k.startswith(("LAKESHIFT_", "PG", "DATABRICKS_"))}
        self.env.update(LAKESHIFT_SHOP_SOURCE_PASSWORD=PASSWORD, LAKESHIFT_SHOP_TARGET_PASSWORD=PASSWORD)
        if source > 15:  # newer than Debian's pg_dump
            self.env["PATH"] = f"{pathlib.Path(program(17, 'pg_dump')).parent}:{self.env['PATH']}"
        self.lakeshift("init", "--keep")

    def make_users(self, user):
        """What a managed service gives its customer: roles, monitoring, replication, the database; no superuser."""
        for server in (self.source, self.target):
            server.run(f"CREATE ROLE {user} LOGIN CREATEROLE CREATEDB REPLICATION BYPASSRLS PASSWORD '{PASSWORD}';"
                       f"GRANT pg_monitor, pg_signal_backend TO {user}; ALTER DATABASE shop OWNER TO {user};"
                       f"ALTER SCHEMA public OWNER TO {user};" +
                       (f"GRANT SET ON PARAMETER session_replication_role TO {user}" if server.major >= 15 else ""))

    def pausing(self):
        return self.phase() in ("switching", "opening")

    def stop(self):
        super().stop()
        if self.wire:
            self.wire.stop()

    def content(self, server):
        """Every row of every table as the server writes it, in an order of bytes; sequences are apart."""
        return {table: server.rows(f'SELECT t::text FROM public.{table} t ORDER BY t::text COLLATE "C"') for table in TABLES}


class Writer(threading.Thread):
    """An application: finds the side that lets it write, as behind a switch of traffic, and notes each acknowledged write."""

    def __init__(self, pair, number, pause=0.002):
        super().__init__(daemon=True)
        self.pair, self.number, self.pause = pair, number, pause
        self.acknowledged, self.refused, self.cut, self.longest = [], 0, 0, 0.0
        self.where = []  # (time, side) of the acknowledged ones
        self.ending, self.free, self.resting = threading.Event(), threading.Event(), threading.Event()
        self.free.set()
        self.surprise = None
        self.random = random.Random(number)

    def statements(self, seq):
        who = self.number
        yield ("WITH made AS (INSERT INTO public.item (note, writer, seq) VALUES (%s, %s, %s) RETURNING id) "
               "INSERT INTO public.line SELECT id, 1, '{\"q\": 1.50}' FROM made", (f"by {who}", who, seq))
        yield ("UPDATE public.balance SET amount = amount - 1 WHERE id = %s", (self.random.randint(1, 2000),))
        yield ("INSERT INTO public.audit VALUES (clock_timestamp(), %s, %s)", (f"writer {who}", seq))
        if seq % 10 == 0:
            yield ("UPDATE public.big SET id = id WHERE id = %s", (self.random.randint(1, 20),))
        if seq % 17 == 0:
            yield ("DELETE FROM public.item WHERE id = (SELECT min(id) FROM public.item WHERE writer = 0)", ())

    def run(self):
        sides = [self.pair.source, self.pair.target]
        session, seq, last = None, 0, time.monotonic()
        while not self.ending.is_set():
            if not self.free.is_set():
                self.resting.set()
                self.free.wait()
                self.resting.clear()
                last = time.monotonic()
            try:
                if session is None:
                    session = sides[0].connect(user="shop_app", password=APP_PASSWORD, port=sides[0].door)
                seq += 1
                with session.transaction():
                    for sql, values in self.statements(seq):
                        session.execute(sql, values)
                now = time.monotonic()
                self.longest, last = max(self.longest, now - last), now
                self.acknowledged.append(seq)
                self.where.append((now, "source" if sides[0] is self.pair.source else "target"))
                time.sleep(self.pause)
            except (psycopg.OperationalError, psycopg.errors.InsufficientPrivilege) as error:
                self.refused += 1
                self.cut += isinstance(error, psycopg.OperationalError) and error.sqlstate is None
                del error
                session = None
                sides.reverse()
                time.sleep(0.01)
            except Exception as error:  # anything else is no way to treat an application
                self.surprise = error
                return

    def hold(self):
        """Writes nothing until released; no transaction of it is open when this returns."""
        self.resting.clear()
        self.free.clear()
        assert self.resting.wait(60), self.surprise

    def release(self):
        self.free.set()

    def end(self):
        self.ending.set()
        self.free.set()
        self.join(60)
        assert self.surprise is None, self.surprise


def lost_and_doubled(server, writers):
    """Of what the writers know to be written: missing from this side, and there more than once."""
    there = server.rows("SELECT writer, seq, count(*) FROM public.item WHERE writer > 0 GROUP BY 1, 2")
    held = {(writer, seq): count for writer, seq, count in there}
    noted = [(writer.number, seq) for writer in writers for seq in writer.acknowledged]
    return [one for one in noted if one not in held], [one for one, count in held.items() if count > 1]


def books(server):
    """What every transaction of the writers did, added up: an item, its line and a line of the audit each, and one unit off a balance."""
    return server.rows("SELECT (SELECT count(*) FROM item WHERE writer > 0), (SELECT count(*) FROM line), (SELECT count(*) FROM audit), "
                       "(SELECT sum(1000 - amount) FROM balance)")[0]
