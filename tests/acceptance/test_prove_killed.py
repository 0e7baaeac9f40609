"""Engines end with lakeshift, however it ends: a kill -9 leaves no PostgreSQL, no Java, no file of theirs."""
import os
import pathlib
import re
import signal
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
START = 300  # seconds that both engines have to start, on a machine that does other things
END = 60
FOLDER = re.compile(r"/tmp/lakeshift-engine-\w+")


def processes():
    """{pid: (parent, command line)}"""
    found = {}
    for entry in pathlib.Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
        except (OSError, IndexError):
            continue
        found[int(entry.name)] = (parent, command)
    return found


def children_of(pid, found):
    below = [child for child, (parent, _) in found.items() if parent == pid]
    return below + [deeper for child in below for deeper in children_of(child, found)]


def of_engines(folders, found):
    return [pid for pid, (_, command) in found.items() if any(folder in command for folder in folders)]


def wait_for(what, seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        answer = what()
        if answer:
            return answer
        time.sleep(0.2)
    return None


def test_a_killed_lakeshift_leaves_no_engine(tmp_path):
    statements = "".join(f"SELECT id, a + {n} FROM n WHERE a > {n};\n" for n in range(200))
    (tmp_path / "s.sql").write_text(f"CREATE TABLE n (id int, a int);\n{statements}")
    engines = os.environ.get("LAKESHIFT_ENGINES", str(ROOT / ".deps/sql"))
    asked = subprocess.Popen([os.environ["LAKESHIFT"], "prove", str(tmp_path / "s.sql")], stdout=subprocess.DEVNULL,
                             stderr=subprocess.PIPE, env=dict(os.environ, LAKESHIFT_ENGINES=engines))
    try:
        def both():
            found = processes()
            mine = children_of(asked.pid, found)
            folders = {folder for pid in mine for folder in FOLDER.findall(found[pid][1])}
            running = of_engines(folders, found)
            names = " ".join(found[pid][1] for pid in running + mine)
            ready = len(folders) == 2 and "java" in names and re.search(r"postgres\S* -D", names)
            return (folders, set(running + mine)) if ready else None

        started = wait_for(both, START)
        assert started, asked.stderr.read() if asked.poll() is not None else "the engines did not start"
        folders, pids = started
    finally:
        os.kill(asked.pid, signal.SIGKILL)
        asked.wait()
        asked.stderr.close()
    def left():
        found = processes()
        return [found[pid][1] for pid in pids if pid in found] + [found[pid][1] for pid in of_engines(folders, found)]

    wait_for(lambda: not left() and not any(os.path.exists(folder) for folder in folders), END)
    assert not left()
    assert not [folder for folder in folders if os.path.exists(folder)]
