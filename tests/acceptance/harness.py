"""What every acceptance test needs: twins as processes, a work directory, the real binary, the official SDK.

Nothing here reads src/ or data/: the tests judge the binary from outside.
"""
import json
import os
import pathlib
import re
import signal
import subprocess
import time
import urllib.request
import uuid

ROOT = pathlib.Path(__file__).resolve().parents[2]
LAKESHIFT = os.environ.get("LAKESHIFT", str(ROOT / "build/release/lakeshift"))
LOGS = pathlib.Path(os.environ.get("LAKESHIFT_LOGS", "/tmp/lakeshift-request-logs"))
ESTATE = ROOT / "examples/company/estate"
SOAK = bool(os.environ.get("LAKESHIFT_SOAK"))


class Twin:
    """A twin in a process of its own, with a request log that wire_conformance.py judges at the end."""

    def __init__(self, tmp, cloud, *options, load=None, name=None, state=False):
        self.cloud = cloud
        self.name = name or cloud
        self.token = f"token-{self.name}"
        LOGS.mkdir(parents=True, exist_ok=True)
        self.log = LOGS / f"{os.path.basename(str(tmp))}-{self.name}-{uuid.uuid4().hex[:8]}.jsonl"
        self.state = str(pathlib.Path(tmp) / f"{self.name}.twin.sqlite") if state else None
        self.options = ["--cloud", cloud, "--token", self.token, "--request-log", str(self.log), *options]
        if self.state:
            self.options += ["--state", self.state]
        self.output = pathlib.Path(tmp) / f"{self.name}.twin.log"
        self.port = 0
        self.start(load)

    def start(self, load=None):
        command = [LAKESHIFT, "twin", *self.options, "--port", str(self.port)]
        if load:
            command += ["--load", str(load)]
        with open(self.output, "ab") as out:
            self.process = subprocess.Popen(command, stdout=out, stderr=out, stdin=subprocess.DEVNULL)
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            found = re.findall(r"http://127\.0\.0\.1:(\d+)", self.output.read_text())
            if found:
                self.port = int(found[-1])
                self.host = f"http://127.0.0.1:{self.port}"
                try:
                    urllib.request.urlopen(self.host + "/.well-known/databricks-config", timeout=1)
                except urllib.error.HTTPError:
                    return
                except OSError:
                    time.sleep(0.02)
                    continue
                return
            if self.process.poll() is not None:
                break
            time.sleep(0.02)
        raise AssertionError(f"twin did not start: {self.output.read_text()}")

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def sdk(self):
        from databricks.sdk import WorkspaceClient
        return WorkspaceClient(host=self.host, token=self.token, auth_type="pat")

    def steer(self, **order):
        """What `twin/control` takes: latency_ms, limits, fault, revoke, accept, token_lifetime_ms …"""
        request = urllib.request.Request(self.host + "/twin/control", method="POST", headers={"x-twin-control": "1"},
                                         data=json.dumps(order).encode())
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.load(answer)

    def requests(self, mutating=None):
        rows = [json.loads(line) for line in self.log.read_text().splitlines() if line.strip()] if self.log.exists() else []
        rows = [r for r in rows if not r["path"].startswith("/twin/")]
        if mutating is None:
            return rows
        return [r for r in rows if (r["method"] in ("POST", "PUT", "PATCH", "DELETE")) == mutating]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


class Migration:
    """A work directory that moves from one twin to another."""

    def __init__(self, tmp, old, new, mapping="", config="", name="migration"):
        self.dir = pathlib.Path(tmp) / name
        self.dir.mkdir(parents=True, exist_ok=True)
        self.old, self.new = old, new
        self.env = {k: v for k, v in os.environ.items() if not k.startswith(("DATABRICKS_", "LAKESHIFT_"))}
        self.env.update(LAKESHIFT_OLD_HOST=old.host, LAKESHIFT_OLD_TOKEN=old.token,
                        LAKESHIFT_NEW_HOST=new.host, LAKESHIFT_NEW_TOKEN=new.token)
        (self.dir / "lakeshift.yaml").write_text(config or default_config(bool(mapping)))
        if mapping:
            (self.dir / "mapping.yaml").write_text(mapping)
        self.run("init", "--keep")

    def command(self, *args):
        return [LAKESHIFT, *map(str, args), "--dir", str(self.dir)]

    def run(self, *args, check=True, timeout=300, ok=(0,)):
        done = subprocess.run(self.command(*args), env=self.env, capture_output=True, text=True, timeout=timeout,
                              stdin=subprocess.DEVNULL)
        if check and done.returncode not in ok:
            raise AssertionError(f"lakeshift {' '.join(map(str, args))} ended with {done.returncode}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}")
        return done

    def json(self, *args, ok=(0, 3, 4), **more):
        """The final result object of a --json run."""
        done = self.run(*args, "--json", ok=ok, **more)
        return json.loads(done.stdout.strip().splitlines()[-1])

    def artefact(self, name):
        return json.loads((self.dir / ".lakeshift" / f"{name}.json").read_text())

    def start(self, *args):
        return subprocess.Popen(self.command(*args), env=self.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                stdin=subprocess.DEVNULL)

    def move(self):
        """discover, plan, apply."""
        self.run("discover", ok=(0, 3))
        self.run("plan", ok=(0, 3))
        return self.run("apply", ok=(0, 3))


def default_config(mapping):
    return ("connections:\n  old: {}\n  new: {}\nroutes:\n  - from: old\n    to: new\n"
            + ("mapping_file: mapping.yaml\n" if mapping else ""))


def write_estate(folder, files=None, **documents):
    """A small estate for `twin --load`: JSON lists by name, and files below workspace/."""
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in documents.items():
        (folder / f"{name}.json").write_text(json.dumps(rows))
    for path, content in (files or {}).items():
        file = folder / "workspace" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder
