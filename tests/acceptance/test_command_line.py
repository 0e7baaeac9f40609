"""The command line itself: help, completion, exit codes, JSON lines, terminals of every kind."""
import fcntl
import json
import os
import pty
import re
import select
import shutil
import struct
import subprocess
import termios

import pytest
from harness import LAKESHIFT, Migration, Twin, write_estate

COMMANDS = ["init", "discover", "plan", "rehearse", "apply", "verify", "accept", "cutover", "rollback", "complete", "move",
            "status", "report", "translate", "prove", "kinds", "twin", "completion"]
ESCAPE = "\x1b"


def run(*args, **more):
    return subprocess.run([LAKESHIFT, *args], capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60, **more)


def on_a_terminal(args, columns=80, env=None, cwd=None):
    """Runs on a pseudo terminal of that width; returns the exit code and everything that was written."""
    pid, fd = pty.fork()
    if pid == 0:
        if cwd:
            os.chdir(cwd)
        os.execve(LAKESHIFT, [LAKESHIFT, *args], {**os.environ, "TERM": "xterm-256color", **(env or {})})
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    out = b""
    while True:
        ready, _, _ = select.select([fd], [], [], 60)
        if not ready:
            break
        try:
            data = os.read(fd, 65536)
        except OSError:
            break
        if not data:
            break
        out += data
    _, status = os.waitpid(pid, 0)
    os.close(fd)
    return os.waitstatus_to_exitcode(status), out.decode("utf-8", "replace")


@pytest.fixture(scope="module")
def moved(tmp_path_factory):
    tmp = tmp_path_factory.mktemp("line")
    files = {f"Shared/nb {i}.py": "# Databricks notebook source\n" for i in range(12)}
    users = [{"id": str(i), "userName": f"user{i}@x.example", "active": True} for i in range(100, 104)]
    folder = write_estate(tmp / "estate", files, users=users)
    with Twin(tmp, "azure", load=folder, name="old") as old, Twin(tmp, "aws", name="new") as new:
        migration = Migration(tmp, old, new)
        migration.move()
        migration.run("verify")
        yield migration


def test_overview_lists_every_command_in_order():
    text = run("--help").stdout
    found = re.findall(r"^  ([a-z]+) {2,}", text, re.M)
    assert found == COMMANDS
    assert run().stdout == text


@pytest.mark.parametrize("command", COMMANDS)
def test_help_has_examples(command):
    done = run(command, "--help")
    assert done.returncode == 0 and "Examples:" in done.stdout and f"lakeshift {command}" in done.stdout
    for option in ("--dir", "--json", "--no-color"):
        assert option in done.stdout
    assert all(len(line) <= 130 for line in done.stdout.splitlines())


def test_version():
    assert re.fullmatch(r"lakeshift \d+\.\d+\.\d+\n", run("--version").stdout)


@pytest.mark.parametrize("args, said", [
    (["pln"], "lakeshift plan"), (["plan", "--jsn"], "--json"), (["plan", "--parallel", "0"], "plan --help"),
    (["plan", "--parallel", "many"], "plan --help"), (["twin", "--cloud", "ibm"], "twin --help"), (["zzzz"], "--help"),
    (["complete"], "--yes"), (["completion"], "completion bash"), (["kinds", "jbo"], "kinds")])
def test_usage_errors(args, said):
    done = run(*args)
    assert done.returncode == 2, (done.returncode, done.stderr)
    assert done.stdout == "" and "error:" in done.stderr and said in done.stderr


def test_usage_error_as_json():
    done = run("plan", "--jsn", "--json")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["event"] for line in lines] == ["error", "result"] and lines[-1]["exit_code"] == 2 and done.stderr == ""


