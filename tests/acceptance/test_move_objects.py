"""A live bucket moved to a container by the real binary, and back, judged by the vendors' own SDKs."""
import json
import random
import signal
import time

import pytest

from azure.storage.blob import ContentSettings

from harness import SOAK
from object_pair import ACCOUNT_KEY, APP_PASSWORD, Pair, Refused, Writer

SEED = 20261129
BLOCK = 8 << 20


@pytest.fixture
def pair(tmp_path):
    made = Pair(tmp_path)
    yield made
    made.stop()


def fill(source, small=60):
    """Objects of every shape that both stores hold; what was written, by key."""
    rng = random.Random(SEED)
    written = {
        "empty": (b"", {}),
        "page.html": (b"<p>hi</p>", {"ContentType": "text/html; charset=utf-8", "CacheControl": "max-age=60", "ContentLanguage": "de",
                                     "ContentDisposition": 'attachment; filename="a b.html"', "ContentEncoding": "gzip"}),
        "with-metadata": (b"m", {"Metadata": {"plain": "1", "with-dash": "two words", "9digit": "x", "a_x2d_b": "escaped", "dot.ted": "y"}}),
        "with-tags": (b"t", {"Tagging": "team=data&cost-centre=a%20b%2F7"}),
        "deep/er/name with spaces + plus & more=?#.txt": (b"odd", {}),
        "unicode/übergröße-日本-😀": (b"names", {"ContentType": "text/plain"}),
        "percent/%41%2F..a": (b"not decoded", {}),
        "big/blocks": (rng.randbytes(2 * BLOCK + 12345), {"ContentType": "application/x-big", "Metadata": {"kind": "big"}, "Tagging": "size=big"}),
        "big/exact": (rng.randbytes(BLOCK), {}),
    }
    for i in range(small):
        written[f"data/{i % 7}/{i:05}"] = (rng.randbytes(rng.randrange(1, 5000)), {})
    for key, (body, more) in written.items():
        source.client.put_object(Bucket=source.bucket, Key=key, Body=body, **more)
    return written


def same(pair, but=()):
    """Every object, byte and field, by the SDKs of both sides."""
    source = [key for key in pair.source.keys() if key not in but and not key.endswith("/")]
    assert sorted(source) == sorted(key for key in pair.target.keys() if key not in but)
    for key in source:
        here, there = pair.source.object(key), pair.target.object(key)
        assert here[0] == there[0], key
        assert {name: value or None for name, value in here[1].items()} == {name: value or None for name, value in there[1].items()}, key
        assert here[3] == there[3], key
        # Blob's names of metadata are identifiers: others are written as _xHH_.
        assert {name if name.isidentifier() and name != "a_x2d_b" else
                {"with-dash": "with_x2d_dash", "9digit": "_x39_digit", "a_x2d_b": "a_x5f_x2d_b", "dot.ted": "dot_x2e_ted"}[name]: value
                for name, value in here[2].items()} == there[2], key
    return source


def left(pair):
    return {one["key"]: one["code"] for one in json.loads((pair.folder() / "left.json").read_text())["objects"]}


