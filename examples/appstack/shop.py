#!/usr/bin/python3
"""The application of the example: takes orders, keeps sessions, files receipts, and writes down what was acknowledged to it.

It knows nothing of lakeshift. Where to write stands in a file per service (traffic/shop, traffic/cache, traffic/receipts:
"source" or "target"), as it might stand in a proxy or in DNS. When a connection breaks or a write is refused, it looks there,
connects again and goes on with the next write; what it got no answer to it never repeats.

Its journal has a line for each write: the time, the service, what became of it (ack: acknowledged; unsure: sent and never
answered), what it was (of Redis: the key), which one, and at which side. judge.py judges a move by it.
"""
import argparse
import json
import pathlib
import random
import signal
import threading
import time

import psycopg
import redis

import stores

ENDING = threading.Event()
AGAIN = 0.01  # seconds between two tries to connect


class Journal:
    """Thread safe."""

    def __init__(self, path):
        self.file, self.lock, self.began = open(path, "w", buffering=1 << 16), threading.Lock(), time.monotonic()
        self.services = {}

    def note(self, service, fate, what, ref, side):
        with self.lock:
            now = time.monotonic()
            self.file.write(f"{now:.4f} {service} {fate} {what} {ref} {side}\n")
            if fate == "ack":
                seen = self.services.setdefault(service, {"writes": 0, "last": now, "gap": 0.0})
                seen["gap"] = max(seen["gap"], now - seen["last"])
                seen["writes"], seen["last"] = seen["writes"] + 1, now

    def facts(self):
        with self.lock:
            self.file.flush()
            return {name: dict(seen) for name, seen in self.services.items()}


class Service(threading.Thread):
    """One thread of the application that writes to one service, whichever side that is on."""

    name_of_service = ""
    refused = ()  # errors that mean: this was not done
    broken = ()   # errors that mean: nobody knows
    rests = 1     # this many pauses between two writes

    def __init__(self, number, sides, traffic, journal, pause):
        super().__init__(daemon=True)
        self.number, self.sides, self.traffic, self.journal, self.pause = number, sides, traffic, journal, pause
        self.random, self.session, self.side, self.count, self.failure = random.Random(number), None, "", 0, None

    def run(self):
        try:
            while not ENDING.is_set():
                self.step()
        except Exception as error:  # a surprise for the application is a failure of the demo
            self.failure = error
            ENDING.set()

    def step(self):
        try:
            if self.session is None:
                self.side = self.traffic.read_text().strip()
                self.session = self.connect(self.sides[self.side])
        except self.refused + self.broken:
            time.sleep(AGAIN)
            return
        self.count += 1
        ref, what = f"{self.number}-{self.count}", self.what()
        try:
            self.write(what, ref)
        except self.refused:
            self.close()
        except self.broken:
            self.journal.note(self.name_of_service, "unsure", what, ref, self.side)
            self.close()
        else:
            self.journal.note(self.name_of_service, "ack", what, ref, self.side)
        time.sleep(self.pause * self.rests)

    def close(self):
        try:
            self.session.close()
        except self.refused + self.broken:
            pass
        self.session = None


class Orders(Service):
    name_of_service = "shop"
    refused = (psycopg.errors.InsufficientPrivilege, psycopg.errors.ReadOnlySqlTransaction)
    broken = (psycopg.OperationalError, psycopg.InterfaceError)

    def connect(self, side):
        return psycopg.connect(side, autocommit=True, connect_timeout=5)

    def what(self):
        return "order"

    def write(self, what, ref):
        with self.session.transaction():
            customer = self.random.randint(1, 2000)
            if self.count % 10 == 0:
                customer = self.session.execute(
                    "INSERT INTO customers (email, full_name, phone, card) VALUES (%s, %s, %s, %s) RETURNING id",
                    (f"newcomer.{ref}@latecomer.org", f"Wilhelmina Latecomer-{ref}", f"+49 (160) {8000000 + self.count * 10 + self.number}",
                     f"4929 {self.count % 10000:04d} 7{self.number:03d} 0042")).fetchone()[0]
            lines = [(line, self.random.randint(1, 200), self.random.randint(1, 5)) for line in (1, 2)]
            made = self.session.execute("INSERT INTO orders (ref, customer, total, note) VALUES (%s, %s, %s, %s) RETURNING id",
                                        (ref, customer, 5.5 * len(lines), "as ever")).fetchone()[0]
            for line, article, amount in sorted(lines, key=lambda one: one[1]):  # in one order: no deadlocks
                self.session.execute("INSERT INTO order_lines VALUES (%s, %s, %s, %s, 5.50)", (made, line, article, amount))
                self.session.execute("UPDATE stock SET left_over = left_over - %s WHERE article = %s", (amount, article))


