#!/usr/bin/python3
"""The object stores of the example: an S3 server and a Blob server on loopback, their users, and how to ask them.

Both are spoken to by hand, which takes a few lines each. The application has a user of S3 whom the bucket's policy names, and
for Blob a signature that refers to a stored access policy (SAS), so that lakeshift can take the right to write away; to prepare
the container and to judge, the account's key is used (Shared Key).
Sources: docs.aws.amazon.com/AmazonS3: "Authenticating Requests (AWS Signature Version 4)"; learn.microsoft.com/rest/api/
storageservices: "Authorize with Shared Key", "Create a service SAS", "Set Container ACL".
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

ACCOUNT = "devstoreaccount1"  # of every Azurite; its key is published
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
VERSION = "2021-12-02"


class Refused(Exception):
    """The store does not let us; nothing was done."""


class Broken(Exception):
    """Nobody knows what was done."""


def now():
    return datetime.datetime.now(datetime.timezone.utc)


def hmac_of(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def sign(text):
    return base64.b64encode(hmac_of(base64.b64decode(KEY), text)).decode()


class Store:
    """One connection to a bucket or container; not thread safe."""

    list_query, next_page, page_word = "", "", ""

    def __init__(self, address):
        self.address = urllib.parse.urlsplit(address)
        self.path = self.address.path
        self.link = http.client.HTTPConnection(self.address.hostname, self.address.port, timeout=10)

    def send(self, verb, target, headers, body):
        try:
            self.link.request(verb, target, body, headers)
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

    def objects(self):
        """Key: its bytes."""
        names, query = [], self.list_query
        while True:
            page = xml.etree.ElementTree.fromstring(self.ask("GET", query=query).decode("utf-8-sig"))
            names += [one.text for one in page.iterfind(self.page_word)]
            marker = page.findtext(f"{{*}}{self.next_page[0]}")
            if not marker:
                return {name: self.ask("GET", name) for name in names}
            query = {**self.list_query, self.next_page[1]: marker}

    def close(self):
        self.link.close()


class S3(Store):
    """s3://user:secret@host:port/bucket"""

    list_query, next_page, page_word = {"list-type": "2"}, ("NextContinuationToken", "continuation-token"), "{*}Contents/{*}Key"

    def ask(self, verb, name="", query=None, body=b""):
        path = self.path + (f"/{urllib.parse.quote(name)}" if name else "")
        words = urllib.parse.urlencode(sorted((query or {}).items()), quote_via=urllib.parse.quote, safe="")
        at, content = now(), hashlib.sha256(body).hexdigest()
        headers = {"host": f"{self.address.hostname}:{self.address.port}", "x-amz-content-sha256": content,
                   "x-amz-date": f"{at:%Y%m%dT%H%M%SZ}"}
        signed = ";".join(headers)
        request = "\n".join([verb, path, words, *(f"{key}:{value}" for key, value in headers.items()), "", signed, content])
        scope = (f"{at:%Y%m%d}", "us-east-1", "s3", "aws4_request")
        key = f"AWS4{self.address.password}".encode()
        for part in scope:
            key = hmac_of(key, part)
        text = "\n".join(("AWS4-HMAC-SHA256", headers["x-amz-date"], "/".join(scope), hashlib.sha256(request.encode()).hexdigest()))
        headers["Authorization"] = (f"AWS4-HMAC-SHA256 Credential={self.address.username}/{'/'.join(scope)}, "
                                    f"SignedHeaders={signed}, Signature={hmac_of(key, text).hex()}")
        return self.send(verb, f"{path}?{words}", headers, body)

    def put(self, key, body):
        self.ask("PUT", key, body=body)


class Blob(Store):
    """http://host:port/account/container?signature; without a signature the account's key is used"""

    list_query, next_page, page_word = {"comp": "list", "restype": "container"}, ("NextMarker", "marker"), "Blobs/Blob/Name"

    def ask(self, verb, name="", query=None, body=b"", headers=None):
        path, query = self.path + (f"/{urllib.parse.quote(name)}" if name else ""), query or {}
        headers = {"x-ms-version": VERSION, **(headers or {})}
        if not self.address.query:
            headers["x-ms-date"] = f"{now():%a, %d %b %Y %H:%M:%S GMT}"
            own = "".join(f"{key}:{value}\n" for key, value in sorted(headers.items()))
            words = "".join(f"\n{key}:{value}" for key, value in sorted(query.items()))
            text = f"{verb}\n\n\n{len(body) or ''}" + "\n" * 9 + own + f"/{ACCOUNT}{path}{words}"
            headers["Authorization"] = f"SharedKey {ACCOUNT}:{sign(text)}"
        words = "&".join(filter(None, (urllib.parse.urlencode(query), self.address.query)))
        return self.send(verb, f"{path}?{words}", headers, body)

    def put(self, key, body):
        self.ask("PUT", key, body=body, headers={"x-ms-blob-type": "BlockBlob"})


def open_store(address):
    return S3(address) if address.startswith("s3://") else Blob(address)


def prepare(s3, blob):
    """A bucket that user `shop` may use, a container with the stored access policy `shop`; returns the signature that refers to it."""
    old = S3(s3)
    old.ask("PUT")
    arn = f"arn:aws:s3:::{old.path[1:]}"
    old.ask("PUT", query={"policy": ""}, body=json.dumps({"Version": "2012-10-17", "Statement": [
        {"Sid": "shop", "Effect": "Allow", "Principal": {"AWS": ["shop"]}, "Action": ["s3:*"], "Resource": [arn, f"{arn}/*"]}]}).encode())
    new = Blob(blob)
    new.ask("PUT", query={"restype": "container"})
    begin = now() - datetime.timedelta(hours=1)
    start, expiry = (f"{at:%Y-%m-%dT%H:%M:%SZ}" for at in (begin, begin + datetime.timedelta(days=1)))
    new.ask("PUT", query={"comp": "acl", "restype": "container"}, body=(
        "<?xml version='1.0' encoding='utf-8'?><SignedIdentifiers><SignedIdentifier><Id>shop</Id><AccessPolicy>"
        f"<Start>{start}</Start><Expiry>{expiry}</Expiry><Permission>racwdl</Permission></AccessPolicy></SignedIdentifier>"
        "</SignedIdentifiers>").encode())
    container = new.path.rsplit("/", 1)[1]
    fields = ["", "", "", f"/blob/{ACCOUNT}/{container}", "shop", "", "", VERSION, "c", "", "", "", "", "", "", ""]
    return urllib.parse.urlencode({"sv": VERSION, "si": "shop", "sr": "c", "sig": sign("\n".join(fields))})


if __name__ == "__main__":
    print(prepare(*sys.argv[1:]), KEY)  # the application's signature, and the key of the account
