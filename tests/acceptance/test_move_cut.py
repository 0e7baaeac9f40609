"""What a move does in the pause when a server falls silent, when going back is cut again and again (Toxiproxy), and when the change
stream leads nowhere."""
import signal
import time

import pytest

from cut_wire import Tunnel, Wire
from moved_pair import wait_for
from postgres_pair import Pair, Writer

SIZES = (0, 100, 420, 500, 900, 1500)  # of what a connection hears: as it is made, as it is set up, as it is used


@pytest.fixture
def pair(tmp_path):
    """Its pause lasts until its budget is over."""
    pair = Pair(tmp_path, extra="    hooks:\n      before-open: [sleep, '60']\n", budget=3000, wire=Wire)
    yield pair
    pair.stop()


def begin_pause(pair):
    """A writer, and a cutover that has fenced the source."""
    pair.move("create", "--until-caught-up")
    writer = Writer(pair, 1)
    writer.start()
    process = pair.begin("cutover")
    wait_for(lambda: fenced(pair.source), "the source is not fenced", 120)
    return writer, process


def fenced(server):
    return not server.value("SELECT rolcanlogin FROM pg_roles WHERE rolname = 'shop_app'")


def check_went_back(pair, writer, process):
    """The applications write to the source again, and to nothing else."""
    before = len(writer.acknowledged)
    wait_for(lambda: len(writer.acknowledged) > before, "the application does not write", 30)
    assert process.wait(60) == 6, (pair.dir / "killed.log").read_text()[-3000:]
    writer.end()
    assert {side for _, side in writer.where} == {"source"} and fenced(pair.target)
    status = pair.move("status")
    assert status["traffic"].startswith("traffic: source ") and any("went back" in step for step in status["steps"])
    held = dict(pair.source.rows("SELECT seq, count(*) FROM item WHERE writer = 1 GROUP BY 1"))
    assert set(writer.acknowledged) <= set(held) and set(held.values()) == {1}


def test_a_silent_target_does_not_hold_the_pause(pair):
    writer, process = begin_pause(pair)
    for stream in ("upstream", "downstream"):  # nothing of it is heard, and nothing closed
        pair.wire.cut(pair.target, "timeout", {"timeout": 0}, stream)
    wait_for(lambda: not fenced(pair.source), "the source is not opened", 3 + 20)
    assert process.poll() is None  # it would tidy the target, which is silent still
    for stream in ("upstream", "downstream"):
        pair.wire.mend(pair.target, "timeout", stream)
    check_went_back(pair, writer, process)


def test_going_back_is_tried_until_it_is_done(pair):
    writer, process = begin_pause(pair)
    for size in SIZES:
        pair.wire.cut(pair.source, "limit_data", {"bytes": size}, "downstream")
        time.sleep(1)
        pair.wire.mend(pair.source, "limit_data", "downstream")
    wait_for(lambda: not fenced(pair.source), "the source is not opened", 30)
    check_went_back(pair, writer, process)


def test_a_source_that_fell_silent_is_opened_when_it_is_heard_again(pair):
    """What was asked of it meanwhile is never answered, and nothing closes the connection that asked."""
    writer, process = begin_pause(pair)
    pair.wire.cut(pair.source, "timeout", {"timeout": 0}, "downstream")
    time.sleep(3 + 3)  # the budget is over, and the source is asked to open
    pair.wire.mend(pair.source, "timeout", "downstream")
    wait_for(lambda: not fenced(pair.source), "the source is not opened", 25)
    check_went_back(pair, writer, process)


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
