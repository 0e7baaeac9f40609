"""A live Redis moved between real servers by the real binary, and back, under a writer that notes what was acknowledged."""
import random
import re
import signal
import subprocess
import time

import pytest

from harness import SOAK
from redis_data import ENCODINGS, encodings, expiries, fill, same
from redis_pair import APP_PASSWORD, PASSWORD, Refused, Server, Session, Writer, cluster, joined, made_pairs

SEED = 20261128


@pytest.fixture
def make(tmp_path):
    yield from made_pairs(tmp_path)


def test_every_type_and_back(make):
    pair = make()
    fill(pair.source)
    fill(pair.source, 200, db=3)
    assert encodings(pair.source) == ENCODINGS
    pair.source.run("FUNCTION", "LOAD", "#!lua name=lib\nredis.register_function('one', function() return 1 end)")
    shown = pair.move("create", "--dry-run")
    assert any("would copy" in step for step in shown["steps"]) and pair.target.run("DBSIZE") == 0
    pair.move("create", "--until-caught-up")
    same(pair, (0, 3))
    assert encodings(pair.target) == ENCODINGS
    copied = next(line for line in pair.evidence() if line["step"] == "copy")["facts"]
    assert copied["snapshot"] and copied["by_type"] == 0
    assert b"lib" in pair.target.run("FUNCTION", "LIST")[0]
    assert pair.source.run("XINFO", "GROUPS", "stream") == pair.target.run("XINFO", "GROUPS", "stream")
    assert [row[:2] + row[3:] for row in pair.source.run("XPENDING", "stream", "readers", "-", "+", 100)] == \
        [row[:2] + row[3:] for row in pair.target.run("XPENDING", "stream", "readers", "-", "+", 100)]
    # The application cannot write to the target before the switch.
    with pytest.raises(Refused):
        pair.target.connect("shop_app", APP_PASSWORD)
    verified = pair.move("verify")
    held = pair.source.run("DBSIZE") + pair.source.run("DBSIZE", db=3)
    assert verified["rows_proven"] == held > 3200 and not verified["differences"]
    # Planted differences are named, each with what differs.
    pair.target.run("HSET", "hash", "f7", "wrong")
    pair.target.run("DEL", "key:1")
    pair.target.run("SET", "extra", 1)
    pair.target.run("PEXPIREAT", "key:3", 4_000_000_000_004)
    pair.target.run("LSET", "list", 4, "other")
    text = "\n".join(pair.move("verify", ok=(3,))["differences"])
    for part in ("key 'hash' of database 0: 'f7' is '7' and 'wrong'", "'key:1' of database 0: missing at the target", "'extra' of database 0: only at",
                 "'key:3' of database 0: expires at 4000000000003 ms and at 4000000000004 ms", "'list' of database 0: item 4 is '4' and 'other'"):
        assert part in text, text
    assert text.count("\n") == 4
    # A cutover passes over none of them.
    assert "keys equal" in [gate["name"] for gate in pair.move("cutover", ok=(3,))["gates"] if not gate["open"]]
    for repair in (("HSET", "hash", "f7", 7), ("SET", "key:1", "value 1"), ("DEL", "extra"), ("PEXPIREAT", "key:3", 4_000_000_000_003), ("LSET", "list", 4, 4)):
        pair.target.run(*repair)
    over = pair.move("cutover")
    assert over["traffic"].startswith("traffic: target") and 0 < over["pause_ms"] < 20000
    with pytest.raises(Refused):
        pair.source.connect("shop_app", APP_PASSWORD)
    app = pair.target.connect("shop_app", APP_PASSWORD)
    app("SET", "after", "the switch")
    app("DEL", "key:2")
    back = pair.move("rollback")
    assert back["traffic"].startswith("traffic: source")
    assert pair.source.run("GET", "after") == b"the switch" and pair.source.run("EXISTS", "key:2") == 0
    same(pair, (0, 3))
    pair.source.connect("shop_app", APP_PASSWORD)("SET", "again", 1)
    pair.move("cutover", "--pause-budget", 15000)
    pair.move("complete")
    same(pair, (0, 3))
    assert b"lakeshift" not in b"".join(pair.target.run("ACL", "LIST"))
    steps = [line["step"] for line in pair.evidence()]
    for step in ("copy", "fence", "drain", "compare", "way back", "open", "complete"):
        assert step in steps
    for file in pair.dir.rglob("*"):
        if file.is_file():
            assert PASSWORD.encode() not in file.read_bytes() and APP_PASSWORD.encode() not in file.read_bytes()


