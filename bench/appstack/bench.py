#!/usr/bin/env python3
"""A live PostgreSQL move against its peers, on real servers with fsync and synchronous_commit on.

Copy: the same database by lakeshift, `pg_dump | psql`, `pg_dump -Fd -j2` + `pg_restore -j2`, and pgcopydb where it is installed.
Apply: a backlog of pgbench transactions drained by lakeshift and by a native subscription.
Switch: cutovers and rollbacks under `pgbench -R`, the pause as lakeshift measures it and as the application saw it.
usage: bench.py [SCALE [CYCLES]]
"""
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests/acceptance")]
from postgres_pair import APP_PASSWORD, PASSWORD, Pair  # noqa: E402

WIDE = """
CREATE TABLE wide (id bigint PRIMARY KEY, u uuid NOT NULL, name text, city text, amount numeric(14, 4), ratio float8, ok bool,
  made timestamptz, day date, tags text[], doc jsonb, raw bytea);
INSERT INTO wide SELECT i, md5(i::text)::uuid, 'name ' || i, 'city ' || i % 500, i * 1.2345, i / 7.0, i % 3 = 0,
  '2026-01-01'::timestamptz + i * interval '1 second', '2026-01-01'::date + i % 365, ARRAY['a' || i % 10, 'b'],
  jsonb_build_object('k', i % 100, 'note', repeat('x', i % 60)), decode(md5(i::text), 'hex') FROM generate_series(1, {rows}) i;
CREATE INDEX ON wide (city); CREATE INDEX ON wide (made); CREATE INDEX ON wide (u);
"""


def address(server, database="shop"):
    return f"host=127.0.0.1 port={server.port} user=mover dbname={database}"


def words(server, database="shop"):
    return ["-h", "127.0.0.1", "-p", str(server.port), "-U", "mover", "-d", database]


ENV = {**os.environ, "PGPASSWORD": PASSWORD}


def shell(command, **more):
    ended = subprocess.run(command, env=ENV, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, **more)
    if ended.returncode != 0:
        sys.exit(f"{' '.join(command)}\n{ended.stderr[-2000:]}")


def timed(work):
    started = time.monotonic()
    work()
    return time.monotonic() - started


def pgbench(server, *more, user="mover", password=PASSWORD, check=True):
    return subprocess.run(["pgbench", "-h", "127.0.0.1", "-p", str(server.port), "-U", user, *map(str, more), "shop"], check=check,
                          env={**ENV, "PGPASSWORD": password}, capture_output=True, text=True)


def fresh(server):
    server.run("DROP DATABASE IF EXISTS shop WITH (FORCE)", "postgres")
    server.run("CREATE DATABASE shop", "postgres")


def dump_and_restore(pair, folder):
    shell(["pg_dump", *words(pair.source), "-Fd", "-j2", "-Z0", "--no-acl", "-f", folder])
    shell(["pg_restore", *words(pair.target), "-j2", "--no-owner", "--no-acl", folder])


def copy_peers(pair, tmp):
    figures = {}
    pipe = f"pg_dump --no-acl '{address(pair.source)}' | psql -q '{address(pair.target)}'"
    fresh(pair.target)
    figures["pg_dump | psql"] = timed(lambda: shell(["bash", "-c", pipe]))
    fresh(pair.target)
    folder = str(tmp / "dump")
    figures["pg_dump -Fd -j2 + pg_restore -j2"] = timed(lambda: dump_and_restore(pair, folder))
    shutil.rmtree(folder)
    if shutil.which("pgcopydb"):
        fresh(pair.target)
        figures["pgcopydb clone"] = timed(lambda: shell(
            ["pgcopydb", "clone", "--source", address(pair.source), "--target", address(pair.target), "--table-jobs", "2",
             "--index-jobs", "2", "--skip-vacuum", "--no-acl", "--dir", str(tmp / "pgcopydb")],
            start_new_session=True))  # one that fails ends its whole process group
    else:
        print("pgcopydb is not installed: not compared")
    fresh(pair.target)
    return figures


