"""Comparing the two sides of a live move of PostgreSQL: goes on after kill -9, keeps to its rate, watches for ever."""
import json
import signal
import subprocess
import time

import pytest

from postgres_pair import Pair, Writer

ROWS = 20000 + 2000 + 20
PLANT = "SET session_replication_role = replica; "  # nothing of the move sees who writes so


@pytest.fixture
def pair(tmp_path):
    pair = Pair(tmp_path, extra="    verify_chunk_rows: 500\n", lag_limit=400)
    pair.move("create", "--until-caught-up")
    yield pair
    pair.stop()


def proven(pair, table=""):
    """Chunks that the comparison under way has written down as equal."""
    try:
        marks = json.loads((pair.folder() / "verifying.json").read_text())["marks"]
    except (OSError, ValueError):
        return []
    return [chunk for name in marks["tables"] if table in name for chunk in marks["tables"][name]["chunks"] if len(chunk) == 4]


def cut_short(pair, chunks, by=signal.SIGKILL):
    """A comparison that ended when so many chunks of `item` were proven."""
    process = pair.begin("verify", "--rows-per-second", 8000)
    while len(proven(pair, "item")) < chunks:
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(by)
    assert process.wait(30) == (130 if by == signal.SIGINT else -by)


class Watch:
    """A continuous comparison in a process of its own, and what it says."""

    def __init__(self, pair, *words):
        self.log = pair.dir / f"watch-{time.monotonic()}.log"
        self.process = subprocess.Popen(pair.command("move", "verify", pair.name, "--continuous", *words, "--json"), env=pair.env,
                                        stdout=open(self.log, "wb"), stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)

    def said(self, word=""):
        texts = [json.loads(line).get("text", "") for line in self.log.read_text().splitlines() if line.endswith("}")]
        return [text for text in texts if word in text]

    def wait_for(self, word, times=1, within=30):
        deadline = time.monotonic() + within
        while len(self.said(word)) < times:
            assert self.process.poll() is None and time.monotonic() < deadline, self.log.read_text()[-3000:]
            time.sleep(0.02)

    def end(self, stop=True):
        if stop:
            self.process.send_signal(signal.SIGINT)
        code = self.process.wait(30)
        result = json.loads(self.log.read_text().splitlines()[-1])
        assert result["event"] == "result" and result["exit_code"] == code
        return code, result


def test_goes_on_after_kill_and_trusts_nothing_that_was_written_since(pair, capsys):
    cut_short(pair, 20)
    held = proven(pair)
    # An application's write, which the stream brings to the target, and others there that no stream knows of: all in proven chunks.
    pair.source.run("UPDATE item SET note = 'changed' WHERE id = 3")
    pair.target.run(PLANT + "UPDATE item SET note = 'planted' WHERE id = 1700; DELETE FROM item WHERE id = 2700")
    found = pair.move("verify", ok=(3,))
    assert sorted(found["differences"]) == [
        "public.item: row id='1700', column note: 'before 1700' in the source, 'planted' in the target",
        "public.item: row id='2700' is missing in the target"]
    told = found["verification"]
    assert told["chunks_written_to_since"] == 3 and told["chunks_taken_over"] == len(held) - 3
    assert sum(chunk[1] for chunk in held) - 1600 < told["rows_taken_over"] < sum(chunk[1] for chunk in held) - 1000
    assert any("neither side has written to them since" in step for step in found["steps"])
    assert found["rows_proven"] in (ROWS, ROWS - 1)
    # A comparison that came to its end is not gone on with.
    pair.target.run(PLANT + "UPDATE item SET note = 'before 1700' WHERE id = 1700; "
                    "INSERT INTO item OVERRIDING SYSTEM VALUE VALUES (2700, 'before 2700', 0, 2700)")
    whole = pair.move("verify")
    assert whole["verification"]["chunks_taken_over"] == 0 and whole["rows_proven"] == ROWS
    with capsys.disabled():
        print(f"\nkilled with {len(held)} chunks of 500 rows proven; {told['chunks_taken_over']} taken over, 3 that were written to compared again")


