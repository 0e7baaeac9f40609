"""A source, a target and a work directory with a move between them, whatever servers these are."""
import json
import random
import socket
import subprocess
import time

from harness import LAKESHIFT

PASSWORD = "correct-horse-7731"  # of the move's user, on both sides; must appear nowhere
APP_PASSWORD = "battery-staple-4402"


def free_port():
    """Free together with the port 10,000 above, which a Redis cluster uses; below those that connections are given, which
    might take it before a server does."""
    while True:
        port = random.SystemRandom().randint(11000, 22000)
        try:
            for one in (port, port + 10000):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", one))
            return port
        except OSError:
            continue


def wait_for(look, what, patience=30):
    deadline = time.monotonic() + patience
    while not look():
        assert time.monotonic() < deadline, what
        time.sleep(0.01)


class MovedPair:
    """Has `source` and `target`, which stop(), `dir`, `env`, and the `name` of the move."""

    def command(self, *words):
        return [LAKESHIFT, *map(str, words), "--dir", str(self.dir)]

    def lakeshift(self, *words, ok=(0,), timeout=300):
        done = subprocess.run(self.command(*words), env=self.env, capture_output=True, text=True, timeout=timeout,
                              stdin=subprocess.DEVNULL)
        for secret in (PASSWORD, APP_PASSWORD):
            assert secret not in done.stdout + done.stderr
        if done.returncode not in ok:
            raise AssertionError(f"lakeshift {' '.join(map(str, words))} ended with {done.returncode}\n"
                                 f"{done.stdout[-4000:]}\n{done.stderr[-4000:]}")
        return done

    def move(self, verb, *words, ok=(0,), **more):
        """The final result object."""
        done = self.lakeshift("move", verb, self.name, *words, "--json", ok=ok, **more)
        result = json.loads(done.stdout.strip().splitlines()[-1])
        assert result["event"] == "result" and result["exit_code"] == done.returncode
        return result

    def begin(self, verb, *words):
        """Runs it in a process that can be killed."""
        log = open(self.dir / "killed.log", "ab")
        return subprocess.Popen(self.command("move", verb, self.name, *words, "--json"), env=self.env, stdout=log, stderr=log,
                                stdin=subprocess.DEVNULL)

    def phase(self):
        state = self.folder() / "state.json"
        return json.loads(state.read_text())["phase"] if state.exists() else "new"

    def folder(self):
        return self.dir / ".lakeshift/moves" / self.name

    def evidence(self):
        return [json.loads(line) for line in (self.folder() / "evidence.jsonl").read_text().splitlines()]

    def stop(self):
        self.source.stop()
        self.target.stop()
