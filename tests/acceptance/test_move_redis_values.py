"""Values of a Redis on their way: between versions, from a snapshot that breaks off, and too big for one answer."""
import signal
import time

import pytest

from harness import ROOT
from redis_data import content, fill, same, times_left
from redis_pair import APP_PASSWORD, cluster, joined, made_pairs


@pytest.fixture
def make(tmp_path):
    yield from made_pairs(tmp_path)


# Whether the target takes what the source writes.
VERSIONS = [("6.2", None, True), (None, "7.4", True), ("6.2", "7.4", True), ("7.4", None, False), (None, "6.2", False), ("7.4", "6.2", False), ("7.4", "7.4", True)]


@pytest.mark.parametrize("source, target, taken", VERSIONS)
def test_across_versions(make, source, target, taken):
    for version in (source, target):
        if version and not (ROOT / f".deps/redis/{version}/redis-server").exists():
            pytest.fail(f"Redis {version} is not installed: ./dev test fetches it (deps/redis.txt)")
    pair = make(versions=(source, target))
    fill(pair.source, 300)
    if source == "7.4":  # in both encodings
        for key, field, at in (("hash", "f5", 4_000_000_000_777), ("hash", "f6", 4_100_000_000_000), ("listpack", "a", 4_000_000_000_778)):
            assert pair.source.run("HPEXPIREAT", key, at, "FIELDS", 1, field) == [1]
    shown = pair.move("create", "--until-caught-up")
    # An older target refuses the payloads: said before, and each key goes by the commands of its type.
    assert taken != any(finding["code"] == "redis-older-target" for finding in shown["findings"])
    copied = next(line for line in pair.evidence() if line["step"] == "copy")["facts"]
    assert (copied["by_type"] == 0) == taken and copied["keys"] >= pair.source.run("DBSIZE")
    for verb in ("rollback", "cutover"):
        assert content(pair.source) == content(pair.target)
        here, there = times_left(pair.source), times_left(pair.target)
        assert here.keys() == there.keys() and all(abs(here[key] - there[key]) <= 5 for key in here), verb
        if source == target == "7.4":
            for key, fields in (("hash", ("f5", "f6", "f7")), ("listpack", ("a", "b"))):
                asked = ("HPEXPIRETIME", key, "FIELDS", len(fields), *fields)
                assert pair.source.run(*asked) == pair.target.run(*asked) != [-1] * len(fields)
        if verb == "rollback":
            assert pair.move("verify")["outcome"] == "done"
            pair.move("cutover")
            pair.target.connect("shop_app", APP_PASSWORD)("RPUSH", "list", "after the switch")
            pair.target.connect("shop_app", APP_PASSWORD)("DEL", "key:2")
            pair.move("rollback")
            assert pair.source.run("LRANGE", "list", -1, -1) == [b"after the switch"]


def test_a_snapshot_that_breaks_off(make):
    """Its connection is cut in the middle; the keys that it put there and that are deleted meanwhile do not stay."""
    pair = make("workers: 1", source=("--client-output-buffer-limit", "replica 1mb 1mb 1", "--rdb-key-save-delay", "100"))
    fill(pair.source, 30_000)
    process = pair.begin("create", "--until-caught-up")
    deadline = time.monotonic() + 60
    while pair.target.run("DBSIZE") < 200:
        assert process.poll() is None and time.monotonic() < deadline, (pair.dir / "killed.log").read_text()[-3000:]
    for line in pair.source.run("CLIENT", "LIST", "TYPE", "replica").decode().splitlines():
        pair.source.run("CLIENT", "KILL", "ID", line.split()[0][3:])
    pair.source.run("DEL", *pair.target.run("KEYS", "key:*"))
    pair.source.run("CONFIG", "SET", "rdb-key-save-delay", 0)
    assert process.wait(120) == 0, (pair.dir / "killed.log").read_text()[-3000:]
    assert "broke off" in (pair.dir / "killed.log").read_text()
    copied = next(line for line in pair.evidence() if line["step"] == "copy")["facts"]
    assert not copied["snapshot"]
    same(pair)


def test_out_of_a_cluster(make):
    """Every primary gives its own snapshot, and then its own changes."""
    nodes = cluster()
    pair = make()
    pair.source.stop()
    pair.source = nodes[0]
    try:
        pair.configure(applications="[]")
        for node in nodes:
            session = node.connect()
            answers = session.pipeline([("SET", f"key:{i}", f"value {i}", "PXAT", 4_000_000_000_000 + i) for i in range(3000)])
            assert all(answer == "OK" or str(answer).startswith("MOVED") for answer in answers)
            session.close()
        process = pair.begin("create")
        deadline = time.monotonic() + 60
        while pair.phase() != "following":
            assert process.poll() is None and time.monotonic() < deadline, (pair.dir / "killed.log").read_text()[-3000:]
            time.sleep(0.02)
        for node in nodes:
            session = node.connect()
            session.pipeline([("APPEND", f"key:{i}", " and more") for i in range(0, 3000, 3)] + [("UNLINK", f"key:{i}") for i in range(1, 3000, 3)])
            session.close()
        process.send_signal(signal.SIGINT)
        assert process.wait(30) in (0, 130)
        assert next(line for line in pair.evidence() if line["step"] == "copy")["facts"]["snapshot"]
        pair.move("create", "--until-caught-up")
        assert joined(nodes) == pair.target.digest() and pair.target.run("DBSIZE") == 2000
        assert pair.target.run("PEXPIRETIME", "key:3") == 4_000_000_000_003
    finally:
        for node in nodes:
            node.stop()


def test_big_keys_go_in_pieces(make):
    pair = make("big_key_mb: 1")
    session = pair.source.connect()
    session.pipeline([("HSET", "big hash", *[word for i in range(n, n + 500) for word in (f"field {i}", "v" * 60)]) for n in range(0, 12000, 500)])
    session.pipeline([("RPUSH", "big list", *["w" * 50 + str(i) for i in range(n, n + 500)]) for n in range(0, 40000, 500)])
    session.pipeline([("ZADD", "big zset", *[word for i in range(n, n + 500) for word in (i / 3, f"member {i}")]) for n in range(0, 20000, 500)])
    session("SETRANGE", "big text", 20_000_000, "x")
    session("PEXPIREAT", "big list", 4_000_000_000_123)
    session.pipeline([("XADD", "big stream", "*", "n", i, "t", "y" * 200) for i in range(12000)])
    copied = next(line for line in (pair.move("create", "--until-caught-up") and pair.evidence()) if line["step"] == "copy")
    assert copied["facts"]["big"] >= 4
    same(pair)
