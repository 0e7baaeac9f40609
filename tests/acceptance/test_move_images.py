"""Container images carried between two real registries (docker-registry) by the real binary, judged over plain HTTP."""
import hashlib
import json
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

import pytest

from moved_pair import MovedPair

SEED = 20261130
INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
LIST = "application/vnd.docker.distribution.manifest.list.v2+json"
DOCKER = "application/vnd.docker.distribution.manifest.v2+json"
ACCEPT = ", ".join((INDEX, MANIFEST, LIST, DOCKER))


def digest(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


class RegistryServer:
    def __init__(self, name):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix=f"lakeshift-{name}-"))
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        (self.folder / "config.yml").write_text(
            f"version: 0.1\nlog: {{level: error}}\nstorage:\n  filesystem: {{rootdirectory: {self.folder}/data}}\n  delete: {{enabled: true}}\n"
            f"http: {{addr: 127.0.0.1:{self.port}}}\n")
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", "docker-registry", "serve", str(self.folder / "config.yml")],
                                            stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True)
        self.url = f"http://127.0.0.1:{self.port}/v2/"
        deadline = time.monotonic() + 180
        while True:
            try:
                urllib.request.urlopen(self.url, timeout=2).close()
                return
            except OSError:
                if time.monotonic() > deadline or self.process.poll() is not None:
                    raise AssertionError((self.folder / "log").read_text()[-3000:])
                time.sleep(0.05)

    def call(self, method, path, data=None, **headers):
        request = urllib.request.Request(path if path.startswith("http") else self.url + path, data=data, method=method,
                                         headers={name.replace("_", "-"): value for name, value in headers.items()})
        return urllib.request.urlopen(request, timeout=30)

    def push_blob(self, name, data):
        place = self.call("POST", f"{name}/blobs/uploads/").headers["Location"]
        self.call("PUT", f"{place}&digest={digest(data)}", data, Content_Type="application/octet-stream")
        return {"mediaType": "application/octet-stream", "digest": digest(data), "size": len(data)}

    def push_manifest(self, name, reference, kind, body):
        data = json.dumps(body, indent=1).encode()  # not as anybody else would write it: bytes must stay
        self.call("PUT", f"{name}/manifests/{reference or digest(data)}", data, Content_Type=kind)
        return {"mediaType": kind, "digest": digest(data), "size": len(data)}

    def manifest(self, name, reference):
        answer = self.call("GET", f"{name}/manifests/{reference}", Accept=ACCEPT)
        return answer.headers["Content-Type"], answer.read()

    def blob(self, name, wanted):
        return self.call("GET", f"{name}/blobs/{wanted}").read()

    def tags(self, name):
        try:
            return sorted(json.load(self.call("GET", f"{name}/tags/list"))["tags"] or [])
        except urllib.error.HTTPError as error:
            assert error.code == 404
            return []

    def stop(self):
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


class Pair(MovedPair):
    name = "app"

    def __init__(self, tmp_path):
        self.source, self.target = RegistryServer("images-a"), RegistryServer("images-b")
        self.dir = pathlib.Path(tmp_path) / "work"
        self.dir.mkdir()
        self.env = dict(os.environ)
        self.configure()
        self.lakeshift("init", "--keep")

    def configure(self, config="", target=None):
        (self.dir / "lakeshift.yaml").write_text(
            f"moves:\n  app:\n    source: oci://127.0.0.1:{self.source.port}/team/app?plain_http=true\n"
            f"    target: {target or f'oci://127.0.0.1:{self.target.port}/moved/app?plain_http=true'}\n" +
            "".join(f"    {line}\n" for line in config.splitlines()))


@pytest.fixture
def pair(tmp_path):
    made = Pair(tmp_path)
    yield made
    made.stop()


def push_image(server, rng, sizes, kind=MANIFEST, tag=None, **more):
    config = server.push_blob("team/app", json.dumps({"architecture": "amd64", "seed": rng.random()}).encode())
    layers = [server.push_blob("team/app", rng.randbytes(size)) for size in sizes]
    return server.push_manifest("team/app", tag, kind, {"schemaVersion": 2, "mediaType": kind, "config": config, "layers": layers, **more})


def fill(server):
    rng = random.Random(SEED)
    platforms = [{**push_image(server, rng, [5000, 100_000]), "platform": {"os": "linux", "architecture": name}} for name in ("amd64", "arm64")]
    # What build tools put beside: an attestation within the index.
    platforms.append({**push_image(server, rng, [300]), "platform": {"os": "unknown", "architecture": "unknown"},
                      "annotations": {"vnd.docker.reference.type": "attestation-manifest"}})
    index = server.push_manifest("team/app", "1.0", INDEX, {"schemaVersion": 2, "mediaType": INDEX, "manifests": platforms})
    server.push_manifest("team/app", "latest", INDEX, {"schemaVersion": 2, "mediaType": INDEX, "manifests": platforms})
    docker = [{**push_image(server, rng, [7000], DOCKER), "platform": {"os": "linux", "architecture": "amd64"}}]
    server.push_manifest("team/app", "docker-list", LIST, {"schemaVersion": 2, "mediaType": LIST, "manifests": docker})
    push_image(server, rng, [0, 20 << 20], tag="big")  # an empty layer, and one of several pieces
    # A signature as cosign leaves it, and what refers by `subject`, under the tag that stands in for the referrers' list.
    push_image(server, rng, [100], tag=index["digest"].replace(":", "-") + ".sig")
    referrer = push_image(server, rng, [200], subject=index, artifactType="application/vnd.example.sbom")
    server.push_manifest("team/app", index["digest"].replace(":", "-"), INDEX, {"schemaVersion": 2, "mediaType": INDEX, "manifests": [referrer]})