def test_every_field_and_back(pair):
    written = fill(pair.source)
    shown = pair.move("create", "--dry-run")
    assert any(f"would copy {len(written)} objects" in step for step in shown["steps"]) and pair.target.keys() == []
    pair.move("create", "--until-caught-up")
    assert len(same(pair)) == len(written)
    # Born inert: the application cannot write to the target before the switch.
    with pytest.raises(Refused):
        pair.target.write("too-early", b"")
    verified = pair.move("verify")
    assert verified["rows_proven"] == len(written) and not verified["differences"]
    # Changes of every kind are followed; what is the same is not sent again.
    pair.source.write("data/0/00000", b"overwritten")
    pair.source.write("new", b"new")
    pair.source.write("page.html", b"<p>hi</p>", ContentType="text/plain")  # the same bytes
    pair.source.remove("empty")
    again = pair.move("create", "--until-caught-up")
    assert any("caught up" in step for step in again["steps"])
    same(pair)
    # Planted: the same length, another byte; a field; something of somebody else; something missing.
    body = bytearray(written["big/blocks"][0])
    body[BLOCK + 77] ^= 1
    blob = pair.target.container.get_blob_client("big/blocks")
    found = blob.get_blob_properties()
    found.content_settings.content_md5 = None
    blob.upload_blob(bytes(body), overwrite=True, metadata=found.metadata, content_settings=found.content_settings, tags=blob.get_blob_tags())
    pair.target.container.get_blob_client("page.html").set_http_headers(ContentSettings(content_type="text/html"))
    pair.target.container.upload_blob("stranger", b"?")
    pair.target.container.delete_blob("data/1/00001")
    text = "\n".join(pair.move("verify", ok=(3,))["differences"])
    assert f"object 'big/blocks': byte {BLOCK + 77} of {len(body)} differs" in text, text
    assert "object 'page.html': content-type is 'text/plain' and 'text/html'" in text and "object 'stranger': only at the target" in text, text
    assert text.count("\n") == 2  # what was missing was carried again
    # A cutover passes over none of them, and overwrites none.
    closed = [gate["name"] for gate in pair.move("cutover", ok=(3,))["gates"] if not gate["open"]]
    assert "objects" in closed
    assert pair.target.object("big/blocks")[0] == bytes(body)
    # The remedy: what is removed there is carried again.
    for key in ("big/blocks", "page.html", "stranger"):
        pair.target.container.delete_blob(key)
    pair.move("create", "--until-caught-up")
    same(pair)
    over = pair.move("cutover")
    assert over["traffic"].startswith("traffic: target") and 0 < over["pause_ms"] < 60000
    with pytest.raises(Refused):
        pair.source.write("too-late", b"")
    pair.target.write("after", b"the switch", content_settings=ContentSettings(content_type="text/css", cache_control="no-store"),
                      metadata={"by": "app"}, tags={"a": "b"})
    pair.target.write("new", b"changed at the target")
    pair.target.remove("with-tags")
    back = pair.move("rollback")
    assert back["traffic"].startswith("traffic: source")
    assert pair.source.object("after")[0] == b"the switch" and "with-tags" not in pair.source.keys()
    same(pair)
    pair.source.write("again", b"1")
    pair.move("cutover")
    same(pair)
    pair.move("complete")
    pair.target.write("on", b"its own")
    steps = [line["step"] for line in pair.evidence()]
    for step in ("preflight", "copy", "fence", "final difference", "compare", "open", "complete"):
        assert step in steps
    assert any("refused" in line["facts"]["trial"] for line in pair.evidence() if line["step"] == "fence")
    for file in pair.dir.rglob("*"):
        if file.is_file():
            data = file.read_bytes()
            assert ACCOUNT_KEY.encode() not in data and APP_PASSWORD.encode() not in data, file


def test_what_cannot_be_carried_is_named(pair):
    client, bucket = pair.source.client, pair.source.bucket
    fill(pair.source, 5)
    client.put_object(Bucket=bucket, Key="folder/")
    client.put_object(Bucket=bucket, Key="trailing.")
    client.put_object(Bucket=bucket, Key="back\\slash")
    client.put_object(Bucket=bucket, Key="tags", Tagging="mail=a%40b")
    client.put_object(Bucket=bucket, Key="expires", ContentType="text/plain", Expires="Wed, 01 Jan 2031 00:00:00 GMT")
    client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    for body in (b"1", b"2", b"3"):
        client.put_object(Bucket=bucket, Key="versioned", Body=body)
    found = pair.move("create", "--until-caught-up", ok=(3,))
    codes = {(finding["code"], finding["key"]) for finding in found["findings"]}
    assert {("object-name-refused", "trailing."), ("object-name-refused", "back\\slash")} <= codes, codes
    assert any(code == "object-versions-stay" for code, _ in codes) and pair.target.keys() == []
    # Accepted, the rest goes; what is left is named with its reason, and closes the switch until it is accepted too.
    pair.configure("accept: [object-name-refused]")
    pair.move("create", "--until-caught-up", ok=(3,))
    assert left(pair) == {"trailing.": "object-name-refused", "back\\slash": "object-name-refused", "tags": "object-tags-refused",
                          "expires": "object-field-left"}
    pair.configure("accept: [object-name-refused, object-tags-refused, object-field-left]")
    pair.move("create", "--until-caught-up")
    same(pair, but=("trailing.", "back\\slash", "tags"))
    pair.move("verify")
    pair.move("cutover")
    pair.move("rollback")
    assert {"trailing.", "back\\slash", "tags", "folder/"} <= set(pair.source.keys())
    same(pair, but=("trailing.", "back\\slash", "tags"))
    found = [line["facts"] for line in pair.evidence() if line["step"] == "caught up"][-1]
    assert found["found"] == found["held"] + found["folder_marks"] + 3, found


