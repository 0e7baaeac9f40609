"""A move whose sides follow each other by native subscriptions between the verbs, under writers that note what was acknowledged."""
import json
import random
import re
import signal
import time

import psycopg
import pytest

from harness import SOAK
from moved_pair import wait_for
from postgres_pair import APP_PASSWORD, PASSWORD, TABLES, Pair, Writer, books, lost_and_doubled

SEED = 20261129
FOLLOW = "    follow: subscription\n"
SUBSCRIPTION = "SELECT subenabled, subslotname FROM pg_subscription WHERE subname = 'lakeshift_shop'"
LEFT = ("SELECT (SELECT count(*) FROM pg_subscription), (SELECT count(*) FROM pg_replication_slots), (SELECT count(*) FROM "
        "pg_replication_origin), (SELECT count(*) FROM pg_publication)")


@pytest.fixture
def made(tmp_path):
    pairs = []

    def make(source=15, target=15, retry="100ms", user="mover"):
        """`retry`: before version 16 a server starts no worker so soon after another, 5 s by default."""
        pairs.append(Pair(tmp_path, source, target, extra=FOLLOW, user=user))
        for server in (pairs[-1].source, pairs[-1].target):
            if user != "mover":
                server.run(f"GRANT pg_create_subscription TO {user}")
            server.run(f"ALTER SYSTEM SET wal_retrieve_retry_interval = '{retry}'")
            server.run("SELECT pg_reload_conf()")
        return pairs[-1]
    yield make
    for pair in pairs:
        pair.stop()


def arrives(writer, here, there):
    """What is acknowledged at one side comes to the other, though no process of lakeshift runs."""
    seen = len(writer.acknowledged)
    wait_for(lambda: len(writer.acknowledged) > seen + 3, "the application cannot write")
    seq = writer.acknowledged[-1]
    find = f"SELECT count(*) FROM item WHERE writer = {writer.number} AND seq = {seq}"
    assert here.value(find) == 1
    wait_for(lambda: there.value(find) == 1, f"{seq} did not arrive")


def follows(server, leg):
    return server.rows(SUBSCRIPTION) == [(True, f"lakeshift_shop_{leg}")]


def judge(pair, writers):
    """By SQL alone: both sides hold the same rows, each acknowledged write once, and the books agree."""
    here, there = pair.content(pair.source), pair.content(pair.target)
    for table in TABLES:
        assert here[table] == there[table], table
    for server in (pair.source, pair.target):
        lost, doubled = lost_and_doubled(server, writers)
        assert (lost, doubled) == ([], []), (lost[:5], doubled[:5])
        assert len(set(books(server))) == 1, books(server)


def at_rest(pair, writers, here, there):
    """The writers hold still until what they wrote is at the other side, by the servers alone."""
    for writer in writers:
        writer.hold()
    count = "SELECT count(*) FROM item"
    last = "SELECT coalesce(max(seq), 0) FROM audit WHERE what = 'writer {}'"
    wait_for(lambda: all(there.value(last.format(w.number)) == here.value(last.format(w.number)) for w in writers) and
             there.value(count) == here.value(count), "the other side does not catch up")
    judge(pair, writers)
    for writer in writers:
        writer.release()


def assert_no_secret(pair):
    for server in (pair.source, pair.target):
        assert PASSWORD not in (server.folder / "log").read_text()
    for file in pair.dir.rglob("*"):
        if file.is_file():
            assert PASSWORD.encode() not in file.read_bytes(), file