def same(pair):
    """Every tag, manifest and blob of the source is in the target, byte for byte."""
    assert pair.source.tags("team/app") == pair.target.tags("moved/app")
    seen = set()

    def walk(reference):
        kind, data = pair.source.manifest("team/app", reference)
        assert pair.target.manifest("moved/app", reference) == (kind, data)
        if digest(data) in seen:
            return
        seen.add(digest(data))
        body = json.loads(data)
        for child in body.get("manifests", []):
            walk(child["digest"])
        for blob in [body["config"], *body["layers"]] if "config" in body else []:
            if blob["digest"] not in seen:
                seen.add(blob["digest"])
                assert digest(pair.target.blob("moved/app", blob["digest"])) == blob["digest"]
    for tag in pair.source.tags("team/app"):
        walk(tag)
    return seen


def test_digests_are_equal(pair):
    fill(pair.source)
    shown = pair.move("create", "--dry-run")
    assert "would carry 6 tags" in shown["steps"][0] and pair.target.tags("moved/app") == []
    pair.move("create", "--until-caught-up")
    seen = same(pair)
    assert len(seen) > 20
    verified = pair.move("verify")
    assert verified["rows_proven"] >= len(seen) - 1 and verified["differences"] == []
    # What is there is not sent again; a tag that is pushed anew is followed, a new one too.
    rng = random.Random(1)
    push_image(pair.source, rng, [400], tag="latest")
    push_image(pair.source, rng, [400], tag="2.0")
    pair.move("create", "--until-caught-up")
    facts = [line["facts"] for line in pair.evidence() if line["step"] == "copy"][-1]
    assert facts["tags_set"] == 2 and facts["tags_equal"] == 5 and facts["bytes"] < 2000, facts
    same(pair)
    # There is nothing to switch, and that is said.
    for verb in ("cutover", "rollback"):
        done = pair.lakeshift("move", verb, "app", ok=(2,))
        assert "images are not switched" in done.stdout + done.stderr
    # A tag that somebody else set there is left, and named; so is a damaged blob.
    data = b'{"schemaVersion": 2, "mediaType": "%s", "manifests": []}' % INDEX.encode()
    pair.target.call("PUT", "moved/app/manifests/1.0", data, Content_Type=INDEX)
    taken = pair.move("create", "--until-caught-up", ok=(3,))
    assert [(one["code"], one["key"]) for one in taken["findings"]] == [("image-tag-taken", "1.0")], taken["findings"]
    assert pair.target.manifest("moved/app", "1.0")[1] == data
    layer = json.loads(pair.source.manifest("team/app", "2.0")[1])["layers"][0]["digest"].split(":")[1]
    stored = pair.target.folder / f"data/docker/registry/v2/blobs/sha256/{layer[:2]}/{layer}/data"
    whole = stored.read_bytes()
    stored.write_bytes(bytes([whole[0] ^ 1]) + whole[1:])
    differences = "\n".join(pair.move("verify", ok=(3,))["differences"])
    assert "tag '1.0': " in differences and f"blob sha256:{layer}: the target gives 400 bytes" in differences, differences
    assert "verified" in [gate["name"] for gate in pair.move("complete", ok=(3,))["gates"] if not gate["open"]]
    stored.write_bytes(whole)
    pair.target.call("DELETE", f"moved/app/manifests/{digest(data)}")
    pair.move("create", "--until-caught-up")
    same(pair)
    pair.move("verify")
    assert pair.move("complete")["traffic"].startswith("traffic: target")
    steps = [line["step"] for line in pair.evidence()]
    assert "complete" in steps and "verify" in steps


def test_killed_it_goes_on(pair):
    rng = random.Random(SEED)
    print(f"seed {SEED}")
    fill(pair.source)
    killed = 0
    for _ in range(6):
        process = pair.begin("create", "--until-caught-up")
        time.sleep(rng.uniform(0.01, 0.3))
        process.send_signal(signal.SIGKILL)
        killed += process.wait() == -signal.SIGKILL
        # Whatever is tagged is whole.
        for tag in pair.target.tags("moved/app"):
            kind, data = pair.target.manifest("moved/app", tag)
            for child in json.loads(data).get("manifests", []):
                pair.target.manifest("moved/app", child["digest"])
    pair.move("create", "--until-caught-up")
    print("kills", killed)
    assert killed > 0
    same(pair)
    pair.move("verify")


def test_within_one_registry_nothing_is_sent(pair):
    fill(pair.source)
    pair.configure(target=f"oci://127.0.0.1:{pair.source.port}/moved/app?plain_http=true")
    pair.move("create", "--until-caught-up")
    facts = [line["facts"] for line in pair.evidence() if line["step"] == "copy"][-1]
    assert facts["blobs"] == facts["blobs_there"] > 8 and facts["bytes"] == 0, facts
    assert pair.source.tags("moved/app") == pair.source.tags("team/app")
