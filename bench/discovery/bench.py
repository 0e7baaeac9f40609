#!/usr/bin/env python3
"""Discovery against its floor, and against a databricks-sdk thread pool that makes the very same calls.

floor = max(requests x latency / in flight, per API family requests / limit); lakeshift must stay within 1.10 x floor.
Both clients run 8 calls in flight against the same twin, one after the other. No request may be made twice.
usage: bench.py [OBJECTS]
"""
import collections
import concurrent.futures
import json
import os
import pathlib
import statistics
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests/acceptance"), str(pathlib.Path(__file__).parent)]
os.environ["LAKESHIFT_LOGS"] = tempfile.mkdtemp(prefix="lakeshift-bench-logs")
from estate import write_estate  # noqa: E402
from harness import Migration, Twin  # noqa: E402

IN_FLIGHT = 8
ROUNDS = 3


def lakeshift_once(migration, twin):
    before = len(twin.requests())
    started = time.monotonic()
    migration.run("--parallel", IN_FLIGHT, "discover", "--side", "old", ok=(0, 3), timeout=1200)
    seconds = time.monotonic() - started
    return seconds, twin.requests()[before:]


def sdk_once(twin, calls):
    client = twin.sdk()
    started = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(IN_FLIGHT) as pool:
        list(pool.map(lambda c: client.api_client.do("GET", c["path"], query=c.get("query") or None, raw=False), calls))
    return time.monotonic() - started


def check_twice(requests):
    seen = collections.Counter((r["method"], r["path"], json.dumps(r.get("query"), sort_keys=True), json.dumps(r.get("body"), sort_keys=True))
                               for r in requests)
    twice = [key for key, count in seen.items() if count > 1 and not key[1].endswith("/scim/v2/Me")]
    if twice:
        raise SystemExit(f"requests made twice: {twice[:5]}")


def main():
    objects = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    tmp = tempfile.mkdtemp(prefix="lakeshift-bench")
    amount = write_estate(pathlib.Path(tmp) / "estate", objects)
    failed = False
    for latency in (30, 0):
        with Twin(tmp, "azure", "--latency-ms", str(latency), load=pathlib.Path(tmp) / "estate", name=f"old{latency}") as old, \
                Twin(tmp, "aws", name=f"new{latency}") as new:
            migration = Migration(tmp, old, new, name=f"migration{latency}")
            ours, peers = [], []
            for _ in range(ROUNDS):
                seconds, requests = lakeshift_once(migration, old)
                check_twice(requests)
                ours.append(seconds)
                peers.append(sdk_once(old, [r for r in requests if r["method"] == "GET"]))
            floor = len(requests) * latency / 1000 / IN_FLIGHT
            line = {"objects": amount, "latency_ms": latency, "requests": len(requests), "lakeshift_s": round(statistics.median(ours), 2),
                    "sdk_pool_s": round(statistics.median(peers), 2), "sdk_over_lakeshift": round(statistics.median(peers) / statistics.median(ours), 2)}
            if latency:
                line |= {"floor_s": round(floor, 2), "over_floor": round(statistics.median(ours) / floor, 3)}
                failed |= line["over_floor"] > 1.10
            print(json.dumps(line), flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
