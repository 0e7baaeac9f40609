"""Two real Redis servers, a work directory with a move between them, and a writer that notes what was acknowledged.

Nothing here reads src/ or data/: the tests judge the binary from outside, over a connection of their own.
"""
import os
import pathlib
import random
import shutil
import socket
import subprocess
import tempfile
import threading
import time

from harness import ROOT
from moved_pair import APP_PASSWORD, PASSWORD, MovedPair, free_port


class Refused(Exception):
    """What the server answered instead."""


class Session:
    """The protocol of Redis, version 2, as its documents say."""

    def __init__(self, port, user=None, password=None, db=0):
        self.socket = socket.create_connection(("127.0.0.1", port), 20)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.file = self.socket.makefile("rb")
        if user:
            self("AUTH", user, password)
        if db:
            self("SELECT", db)

    @staticmethod
    def pack(words):
        parts = [word if isinstance(word, bytes) else str(word).encode() for word in words]
        return b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%s\r\n" % (len(part), part) for part in parts)

    def __call__(self, *words):
        self.socket.sendall(self.pack(words))
        return self.read()

    def pipeline(self, commands):
        """The answers; a refusal among them is an answer."""
        self.socket.sendall(b"".join(map(self.pack, commands)))
        answers = []
        for _ in commands:
            try:
                answers.append(self.read())
            except Refused as refusal:
                answers.append(refusal)
        return answers

    def read(self):
        line = self.file.readline()
        if not line.endswith(b"\r\n"):
            raise ConnectionError("closed")
        kind, rest = line[:1], line[1:-2]
        if kind == b"+":
            return rest.decode()
        if kind == b"-":
            raise Refused(rest.decode())
        if kind == b":":
            return int(rest)
        if kind == b"$":
            return None if rest == b"-1" else self.file.read(int(rest) + 2)[:-2]
        assert kind == b"*", line
        return None if rest == b"-1" else [self.read() for _ in range(int(rest))]

    def close(self):
        self.file.close()
        self.socket.close()


class Server:
    """A server of its own; users `mover` and the default one may do all. Of Debian's version, or one of deps/redis.txt."""

    def __init__(self, name="redis", options=(), users=(), version=None):
        self.home = ROOT / f".deps/redis/{version}" if version else None
        self.port = free_port()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix=f"lakeshift-{name}-"))
        lines = [f"user mover on >{PASSWORD} ~* &* +@all", "user default on nopass ~* &* +@all", *users]
        (self.folder / "users.acl").write_text("\n".join(lines) + "\n")
        debug = [] if version and version < "7" else ["--enable-debug-command", "local"]
        self.options = ["--port", self.port, "--bind", "127.0.0.1", "--save", "", "--dir", self.folder, *debug,
                        "--aclfile", self.folder / "users.acl", "--repl-diskless-sync-delay", "0", *options]
        self.process = None
        self.start()

    def start(self):
        program = str(self.home / "redis-server") if self.home else "redis-server"
        environment = {**os.environ, **({"LD_LIBRARY_PATH": str(self.home / "lib")} if self.home else {})}
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", program, *map(str, self.options)], stdout=log, stderr=log,
                                            env=environment, stdin=subprocess.DEVNULL, start_new_session=True)
        deadline = time.monotonic() + 30
        while True:
            try:
                assert self.run("PING") == "PONG"
                return
            except (OSError, Refused):
                if time.monotonic() > deadline or self.process.poll() is not None:
                    raise AssertionError((self.folder / "log").read_text()[-3000:])
                time.sleep(0.05)

    def connect(self, user="mover", password=PASSWORD, db=0):
        return Session(self.port, user, password, db)

    def run(self, *words, db=0):
        session = self.connect(db=db)
        try:
            return session(*words)
        finally:
            session.close()

    def digest(self):
        """The server's own word about all its keys: content and times to live."""
        session = self.connect()
        session.socket.settimeout(300)
        digest = session("DEBUG", "DIGEST")
        session.close()
        return digest

    def crash(self):
        """kill -9"""
        self.process.kill()
        self.process.wait()

    def stop(self):
        if self.process and self.process.poll() is None:
            self.crash()
        shutil.rmtree(self.folder, ignore_errors=True)