def backlog(pair, transactions):
    pgbench(pair.source, "-n", "-N", "-c", 4, "-j", 2, "-t", transactions // 4)


def native_rate(pair, transactions):
    """A subscription of the server's own over the same load, into a database of its own."""
    fresh(pair.target)
    pipe = f"pg_dump --no-acl '{address(pair.source)}' | psql -q '{address(pair.target)}'"
    pair.source.run("CREATE PUBLICATION peer FOR ALL TABLES")
    shell(["bash", "-c", pipe])
    pair.target.run("DROP PUBLICATION IF EXISTS peer")
    pair.source.run("SELECT pg_create_logical_replication_slot('peer', 'pgoutput')")
    backlog(pair, transactions)
    mark = pair.source.value("SELECT pg_current_wal_lsn()")

    def drain():
        pair.target.run(f"CREATE SUBSCRIPTION peer CONNECTION '{address(pair.source)} password={PASSWORD}' PUBLICATION peer "
                        "WITH (create_slot = false, slot_name = peer, copy_data = false)")
        while pair.source.value(f"SELECT coalesce(bool_or(replay_lsn >= '{mark}'), false) FROM pg_stat_replication") is not True:
            time.sleep(0.01)
    seconds = timed(drain)
    pair.target.run("DROP SUBSCRIPTION peer")
    pair.source.run("DROP PUBLICATION peer")
    return transactions / seconds


class Load(threading.Thread):
    """pgbench at a fixed rate against whichever side takes the writes."""

    def __init__(self, pair, rate):
        super().__init__(daemon=True)
        self.pair, self.rate, self.ending = pair, rate, threading.Event()

    def run(self):
        sides = [self.pair.source, self.pair.target]
        while not self.ending.is_set():
            pgbench(sides[0], "-n", "-N", "-c", 8, "-j", 2, "-R", self.rate, "-T", 3600 if not self.ending.is_set() else 1,
                    user="shop_app", password=APP_PASSWORD, check=False)
            sides.reverse()

    def end(self):
        self.ending.set()
        for side in (self.pair.source, self.pair.target):
            side.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'shop_app'", "postgres")
        self.join(30)


def main():
    scale = int(sys.argv[1]) if len(sys.argv) > 1 else 50
    cycles = int(sys.argv[2]) if len(sys.argv) > 2 else 20
    tmp = pathlib.Path(tempfile.mkdtemp(prefix="lakeshift-bench-appstack-"))
    pair = Pair(tmp, budget=30000)
    try:
        pair.source.run("DROP TABLE line, item, balance, audit, big CASCADE; DROP FUNCTION touch")
        pgbench(pair.source, "-i", "-q", "-s", scale)
        pair.source.run(WIDE.format(rows=scale * 30000))
        pair.source.run("ALTER TABLE pgbench_history REPLICA IDENTITY FULL")
        pair.source.run("VACUUM ANALYZE")
        pair.source.run("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO shop_app")
        figures = copy_peers(pair, tmp)
        started = time.monotonic()
        pair.move("create", "--until-caught-up", timeout=3600)
        own = time.monotonic() - started
        print(f"copy of {pair.source.value('SELECT pg_database_size(current_database())') >> 20} MB: lakeshift {own:.1f} s (all of it)")
        for peer, seconds in figures.items():
            print(f"  {peer}: {seconds:.1f} s, {seconds / own:.2f} x")
        transactions = 40000
        backlog(pair, transactions)
        seconds = timed(lambda: pair.move("create", "--until-caught-up", timeout=3600))
        print(f"apply of {transactions} transactions: lakeshift {transactions / seconds:,.0f}/s (the program's start included)")
        pauses, backs = [], []
        load = Load(pair, 2000)
        load.start()
        time.sleep(2)
        for _ in range(cycles):
            pauses.append(pair.move("cutover", timeout=600)["pause_ms"])
            time.sleep(1)
            backs.append(pair.move("rollback", timeout=600)["pause_ms"])
            time.sleep(1)
        load.end()
        for name, list_of in (("cutover", pauses), ("rollback", backs)):
            print(f"pause of a {name} under pgbench -R 2000 -c 8, {cycles} times: p50 {statistics.median(list_of):.0f} ms, "
                  f"p95 {sorted(list_of)[int(len(list_of) * 0.95) - 1]} ms, most {max(list_of)} ms")
        equal = pair.move("verify", timeout=3600)
        print(f"afterwards {equal['rows_proven']:,} rows compared: {equal['outcome']}")
        pair.move("cancel")
        print(f"apply by a native subscription: {native_rate(pair, transactions):,.0f} transactions/s")
    finally:
        pair.stop()
        shutil.rmtree(tmp, ignore_errors=True)


if __name__ == "__main__":
    main()
