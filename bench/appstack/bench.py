#!/usr/bin/env python3
"""A live PostgreSQL move against its peers, on real servers with fsync and synchronous_commit on.

copy:   the same database by lakeshift, `pg_dump | psql`, `pg_dump -Fd -j2` + `pg_restore -j2` (its own compression, and none), pgcopydb
        where it is installed, and the floor: two sessions of binary COPY with FREEZE, each table's keys and indexes as soon as its rows
        are there, no slot, no checks, no statistics; they take turns.
verify: all rows at rest, against the same rows summed up by md5, and by hash_record_extended, on both servers at once.
apply:  a backlog of pgbench transactions drained by lakeshift and by a native subscription, and how far the target of each is behind at
        5,000/s. The load itself does not wait for the source's disk (synchronous_commit off for it alone), or a small machine does not make it.
switch: cutovers and rollbacks under `pgbench -R`, the pause as lakeshift measures it.
usage: bench.py [--scale N] [--cycles N] [--rounds N] [--plain] [PART …]
--plain leaves out the table of 17 columns: what is left are numbers of 32 bits and text, which hash_record_extended tells apart.
"""
import argparse
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

PARTS = ("copy", "verify", "apply", "switch")
# 1.5 million rows of 17 columns at scale 50, 0.8 GB with their seven indexes and those of pgbench.
WIDE = """
CREATE TABLE wide (id bigint NOT NULL, u uuid NOT NULL, name text, city text, email text, amount numeric(14, 4), price numeric, ratio float8,
  share real, ok bool, made timestamptz, seen timestamp, day date, kind int, tags text[], doc jsonb, raw bytea);
INSERT INTO wide SELECT i, md5(i::text)::uuid, 'name of ' || i, 'city ' || i % 500, 'user' || i || '@example.com', i * 1.2345, i * 3.5, i / 7.0,
  i / 3.0, i % 3 = 0, '2026-01-01'::timestamptz + i * interval '1 second', '2026-01-01'::timestamp + i * interval '7 seconds',
  '2026-01-01'::date + i % 365, i % 50, ARRAY['a' || i % 10, 'b', 'some tag ' || i % 77],
  jsonb_build_object('k', i % 100, 'note', repeat('x', i % 60), 'list', jsonb_build_array(i, i + 1)),
  decode(repeat(md5(i::text), 6), 'hex') FROM generate_series(1, {rows}) i;
ALTER TABLE wide ADD PRIMARY KEY (id);
CREATE INDEX ON wide (city); CREATE INDEX ON wide (made); CREATE INDEX ON wide (u);
"""
TABLES = ("pgbench_accounts", "pgbench_branches", "pgbench_tellers", "pgbench_history", "wide")


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


def pgbench(server, *more, user="mover", password=PASSWORD, check=True, options=""):
    return subprocess.run(["pgbench", "-h", "127.0.0.1", "-p", str(server.port), "-U", user, *map(str, more), "shop"], check=check,
                          env={**ENV, "PGPASSWORD": password, "PGOPTIONS": options}, capture_output=True, text=True)


def fresh(server):
    server.run("DROP DATABASE IF EXISTS shop WITH (FORCE)", "postgres")
    server.run("CREATE DATABASE shop", "postgres")


def dump_to_psql(pair):
    shell(["bash", "-c", f"pg_dump --no-acl '{address(pair.source)}' | psql -q '{address(pair.target)}'"])


def dump_and_restore(pair, folder, *compression):
    shell(["pg_dump", *words(pair.source), "-Fd", "-j2", *compression, "--no-acl", "-f", folder])
    shell(["pg_restore", *words(pair.target), "-j2", "--no-owner", "--no-acl", folder])
    shutil.rmtree(folder)


def peers(pair, tmp):
    folder = str(tmp / "dump")
    known = {"pg_dump | psql": lambda: dump_to_psql(pair),
             "pg_dump -Fd -j2 + pg_restore -j2": lambda: dump_and_restore(pair, folder),
             "the same, -Z0": lambda: dump_and_restore(pair, folder, "-Z0")}
    if shutil.which("pgcopydb"):
        # One that fails ends its whole process group.
        known["pgcopydb clone"] = lambda: shell(
            ["pgcopydb", "clone", "--source", address(pair.source), "--target", address(pair.target), "--table-jobs", "2",
             "--index-jobs", "2", "--no-acl", "--dir", str(tmp / "pgcopydb"), "--restart"], start_new_session=True)
    else:
        print("pgcopydb is not installed: not compared")
    known["floor"] = lambda: floor(pair)
    return known


