"""What a move does in the pause when a server falls silent, when going back is cut again and again (Toxiproxy), and when the change
stream leads nowhere."""
import signal
import time

import pytest

from cut_wire import Tunnel, Wire
from moved_pair import wait_for
from postgres_pair import Pair, Writer

SIZES = (0, 100, 420, 500, 900, 1500)  # of what a connection hears: as it is made, as it is set up, as it is used


BUDGET_MS = 3000


def long_pause(folder, wire):
    return Pair(folder, extra="    hooks:\n      before-open: [sleep, '60']\n", budget=BUDGET_MS, wire=wire)


@pytest.fixture
def pair(tmp_path):
    """Its pause lasts until its budget is over."""
    pair = long_pause(tmp_path, Wire)
    yield pair
    pair.stop()


def begin_pause(pair):
    """A cutover that has fenced the source."""
    process = pair.begin("cutover")
    wait_for(lambda: fenced(pair.source), "the source is not fenced", 120)
    return process


def begin_pause_of_writer(pair):
    pair.move("create", "--until-caught-up")
    writer = Writer(pair, 1)
    writer.start()
    return writer, begin_pause(pair)


def fenced(server):
    return not server.value("SELECT rolcanlogin FROM pg_roles WHERE rolname = 'shop_app'")


def check_went_back(pair, writer, process):
    """The applications write to the source again, and to nothing else."""
    before = len(writer.acknowledged)
    wait_for(lambda: len(writer.acknowledged) > before, "the application does not write", 30)
    check_end(pair, process)
    writer.end()
    assert {side for _, side in writer.where} == {"source"}
    held = dict(pair.source.rows("SELECT seq, count(*) FROM item WHERE writer = 1 GROUP BY 1"))
    assert set(writer.acknowledged) <= set(held) and set(held.values()) == {1}


def check_end(pair, process):
    assert process.wait(60) == 6, (pair.dir / "killed.log").read_text()[-3000:]
    assert fenced(pair.target)
    status = pair.move("status")
    assert status["traffic"].startswith("traffic: source ") and any("went back" in step for step in status["steps"])


def test_a_silent_target_does_not_hold_the_pause(pair):
    writer, process = begin_pause_of_writer(pair)
    for stream in ("upstream", "downstream"):  # nothing of it is heard, and nothing closed
        pair.wire.cut(pair.target, "timeout", {"timeout": 0}, stream)
    wait_for(lambda: not fenced(pair.source), "the source is not opened", 3 + 20)
    assert process.poll() is None  # it would tidy the target, which is silent still
    for stream in ("upstream", "downstream"):
        pair.wire.mend(pair.target, "timeout", stream)
    check_went_back(pair, writer, process)


def test_going_back_is_tried_until_it_is_done(pair):
    writer, process = begin_pause_of_writer(pair)
    for size in SIZES:
        pair.wire.cut(pair.source, "limit_data", {"bytes": size}, "downstream")
        time.sleep(1)
        pair.wire.mend(pair.source, "limit_data", "downstream")
    wait_for(lambda: not fenced(pair.source), "the source is not opened", 30)
    check_went_back(pair, writer, process)


def test_going_back_waits_for_no_connection_that_fell_silent(tmp_path):
    """The source is asked to open in a connection that a proxy forgets: nobody answers, and nobody closes it."""
    pair = long_pause(tmp_path, lambda servers, _: Tunnel(servers[0]))
    try:
        pair.move("create", "--until-caught-up")
        process = begin_pause(pair)
        forgetful = time.monotonic() + BUDGET_MS / 1000 + 8
        while time.monotonic() < forgetful:
            pair.wire.forget()
            time.sleep(0.02)
        assert fenced(pair.source)
        wait_for(lambda: not fenced(pair.source), "the source is not opened", 20)
        check_end(pair, process)
    finally:
        pair.stop()


def test_a_stream_that_was_forgotten_is_made_anew(tmp_path):
    pair = Pair(tmp_path, wire=lambda servers, _: Tunnel(servers[0]))
    try:
        pair.source.run("ALTER SYSTEM SET wal_sender_timeout = '5s'")
        pair.source.run("SELECT pg_reload_conf()")
        pair.move("create", "--until-caught-up")
        following = pair.begin("create")
        reads = "SELECT count(*) FROM pg_stat_replication"
        wait_for(lambda: pair.source.value(reads) == 1, "nobody reads the stream", 30)
        pair.source.run("UPDATE balance SET amount = 1 WHERE id = 1")
        wait_for(lambda: pair.target.value("SELECT amount FROM balance WHERE id = 1") == 1, "a change does not arrive", 30)
        pair.wire.forget()
        pair.source.run("UPDATE balance SET amount = 2 WHERE id = 1")
        wait_for(lambda: pair.target.value("SELECT amount FROM balance WHERE id = 1") == 2, "a change behind the forgotten stream does not arrive", 60)
        following.send_signal(signal.SIGINT)
        assert following.wait(30) == 130
    finally:
        pair.stop()
