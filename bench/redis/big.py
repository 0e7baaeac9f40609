#!/usr/bin/env python3
"""Keys that are too big for one answer: a string, hash, list, sorted set, set and stream of so many MB each; what lakeshift needs of memory meanwhile.
usage: big.py [MB]
"""
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests/acceptance")]
from redis_pair import Pair  # noqa: E402

FILL = """
local key, kind, from, count = KEYS[1], ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local function text(n) return string.rep(string.format('%08x', n * 2654435761 % 4294967296), 12) end
for i = from, from + count - 1 do
  if kind == 'hash' then redis.call('HSET', key, 'field ' .. i, text(i))
  elseif kind == 'list' then redis.call('RPUSH', key, text(i))
  elseif kind == 'set' then redis.call('SADD', key, text(i))
  elseif kind == 'zset' then redis.call('ZADD', key, i / 7, text(i))
  elseif kind == 'stream' then redis.call('XADD', key, (i + 1) .. '-1', 'n', i, 'text', text(i))
  else redis.call('APPEND', key, text(i)) end
end
"""
PER_ITEM = {"string": 96, "list": 100, "hash": 180, "set": 170, "zset": 220, "stream": 110}


def fill(server, megabytes):
    session = server.connect()
    for kind, size in PER_ITEM.items():
        items = (megabytes << 20) // size
        for begin in range(0, items, 20_000):
            session("EVAL", FILL, 1, kind, kind, begin, min(20_000, items - begin))
    session("PEXPIREAT", "hash", 4_000_000_000_123)
    session("XGROUP", "CREATE", "stream", "readers", 0)
    session("XREADGROUP", "GROUP", "readers", "ann", "COUNT", 50_000, "STREAMS", "stream", ">")
    sizes = {kind: session("MEMORY", "USAGE", kind, "SAMPLES", 0) >> 20 for kind in PER_ITEM}
    session.close()
    return sizes


def move(pair, config):
    """Seconds of the copy, most MB that lakeshift needed, facts of the copy."""
    pair.configure(config)
    pair.target.run("FLUSHALL")
    shutil.rmtree(pair.folder(), ignore_errors=True)
    most = 0
    process = subprocess.Popen(pair.command("move", "create", pair.name, "--until-caught-up", "--json"), env=pair.env, stdout=subprocess.DEVNULL)
    while process.poll() is None:
        for line in pathlib.Path(f"/proc/{process.pid}/status").read_text().splitlines():
            if line.startswith("VmHWM"):
                most = max(most, int(line.split()[1]) >> 10)
        time.sleep(0.02)
    assert process.returncode == 0 and pair.source.digest() == pair.target.digest()
    assert pair.source.run("PEXPIRETIME", "hash") == pair.target.run("PEXPIRETIME", "hash")
    facts = next(line for line in pair.evidence() if line["step"] == "copy")["facts"]
    return facts["ms"] / 1000, most, facts


def main():
    megabytes = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    tmp = pathlib.Path(tempfile.mkdtemp(prefix="lakeshift-bench-redis-"))
    pair = Pair(tmp)
    try:
        print("MB in the source's memory:", ", ".join(f"{kind} {size}" for kind, size in fill(pair.source, megabytes).items()), flush=True)
        for server in (pair.source, pair.target):
            server.run("CONFIG", "SET", "notify-keyspace-events", "KA")
        for way in ("psync", "notifications"):
            seconds, most, facts = move(pair, f"follow: {way}")
            print(f"follow: {way}: {seconds:.1f} s, {facts['big']} keys in pieces, lakeshift needed {most} MB at most; DEBUG DIGEST equal", flush=True)
            assert facts["big"] == len(PER_ITEM) and most < megabytes
    finally:
        pair.stop()
        shutil.rmtree(tmp, ignore_errors=True)


if __name__ == "__main__":
    main()
