#!/usr/bin/env python3
"""A live Redis move of many keys, against the floor that the two servers set: DUMP and RESTORE of the very same keys, in the same run.

The floor is what the servers themselves need: the CPU seconds of both for answering SCAN, DUMP and PEXPIRETIME and for RESTORE of each key, measured
while a client with pipelines moves all keys between them; the servers run beside each other, so the floor in seconds is that of the busier one.
usage: bench.py [KEYS]
"""
import os
import pathlib
import random
import resource
import shutil
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests/acceptance")]
from redis_pair import Pair  # noqa: E402

BATCH = 1000


def fill(server, keys):
    """60 % strings; hashes, lists, sets, sorted sets and streams share the rest; every fourth key expires."""
    session, chance = server.connect(), random.Random(1)
    commands = []
    for i in range(keys):
        kind, text = i % 10, "x" * chance.randint(20, 300)
        if kind < 6:
            commands.append(("SET", f"string:{i}", text))
        elif kind == 6:
            commands.append(("HSET", f"hash:{i}", *[word for n in range(12) for word in (f"field{n}", f"value {n} of {i}")]))
        elif kind == 7:
            commands.append(("RPUSH", f"list:{i}", *[f"item {n} of {i}" for n in range(15)]))
        elif kind == 8:
            commands.append(("ZADD" if i % 20 == 8 else "SADD", f"set:{i}", *[word for n in range(12) for word in (n * 1.5, f"member {n} of {i}")]))
        else:
            commands += [("XADD", f"stream:{i}", f"{n}-0", "n", n, "text", "y" * 20) for n in range(1, 5)]
        if i % 4 == 0 and kind < 6:
            commands.append(("PEXPIREAT", f"string:{i}", 4_000_000_000_000 + i))
        if len(commands) >= BATCH:
            session.pipeline(commands)
            commands = []
    session.pipeline(commands)
    session.close()


def cpu(server):
    """CPU seconds of the server's process so far."""
    fields = pathlib.Path(f"/proc/{server.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def children():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def dump_and_restore(pair):
    source, target = pair.source.connect(), pair.target.connect()
    cursor = b"0"
    while True:
        cursor, keys = source("SCAN", cursor, "COUNT", BATCH)
        payloads = source.pipeline([("DUMP", key) for key in keys])
        times = source.pipeline([("PEXPIRETIME", key) for key in keys])
        target.pipeline([("RESTORE", key, max(0, at), payload, "REPLACE", "ABSTTL") for key, payload, at in zip(keys, payloads, times)])
        if cursor == b"0":
            return


def main():
    keys = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    tmp = pathlib.Path(tempfile.mkdtemp(prefix="lakeshift-bench-redis-"))
    pair = Pair(tmp)
    try:
        fill(pair.source, keys)
        count = pair.source.run("DBSIZE")
        before = cpu(pair.source), cpu(pair.target)
        started = time.monotonic()
        dump_and_restore(pair)
        peer = time.monotonic() - started
        here, there = cpu(pair.source) - before[0], cpu(pair.target) - before[1]
        floor = max(here, there)
        assert pair.source.digest() == pair.target.digest()
        pair.target.run("FLUSHALL")
        before = cpu(pair.source), cpu(pair.target)
        own = children()
        pair.move("create", "--until-caught-up", timeout=3600)
        own = children() - own
        seconds = next(line for line in pair.evidence() if line["step"] == "copy")["facts"]["ms"] / 1000
        used = cpu(pair.source) - before[0], cpu(pair.target) - before[1]
        print(f"{count:,} keys: lakeshift {seconds:.2f} s, {count / seconds:,.0f} keys/s; CPU of the servers {used[0]:.2f} + {used[1]:.2f} s, "
              f"of lakeshift {own:.2f} s")
        print(f"  floor: {here:.2f} + {there:.2f} CPU s for DUMP and RESTORE, {floor:.2f} s on two cores: {floor / seconds:.2f} x of it; "
              f"on shared cores, all of both: {(here + there) / seconds:.2f} x")
        print(f"  a pipelining client in Python: {peer:.2f} s, {peer / seconds:.2f} x")
        assert pair.source.digest() == pair.target.digest()
        started = time.monotonic()
        proven = pair.move("verify", timeout=3600)
        print(f"  verify: {proven['rows_proven']:,} keys in {time.monotonic() - started:.2f} s, {proven['outcome']}; DEBUG DIGEST equal")
        print(f"  pause of a cutover at rest: {pair.move('cutover', timeout=3600)['pause_ms']} ms")
    finally:
        pair.stop()
        shutil.rmtree(tmp, ignore_errors=True)


if __name__ == "__main__":
    main()
