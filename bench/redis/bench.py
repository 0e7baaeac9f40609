#!/usr/bin/env python3
"""A live Redis move of many keys, against the floor that the two servers set: DUMP and RESTORE of the very same keys, in the same run.

The floor is what the servers themselves need. The commands that a perfect client would send are written down beforehand (SCAN, then DUMP and
PEXPIRETIME of each key of the page, to the source; RESTORE … REPLACE ABSTTL of each key to the target) and pushed through a socket as fast as the
server takes them; answers are thrown away unread. The CPU seconds of each server, its children's too, are counted. Whatever a client does, the move
cannot end before the busier server has done its part, nor before the cores have done both: floor = max(source, target, (source + target) / cores).
usage: bench.py [KEYS [ROUNDS]]
"""
import os
import pathlib
import resource
import shutil
import statistics
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests/acceptance")]
from redis_pair import Pair  # noqa: E402

PAGE = 1000
# 60 % strings; hashes, lists, sets, sorted sets and streams share the rest; some expire. Made inside of the server: a client would take a minute.
FILL = """
math.randomseed(ARGV[1] + 1)
for i = ARGV[1], ARGV[2] - 1 do
  local kind, words = i % 10, {}
  local function add(...) for _, word in ipairs({...}) do words[#words + 1] = word end end
  if kind < 6 then
    local text = {}
    for n = 1, math.random(1, 15) do text[n] = string.format('%x', math.random(0, 2 ^ 31 - 1)) .. 'xxxxxxxxxxxx' end
    redis.call('SET', 'string:' .. i, table.concat(text))
    if i % 4 == 0 then redis.call('PEXPIREAT', 'string:' .. i, 4000000000000 + i) end
  elseif kind == 6 then
    for n = 0, 11 do add('field' .. n, 'value ' .. n .. ' of ' .. i) end
    redis.call('HSET', 'hash:' .. i, unpack(words))
  elseif kind == 7 then
    for n = 0, 14 do add('item ' .. n .. ' of ' .. i) end
    redis.call('RPUSH', 'list:' .. i, unpack(words))
  elseif kind == 8 then
    for n = 0, 11 do
      if i % 20 == 8 then add(n * 1.5) end
      add('member ' .. n .. ' of ' .. i)
    end
    redis.call(i % 20 == 8 and 'ZADD' or 'SADD', 'set:' .. i, unpack(words))
  else
    for n = 1, 4 do redis.call('XADD', 'stream:' .. i, n .. '-0', 'n', n, 'text', string.rep('y', 20)) end
  end
end
"""


def fill(server, keys):
    session = server.connect()
    for begin in range(0, keys, 20000):
        session("EVAL", FILL, 0, begin, min(keys, begin + 20000))
    session.close()


def cpu(server):
    """CPU seconds of the server's process so far, with those of its children that have ended (snapshots)."""
    fields = pathlib.Path(f"/proc/{server.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def children():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def write_down(source):
    """What a perfect client would send to the source and to the target."""
    session = source.connect()
    to_source, to_target, cursor = [], [], b"0"
    while True:
        scan = session.pack(("SCAN", cursor, "COUNT", PAGE))
        cursor, keys = session("SCAN", cursor, "COUNT", PAGE)
        asked = [words for key in keys for words in (("DUMP", key), ("PEXPIRETIME", key))]
        answers = session.pipeline(asked)
        to_source.append(scan + b"".join(map(session.pack, asked)))
        to_target.append(b"".join(session.pack(("RESTORE", key, max(0, at), payload, "REPLACE", "ABSTTL"))
                                  for key, payload, at in zip(keys, answers[::2], answers[1::2])))
        if cursor == b"0":
            session.close()
            return to_source, to_target


def push(server, parts):
    """Sends while another thread throws the answers away. CPU seconds of the server."""
    session, end = server.connect(), b"the last answer"
    before = cpu(server)

    def drop():
        tail = b""
        while not tail.endswith(end + b"\r\n"):
            block = session.socket.recv(1 << 20)
            assert block
            tail = (tail + block)[-40:]
    dropping = threading.Thread(target=drop)
    dropping.start()
    for part in parts:
        session.socket.sendall(part)
    session.socket.sendall(session.pack(("ECHO", end)))
    dropping.join()
    session.close()
    return cpu(server) - before


def move(pair, digest):
    """Seconds of the copy, CPU seconds of source, target and lakeshift, and whether the source's snapshot was used."""
    pair.target.run("FLUSHALL")
    shutil.rmtree(pair.folder(), ignore_errors=True)
    before, own = (cpu(pair.source), cpu(pair.target)), children()
    pair.move("create", "--until-caught-up", timeout=3600)
    used = cpu(pair.source) - before[0], cpu(pair.target) - before[1], children() - own
    facts = next(line for line in pair.evidence() if line["step"] == "copy")["facts"]
    assert pair.target.digest() == digest
    return facts["ms"] / 1000, *used, facts["snapshot"]


def tell(name, rounds, floor, count):
    seconds, source, target, own, snapshot = [statistics.median(column) for column in zip(*rounds)]
    print(f"{name}, {'from the snapshot' if snapshot else 'key by key'}: {seconds:.2f} s (of {', '.join(f'{one[0]:.2f}' for one in rounds)}), "
          f"{count / seconds:,.0f} keys/s, {floor / seconds:.2f} x the floor; CPU {source:.2f} + {target:.2f} s of the servers, {own:.2f} s of lakeshift",
          flush=True)


def main():
    keys = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    tmp = pathlib.Path(tempfile.mkdtemp(prefix="lakeshift-bench-redis-"))
    pair = Pair(tmp)
    try:
        fill(pair.source, keys)
        count = pair.source.run("DBSIZE")
        digest = pair.source.digest()
        to_source, to_target = write_down(pair.source)
        # Alternating with the moves, so that a machine that grows slower slows both.
        here, there, by_snapshot = [], [], []
        for _ in range(rounds):
            pair.target.run("FLUSHALL")
            here.append(push(pair.source, to_source))
            there.append(push(pair.target, to_target))
            by_snapshot.append(move(pair, digest))
        source, target = statistics.median(here), statistics.median(there)
        cores = len(os.sched_getaffinity(0))
        floor = max(source, target, (source + target) / cores)
        print(f"{count:,} keys, {sum(map(len, to_target)) >> 20} MB of RESTORE, {cores} cores; floor {floor:.2f} s: SCAN, DUMP and PEXPIRETIME cost the "
              f"source {source:.2f} CPU s, RESTORE the target {target:.2f}")
        tell("following by PSYNC", by_snapshot, floor, count)
        started = time.monotonic()
        proven = pair.move("verify", timeout=3600)
        print(f"verify: {proven['rows_proven']:,} keys in {time.monotonic() - started:.2f} s, {proven['outcome']}; DEBUG DIGEST equal after each round")
        print(f"pause of a cutover at rest: {pair.move('cutover', timeout=3600)['pause_ms']} ms", flush=True)
        pair.move("rollback", timeout=3600)
        for server in (pair.source, pair.target):
            server.run("CONFIG", "SET", "notify-keyspace-events", "KA")
        pair.configure("follow: notifications")
        tell("following by keyspace events", [move(pair, digest)], floor, count)
    finally:
        pair.stop()
        shutil.rmtree(tmp, ignore_errors=True)


if __name__ == "__main__":
    main()