def test_bash_completion(tmp_path):
    script = tmp_path / "c.bash"
    script.write_text(run("completion", "bash").stdout)
    assert subprocess.run(["bash", "-n", str(script)]).returncode == 0

    def complete(*words):
        program = (f"source {script}; COMP_WORDS=({' '.join(repr(w) for w in words)}); COMP_CWORD={len(words) - 1}; "
                   "_lakeshift; printf '%s\\n' \"${COMPREPLY[@]}\"")
        return subprocess.run(["bash", "-c", program], capture_output=True, text=True).stdout.split()
    assert complete("lakeshift", "ro") == ["rollback"]
    assert set(COMMANDS) <= set(complete("lakeshift", ""))
    assert complete("lakeshift", "plan", "--detailed") == ["--detailed-exitcode"]
    assert complete("lakeshift", "twin", "--cloud", "a") == ["aws", "azure"]


@pytest.mark.parametrize("shell, check", [("zsh", ["zsh", "-n"]), ("fish", ["fish", "--no-execute"])])
def test_other_completions(tmp_path, shell, check):
    text = run("completion", shell).stdout
    for command in COMMANDS:
        assert command in text
    assert "detailed-exitcode" in text
    if not shutil.which(shell):
        return
    script = tmp_path / f"c.{shell}"
    script.write_text(text)
    assert subprocess.run([*check, str(script)]).returncode == 0


def test_no_terminal_no_escapes(moved):
    for command in (["plan"], ["status"], ["plan", "--show", "--all", "--full"], ["verify", "--offline"]):
        done = moved.run(*command)
        assert ESCAPE not in done.stdout and ESCAPE not in done.stderr and "\r" not in done.stderr


def test_terminal_has_colour_unless_forbidden(moved):
    base = ["--dir", str(moved.dir), "status"]
    code, text = on_a_terminal(base, env={"NO_COLOR": ""})
    assert code == 0 and ESCAPE + "[" in text
    for args, env in ((base, {"NO_COLOR": "1"}), ([*base, "--no-color"], {}), (base, {"TERM": "dumb"})):
        code, text = on_a_terminal(args, env=env)
        assert code == 0 and ESCAPE not in text


def test_progress_is_redrawn_only_on_a_terminal(moved):
    moved.old.steer(latency_ms=40)
    try:
        env = {k: v for k, v in moved.env.items() if k.startswith("LAKESHIFT_")}
        code, text = on_a_terminal(["--dir", str(moved.dir), "discover"], env=env)
        done = moved.run("discover", ok=(0, 3))
    finally:
        moved.old.steer(latency_ms=0)
    # Lines are taken back and drawn again while it runs; what lasts says how it ended.
    assert code in (0, 3) and re.search(ESCAPE + r"\[\d+A" + ESCAPE + r"\[J", text), text
    assert "done in" in re.sub(r"\x1b\[[0-9;]*[a-zA-Z]", "", text)
    assert ESCAPE not in done.stderr and "done in" in done.stderr and done.stderr.count("\n") < 40


@pytest.mark.parametrize("columns", [40, 60, 100])
def test_narrow_terminals(moved, columns):
    code, text = on_a_terminal(["--dir", str(moved.dir), "status", "--no-color"], columns=columns)
    assert code == 0
    table = [line.rstrip("\r") for line in text.splitlines() if line.startswith(("kind ", "notebooks", "folders", "users", "all "))]
    assert len(table) >= 4 and all(len(line) <= columns for line in table), table


def test_quiet(moved):
    done = moved.run("discover", "--quiet", ok=(0, 3))
    assert done.stderr == ""


def test_json_lines_are_stable(moved):
    done = moved.run("--json", "plan")
    assert done.stderr == ""
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert {line["event"] for line in lines[:-1]} <= {"stage_started", "progress", "object", "notice", "warning", "stage_finished"}
    result = lines[-1]
    assert result["event"] == "result" and result["command"] == "plan" and result["exit_code"] == 0
    assert set(result["summary"]) == {"create", "update", "adopt", "unchanged", "manual", "blocked", "failed", "excluded", "found"}
    again = json.loads(moved.run("--json", "plan").stdout.splitlines()[-1])
    assert again == result
    report = moved.json("report")
    assert report["format"] == "lakeshift-report" and report["version"] == 1
    for member in ("accounting", "objects", "findings", "manual", "timeline", "evidence", "journey", "next", "workloads"):
        assert member in report, member