class Sessions(Service):
    name_of_service = "cache"
    refused = (redis.exceptions.AuthenticationError, redis.exceptions.NoPermissionError)
    broken = (redis.exceptions.ConnectionError, redis.exceptions.TimeoutError)

    def connect(self, side):
        session = redis.Redis.from_url(side, socket_timeout=10)
        self.ask(session.ping)
        return session

    @staticmethod
    def ask(command, *words, **more):
        """A login that is refused is one, whatever this client makes of it."""
        try:
            return command(*words, **more)
        except redis.exceptions.ResponseError as error:
            if str(error).startswith("WRONGPASS"):
                raise redis.exceptions.AuthenticationError(str(error)) from error
            raise

    def what(self):
        return (f"session:{self.number}:{self.random.randint(1, 500)}", f"queue:{self.number}", f"counter:{self.number}")[self.count % 3]

    def write(self, what, ref):
        if what.startswith("session"):  # an hour from the last visit on
            self.ask(self.session.set, what, ref, ex=3600)
        elif what.startswith("queue"):
            self.ask(self.session.rpush, what, ref)
        else:
            self.ask(self.session.incr, what)


class Receipts(Service):
    name_of_service = "receipts"
    refused = (stores.Refused,)
    broken = (stores.Broken,)
    rests = 15

    def connect(self, side):
        return stores.open_store(side)

    def what(self):
        return "receipt"

    def write(self, what, ref):
        self.session.put(f"receipts/{ref}.txt", f"receipt of {ref}\n".encode() * 20)


def tell(path, journal, traffic, before):
    """A few words for whoever watches."""
    lines, now = [], journal.facts()
    for service, what in (("shop", "orders"), ("cache", "sessions"), ("receipts", "receipts")):
        if service not in now:
            continue
        seen = now[service]
        rate = (seen["writes"] - before.get(service, {"writes": 0})["writes"]) / 0.5
        side = traffic[service].read_text().strip()
        gap = max(seen["gap"], time.monotonic() - seen["last"])
        lines.append(f"application  {what:<8} {seen['writes']:,} written, {rate:,.0f}/s at the {side}, longest gap {gap * 1000:,.0f} ms")
    new = path.with_suffix(".new")
    new.write_text("\n".join(lines) + "\n")
    new.replace(path)
    return now


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--servers", type=pathlib.Path, required=True, help="JSON: service: {source: address, target: address}")
    options.add_argument("--traffic", type=pathlib.Path, required=True, help="the folder with a file per service")
    options.add_argument("--journal", type=pathlib.Path, required=True)
    options.add_argument("--status", type=pathlib.Path, required=True, help="a file that tells how it goes, written twice a second")
    options.add_argument("--pause", type=float, default=0.01, help="seconds that each thread rests between two writes")
    given = options.parse_args()
    servers, journal = json.loads(given.servers.read_text()), Journal(given.journal)
    traffic = {service: given.traffic / service for service in servers}
    signal.signal(signal.SIGTERM, lambda *_: ENDING.set())
    signal.signal(signal.SIGINT, lambda *_: ENDING.set())
    threads = [kind(number, servers[kind.name_of_service], traffic[kind.name_of_service], journal, given.pause)
               for kind, numbers in ((Orders, (1, 2, 3)), (Sessions, (1, 2)), (Receipts, (1, 2))) for number in numbers]
    for thread in threads:
        thread.start()
    before = {}
    while not ENDING.wait(0.5):
        before = tell(given.status, journal, traffic, before)
    for thread in threads:
        thread.join(30)
    tell(given.status, journal, traffic, before)
    for thread in threads:
        if thread.failure:
            raise SystemExit(f"shop: {thread.failure!r}")


if __name__ == "__main__":
    main()