def test_switches_under_writers_and_kills(pair):
    """Cutover and rollback again and again, with kill -9 at any instant; no acknowledged write is lost, no delete undone."""
    rng = random.Random(SEED)
    print(f"seed {SEED}")
    fill(pair.source, 40)
    writers = [Writer(pair, number) for number in range(2)]
    for writer in writers:
        writer.start()
    killed = 0
    for cycle in range(10 if SOAK else 2):
        for verb, words in (("create", ["--until-caught-up"]), ("cutover", []), ("rollback", [])):
            for _ in range(2):
                process = pair.begin(verb, *words)
                time.sleep(rng.uniform(0.05, 1.5))
                process.send_signal(signal.SIGKILL)
                killed += process.wait() == -signal.SIGKILL
                if pair.phase() != "following":
                    pair.move("create", "--until-caught-up")
            state = json.loads((pair.folder() / "state.json").read_text())
            if verb == "cutover" and state["leg"] % 2 == 0 or verb == "rollback" and state["leg"] % 2 == 1:
                done = pair.move(verb)
                assert done["outcome"] == "done"
                print(cycle, verb, done["pause_ms"], "ms")
    pair.move("create", "--until-caught-up")
    for writer in writers:
        writer.end()
    pair.move("create", "--until-caught-up")
    print("kills", killed, "writes", [writer.writes for writer in writers], "refused", [writer.refused for writer in writers])
    for writer in writers:
        assert writer.writes > 50 and writer.where == {"source", "target"}
        assert writer.lost(pair.source) == [] and writer.lost(pair.target) == []
    same(pair)
    assert pair.move("verify")["rows_proven"] == len(pair.source.keys())


def test_a_large_object_goes_on_where_it_was(pair):
    body = random.Random(SEED).randbytes(40 << 20)
    pair.source.client.put_object(Bucket=pair.source.bucket, Key="large", Body=body)
    blob = pair.target.container.get_blob_client("large")
    process = pair.begin("create", "--until-caught-up")
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:  # until some blocks are there
        try:
            if len(blob.get_block_list("uncommitted")[1]) >= 2:
                break
        except Exception:
            pass
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    sent = len(blob.get_block_list("uncommitted")[1])
    assert sent >= 2
    pair.move("create", "--until-caught-up")
    facts = [line["facts"] for line in pair.evidence() if line["step"] == "copy"][-1]
    assert facts["blocks_of_earlier_runs"] >= sent - 1 and pair.target.object("large")[0] == body


def test_errors_say_what_to_do(pair):
    def error(env=None, config=None):
        if config:
            (pair.dir / "lakeshift.yaml").write_text(config)
        kept = dict(pair.env)
        pair.env.update(env or {})
        done = pair.lakeshift("move", "create", "files", "--json", ok=(1, 2))
        pair.env = kept
        return next(line for line in map(json.loads, done.stdout.splitlines()) if line["event"] == "error")

    wrong = error({"LAKESHIFT_FILES_SOURCE_SECRET_ACCESS_KEY": "nonsense"})
    assert wrong["code"] == "login-failed" and "LAKESHIFT_FILES_SOURCE_ACCESS_KEY_ID" in wrong["remedy"], wrong
    wrong = error({"LAKESHIFT_FILES_TARGET_ACCOUNT_KEY": "bm9uc2Vuc2U="})
    # Azurite says AuthorizationFailure where Azure says AuthenticationFailed.
    assert wrong["code"] in ("login-failed", "permission-denied") and "LAKESHIFT_FILES_TARGET_ACCOUNT_KEY" in wrong["remedy"], wrong
    config = (pair.dir / "lakeshift.yaml").read_text()
    wrong = error(config=config.replace("old-bucket", "no-bucket"))
    assert wrong["code"] == "bucket-missing" and "s3://no-bucket/" in wrong["about"], wrong
    wrong = error(config=config.replace("new-container", "no-container"))
    assert wrong["code"] == "bucket-missing", wrong
    wrong = error(config=config.replace("s3://", "redis://"))
    assert wrong["code"] == "bad-config", wrong
    wrong = error({"LAKESHIFT_FILES_SOURCE_ACCESS_KEY_ID": ""}, config)
    assert wrong["code"] == "no-credential" and "AWS_ACCESS_KEY_ID" in wrong["message"], wrong
