#!/usr/bin/python3
"""Judges the move of the example by the application's own journal, without asking lakeshift what is right.

Every write that was acknowledged must be on the side that has the traffic now, exactly once. A write that got no answer may
be there once or not at all. In the masked staging copy no original may be found. lakeshift is asked only for its own word on
pauses and on what it verified, to set it beside the application's.
"""
import argparse
import collections
import json
import pathlib
import subprocess
import sys

import psycopg
import redis

import stores

SERVICES = ("shop", "cache", "receipts")
WINDOW = 12  # characters; every original is longer


class Journal:
    def __init__(self, path):
        self.times = collections.defaultdict(list)  # service: when a write was acknowledged
        self.writes = collections.defaultdict(list)  # service: (fate, what, ref) in the order of the journal
        self.at_target = collections.Counter()  # service: writes that the new side acknowledged
        for line in path.read_text().splitlines():
            at, service, fate, what, ref, side = line.split()
            self.writes[service].append((fate, what, ref))
            if fate == "ack":
                self.times[service].append(float(at))
                self.at_target[service] += side == "target"

    def acknowledged(self, service):
        return len(self.times[service])

    def unsure(self, service):
        return len(self.writes[service]) - self.acknowledged(service)

    def longest_pause(self, service):
        times = sorted(self.times[service])
        return max((later - earlier for earlier, later in zip(times, times[1:])), default=0.0)


def find_orders(address):
    with psycopg.connect(address) as session:
        def ask(sql):
            return session.execute(sql).fetchall()

        return {"orders": dict(ask("SELECT ref, count(*) FROM orders GROUP BY ref")),
                "lines": dict(ask("SELECT ref, count(*) FROM orders JOIN order_lines ON order_id = orders.id GROUP BY ref")),
                "taken": ask("SELECT sum(1000000 - left_over) FROM stock")[0][0],
                "sold": ask("SELECT sum(amount) FROM order_lines JOIN orders ON order_id = orders.id WHERE ref NOT LIKE 'before-%'")[0][0]}


def judge_orders(writes, found):
    """Lost and doubled orders; an order whose lines are not there, or there twice, counts as such."""
    lost = doubled = 0
    for fate, _, ref in writes:
        times, parts = found["orders"].get(ref, 0), found["lines"].get(ref, 0)
        lost += fate == "ack" and (times == 0 or parts < 2)
        doubled += times > 1 or parts > 2
    # Each order took its articles from the stock in the same transaction.
    return lost + (found["taken"] < found["sold"]), doubled + (found["taken"] > found["sold"])


def find_sessions(address, keys):
    """Key: its value (of a queue: its list) and its time to live."""
    store = redis.Redis.from_url(address, decode_responses=True)
    return {key: (store.lrange(key, 0, -1) if key.startswith("queue") else store.get(key), store.ttl(key)) for key in keys}


def judge_sessions(writes, found):
    by_key = collections.defaultdict(list)
    for fate, key, ref in writes:
        by_key[key].append((fate, ref))
    lost = doubled = 0
    for key, of_key in by_key.items():
        acknowledged = [ref for fate, ref in of_key if fate == "ack"]
        value, lives = found.get(key, (None, -2))
        if key.startswith("queue"):
            queued = collections.Counter(value or ())
            lost += sum(queued[ref] == 0 for ref in acknowledged)
            doubled += sum(times - 1 for times in queued.values())
        elif key.startswith("counter"):
            lost += max(0, len(acknowledged) - int(value or 0))
            doubled += max(0, int(value or 0) - len(of_key))
        elif acknowledged:  # the last one that was acknowledged, or one after it that may have been done; for an hour
            last = max(at for at, (fate, _) in enumerate(of_key) if fate == "ack")
            lost += value not in {ref for _, ref in of_key[last:]} or not 0 < lives <= 3600
    return lost, doubled


def judge_receipts(writes, found):
    """Objects have one name each: doubled is what no write is of."""
    acknowledged = {f"receipts/{ref}.txt": f"receipt of {ref}\n".encode() * 20 for fate, _, ref in writes if fate == "ack"}
    known = {f"receipts/{ref}.txt" for _, _, ref in writes}
    return sum(found.get(key) != body for key, body in acknowledged.items()), len(found.keys() - known)


def equal_tables(source, target):
    """Both sides by a sum of the servers' own, over every row of every table."""
    sums = []
    for address in (source, target):
        with psycopg.connect(address) as session:
            tables = session.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1").fetchall()
            sums.append([session.execute(f'SELECT %s, count(*), sum(hashtextextended(t::text, 0)) FROM "{table}" t',
                                         (table,)).fetchone() for (table,) in tables])
    return sums[0] == sums[1]