@pytest.mark.parametrize("way", ["psync", "notifications"])
def test_changes_are_followed(make, way):
    config = f"follow: {way}\nleave_out: ['scratch:*']\n"
    options = ("--notify-keyspace-events", "KA") if way == "notifications" else ()
    pair = make(config, source=options, target=options)
    fill(pair.source)
    following = pair.begin("create")
    deadline = time.monotonic() + 60
    while pair.phase() != "following":
        assert following.poll() is None and time.monotonic() < deadline, (pair.dir / "killed.log").read_text()[-3000:]
        time.sleep(0.05)
    session = pair.source.connect()
    session.pipeline([("SET", f"new:{i}", i, "PX", 9_000_000 + i) for i in range(500)] + [("DEL", f"key:{i}") for i in range(0, 300, 2)])
    for words in (("SELECT", 5), ("SET", "elsewhere", 1), ("COPY", "elsewhere", "copied", "DB", 6), ("SELECT", 0), ("RENAME", "raw", "renamed"),
                  ("MOVE", "int", 7), ("SORT", "list", "STORE", "sorted"), ("XADD", "stream", "*", "late", 1), ("XREADGROUP", "GROUP", "readers", "cat", "COUNT", 2, "STREAMS", "stream", ">"),
                  ("XACK", "stream", "readers", "1-1"), ("PERSIST", "hash"), ("SPOP", "members", 3),
                  ("EVAL", "redis.call('SET', 'by script', ARGV[1]) redis.call('LPUSH', 'list', 'x')", 0, 9), ("SET", "scratch:1", "stays"),
                  ("ZUNIONSTORE", "union", 2, "zlistpack", "skiplist"), ("SET", "soon", 1, "PX", 300), ("MSET", "m1", 1, "m2", 2)):
        session(*words)
    time.sleep(0.5)
    following.send_signal(signal.SIGINT)
    assert following.wait(30) in (0, 130)
    pair.move("create", "--until-caught-up")
    assert pair.target.run("EXISTS", "scratch:1", "soon") == 0
    pair.source.run("DEL", "scratch:1")
    pair.source.run("EXISTS", "soon")
    same(pair, (0, 5, 6, 7))
    # What nobody followed is found by the position, or by comparing all.
    session("SET", "while nobody looked", 1)
    session("SWAPDB", 5, 6)
    session("SELECT", 7)
    session("FLUSHDB")
    pair.move("create", "--until-caught-up")
    same(pair, (0, 5, 6))
    over = pair.move("cutover")
    assert over["outcome"] == "done"
    pair.target.connect("shop_app", APP_PASSWORD)("SET", "there", 1)
    pair.move("rollback")
    same(pair, (0, 5, 6))


def test_writer_loses_nothing_under_kills(make):
    pair = make()
    fill(pair.source, 1000)
    writers = [Writer(pair, number) for number in (1, 2)]
    for writer in writers:
        writer.start()
    chance, kills = random.Random(SEED), 0
    pauses = []
    create = pair.begin("create", "--until-caught-up")
    time.sleep(0.3)
    create.kill()
    create.wait()
    pair.move("create", "--until-caught-up")
    cycles = 20 if SOAK else 3
    for _ in range(cycles):
        for verb in ("cutover", "rollback"):
            for _ in range(2):
                process = pair.begin(verb)
                if chance.random() < 0.6:
                    while process.poll() is None and pair.phase() == "following":
                        time.sleep(0.002)
                    time.sleep(chance.uniform(0, 0.05))
                else:
                    time.sleep(chance.uniform(0, 1.0))
                kills += process.poll() is None
                process.kill()
                process.wait()
            done = pair.move("create", "--until-caught-up")  # settles what was cut short
            if done["traffic"].startswith("traffic: source") == (verb == "cutover"):
                pauses.append(pair.move(verb)["pause_ms"])
            time.sleep(0.2)
    for writer in writers:
        writer.end()
    pair.move("create", "--until-caught-up")
    print(f"seed {SEED}: {kills} kills, writes {[len(writer.done) for writer in writers]}, pauses {pauses} ms, longest wait of a writer "
          f"{max(writer.longest for writer in writers):.2f} s")
    assert kills >= cycles
    for writer in writers:
        assert writer.where == {"source", "target"} and len(writer.done) > 100
        for server in (pair.source, pair.target):
            assert writer.lost_and_doubled(server) == ([], 0)
    same(pair)
    assert pair.move("verify")["outcome"] == "done"