def test_nothing_is_taken_over_of_what_is_not_as_it_was(pair):
    for server in (pair.source, pair.target):
        server.run("ALTER TABLE item ADD extra text DEFAULT 'same'")
    cut_short(pair, 5)
    others = len(proven(pair)) - len(proven(pair, "item"))
    # No version of a row is new, and yet every row has another value than before.
    pair.target.run("ALTER TABLE item DROP extra; ALTER TABLE item ADD extra text DEFAULT 'other'")
    found = pair.move("verify", ok=(3,))
    assert "column extra: 'same' in the source, 'other' in the target" in found["differences"][0]
    assert found["verification"]["chunks_taken_over"] == others
    pair.target.run("ALTER TABLE item DROP extra; ALTER TABLE item ADD extra text DEFAULT 'same'")
    # Stopped by hand it goes on too, unless told not to.
    cut_short(pair, 5, by=signal.SIGINT)
    assert pair.move("verify", "--anew")["verification"]["chunks_taken_over"] == 0
    cut_short(pair, 5)
    assert pair.move("verify")["verification"]["chunks_taken_over"] >= 5
    assert "--anew" in pair.lakeshift("move", "cutover", "shop", "--anew", ok=(2,)).stderr


def test_keeps_to_its_rate_and_rests_while_the_target_is_behind(pair, capsys):
    began = time.monotonic()
    result = pair.move("verify", "--rows-per-second", 12000)
    rate = result["rows_proven"] / (time.monotonic() - began)
    told = result["verification"]
    assert result["rows_proven"] == ROWS and rate < 12000 and told["took_ms"] > 1000 * ROWS / 12000 * 0.95
    fast = pair.move("verify")
    assert fast["verification"]["rested_ms"] == 0
    # Somebody holds up the apply: the comparison notices, rests, and goes on when the target is there again.
    writer = Writer(pair, 1)
    writer.start()
    with pair.target.connect() as blocker:
        process = pair.begin("verify", "--rows-per-second", 8000)
        while not proven(pair):
            assert process.poll() is None
            time.sleep(0.01)
        blocker.execute("BEGIN; LOCK TABLE balance IN SHARE ROW EXCLUSIVE MODE")
        time.sleep(3)  # longer than a chunk and its rest
        blocker.execute("COMMIT")
    assert process.wait(60) == 0
    writer.end()
    said = (pair.dir / "killed.log").read_text()
    told = json.loads(said.splitlines()[-1])["verification"]
    assert told["lag_rests"] >= 1 and "400 ms are allowed: the comparison rests" in said
    with capsys.disabled():
        print(f"\n12000 rows/s allowed, {rate:.0f} measured; {told['lag_rests']} rests behind a held-up apply")


def test_watches_until_a_row_differs(pair, capsys):
    writer = Writer(pair, 1)
    writer.start()
    watch = Watch(pair, "--every", 0)
    watch.wait_for("equal", 3)
    pair.target.run(PLANT + "UPDATE balance SET amount = amount + 5 WHERE id = 42")
    began, rounds = time.monotonic(), len(watch.said("round "))
    code, result = watch.end(stop=False)
    took = time.monotonic() - began
    assert code == 3 and "row id='42', column amount" in result["reason"] and "public.balance: row id='42'" in result["differences"][0]
    assert len(watch.said("round ")) <= rounds + 2
    writer.end()
    with capsys.disabled():
        print(f"\na planted difference was named after {took:.1f} s, in round {len(watch.said('round '))}")
    # Told to keep going, it tells of every round, and says at the end what it found.
    watch = Watch(pair, "--every", 0, "--keep-going")
    watch.wait_for("1 differences, the first: public.balance: row id='42'", 2)
    pair.target.run(PLANT + "UPDATE balance SET amount = amount - 5 WHERE id = 42")
    watch.wait_for("equal")
    code, result = watch.end()
    assert code == 3 and result["verification"]["rounds"] >= 3 and "row id='42'" in result["differences"][0]


def test_watches_beside_a_switch_and_ends_well(pair):
    watch = Watch(pair, "--every", 0)
    watch.wait_for("equal")
    # It drove the move itself so far, and hands over; afterwards it compares the other way.
    assert pair.move("cutover")["traffic"].startswith("traffic: target ")
    watch.wait_for("another lakeshift goes on")
    pair.target.run("UPDATE item SET note = 'on the new side' WHERE id = 9")
    before = len(watch.said("equal"))
    watch.wait_for("equal", before + 2)
    assert pair.source.value("SELECT note FROM item WHERE id = 9") == "on the new side"  # nobody else applies
    code, result = watch.end()
    assert code == 0 and result["outcome"] == "done" and result["verification"]["rounds"] >= 3
    assert [line["facts"]["equal"] for line in pair.evidence() if line["step"] == "verify continuously"] == [True]
    watch = Watch(pair, "--every", 0, "--rows-per-second", 2000)
    time.sleep(1)
    code, result = watch.end()
    assert code == 130 and result["verification"]["rounds"] == 0
