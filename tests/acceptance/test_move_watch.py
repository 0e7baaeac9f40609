"""`lakeshift move watch` on terminals of all kinds. Moves are written into a work directory by hand: no server is needed.

The screen is what a terminal makes of the bytes, by a small terminal of our own (ECMA-48: CUU, CR, LF, ED, SGR).
"""
import fcntl
import json
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time

import pytest

from harness import LAKESHIFT

CONFIG = """
moves:
  shop: {source: "postgresql://mover@old.example.com/shop", target: "postgresql://mover@new.example.com/shop", applications: [app], pause_budget_ms: 2000}
  cache: {source: "redis://mover@old.example.com:6379", target: "redis://mover@new.example.com:6379", applications: [app]}
"""


class Work:
    def __init__(self, folder):
        self.dir = folder
        (folder / "lakeshift.yaml").write_text(CONFIG)
        subprocess.run([LAKESHIFT, "init", "--keep", "--dir", folder], check=True, capture_output=True)

    def write(self, move, name, **content):
        folder = self.dir / ".lakeshift/moves" / move
        folder.mkdir(parents=True, exist_ok=True)
        new = folder / "new"
        new.write_text(json.dumps(content))
        new.replace(folder / f"{name}.json")

    def state(self, move, phase, leg=0, history=(), pause_began_ms=0):
        self.write(move, "state", format="state", version=1, phase=phase, part="", leg=leg, whole=False, tables=[], history=list(history),
                   pause_began_ms=pause_began_ms)

    def live(self, move, verb, age_ms=0, **measures):
        now = int(time.time() * 1000)
        self.write(move, f"live-{verb}", verb=verb, at_ms=now - age_ms, began_ms=now - 7000, told="it goes on", progress={}, measures=measures)

    def command(self, *words):
        return [str(LAKESHIFT), "move", "watch", *words, "--dir", str(self.dir)]

    def lines(self, *words, **env):
        done = subprocess.run(self.command(*words), capture_output=True, text=True, check=True, timeout=20, stdin=subprocess.DEVNULL,
                              env={**os.environ, **env})
        return done.stdout


class Screen:
    """What a terminal of so many columns shows; lines that are too long are broken."""

    def __init__(self, columns):
        self.columns, self.rows, self.row, self.column, self.widest = columns, [""], 0, 0, 0

    def feed(self, text):
        for part in re.findall(r"\x1b\[[0-9;?]*[A-Za-z]|\r|\n|[^\x1b\r\n]", text):
            if part == "\n":
                self.row, self.column = self.row + 1, 0
                if self.row == len(self.rows):
                    self.rows.append("")
            elif part == "\r":
                self.column = 0
            elif part.startswith("\x1b"):
                count = int(re.sub(r"\D", "", part) or 1)
                if part.endswith("A"):
                    self.row = max(0, self.row - count)
                elif part.endswith("J"):
                    self.rows = self.rows[:self.row] + [self.rows[self.row][:self.column]]
                else:
                    assert part.endswith("m"), part
            else:
                if self.column == self.columns:
                    self.feed("\n")
                self.rows[self.row] = self.rows[self.row][:self.column] + part
                self.column += 1


class Terminal:
    def __init__(self, work, columns, rows=40, words=(), **env):
        self.master, slave = pty.openpty()
        self.screen, self.raw = Screen(columns), ""
        self.resize(columns, rows)
        self.process = subprocess.Popen(work.command(*words), stdin=slave, stdout=slave, stderr=slave,
                                        env={**os.environ, "TERM": "xterm-256color", **env})
        os.close(slave)

    def resize(self, columns, rows=40):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def until(self, wanted, timeout=15):
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            if wanted(self.text()):
                return self.text()
            ready, _, _ = select.select([self.master], [], [], 0.1)
            if not ready:
                continue
            try:
                some = os.read(self.master, 65536)
            except OSError:  # it has ended
                break
            self.raw += some.decode()
            self.screen.feed(some.decode())
        assert wanted(self.text()), self.text()
        return self.text()

    def text(self):
        return "\n".join(self.screen.rows)

    def end(self):
        self.process.terminate()
        assert self.process.wait(20) == 0