def test_going_back_by_itself(make):
    pair = make("hooks:\n  before-open: [sleep, '30']")
    fill(pair.source, 100)
    pair.move("create", "--until-caught-up")
    app = pair.source.connect("shop_app", APP_PASSWORD)
    app("SET", "before", 1)
    report = pair.move("cutover", "--pause-budget", 900, ok=(6,))
    assert report["outcome"] == "went-back" and report["pause_ms"] < 5000
    pair.source.connect("shop_app", APP_PASSWORD)("SET", "after", 1)
    with pytest.raises(Refused):
        pair.target.connect("shop_app", APP_PASSWORD)
    # A hook that fails does the same, and the reason is told.
    pair.configure("hooks:\n  after-fence: [sh, -c, 'echo no >&2; exit 3']")
    report = pair.move("cutover", ok=(6,))
    assert "exit code 3: no" in report["reason"]
    pair.configure()
    pair.move("cutover")
    same(pair)


def test_pause_instead_of_users(make):
    pair = make()
    fill(pair.source, 100)
    turn = pair.dir / "turn"
    pair.configure("fence: pause", applications="[]")
    pair.move("create", "--until-caught-up")
    assert any(gate["name"] == "applications" and not gate["open"] for gate in pair.move("cutover", ok=(3,))["gates"])
    # A write that waits in the pause is never acknowledged by the old side.
    hook = pair.dir / "hook.sh"
    hook.write_text(f"#!/bin/sh\ncat >/dev/null\ntouch {turn}\nsleep 1\n")
    hook.chmod(0o755)
    pair.configure(f"fence: pause\nhooks:\n  before-open: [{hook}]", applications="[]")
    app = pair.source.connect("shop_app", APP_PASSWORD)
    process = pair.begin("cutover")
    while not turn.exists():
        assert process.poll() is None, (pair.dir / "killed.log").read_text()[-3000:]
        time.sleep(0.01)
    with pytest.raises((ConnectionError, OSError)):
        app("SET", "in the pause", 1)
    assert process.wait(60) == 0
    assert pair.source.run("EXISTS", "in the pause") == 0
    same(pair)


def test_cold(make):
    pair = make("cold: true")
    fill(pair.source, 100)
    report = pair.move("create")
    assert any("none was carried" in step for step in report["steps"])
    assert pair.target.run("DBSIZE") == 0
    assert pair.move("verify")["reason"].startswith("cold")
    pair.move("cutover")
    pair.target.connect("shop_app", APP_PASSWORD)("SET", "first", 1)
    pair.move("complete")


def test_by_the_commands_of_the_types(make):
    """A source whose user may neither DUMP nor ask for exact times, and keys that are too big for one answer."""
    poor = f"user poor on >{PASSWORD} ~* &* +@all -dump -pexpiretime"
    pair = make(users=[poor])
    fill(pair.source, 300)
    pair.configure("follow: psync", user="poor")
    report = pair.move("create", "--until-caught-up")
    assert any(finding["code"] == "redis-payload-refused" for finding in report["findings"])
    assert pair.source.digest() == pair.target.digest()
    here, there = expiries(pair.source), expiries(pair.target)
    assert here.keys() == there.keys() and all(abs(here[key] - there[key]) <= 5 for key in here)
    assert pair.source.run("XINFO", "GROUPS", "stream") == pair.target.run("XINFO", "GROUPS", "stream")


def obstacles(pair, code):
    report = pair.move("create", "--dry-run", ok=(0, 3))
    return next((finding for finding in report["findings"] if finding["code"] == code), None)


PLANTED = {
    "redis-target-evicts": (("target", "CONFIG", "SET", "maxmemory", "100mb"), ("target", "CONFIG", "SET", "maxmemory-policy", "allkeys-lru")),
    "redis-target-not-empty": (("target", "SET", "x", "1"),),
    "redis-target-small": (("target", "CONFIG", "SET", "maxmemory", "1"),),
    "redis-command-refused": (("target", "ACL", "SETUSER", "mover", "-scan"),),
    "redis-is-replica": (("source", "REPLICAOF", "127.0.0.1", "1"),),
}
REMEDIES = {
    "redis-target-evicts": ("CONFIG SET maxmemory-policy noeviction", (("target", "CONFIG", "SET", "maxmemory-policy", "noeviction"),)),
    "redis-target-not-empty": ("FLUSHALL", (("target", "FLUSHALL"),)),
    "redis-target-small": ("more memory", (("target", "CONFIG", "SET", "maxmemory", "0"),)),
    "redis-command-refused": ("ACL SETUSER mover +scan", (("target", "ACL", "SETUSER", "mover", "+scan"),)),
    "redis-is-replica": ("its primary", (("source", "REPLICAOF", "NO", "ONE"),)),
}


def root_session(server):
    return Session(server.port)


