"""./dev demo appstack: a shop that writes all the time moves to other servers, back, and again; nothing is lost or doubled.

The demo runs as it is, with less time between the switches. What its judge must object to is planted.
"""
import collections
import json
import os
import pathlib
import re
import subprocess

import pytest

from harness import LAKESHIFT, ROOT

EXAMPLE = ROOT / "examples/appstack"
BUDGET_MS = 60000  # on a machine that does other things too


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    folder = tmp_path_factory.mktemp("appstack") / "demo"
    env = {k: v for k, v in os.environ.items() if not k.startswith(("LAKESHIFT_", "PG"))}
    env.update(LAKESHIFT=str(LAKESHIFT), DEMO_DIR=str(folder), SECONDS_BETWEEN="1", PAUSE="0.02", BUDGET_MS=str(BUDGET_MS))
    done = subprocess.run([str(EXAMPLE / "demo.sh")], capture_output=True, text=True, check=False, timeout=400, env=env,
                          stdin=subprocess.DEVNULL)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-6000:]
    return folder, done.stdout


def journal_of(folder):
    lines = [line.split() for line in (folder / "journal").read_text().splitlines()]
    return [(float(at), service, fate, side) for at, service, fate, _, _, side in lines]


def longest_gap(journal, service):
    times = sorted(at for at, of, fate, _ in journal if of == service and fate == "ack")
    return max(later - earlier for earlier, later in zip(times, times[1:]))


def test_nothing_is_lost_or_doubled_and_pauses_are_short(demo):
    folder, _ = demo
    numbers, journal = json.loads((folder / "numbers.json").read_text()), journal_of(folder)
    acknowledged = collections.Counter(service for _, service, fate, _ in journal if fate == "ack")
    by_target = collections.Counter(service for _, service, fate, side in journal if (fate, side) == ("ack", "target"))
    for service, least in (("shop", 300), ("cache", 300), ("receipts", 100)):
        seen = numbers[service]
        assert seen["acknowledged"] == acknowledged[service] > least
        assert acknowledged[service] - 10 > seen["at_target"] == by_target[service] > 10
        assert (seen["lost"], seen["doubled"], seen["equal"], seen["switches"]) == (0, 0, True, 3)
        # The application waited, and no longer than the budget and the time it needs to come back.
        assert abs(seen["pause_ms"] - longest_gap(journal, service) * 1000) <= 1
        assert 0 < seen["lakeshift_pause_ms"] < BUDGET_MS and 0 < seen["pause_ms"] < BUDGET_MS + 1000
    # A Redis lets its first replica wait for five seconds (repl-diskless-sync-delay): not in the pause.
    assert numbers["cache"]["lakeshift_pause_ms"] < 5000
    assert numbers["shop"]["verified"] > 60000 and numbers["cache"]["verified"] > 300
    assert numbers["receipts"]["verified"] >= acknowledged["receipts"]
    assert numbers["originals"]["found"] == 0 and numbers["originals"]["looked_for"] > 10000


def test_the_staging_copy_is_full_of_people_whom_nobody_knows(demo):
    folder, _ = demo
    dump = (folder / "staging.sql").read_text()
    assert len(re.findall(r"@[\w.-]+\.test\t", dump)) >= 2000
    assert "Marguerite" not in dump and "wanderlust" not in dump and not re.search(r"4929 \d{4} (5301 \d{4}|7\d{3} 0042)", dump)


def test_the_view_without_a_terminal_is_lines(demo):
    _, said = demo
    assert "\x1b" not in said
    for wanted in ("shop_staging: being made", "shop: being rehearsed on copies", "writes at the target", "rows equal", "keys equal",
                   "objects equal", "application  orders", "application  receipts"):
        assert wanted in said, wanted
    assert re.search(r"shop: .*bytes, [\d.]+ s behind", said)
    assert re.search(r"of these lost +0 +0 +0\n", said) and re.search(r"of these doubled +0 +0 +0\n", said)
    assert re.search(r"originals found in the staging copy +0 of [\d,]+", said)


JUDGED = r"""
import json, sys
sys.path.insert(0, sys.argv[1])
import judge
orders = {"orders": {"1-1": 1, "1-2": 1}, "lines": {"1-1": 2, "1-2": 2}, "taken": 9, "sold": 9}
writes = [("ack", "order", "1-1"), ("ack", "order", "1-2"), ("unsure", "order", "1-3")]
keys = {"queue:1": (["1-1", "1-4"], -1), "counter:1": ("1", -1), "session:1:7": ("1-6", 3000)}
sent = [("ack", "queue:1", "1-1"), ("ack", "queue:1", "1-4"), ("ack", "counter:1", "1-2"), ("unsure", "counter:1", "1-3"),
        ("ack", "session:1:7", "1-5"), ("unsure", "session:1:7", "1-6")]
def order(**planted): return judge.judge_orders(writes, {**orders, **planted})
filed = {"receipts/1-1.txt": b"receipt of 1-1\n" * 20}
def receipts(**planted): return judge.judge_receipts([("ack", "receipt", "1-1"), ("unsure", "receipt", "1-2")], {**filed, **planted})
def key(name, value): return judge.judge_sessions(sent, {**keys, name: value})
print(json.dumps({
    "as it is": [order(), judge.judge_sessions(sent, keys), receipts()],
    "lost": [order(orders={"1-2": 1}), order(lines={"1-1": 1, "1-2": 2}), order(taken=8), key("queue:1", (["1-4"], -1)),
             key("counter:1", ("0", -1)), key("session:1:7", ("1-1", 3000)), key("session:1:7", ("1-6", -1)),
             receipts(**{"receipts/1-1.txt": b"receipt"}), judge.judge_receipts([("ack", "receipt", "1-1")], {})],
    "doubled": [order(orders={"1-1": 2, "1-2": 1}), order(orders={"1-1": 1, "1-2": 1, "1-3": 2}), order(taken=10),
                key("queue:1", (["1-1", "1-1", "1-4"], -1)), key("counter:1", ("3", -1)), receipts(**{"receipts/9-9.txt": b""})],
    "found": sorted(judge.originals_in("x Anna.Bergmann@post.org y 491701234567 z", {"anna.bergmann@post.org", "491701234567", "otto.bergmann@post.org"})),
}))
"""


def test_the_judge_objects():
    done = subprocess.run(["/usr/bin/python3", "-c", JUDGED, str(EXAMPLE)], capture_output=True, text=True, check=True)
    judged = json.loads(done.stdout)
    assert judged["as it is"] == [[0, 0], [0, 0], [0, 0]]
    assert all(lost == 1 and doubled == 0 for lost, doubled in judged["lost"])
    assert all(lost == 0 and doubled == 1 for lost, doubled in judged["doubled"])
    assert judged["found"] == ["491701234567", "anna.bergmann@post.org"]
