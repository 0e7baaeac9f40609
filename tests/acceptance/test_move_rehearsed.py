"""A move's whole plan on masked copies: the same verbs, timed, and the gate that it opens; production writes on throughout."""
import json
import threading
import time

import pytest

from masked_estate import MASKS, Estate, nothing_was_told
from postgres_pair import APP_PASSWORD, PASSWORD, Server


@pytest.fixture
def estate(tmp_path):
    made = Estate(tmp_path)
    made.target, made.second = Server(15, "target"), Server(15, "second")
    made.target.run("CREATE DATABASE shop", "postgres")
    made.second.run("CREATE DATABASE trial", "postgres")
    made.env["LAKESHIFT_SHOP_REHEARSAL_PASSWORD"] = PASSWORD
    made.configure(MASKS, "    rehearsed: true\n    pause_budget_ms: 60000\n    rehearsal: {staging: copy, target: "
                   f"postgresql://mover@127.0.0.1:{made.second.port}/trial}}\n")
    yield made
    made.stop()
    made.target.stop()
    made.second.stop()


class Writer(threading.Thread):
    """Production's application: one write after the other, none may be refused."""

    def __init__(self, server):
        super().__init__(daemon=True)
        self.server, self.ending, self.writes, self.surprise = server, threading.Event(), 0, None

    def run(self):
        try:
            with self.server.connect(user="shop_app", password=APP_PASSWORD) as session:
                while not self.ending.is_set():
                    session.execute("INSERT INTO ticket VALUES ('nobody', 'a ticket')")
                    self.writes += 1
                    time.sleep(0.02)
        except Exception as error:
            self.surprise = error

    def end(self):
        self.ending.set()
        self.join(30)
        assert self.surprise is None, self.surprise


def closed(report):
    return [gate["name"] for gate in report["gates"] if not gate["open"]]


def test_a_rehearsal_runs_the_plan_and_opens_the_gate(estate):
    estate.add(range(120))
    estate.move("create", "copy", "--until-caught-up")
    assert closed(estate.move("rehearse", "shop", ok=(3,))) == ["staging copy"]
    estate.move("complete", "copy")
    estate.move("create", "shop", "--until-caught-up")
    assert closed(estate.move("cutover", "shop", "--dry-run", ok=(3,))) == ["rehearsed"]

    writer = Writer(estate.production)
    writer.start()
    done = estate.move("rehearse", "shop")
    writer.end()
    assert writer.writes > 50
    folder = estate.dir / ".lakeshift/moves/shop"
    tried = json.loads((folder / "rehearsal.json").read_text())
    tried = tried.get("content", tried)
    assert [act["verb"] for act in tried["acts"]] == ["create", "verify", "cutover", "rollback", "cutover", "complete"]
    assert all(act["ms"] > 0 and act["parts"] for act in tried["acts"])
    pauses = [act["pause_ms"] for act in tried["acts"] if act["verb"] in ("cutover", "rollback")]
    assert all(0 < pause < 60000 for pause in pauses)
    predicted = tried["predicted"]
    assert predicted["cutover_pause_ms"]["least"] == max(pauses[0], pauses[2])
    assert predicted["rollback_pause_ms"]["least"] == pauses[1] and predicted["create_ms"] > 0
    assert any("predicted for production" in step for step in done["steps"])
    steps = [part["step"] for act in tried["acts"] for part in act["parts"]]
    for step in ("copy", "verify", "fence", "drain", "compare", "open", "complete"):
        assert step in steps, step
    # What was tried is there, equal, and masked; the copy takes writes again, production never stopped.
    sql = 'SELECT t::text FROM customer t ORDER BY t::text COLLATE "C"'
    assert estate.second.rows(sql, "trial") == estate.staging.rows(sql)
    assert estate.second.value("SELECT count(*) FROM pg_replication_slots", "trial") == 0
    assert estate.staging.value("SELECT count(*) FROM pg_replication_slots") == 0
    estate.staging.run(f"ALTER ROLE shop_app PASSWORD '{APP_PASSWORD}'")
    with estate.staging.connect(user="shop_app", password=APP_PASSWORD) as app:
        app.execute("INSERT INTO ticket VALUES ('x', 'y')")

    estate.move("cutover", "shop")
    with estate.target.connect(user="shop_app", password=APP_PASSWORD) as app:
        app.execute("INSERT INTO ticket VALUES ('x', 'y')")
    # The database of the rehearsal is full: said, and nothing of the staging copy is left behind.
    again = estate.move("rehearse", "shop", ok=(3,))
    assert "pg-target-not-empty" in [one["code"] for one in again["findings"]]
    assert estate.staging.value("SELECT count(*) FROM pg_replication_slots") == 0
    with estate.staging.connect(user="shop_app", password=APP_PASSWORD) as app:
        app.execute("INSERT INTO ticket VALUES ('x', 'y')")
    nothing_was_told(estate)