@pytest.mark.parametrize("source, target, user", [(13, 16, "mover"), (16, 17, "operator"), *([(11, 17, "mover")] if SOAK else [])])
def test_there_and_back_by_the_servers_alone(made, source, target, user):
    pair = made(source, target, user=user)
    if user != "mover":  # who is no superuser lacks rights, and is told which
        blocked = pair.move("create", "--until-caught-up", ok=(3,))
        lacks = [f for f in blocked["findings"] if f["severity"] == "blocking"]
        assert [(f["code"], f["where"]) for f in lacks] == [("pg-origin-right", "source"), ("pg-origin-right", "target")]
        for told in lacks + [gate for gate in blocked["gates"] if gate["name"] == "fence rights"]:
            _, side, statements = re.split(r"run on the (source|target): ", told["remedy"])
            {"source": pair.source, "target": pair.target}[side].run(statements)
    writer = Writer(pair, 1)
    writer.start()
    made_it = pair.move("create", "--until-caught-up")
    assert "follows by its own subscription" in made_it["traffic"]
    if user != "mover":  # nor reads passwords
        pair.target.run(f"ALTER ROLE shop_app PASSWORD '{APP_PASSWORD}'")
    arrives(writer, pair.source, pair.target)
    status = pair.move("status")
    assert any("subscription lakeshift_shop follows, worker" in step for step in status["steps"]), status["steps"]
    assert follows(pair.target, 0)
    # Nobody's process, and still it follows; the looking on of create ends as one wants.
    looking = pair.begin("create")
    wait_for(lambda: "looking on" in (pair.dir / "killed.log").read_text(), "create does not look on")
    verified = pair.move("verify")  # beside it
    assert verified["outcome"] == "done" and verified["rows_proven"] > 20000
    wait_for(lambda: follows(pair.target, 0), "verify left the stream")
    looking.send_signal(signal.SIGINT)
    assert looking.wait(30) == 0 and follows(pair.target, 0)
    arrives(writer, pair.source, pair.target)
    at_rest(pair, [writer], pair.source, pair.target)
    for leg, (verb, here, there) in enumerate((("cutover", pair.target, pair.source), ("rollback", pair.source, pair.target),
                                              ("cutover", pair.target, pair.source)), 1):
        switched = pair.move(verb)
        assert "follows by its own subscription" in switched["traffic"], switched
        assert follows(there, leg) and here.rows(SUBSCRIPTION) == []
        arrives(writer, here, there)
    at_rest(pair, [writer], pair.target, pair.source)
    watched = json.loads(pair.lakeshift("move", "watch", "shop", "--once", "--json").stdout.strip().splitlines()[-1])
    assert "handed_over" in json.dumps(watched)
    pair.move("complete")
    writer.end()
    assert [server.rows(LEFT) for server in (pair.source, pair.target)] == [[(0, 0, 0, 0)]] * 2
    assert {side for _, side in writer.where} == {"source", "target"}
    assert_no_secret(pair)


class Spy:
    """What the target has of the subscription, asked as often as it goes."""

    def __init__(self, server):
        self.server, self.session = server, server.connect()

    def look(self):
        rows = self.session.execute(SUBSCRIPTION).fetchall()
        return "gone" if not rows else "at work" if rows[0][0] else "disabled"

    def wait(self, process, *states):
        while process.poll() is None and self.look() not in states:
            pass

    def again(self):
        self.session = self.server.connect()


def strike(pair, spy, blow, chance):
    """kill -9 of lakeshift while it takes back, while it hands over, or anywhere. What it left."""
    process = pair.begin("verify" if blow % 2 else "create", *([] if blow % 2 else ["--until-caught-up"]))
    kind = ("taking back", "handing over", "anywhere")[blow % 3]
    if kind == "anywhere":
        time.sleep(chance.uniform(0, 1))
    else:
        spy.wait(process, "disabled", "gone")
        if kind == "handing over":
            spy.wait(process, "gone")
            spy.wait(process, "disabled", "at work")
        time.sleep(chance.uniform(0, 0.15 if kind == "taking back" else 0.01))
    process.kill()
    process.wait()
    return spy.look()


