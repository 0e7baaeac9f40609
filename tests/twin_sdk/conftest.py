"""Twins as processes, driven by the official SDK: the judge of the twin from outside.

Environment: LAKESHIFT names the binary; LAKESHIFT_LOGS the folder for request logs that wire_conformance.py judges.
Twins of tests that send wrong messages on purpose keep their logs out of it (`log=False`).
"""
import json
import os
import pathlib
import re
import subprocess
import time
import urllib.error
import urllib.request
import uuid

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
LAKESHIFT = os.environ.get("LAKESHIFT", str(ROOT / "build/release/lakeshift"))
NODE = {"azure": "Standard_D8s_v3", "aws": "i3.xlarge", "gcp": "n1-standard-4"}
NO_DISK = {"aws": "m5.xlarge"}
RUNTIME = "15.4.x-scala2.12"


class Twin:
    def __init__(self, cloud, *options, log=True, legacy=False, load=None):
        self.cloud = cloud
        self.options = ["--cloud", cloud, *map(str, options)]
        logs = os.environ.get("LAKESHIFT_LOGS")
        self.log = None
        if logs and log:
            pathlib.Path(logs).mkdir(parents=True, exist_ok=True)
            self.log = pathlib.Path(logs) / f"{'legacy' if legacy else 'twin'}-{cloud}-{uuid.uuid4().hex[:10]}.jsonl"
            self.options += ["--request-log", str(self.log)]
        self.load = load
        self.port = 0
        self.start()

    def start(self):
        command = [LAKESHIFT, "twin", *self.options, "--port", str(self.port), "--json"]
        if self.load:
            command += ["--load", str(self.load)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        seen = ""
        for line in self.process.stdout:
            seen += line
            found = re.search(r"http://127\.0\.0\.1:(\d+)", line)
            if found:
                self.port = int(found.group(1))
                break
        else:
            raise AssertionError(f"the twin did not start: {seen}")
        self.host = f"http://127.0.0.1:{self.port}"
        for _ in range(200):
            try:
                self.control("GET", "/twin/state")
                return
            except urllib.error.URLError:
                time.sleep(0.02)
        raise AssertionError("the twin does not answer")

    def control(self, method, path, body=None):
        request = urllib.request.Request(self.host + path, method=method, headers={"x-twin-control": "1"},
                                         data=None if body is None else json.dumps(body).encode())
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.load(answer)

    def steer(self, **order):
        return self.control("POST", "/twin/control", order)

    def call(self, method, path, body=None, token="twin-token", headers=None):
        """(status, headers, text) of a call that the SDK would not or cannot make."""
        request = urllib.request.Request(self.host + path, method=method,
                                         data=None if body is None else json.dumps(body).encode(),
                                         headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json",
                                                  **(headers or {})})
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status, dict(answer.headers), answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, dict(error.headers), error.read().decode()

    def sdk(self, **options):
        from databricks.sdk import WorkspaceClient
        options.setdefault("token", "twin-token")
        return WorkspaceClient(host=self.host, **options)

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(10)
        self.process.stdout.close()


@pytest.fixture
def twins():
    """Makes twins and ends them: twins("aws", "--page-size", 2)."""
    made = []

    def make(cloud, *options, **more):
        made.append(Twin(cloud, *options, **more))
        return made[-1]

    yield make
    for twin in made:
        twin.stop()


@pytest.fixture(params=["azure", "aws", "gcp"])
def twin(request, twins):
    """One twin per cloud."""
    return twins(request.param)


@pytest.fixture
def w(twin):
    return twin.sdk()