@pytest.fixture
def work(tmp_path):
    made = Work(tmp_path)
    made.state("shop", "following")
    made.live("shop", "create", bytes_behind=4321, ms_behind=70, changes=12)
    return made


def test_a_terminal_shows_one_view_that_is_drawn_anew(work):
    view = Terminal(work, 100)
    view.until(lambda text: "4,321 bytes, 0.0 s behind" in text)
    work.state("shop", "switching", pause_began_ms=int(time.time() * 1000))
    work.live("shop", "cutover", bytes_behind=0)
    view.until(lambda text: re.search(r"pause +now \d+ ms of at most 2.0 s", text))
    work.state("shop", "following", leg=1, history=[{"verb": "cutover", "at": "2026-11-29T00:00:00.000Z", "outcome": "switched", "pause_ms": 184}])
    text = view.until(lambda text: "cutover 184 ms of at most 2.0 s" in text and "● mover@new" in text)
    assert len(re.findall("^shop  ", text, re.M)) == 1 and text.count("● ") == 2  # nothing is left of the views before
    assert "cache  not begun" in text
    assert "\x1b[3" in view.raw
    view.end()


def test_a_terminal_that_is_made_narrow_and_low(work):
    view = Terminal(work, 100)
    view.until(lambda text: "4,321 bytes" in text)
    view.resize(30, 6)
    seen = len(view.raw)
    time.sleep(1)
    view.until(lambda text: len(view.raw) > seen + 400)
    frames = view.raw[seen:].split("\x1b[J")[2:]
    assert frames and all(frame.count("\n") <= 5 for frame in frames[:-1])
    for frame in frames[:-1]:
        for line in re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", frame).replace("\r", "").splitlines():
            assert len(line) <= 30, line
    view.end()


@pytest.mark.parametrize("env", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_no_colour_and_a_dumb_terminal(work, env):
    view = Terminal(work, 100, **env)
    text = view.until(lambda text: "4,321 bytes" in text)
    assert not re.search(r"\x1b\[[0-9;]*m", view.raw)
    if "TERM" in env:
        assert "\x1b" not in view.raw and re.search(r"Z shop: following; writes at the source; 4,321 bytes", text)
    view.end()


def test_lines_where_there_is_no_terminal(work):
    said = work.lines("--once")
    assert "\x1b" not in said
    assert [line.split(" ", 1)[1] for line in said.splitlines()] == [
        "cache: not begun; writes at the source",
        "shop: following; writes at the source; 4,321 bytes, 0.0 s behind; 12 changes by this run"]


def test_a_killed_process_follows_nothing(work):
    work.live("shop", "create", age_ms=10000, bytes_behind=4321)
    assert "shop: nobody follows, changes wait; writes at the source\n" in work.lines("shop", "--once")


def test_json_lines_and_a_file_beside(work):
    work.write("shop", "verified", format="verified", version=1, rows=500, equal=True, at="2026-11-29T00:00:00.000Z")
    (work.dir / "status").write_text("application 7 writes\x1b[2J\n")
    said = work.lines("shop", "--once", "--json")
    view = json.loads(said)
    assert (view["event"], view["move"], view["writes_at"], view["bytes_behind"]) == ("move", "shop", "source", 4321)
    assert view["verified"] == {"amount": 500, "equal": True, "at": "2026-11-29T00:00:00.000Z"}
    assert "application 7 writes\\x1b[2J" in work.lines("shop", "--once", "--beside", str(work.dir / "status"))


def test_it_ends_when_all_moves_are_over(work):
    work.state("shop", "completed", leg=1)
    assert "shop: completed; writes at the target" in work.lines("shop")


def test_a_move_that_is_not_there(work):
    done = subprocess.run(work.command("shp"), capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert done.returncode == 2 and "did you mean 'shop'" in done.stderr