def cluster(count=3):
    """Servers that share the slots, with the users that a move needs."""
    servers = [Server(f"node{i}", ("--cluster-enabled", "yes", "--cluster-node-timeout", "5000")) for i in range(count)]
    for i, server in enumerate(servers):
        server.run("CLUSTER", "ADDSLOTSRANGE", 16384 * i // count, 16384 * (i + 1) // count - 1)
        server.run("CLUSTER", "SET-CONFIG-EPOCH", i + 1)
        if i:
            server.run("CLUSTER", "MEET", "127.0.0.1", servers[0].port)
    deadline = time.monotonic() + 60
    while any(b"cluster_state:ok" not in server.run("CLUSTER", "INFO") or len(server.run("CLUSTER", "SLOTS")) != count for server in servers):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    return servers


def joined(servers):
    """DEBUG DIGEST of all keys together: that of a server is the exclusive or over its keys and a constant; of an odd number the constant stays."""
    value = 0
    for server in servers:
        value ^= int(server.digest(), 16)
    return f"{value:040x}"


class Pair(MovedPair):
    """Source, target and a configured move `cache` between them."""

    name = "cache"

    def __init__(self, tmp_path, config="", source=(), target=(), users=(), scheme="redis", words="", versions=(None, None)):
        app = f"user shop_app on >{APP_PASSWORD} ~* &* +@all -@admin -@dangerous"
        self.source = Server("source", source, [app, *users], versions[0])
        self.target = Server("target", target, version=versions[1])
        self.dir = pathlib.Path(tmp_path) / "work"
        self.dir.mkdir()
        self.scheme, self.words = scheme, words
        self.configure(config)
        self.env = {**os.environ, "LAKESHIFT_CACHE_SOURCE_PASSWORD": PASSWORD, "LAKESHIFT_CACHE_TARGET_PASSWORD": PASSWORD}
        self.lakeshift("init", "--keep")

    def configure(self, config="", applications="[shop_app]", user="mover"):
        (self.dir / "lakeshift.yaml").write_text(
            f"moves:\n  cache:\n    source: {self.scheme}://{user}@127.0.0.1:{self.source.port}{self.words}\n"
            f"    target: {self.scheme}://mover@127.0.0.1:{self.target.port}{self.words}\n"
            f"    applications: {applications}\n    pause_budget_ms: 20000\n    lag_limit_ms: 5000\n" +
            "".join(f"    {line}\n" for line in config.splitlines()))


def made_pairs(tmp_path):
    """Gives a function that makes a pair; those made are stopped at the end."""
    pairs = []

    def make(*words, **more):
        pairs.append(Pair(tmp_path, *words, **more))
        return pairs[-1]
    yield make
    for pair in pairs:
        pair.stop()


class Writer(threading.Thread):
    """An application: finds the side that lets it write, as behind a switch of traffic, and notes each acknowledged write."""

    def __init__(self, pair, number, pause=0.001):
        super().__init__(daemon=True)
        self.pair, self.number, self.pause = pair, number, pause
        self.count, self.refused, self.longest = 0, 0, 0.0
        self.unsure = set()  # numbers of writes that got no answer: done or not
        self.where = set()
        self.ending = threading.Event()
        self.surprise = None
        self.random = random.Random(number)

    def commands(self, seq):
        who = self.number
        yield ("RPUSH", f"log:{who}", seq)  # in order, once each: what is lost, doubled or out of order shows
        yield ("SET", f"item:{who}:{seq}", f"by {who}")
        yield ("INCR", f"count:{who}")
        yield ("HSET", f"hash:{who}:{seq % 50}", f"field{seq % 7}", seq)
        yield ("SET", f"session:{who}:{seq % 100}", seq, "PX", 5_000_000)
        if seq % 3 == 0:
            yield ("XADD", f"stream:{who}", "*", "n", seq)
        if seq % 5 == 0:
            yield ("DEL", f"item:{who}:{max(1, seq - 40)}")
        if seq % 7 == 0:
            yield ("ZADD", f"rank:{who}", seq, f"m{seq % 500}")

    def run(self):
        sides = [self.pair.source, self.pair.target]
        session, seq, last = None, 0, time.monotonic()
        self.done = []
        while not self.ending.is_set():
            try:
                trying = 0
                if session is None:
                    session = sides[0].connect("shop_app", APP_PASSWORD)
                seq += 1
                trying = seq
                # One transaction, so that a connection that breaks leaves all of it or nothing.
                session("MULTI")
                for words in self.commands(seq):
                    session(*words)
                self.unsure.add(seq)
                answers = session("EXEC")
                self.unsure.discard(seq)
                assert answers is not None
                now = time.monotonic()
                self.longest, last = max(self.longest, now - last), now
                self.done.append(seq)
                self.where.add("source" if sides[0] is self.pair.source else "target")
                time.sleep(self.pause)
            except Refused:
                self.refused += 1
                self.unsure.discard(trying)  # answered: not done; an attempt before it may have been
                session = None
                sides.reverse()
                time.sleep(0.005)
            except OSError:
                session = None
                sides.reverse()
                time.sleep(0.005)
            except Exception as error:  # anything else is no way to treat an application
                self.surprise = error
                return

    def end(self):
        self.ending.set()
        self.join(60)
        assert self.surprise is None, self.surprise

    def lost_and_doubled(self, server):
        """By the list that it appends to: what was acknowledged is there exactly once and in order; nothing is that never was written."""
        held = [int(item) for item in server.run("LRANGE", f"log:{self.number}", 0, -1)]
        lost = sorted(set(self.done) - set(held))
        doubled = len(held) - len(set(held))
        strange = set(held) - set(self.done) - self.unsure
        assert held == sorted(held) and not strange
        assert int(server.run("GET", f"count:{self.number}") or 0) == len(held)
        return lost, doubled
