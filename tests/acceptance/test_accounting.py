"""Removing any single object from what discover, plan or apply handled is noticed: a non-zero exit that names the kind."""
import json
import shutil
import sqlite3

import pytest
from harness import Migration, Twin
from test_kill import MAPPING, small_company


@pytest.fixture(scope="module")
def moved(tmp_path_factory):
    tmp = tmp_path_factory.mktemp("accounting")
    estate = small_company(tmp / "estate")
    with Twin(tmp, "azure", load=estate, name="old") as old, Twin(tmp, "aws", name="new") as new:
        migration = Migration(tmp, old, new, MAPPING)
        migration.move()
        migration.run("verify", ok=(0, 3))
        assert migration.json("status")["accounting"]["adds_up"]
        yield migration


class Robbed:
    """The work directory without one object; given back at the end."""

    def __init__(self, migration):
        self.root = migration.dir / ".lakeshift"
        self.safe = migration.dir / "safe"
        shutil.copytree(self.root, self.safe)

    def give_back(self):
        shutil.rmtree(self.root)
        shutil.copytree(self.safe, self.root)

    def database(self):
        return sqlite3.connect(self.root / "state.sqlite", isolation_level=None)

    def close(self):
        self.give_back()
        shutil.rmtree(self.safe)


@pytest.fixture
def robbed(moved):
    robbed = Robbed(moved)
    yield robbed
    robbed.close()


def refusal(migration, *command, key, kind):
    done = migration.run("--json", *command, check=False)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    errors = [line for line in lines if line["event"] == "error"]
    assert done.returncode not in (0, 3), f"{kind} '{key}' was taken away, and '{command[0]}' ended with {done.returncode}"
    assert errors and errors[0]["code"] == "accounting", (kind, key, errors)
    assert kind in json.dumps(errors[0]), (kind, key, errors[0])


def test_an_object_lost_by_discover(moved, robbed):
    rows = robbed.database().execute("select side, number, kind, key from object where side = 'old'").fetchall()
    assert len(rows) > 60
    for side, number, kind, key in rows:
        robbed.database().execute("delete from object where side = ? and number = ?", (side, number))
        refusal(moved, "plan", kind=kind, key=key)
        robbed.give_back()


def test_an_object_lost_by_plan(moved, robbed):
    plan = json.loads((robbed.root / "plan.json").read_text())
    assert len(plan["changes"]) > 60
    for index, change in enumerate(plan["changes"]):
        left = {**plan, "changes": plan["changes"][:index] + plan["changes"][index + 1:]}
        (robbed.root / "plan.json").write_text(json.dumps(left))
        refusal(moved, "apply", kind=change["source"]["kind"], key=change["key"])
        robbed.give_back()


def test_an_object_lost_by_apply(moved, robbed):
    rows = robbed.database().execute("select side, kind, id, key from ledger").fetchall()
    assert len(rows) > 60
    for side, kind, number, key in rows:
        robbed.database().execute("delete from ledger where side = ? and kind = ? and id = ?", (side, kind, number))
        refusal(moved, "status", kind=kind, key=key)
        robbed.give_back()


def test_an_object_lost_in_the_target(moved, robbed):
    """verify reads both sides anew: a ledger that lost an object no longer explains what is there."""
    side, kind, number, key = robbed.database().execute(
        "select side, kind, id, key from ledger where kind = 'job' order by key limit 1").fetchone()
    robbed.database().execute("delete from ledger where side = ? and kind = ? and id = ?", (side, kind, number))
    done = moved.run("verify", check=False)
    assert done.returncode not in (0,), done.stdout
    assert key in done.stdout + done.stderr
