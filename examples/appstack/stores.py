#!/usr/bin/python3
"""The object stores of the example: an S3 server and a Blob server on loopback, their users, and how to ask them.

Blob is spoken to by hand, which takes a few lines: a container's key (Shared Key) to prepare it, a signature that refers to
a stored access policy (SAS) for the application, so that lakeshift can take the right to write away.
Source: learn.microsoft.com/rest/api/storageservices: "Authorize with Shared Key", "Create a service SAS", "Set Container ACL".
"""
import base64
import datetime
import hashlib
import hmac
import http.client
import json
import sys
import urllib.parse
import xml.etree.ElementTree

import boto3
import botocore.config
import botocore.exceptions

ACCOUNT = "devstoreaccount1"  # of every Azurite; its key is published
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
VERSION = "2021-12-02"


class Refused(Exception):
    """The store does not let us; nothing was done."""


class Broken(Exception):
    """Nobody knows what was done."""


def sign(text):
    return base64.b64encode(hmac.new(base64.b64decode(KEY), text.encode(), hashlib.sha256).digest()).decode()


class S3:
    """s3://user:secret@host:port/bucket"""

    def __init__(self, address):
        parts = urllib.parse.urlsplit(address)
        self.bucket = parts.path[1:]
        self.client = boto3.session.Session().client("s3", endpoint_url=f"http://{parts.hostname}:{parts.port}", region_name="us-east-1",
                                   aws_access_key_id=parts.username, aws_secret_access_key=parts.password,
                                   config=botocore.config.Config(signature_version="s3v4", retries={"max_attempts": 0},
                                                                 s3={"addressing_style": "path"}))

    def put(self, key, body):
        try:
            self.client.put_object(Bucket=self.bucket, Key=key, Body=body)
        except botocore.exceptions.ClientError as error:
            raise (Refused if error.response["Error"]["Code"] == "AccessDenied" else Broken)(str(error)) from error
        except botocore.exceptions.BotoCoreError as error:
            raise Broken(str(error)) from error

    def objects(self):
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket)
        return {item["Key"]: self.client.get_object(Bucket=self.bucket, Key=item["Key"])["Body"].read()
                for page in pages for item in page.get("Contents", ())}

    def close(self):
        pass


class Blob:
    """http://host:port/account/container?signature; without a signature the account's key is used"""

    def __init__(self, address):
        parts = urllib.parse.urlsplit(address)
        self.path, self.signature = parts.path, parts.query
        self.link = http.client.HTTPConnection(parts.hostname, parts.port, timeout=10)

    def ask(self, verb, name="", query="", body=b"", headers=None):
        headers = {"x-ms-version": VERSION, **(headers or {})}
        path = self.path + (f"/{urllib.parse.quote(name)}" if name else "")
        if not self.signature:
            headers["x-ms-date"] = datetime.datetime.now(datetime.timezone.utc).strftime("%a, %d %b %Y %H:%M:%S GMT")
            own = "".join(f"{key}:{value}\n" for key, value in sorted(headers.items()))
            words = "".join(f"\n{key}:{value}" for key, value in sorted(urllib.parse.parse_qsl(query, keep_blank_values=True)))
            length = str(len(body)) if body else ""
            text = f"{verb}\n\n\n{length}" + "\n" * 9 + own + f"/{ACCOUNT}{path}{words}"
            headers["Authorization"] = f"SharedKey {ACCOUNT}:{sign(text)}"
        query = "&".join(filter(None, (query, self.signature)))
        try:
            self.link.request(verb, f"{path}?{query}", body, headers)
            answer = self.link.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException) as error:
            self.link.close()
            raise Broken(str(error)) from error
        if answer.status == 403:
            raise Refused(content.decode())
        if answer.status >= 300:
            raise Broken(f"{answer.status} {content.decode()}")
        return content

    def put(self, key, body):
        self.ask("PUT", key, body=body, headers={"x-ms-blob-type": "BlockBlob"})

    def objects(self):
        names, marker = [], ""
        while True:
            page = xml.etree.ElementTree.fromstring(self.ask("GET", query=f"comp=list&restype=container&marker={marker}").decode("utf-8-sig"))
            names += [one.text for one in page.iter("Name")]
            marker = urllib.parse.quote(page.findtext("NextMarker") or "")
            if not marker:
                return {name: self.ask("GET", name) for name in names}

    def close(self):
        self.link.close()


def open_store(address):
    return S3(address) if address.startswith("s3://") else Blob(address)


def prepare(s3, blob):
    """A bucket that user `shop` may use, a container with the stored access policy `shop`; prints the signature that refers to it."""
    old = S3(s3)
    old.client.create_bucket(Bucket=old.bucket)
    arn = f"arn:aws:s3:::{old.bucket}"
    old.client.put_bucket_policy(Bucket=old.bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [
        {"Sid": "shop", "Effect": "Allow", "Principal": {"AWS": ["shop"]}, "Action": ["s3:*"], "Resource": [arn, f"{arn}/*"]}]}))
    new = Blob(blob)
    new.ask("PUT", query="restype=container")
    begin = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(hours=1)
    start, expiry = (f"{at:%Y-%m-%dT%H:%M:%SZ}" for at in (begin, begin + datetime.timedelta(days=1)))
    new.ask("PUT", query="comp=acl&restype=container", body=(
        "<?xml version='1.0' encoding='utf-8'?><SignedIdentifiers><SignedIdentifier><Id>shop</Id><AccessPolicy>"
        f"<Start>{start}</Start><Expiry>{expiry}</Expiry><Permission>racwdl</Permission></AccessPolicy></SignedIdentifier>"
        "</SignedIdentifiers>").encode())
    container = new.path.rsplit("/", 1)[1]
    fields = ["", "", "", f"/blob/{ACCOUNT}/{container}", "shop", "", "", VERSION, "c", "", "", "", "", "", "", ""]
    print(urllib.parse.urlencode({"sv": VERSION, "si": "shop", "sr": "c", "sig": sign("\n".join(fields))}))


if __name__ == "__main__":
    prepare(*sys.argv[1:])