def test_obstacles_are_found_and_their_remedies_work(make):
    pair = make()
    fill(pair.source, 50)
    sides = {"source": pair.source, "target": pair.target}
    for code, commands in PLANTED.items():
        for side, *words in commands:
            root_session(sides[side])(*words)
        found = obstacles(pair, code)
        assert found and found["severity"] == "blocking", code
        said, remedy = REMEDIES[code]
        assert said in found["remedy"], found
        for side, *words in remedy:
            root_session(sides[side])(*words)
        assert obstacles(pair, code) is None, code
    # A user that may not follow as a replica: said, and keyspace events are asked for.
    root_session(pair.source)("ACL", "SETUSER", "mover", "-psync")
    found = obstacles(pair, "redis-notifications-off")
    assert found and "notify-keyspace-events KA" in found["remedy"]
    for server in sides.values():
        root_session(server)("CONFIG", "SET", "notify-keyspace-events", "KA")
    assert obstacles(pair, "redis-notifications-off") is None
    pair.configure("follow: psync")
    found = obstacles(pair, "redis-psync-refused")
    assert found and "+psync" in found["remedy"]


def test_words_of_the_other_kind_are_refused(make):
    pair = make()
    pair.configure("sequence_headroom: 5")
    wrong = pair.lakeshift("move", "status", "cache", ok=(2,)).stderr
    assert "unknown name 'sequence_headroom' in move 'cache' of Redis" in wrong
    text = (pair.dir / "lakeshift.yaml").read_text()
    (pair.dir / "lakeshift.yaml").write_text(re.sub(r"target: .*", "target: postgresql://a@b/c", text.replace("    sequence_headroom: 5\n", "")))
    assert "one side is Redis, the other is not" in pair.lakeshift("move", "status", "cache", ok=(2,)).stderr


@pytest.fixture
def certificate(tmp_path):
    words = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext",
             "subjectAltName=IP:127.0.0.1", "-keyout", str(tmp_path / "key.pem"), "-out", str(tmp_path / "cert.pem")]
    subprocess.run(words, check=True, capture_output=True)
    return tmp_path


def test_over_tls(make, certificate):
    def tls(port):
        return ("--tls-port", port, "--tls-cert-file", certificate / "cert.pem", "--tls-key-file", certificate / "key.pem", "--tls-auth-clients", "no")
    pair = make(source=tls(0), target=tls(0))
    ports = []
    for server in (pair.source, pair.target):
        server.run("CONFIG", "SET", "tls-port", server.port + 10000 if server.port < 55000 else server.port - 10000)
        ports.append(int(server.run("CONFIG", "GET", "tls-port")[1]))
    fill(pair.source, 500)
    text = (pair.dir / "lakeshift.yaml").read_text()
    for server, port in zip((pair.source, pair.target), ports):
        text = text.replace(f"redis://mover@127.0.0.1:{server.port}", f"rediss://mover@127.0.0.1:{port}?ca={certificate / 'cert.pem'}")
    (pair.dir / "lakeshift.yaml").write_text(text)
    pair.move("create", "--until-caught-up")
    pair.move("cutover")
    same(pair)
    (pair.dir / "lakeshift.yaml").write_text(re.sub(r"\?ca=\S+", "", text))
    assert "certificate" in pair.lakeshift("move", "create", "cache", "--until-caught-up", ok=(1,)).stderr


def test_times_to_live_that_are_renewed_at_the_last_moment(make):
    """A key that the source renews just before its time is up is never lost, although the target's own clock would have expired it."""
    pair = make()
    session = pair.source.connect()
    names = [f"session:{i}" for i in range(100)]
    session.pipeline([("SET", name, "held", "PX", 120) for name in names])
    process = pair.begin("create")
    begun = time.monotonic()
    alive = set(names)
    while pair.phase() != "following" or time.monotonic() < begun + 6:
        assert process.poll() is None and time.monotonic() < begun + 60
        answers = session.pipeline([("PEXPIRE", name, 120) for name in names])
        alive = {name for name, answer in zip(names, answers) if answer == 1}
        session.pipeline([("SET", name, "made again", "PX", 120) for name in names if name not in alive])
        time.sleep(0.05)
    session.pipeline([("PERSIST", name) for name in names])
    held = {name for name, there in zip(names, session.pipeline([("EXISTS", name) for name in names])) if there}
    process.send_signal(signal.SIGINT)
    process.wait(30)
    pair.move("create", "--until-caught-up")
    assert held and {key.decode() for key in pair.target.run("KEYS", "*")} == held
    same(pair)