def floor(pair):
    """What any tool must at least do: the rows in binary form through two sessions, and their indexes."""
    def definitions(section):
        return subprocess.run(["pg_dump", *words(pair.source), "--no-acl", f"--section={section}"], env=ENV, check=True,
                              capture_output=True, text=True).stdout
    subprocess.run(["psql", "-q", *words(pair.target)], env=ENV, check=True, input=definitions("pre-data"), text=True, capture_output=True)
    after = [one.strip() for one in definitions("post-data").split(";\n") if "ADD CONSTRAINT" in one or "CREATE INDEX" in one]
    tables = pair.source.rows("SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace "
                              "ORDER BY pg_relation_size(oid) DESC")
    # A table's rows, its keys, and each of its indexes: what follows is first in line.
    ready = [("rows", name) for (name,) in tables]
    lock, failed, open_ones = threading.Lock(), [], [len(ready)]

    def run(kind, name, sql=""):
        if kind == "rows":
            return subprocess.run(["bash", "-o", "pipefail", "-c",
                                   f"psql -q '{address(pair.source)}' -c \"COPY {name} TO STDOUT (FORMAT binary)\" | psql -q "
                                   f"-v ON_ERROR_STOP=1 '{address(pair.target)}' -c 'BEGIN' -c 'TRUNCATE {name}' "
                                   f"-c 'COPY {name} FROM STDIN (FORMAT binary, FREEZE)' -c 'COMMIT'"], env=ENV, capture_output=True)
        return subprocess.run(["psql", "-q", "-v", "ON_ERROR_STOP=1", *words(pair.target)], env=ENV, capture_output=True,
                              input=f"SET maintenance_work_mem = '512MB'; SET max_parallel_maintenance_workers = 0; {sql};".encode())

    def follow(kind, name):
        own = [sql for sql in after if f"public.{name}" in sql]
        keys = [("keys", name, ";".join(sql for sql in own if "ADD CONSTRAINT" in sql))]
        if kind == "rows" and keys[0][2]:
            return keys
        return [("index", name, sql) for sql in own if "CREATE INDEX" in sql] if kind != "index" else []

    def work():
        while True:
            with lock:
                if open_ones[0] == 0 or failed:
                    return
                task = ready.pop(0) if ready else None
            if task is None:
                time.sleep(0.01)
                continue
            done = run(*task)
            if done.returncode != 0:
                failed.append(done.stderr)
            with lock:
                more = follow(*task[:2])
                ready[:0] = more
                open_ones[0] += len(more) - 1
    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        sys.exit(f"the floor failed: {failed[0]}")


LOAD = "-c synchronous_commit=off"