def test_detailed_exit_code(moved, tmp_path):
    assert moved.run("plan", "--detailed-exitcode", check=False).returncode == 0
    with Twin(tmp_path, "azure", load=write_estate(tmp_path / "e", {"Shared/x.py": "# Databricks notebook source\n"}), name="old") as old, \
            Twin(tmp_path, "aws", name="new") as new:
        migration = Migration(tmp_path, old, new)
        migration.run("discover", ok=(0, 3))
        assert migration.run("plan", "--detailed-exitcode", check=False).returncode == 5
        assert migration.run("plan", check=False).returncode == 0


def test_selection(tmp_path):
    files = {f"Shared/{n}.py": "# Databricks notebook source\n" for n in ("keep-1", "keep-2", "drop-1")}
    with Twin(tmp_path, "azure", load=write_estate(tmp_path / "e", files), name="old") as old, Twin(tmp_path, "aws", name="new") as new:
        migration = Migration(tmp_path, old, new)
        migration.run("discover", ok=(0, 3))

        def planned(*args):
            migration.run("plan", *args)
            return {c["key"] for c in migration.artefact("plan")["changes"] if c["source"]["kind"] == "notebook" and c["verb"] == "create"}
        assert planned("--select", "notebook//Shared/keep-*", "--select", "directory") == {"/Shared/keep-1", "/Shared/keep-2"}
        assert planned("--exclude", "notebook/*drop*") == {"/Shared/keep-1", "/Shared/keep-2"}
        migration.run("rehearse")
        migration.run("apply")
        names = {o.path for o in new.sdk().workspace.list("/Shared")}
        assert {"/Shared/keep-1", "/Shared/keep-2"} <= names and "/Shared/drop-1" not in names


def test_options_may_come_first(moved):
    assert run("--dir", str(moved.dir), "--json", "status").returncode == 0
    assert run("status", "--dir", str(moved.dir), "--json").returncode == 0


def test_a_closed_pipe_is_no_crash(moved):
    done = subprocess.run(f"{LAKESHIFT} plan --show --all --full --dir {moved.dir} | head -1; exit ${{PIPESTATUS[0]}}", shell=True,
                          executable="/bin/bash", capture_output=True, text=True)
    assert done.returncode == 0 and done.stderr == ""


def test_init_is_careful(tmp_path):
    assert run("init", "--dir", str(tmp_path / "m"), "--from", "OLD", "--to-host", "https://new.example").returncode == 0
    text = (tmp_path / "m/lakeshift.yaml").read_text()
    assert "profile: OLD" in text and "host: https://new.example" in text and "@" not in text
    again = run("init", "--dir", str(tmp_path / "m"))
    assert again.returncode == 1 and "already" in again.stderr
    assert (tmp_path / "m/lakeshift.yaml").read_text() == text


def test_report_page(moved):
    moved.run("report")
    page = (moved.dir / "report.html").read_text()
    assert page.startswith("<!doctype html>") and "default-src 'none'" in page
    assert not re.search(r"(src|href)\s*=\s*[\"']?(https?:|//)", page.split('id="data"')[0])
    data = json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.S).group(1))
    assert data["accounting"]["adds_up"] and data["verified"]
    assert sum(data["accounting"]["outcomes"].values()) == data["accounting"]["found"]


def test_report_page_draws_itself(moved):
    browser = shutil.which("chromium")
    if not browser:
        pytest.skip("chromium is not installed")
    moved.run("report")
    done = subprocess.run([browser, "--headless=new", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=3000", "--dump-dom",
                           f"file://{moved.dir}/report.html"], capture_output=True, text=True, timeout=120)
    for heading in ("Accounting", "What moved where", "Timeline", "Evidence"):
        assert f">{heading}</h2>" in done.stdout, heading
    assert "/Shared/nb 3" in done.stdout