def test_connections_that_break_and_a_backlog_that_is_too_short(make):
    pair = make(source=("--repl-backlog-size", "16384"))
    fill(pair.source, 500)
    pair.move("create", "--until-caught-up")
    session = pair.source.connect()
    # Nobody follows, and the stream is longer than what the server keeps of it.
    session.pipeline([("SET", f"late:{i}", "x" * 100) for i in range(1000)] + [("DEL", f"key:{i}") for i in range(100)])
    report = pair.move("create", "--until-caught-up")
    assert any("changes may have been missed" in step for step in report["steps"]), report["steps"]
    same(pair)
    # While somebody follows, its connections are cut on both sides, again and again.
    process = pair.begin("create")
    deadline = time.monotonic() + 60
    for round_ in range(20):
        session.pipeline([("RPUSH", f"list:{i % 7}", f"{round_}-{i}") for i in range(200)])
        for server in (pair.source, pair.target):
            for line in server.run("CLIENT", "LIST").decode().splitlines():
                if " name=lakeshift.cache " in line:
                    server.run("CLIENT", "KILL", "ID", line.split()[0][3:])
        assert process.poll() is None and time.monotonic() < deadline, (pair.dir / "killed.log").read_text()[-2000:]
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    assert process.wait(30) in (0, 130)
    pair.move("create", "--until-caught-up")
    same(pair)


def test_into_a_cluster_and_back(make):
    nodes = cluster()
    pair = make()
    pair.target.stop()
    pair.target = nodes[0]
    try:
        pair.configure()
        fill(pair.source, 2000)
        pair.move("create", "--until-caught-up")
        assert joined(nodes) == pair.source.digest() and all(node.run("DBSIZE") > 300 for node in nodes)
        assert pair.move("verify")["rows_proven"] == pair.source.run("DBSIZE")
        pair.move("cutover")
        # The way back follows every node.
        for node in nodes:
            app = node.connect("shop_app", APP_PASSWORD)
            for i in range(60):
                try:
                    app("SET", f"by app:{i}", node.port)
                except Refused as refusal:
                    assert str(refusal).startswith("MOVED")
        pair.move("rollback")
        assert len(pair.source.run("KEYS", "by app:*")) == 60 and joined(nodes) == pair.source.digest()
        # More than one database does not fit.
        pair.source.run("SET", "x", 1, db=2)
        closed = pair.move("cutover", ok=(3,))
        assert any(finding["code"] == "redis-databases-cluster" for finding in closed["findings"])
    finally:
        for node in nodes:
            node.stop()


def test_servers_that_crash(make):
    """kill -9 of either server, which keep what they acknowledged; the target loses what it had carried when it keeps nothing."""
    keeps = ("--appendonly", "yes", "--appendfsync", "always")
    pair = make(source=keeps)
    fill(pair.source, 500)
    pair.move("create", "--until-caught-up")
    # The target keeps nothing: everything is carried to it again.
    pair.target.crash()
    assert pair.move("status")["findings"][0]["code"] == "redis-side-unreachable"
    pair.target.start()
    assert pair.target.run("DBSIZE") == 0
    report = pair.move("create", "--until-caught-up")
    assert any("carried anew" in step for step in report["steps"])
    same(pair)
    # While it is followed, either crashes.
    process = pair.begin("create")
    writer = Writer(pair, 1)
    writer.start()
    for server in (pair.target, pair.source, pair.target):
        time.sleep(1)
        server.crash()
        time.sleep(0.3)
        server.start()
    time.sleep(1)
    writer.end()
    assert process.poll() is None, (pair.dir / "killed.log").read_text()[-2000:]
    process.send_signal(signal.SIGINT)
    assert process.wait(30) in (0, 130)
    pair.move("create", "--until-caught-up")
    same(pair)
    assert len(writer.done) > 100 and writer.lost_and_doubled(pair.target) == ([], 0)
    # In the pause: it goes back by itself, or is settled by the next run.
    writer = Writer(pair, 2)
    writer.start()
    process = pair.begin("cutover")
    while process.poll() is None and pair.phase() == "following":
        time.sleep(0.002)
    pair.target.crash()
    time.sleep(0.5)
    pair.target.start()
    assert process.wait(60) in (0, 1, 3, 6)
    settled = pair.move("create", "--until-caught-up", ok=(0, 3))
    time.sleep(0.5)
    writer.end()
    # A target that was opened before it crashed has lost what it acknowledged, as it keeps nothing.
    if settled["traffic"].startswith("traffic: source"):
        pair.move("create", "--until-caught-up")
        same(pair)
        assert writer.lost_and_doubled(pair.source) == ([], 0)