def backlog(pair, transactions):
    pgbench(pair.source, "-n", "-N", "-c", 4, "-j", 2, "-t", transactions // 4, options=LOAD)


def native_rate(pair, transactions, last):
    """A subscription of the server's own over the same load, into a database of its own."""
    fresh(pair.target)
    pair.source.run("CREATE PUBLICATION peer FOR ALL TABLES")
    dump_to_psql(pair)
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
    if last:
        tell_behind(pair, "a native subscription")
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


def cpu(server):
    """Seconds of all processes of a server, those that ended included."""
    ticks = 0
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(stat.parent.name) == server.process.pid:
            ticks += sum(map(int, fields[11:15]))
        elif int(fields[1]) == server.process.pid:
            ticks += sum(map(int, fields[11:13]))
    return ticks / os.sysconf("SC_CLK_TCK")


def settle(pair):
    """No round pays for the checkpoint or the files of the one before."""
    for server in (pair.source, pair.target):
        server.run("CHECKPOINT", "postgres")
    os.sync()


def bench_copy(pair, tmp, rounds):
    found = {}
    known = peers(pair, tmp)
    known["lakeshift"] = lambda: pair.move("create", "--until-caught-up", timeout=3600)
    size = pair.source.value("SELECT pg_database_size(current_database())") >> 20
    for number in range(rounds):
        for name, work in known.items():
            fresh(pair.target)
            settle(pair)
            before = [cpu(server) for server in (pair.source, pair.target)]
            seconds = timed(work)
            used = [cpu(server) - was for server, was in zip((pair.source, pair.target), before)]
            found.setdefault(name, []).append(seconds)
            print(f"  round {number + 1}: {name}: {seconds:.2f} s, CPU of the source {used[0]:.1f} s, of the target {used[1]:.1f} s", flush=True)
            if name == "lakeshift" and number + 1 < rounds:
                pair.move("cancel")
                shutil.rmtree(pair.folder())
    own = found.pop("lakeshift")
    print(f"copy of {size} MB, medians of {rounds} rounds: lakeshift {statistics.median(own):.2f} s (preflight to catching up, foreign "
          "keys checked); x: medians of the rounds' own ratios, as a machine is not equally fast in all of them")
    for name, seconds in found.items():
        ratios = [theirs / ours for theirs, ours in zip(seconds, own)]
        print(f"  {name}: {statistics.median(seconds):.2f} s, {statistics.median(ratios):.2f} x "
              f"({', '.join(f'{ratio:.2f}' for ratio in ratios)})")


def both(pair, sql):
    """The same query on both servers at once, as a comparison needs it."""
    found = {}
    threads = [threading.Thread(target=lambda side=side: found.update({side: side.value(sql)})) for side in (pair.source, pair.target)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if found[pair.source] != found[pair.target]:
        sys.exit(f"the sides differ: {sql}")


def bench_verify(pair, rounds):
    sums = {"md5 SQL": "SELECT sum(('x' || substr(md5(t::text), 1, 16))::bit(64)::bigint::numeric) FROM {} t",
            "bit_xor(hash_record_extended)": "SELECT bit_xor(hash_record_extended(t, 0)) FROM {} t"}
    known = {name: lambda sql=sql: [both(pair, sql.format(table)) for table in TABLES] for name, sql in sums.items()}
    known["lakeshift"] = lambda: pair.move("verify", "--anew", timeout=3600)
    found = {}
    for number in range(rounds):
        for name, work in known.items():
            before = sum(cpu(server) for server in (pair.source, pair.target))
            seconds = timed(work)
            used = sum(cpu(server) for server in (pair.source, pair.target)) - before
            found.setdefault(name, []).append((seconds, used))
            print(f"  round {number + 1}: {name}: {seconds:.2f} s, CPU of the servers {used:.1f} s", flush=True)
    own = [statistics.median(column) for column in zip(*found.pop("lakeshift"))]
    print(f"comparing all rows at rest, medians of {rounds}: lakeshift {own[0]:.2f} s (the program's start included), CPU {own[1]:.1f} s")
    for name, pairs in found.items():
        seconds, used = (statistics.median(column) for column in zip(*pairs))
        print(f"  {name}: {seconds:.2f} s ({seconds / own[0]:.2f} x), CPU {used:.1f} s; lakeshift takes {own[0] / seconds:.2f} of its time")


class Pulse(threading.Thread):
    """How old what arrives is: a row written with its time at the source and looked for at the target."""

    def __init__(self, pair):
        super().__init__(daemon=True)
        self.pair, self.ages, self.ending = pair, [], threading.Event()

    def run(self):
        with self.pair.source.connect() as here, self.pair.target.connect() as there:
            number = 0
            while not self.ending.is_set():
                number += 1
                here.execute("UPDATE pulse SET beat = %s WHERE id = 1", (number,))
                written = time.monotonic()
                while there.execute("SELECT beat FROM pulse WHERE id = 1").fetchone()[0] < number and not self.ending.is_set():
                    time.sleep(0.005)
                if not self.ending.is_set():
                    self.ages.append(time.monotonic() - written)
                time.sleep(0.1)


def bench_apply(pair, transactions, rounds):
    rates = []
    for _ in range(rounds):
        backlog(pair, transactions)
        settle(pair)
        rates.append(transactions / timed(lambda: pair.move("create", "--until-caught-up", timeout=3600)))
    print(f"apply of {transactions} transactions: lakeshift {statistics.median(rates):,.0f}/s "
          f"({', '.join(f'{rate:,.0f}' for rate in rates)}; the program's start included)", flush=True)
    following = pair.begin("create")
    time.sleep(2)
    tell_behind(pair, "lakeshift")
    following.send_signal(2)
    following.wait(60)
    return statistics.median(rates)


UPDATES = "\\set aid random(1, {accounts})\nUPDATE pgbench_accounts SET abalance = abalance + 1 WHERE aid = :aid;\n"


def tell_behind(pair, name):
    script = pair.dir / "updates.sql"
    script.write_text(UPDATES.format(accounts=pair.source.value("SELECT max(aid) FROM pgbench_accounts")))
    for kind, words_of_it in (("pgbench -N", ["-N"]), ("one UPDATE in each", ["-M", "prepared", "-f", script])):
        pulse = Pulse(pair)
        pulse.start()
        load = pgbench(pair.source, "-n", *words_of_it, "-c", 8, "-j", 2, "-R", 5000, "-T", 30, user="shop_app", password=APP_PASSWORD,
                       options=LOAD)
        pulse.ending.set()
        pulse.join()
        reached = [line for line in load.stdout.splitlines() if line.startswith("tps")]
        ages = sorted(pulse.ages)
        print(f"{name} behind at -R 5000, {kind} ({reached[0]}): p50 {statistics.median(ages) * 1000:.0f} ms, "
              f"p95 {ages[int(len(ages) * 0.95)] * 1000:.0f} ms, most {ages[-1] * 1000:.0f} ms", flush=True)


def bench_switch(pair, cycles):
    pauses, backs, took = [], [], []
    load = Load(pair, 2000)
    load.start()
    time.sleep(2)
    for number in range(cycles):
        began = time.monotonic()
        pauses.append(pair.move("cutover", timeout=600)["pause_ms"])
        took.append(time.monotonic() - began)
        time.sleep(1)
        backs.append(pair.move("rollback", timeout=600)["pause_ms"])
        time.sleep(1)
        print(f"  cycle {number + 1}: paused {pauses[-1]} ms in a cutover of {took[-1]:.1f} s, {backs[-1]} ms in the rollback", flush=True)
    load.end()
    for name, list_of in (("cutover", pauses), ("rollback", backs)):
        ordered = sorted(list_of)
        print(f"pause of a {name} under pgbench -R 2000 -c 8, {cycles} times: p50 {statistics.median(list_of):.0f} ms, "
              f"p95 {ordered[max(0, -(-len(ordered) * 95 // 100) - 1)]} ms, most {ordered[-1]} ms")
    print(f"a whole cutover, with the comparison of all rows before it: median {statistics.median(took):.1f} s")
    equal = pair.move("verify", timeout=3600)
    print(f"afterwards {equal['rows_proven']:,} rows compared: {equal['outcome']}", flush=True)


def enlarge(server):
    server.run("ALTER SYSTEM SET shared_buffers = '2GB'", "postgres")
    server.run("ALTER SYSTEM SET max_wal_size = '4GB'", "postgres")
    server.process.send_signal(2)
    server.process.wait()
    server.start()


def main():
    reader = argparse.ArgumentParser()
    reader.add_argument("--scale", type=int, default=50)
    reader.add_argument("--cycles", type=int, default=20)
    reader.add_argument("--rounds", type=int, default=3)
    reader.add_argument("--plain", action="store_true")
    reader.add_argument("parts", nargs="*", choices=[*PARTS, []], default=[])
    options = reader.parse_args()
    parts = options.parts or PARTS
    tmp = pathlib.Path(tempfile.mkdtemp(prefix="lakeshift-bench-appstack-"))
    pair = Pair(tmp, budget=30000)
    try:
        for server in (pair.source, pair.target):
            enlarge(server)
        pair.source.run("DROP TABLE line, item, balance, audit, big CASCADE; DROP FUNCTION touch")
        pgbench(pair.source, "-i", "-q", "-s", options.scale)
        pair.source.run(WIDE.format(rows=0 if options.plain else options.scale * 30000))
        pair.source.run("CREATE TABLE pulse (id int PRIMARY KEY, beat int); INSERT INTO pulse VALUES (1, 0)")
        pair.source.run("ALTER TABLE pgbench_history REPLICA IDENTITY FULL")
        pair.source.run("VACUUM ANALYZE")
        pair.source.run("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO shop_app")
        if "copy" in parts:
            bench_copy(pair, tmp, options.rounds)
        else:
            fresh(pair.target)
            pair.move("create", "--until-caught-up", timeout=3600)
        pair.target.run("VACUUM ANALYZE")
        if "verify" in parts:
            bench_verify(pair, options.rounds)
        own = bench_apply(pair, 100000, options.rounds) if "apply" in parts else 0
        if "switch" in parts:
            bench_switch(pair, options.cycles)
        if own:
            pair.move("cancel")
            rates = [native_rate(pair, 100000, number + 1 == options.rounds) for number in range(options.rounds)]
            rate = statistics.median(rates)
            print(f"apply by a native subscription: {rate:,.0f} transactions/s ({', '.join(f'{one:,.0f}' for one in rates)}); "
                  f"lakeshift {own / rate:.2f} x")
    finally:
        pair.stop()
        shutil.rmtree(tmp, ignore_errors=True)


if __name__ == "__main__":
    main()