def find_people(address):
    """Every e-mail address, name, phone and card number of production, in the forms that they might be found in."""
    with psycopg.connect(address) as session:
        people = session.execute("SELECT email, full_name, phone, card FROM customers").fetchall()
    originals = set()
    for email, name, phone, card in people:
        originals |= {email.lower(), name.lower(), phone, "".join(filter(str.isdigit, phone)), card, card.replace(" ", "")}
    return originals


def originals_in(text, originals):
    """Those that stand anywhere in the text."""
    begins, text, found = collections.defaultdict(list), text.lower(), set()
    for original in originals:
        begins[original[:WINDOW]].append(original)
    for at in range(len(text) - WINDOW + 1):
        found.update(one for one in begins.get(text[at:at + WINDOW], ()) if text.startswith(one, at))
    return found


def said_by_lakeshift(program, folder):
    done = subprocess.run([program, "move", "watch", "--once", "--json", "--dir", str(folder)], capture_output=True, text=True, check=True)
    views = [json.loads(line) for line in done.stdout.splitlines()]
    return {view["move"]: view for view in views}


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--journal", type=pathlib.Path, required=True)
    options.add_argument("--servers", type=pathlib.Path, required=True, help="JSON: service: {source: address, target: address}")
    options.add_argument("--staging-dump", type=pathlib.Path, required=True, help="pg_dump of the masked staging copy")
    options.add_argument("--lakeshift", required=True)
    options.add_argument("--dir", type=pathlib.Path, required=True, help="lakeshift's work directory")
    options.add_argument("--output", type=pathlib.Path, required=True, help="the numbers as JSON")
    given = options.parse_args()
    journal, servers = Journal(given.journal), json.loads(given.servers.read_text())
    views = said_by_lakeshift(given.lakeshift, given.dir)
    numbers = {}
    for service in SERVICES:
        view, writes = views[service], journal.writes[service]
        address = servers[service][view["writes_at"]]
        if service == "shop":
            lost, doubled = judge_orders(writes, find_orders(address))
        elif service == "receipts":
            lost, doubled = judge_receipts(writes, stores.open_store(address).objects())
        else:
            lost, doubled = judge_sessions(writes, find_sessions(address, {key for _, key, _ in writes}))
        numbers[service] = {"acknowledged": journal.acknowledged(service),
                            "at_target": journal.at_target[service], "lost": lost, "doubled": doubled,
                            "unanswered": journal.unsure(service), "pause_ms": round(journal.longest_pause(service) * 1000),
                            "lakeshift_pause_ms": max(one["pause_ms"] for one in view["switches"]),
                            "switches": len(view["switches"]), "verified": view["verified"]["amount"],
                            "equal": view["verified"]["equal"], "unit": view["unit"]}
    numbers["shop"]["equal"] &= equal_tables(**servers["shop"])
    old, new = (stores.open_store(servers["receipts"][side]).objects() for side in ("source", "target"))
    numbers["receipts"]["equal"] &= old == new
    people = find_people(servers["shop"]["source"])
    found = originals_in(given.staging_dump.read_text(), people)
    numbers["originals"] = {"found": len(found), "looked_for": len(people)}
    given.output.write_text(json.dumps(numbers, indent=1) + "\n")
    show(numbers)
    good = not found and all(one["lost"] == one["doubled"] == 0 and one["equal"] for one in map(numbers.get, SERVICES))
    sys.exit(0 if good else 1)


def show(numbers):
    services = [numbers[service] for service in SERVICES]

    def row(name, values):
        print(f"  {name:<42}" + "".join(f"{value:>16}" for value in values))

    row("", ("PostgreSQL", "Redis", "objects"))
    row("writes acknowledged to the application", (f"{one['acknowledged']:,}" for one in services))
    row("of these by the new side", (f"{one['at_target']:,}" for one in services))
    row("of these lost", (one["lost"] for one in services))
    row("of these doubled", (one["doubled"] for one in services))
    row("writes that got no answer", (one["unanswered"] for one in services))
    row("switches of the traffic", (one["switches"] for one in services))
    row("longest pause, as the application saw it", (f"{one['pause_ms']} ms" for one in services))
    row("longest pause, as lakeshift says", (f"{one['lakeshift_pause_ms']} ms" for one in services))
    row("verified at the last comparison", (f"{one['verified']:,} {one['unit']}" for one in services))
    row("both sides equal at the end", ("yes" if one["equal"] else "NO" for one in services))
    originals = numbers["originals"]
    row("originals found in the staging copy", [f"{originals['found']} of {originals['looked_for']:,}"])


if __name__ == "__main__":
    main()