def test_killed_anywhere_it_neither_repeats_nor_passes_over(made, capsys):
    """kill -9 of lakeshift while it takes back and hands over, and of the servers while the subscription applies."""
    pair = made()
    chance = random.Random(SEED)
    writers = [Writer(pair, number, pause=0.004) for number in (1, 2)]
    for writer in writers:
        writer.start()
    pair.move("create", "--until-caught-up")
    spy = Spy(pair.target)
    left = {"at work": 0, "disabled": 0, "gone": 0}
    for blow in range(90 if SOAK else 9):
        left[strike(pair, spy, blow, chance)] += 1
        if blow % 2 == 0:
            pair.move("create", "--until-caught-up")
        if blow % 4 == 0:  # what a slot was told falls back when its server crashes
            victim = pair.source if blow % 8 == 0 else pair.target
            time.sleep(chance.uniform(0, 0.3))
            victim.crash()
            victim.start()
            spy.again()
    pair.move("create", "--until-caught-up")
    at_rest(pair, writers, pair.source, pair.target)
    pair.move("cutover")
    wait_for(lambda: all(w.where and w.where[-1][1] == "target" for w in writers), "the application does not write")
    at_rest(pair, writers, pair.target, pair.source)
    # What a killed run left is taken away at the end too.
    process = pair.begin("verify")
    time.sleep(chance.uniform(0.1, 1))
    process.kill()
    process.wait()
    pair.move("complete")
    for writer in writers:
        writer.end()
    assert [server.rows(LEFT) for server in (pair.source, pair.target)] == [[(0, 0, 0, 0)]] * 2
    with capsys.disabled():
        print(f"\nseed {SEED}: after kill -9 the subscription was {left}; {sum(len(w.acknowledged) for w in writers)} writes "
              "acknowledged, 0 lost, 0 doubled")
    assert all(left.values())
    assert_no_secret(pair)


def test_a_worker_that_cannot_apply_is_named(made):
    pair = made(retry="5s")
    looking = pair.begin("create")
    wait_for(lambda: "looking on" in (pair.dir / "killed.log").read_text(), "create does not look on", 60)
    pair.target.run("INSERT INTO balance VALUES (5000, 7, NULL)")
    pair.source.run("INSERT INTO balance VALUES (5000, 1000, NULL)")
    assert looking.wait(60) == 1
    told = (pair.dir / "killed.log").read_text()
    assert "does not get on" in told and "duplicate-key" in told and "public.balance" in told and "5000" in told, told[-3000:]
    assert "nobody follows" in told
    # What our own apply could not apply is not handed over to a server, which passes over rows that are missing.
    assert pair.target.rows(SUBSCRIPTION) == []
    pair.target.run("DELETE FROM balance WHERE id = 5000")
    pair.move("create", "--until-caught-up")
    assert follows(pair.target, 0)
    # A row that is missing is passed over by the server without a word; the comparison finds it.
    pair.target.run("SET session_replication_role = replica; DELETE FROM balance WHERE id = 42")
    pair.source.run("UPDATE balance SET amount = 7 WHERE id = 42; INSERT INTO balance VALUES (5001, 1000, NULL)")
    wait_for(lambda: pair.target.value("SELECT count(*) FROM balance WHERE id = 5001") == 1, "the server does not go on")
    differs = pair.move("verify", ok=(3,))
    assert any("id='42'" in difference for difference in differs["differences"]), differs["differences"]
    pair.move("cancel")
    assert [server.rows(LEFT) for server in (pair.source, pair.target)] == [[(0, 0, 0, 0)]] * 2
    assert_no_secret(pair)


def test_what_stands_in_the_way_is_said_before(made):
    """The other server's address is tried from there, and the two kinds of publication are not mixed up."""
    pair = made()
    config = pair.dir / "lakeshift.yaml"
    text = config.read_text()
    config.write_text(text + f"    source_for_target: postgresql://mover@127.0.0.1:1/shop\n")
    blocked = pair.move("create", "--until-caught-up", ok=(3,))
    assert [(f["code"], f["where"]) for f in blocked["findings"] if f["severity"] == "blocking"] == [
        ("pg-subscription-unreachable", "target")], blocked["findings"]
    assert "source_for_target" in json.dumps(blocked["findings"])
    assert [server.rows(LEFT) for server in (pair.source, pair.target)] == [[(0, 0, 0, 0)]] * 2
    # Begun by stream: a superuser's publication is of all tables.
    config.write_text(text.replace(FOLLOW, ""))
    pair.move("create", "--until-caught-up")
    config.write_text(text)
    refused = pair.lakeshift("move", "create", "shop", "--until-caught-up", ok=(1,))
    assert "publication-whole" in refused.stdout + refused.stderr
    config.write_text(text.replace(FOLLOW, ""))
    assert pair.move("create", "--until-caught-up")["outcome"] == "done"
    assert_no_secret(pair)
