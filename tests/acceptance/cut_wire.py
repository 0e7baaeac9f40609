"""Toxiproxy between a move and its servers: connections that are reset, fall silent, crawl or are refused; and a tunnel that
forgets connections without closing them.

Whoever connects to a server's `door` comes by it. A cut is one kind of trouble on one server for a while; a plan of them is a seed's.
"""
import http.client
import json
import random
import socket
import subprocess
import threading
import time

from harness import ROOT
from moved_pair import free_port

TOXIPROXY = ROOT / ".deps/stores/bin/toxiproxy"
STREAMS = ("upstream", "downstream")
# https://github.com/Shopify/toxiproxy#toxics (seen 2026-11-29): of each, its attributes. A `timeout` of 0 lets nothing through and
# closes the connection when it is taken away; "refused" is a proxy that is not there.
KINDS = {"reset_peer": lambda chance: {"timeout": 0},
         "timeout": lambda chance: {"timeout": 0},
         "latency": lambda chance: {"latency": chance.randint(10, 60), "jitter": chance.randint(5, 60)},
         "bandwidth": lambda chance: {"rate": chance.randint(20, 200)},
         "refused": None}


class Wire:
    """A Toxiproxy with a proxy before each server; it ends with the test, however that ends."""

    def __init__(self, servers, folder):
        self.port, self.log = free_port(), open(folder / "toxiproxy.log", "ab")
        self.process = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", TOXIPROXY, "-host", "127.0.0.1", "-port", str(self.port)],
                                        stdout=self.log, stderr=self.log, stdin=subprocess.DEVNULL, env={"LOG_LEVEL": "warn"})
        deadline = time.monotonic() + 30
        while True:
            try:
                self.call("GET", "/version")
                break
            except OSError:
                assert time.monotonic() < deadline and self.process.poll() is None, (folder / "toxiproxy.log").read_text()
                time.sleep(0.02)
        for server in servers:
            server.door = free_port()
            self.call("POST", "/proxies", {"name": self.of(server), "listen": f"127.0.0.1:{server.door}",
                                           "upstream": f"127.0.0.1:{server.port}", "enabled": True})

    @staticmethod
    def of(server):
        return f"pg{server.port}"

    def call(self, method, path, body=None):
        api = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        api.request(method, path, None if body is None else json.dumps(body), {"Content-Type": "application/json"})
        answer = api.getresponse()
        text = answer.read()
        api.close()
        assert answer.status < 300, (method, path, body, answer.status, text)

    def cut(self, server, kind, attributes, stream):
        if kind == "refused":
            self.call("POST", f"/proxies/{self.of(server)}", {"enabled": False})
        else:
            self.call("POST", f"/proxies/{self.of(server)}/toxics",
                      {"name": stream, "type": kind, "stream": stream, "toxicity": 1.0, "attributes": attributes})

    def mend(self, server, kind, stream):
        if kind == "refused":
            self.call("POST", f"/proxies/{self.of(server)}", {"enabled": True})
        else:
            self.call("DELETE", f"/proxies/{self.of(server)}/toxics/{stream}")

    def stop(self):
        self.process.kill()
        self.process.wait()
        self.log.close()


class Tunnel:
    """A proxy before one server that can forget its connections: neither side hears of it, new ones go through."""

    def __init__(self, server):
        self.server, self.forgotten = server, 0
        self.listening = socket.create_server(("127.0.0.1", free_port()))
        server.door = self.listening.getsockname()[1]
        self.number = 0
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                here, _ = self.listening.accept()
            except OSError:
                return
            self.number += 1
            there = socket.create_connection(("127.0.0.1", self.server.port))
            for one, other in ((here, there), (there, here)):
                threading.Thread(target=self.carry, args=(self.number, one, other), daemon=True).start()

    def carry(self, number, one, other):
        try:
            while data := one.recv(1 << 16):
                if number > self.forgotten:
                    other.sendall(data)
            if number > self.forgotten:
                other.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def forget(self):
        self.forgotten = self.number

    def stop(self):
        self.listening.close()


class Cutter:
    """Cuts at random instants of the runs of verbs: one during each run that is begun with begin(), until over()."""

    def __init__(self, pair, seed, runs):
        self.pair, self.wire, self.chance = pair, pair.wire, random.Random(seed)
        self.cuts = dict.fromkeys(KINDS, 0)
        self.in_pause = 0
        # Rounds of every kind, so that each has its turn soon.
        self.plan = [kind for _ in range(runs // len(KINDS) + 1) for kind in self.chance.sample(list(KINDS), len(KINDS))]
        self.thread, self.failure, self.done = None, None, threading.Event()

    def begin(self, whole, in_pause):
        """`whole`: about how long the run lasts; `in_pause`: the instant is one of the pause, if the run has one."""
        assert self.thread is None
        kind = self.plan.pop()
        make = KINDS[kind]
        what = (self.chance.choice((self.pair.source, self.pair.target)), kind, make and make(self.chance),
                self.chance.choice(STREAMS), self.chance.uniform(0, 0.3) if in_pause else self.chance.uniform(0.02, 0.6 * whole),
                1.0 if kind == "refused" else self.chance.uniform(0.3, 1.5))
        self.done.clear()
        self.thread = threading.Thread(target=self.run, args=(in_pause, *what), daemon=True)
        self.thread.start()

    def run(self, in_pause, server, kind, attributes, stream, wait, lasting):
        try:
            while in_pause and not self.done.is_set() and not self.pair.pausing():
                time.sleep(0.003)
            if self.done.wait(wait):
                self.plan.append(kind)  # the run was over before
                return
            self.in_pause += self.pair.pausing()
            self.wire.cut(server, kind, attributes, stream)
            self.cuts[kind] += 1
            time.sleep(lasting)
            self.wire.mend(server, kind, stream)
        except Exception as error:
            self.failure = error

    def over(self):
        """Nothing is cut when this returns."""
        if self.thread is None:
            return
        self.done.set()
        self.thread.join(30)
        assert not self.thread.is_alive() and self.failure is None, self.failure
        self.thread = None
