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
from databricks.sdk.errors import DatabricksError  # noqa: E402
from estate import write_estate  # noqa: E402
from harness import Migration, Twin  # noqa: E402

IN_FLIGHT = 8
ROUNDS = 3
# Calls per second that the vendor documents for a family of its API, by a part of the path (learn.microsoft.com, "Resource
# limits", API rate limits, read 2026-11): what the twin enforces with `--limits documented`.
LIMITS = {"/scim/v2/": 255 / 60, "/secrets/": 1100 / 60, "/workspace/export": 60, "/permissions/": 100}

CONFIG = "connections: {{old: {{rate_limits: {}}}, new: {{}}}}\nroutes: [{{from: old, to: new}}]\n"


def lakeshift_once(migration, twin):
    before = len(twin.requests())
    started = time.monotonic()
    migration.run("--parallel", IN_FLIGHT, "discover", "old", ok=(0, 3), timeout=1200)
    seconds = time.monotonic() - started
    return seconds, twin.requests()[before:]


def sdk_once(twin, calls):
    client = twin.sdk()

    def call(entry):
        try:
            client.api_client.do("GET", entry["path"], query=entry.get("query") or None, raw=False)
        except (DatabricksError, ValueError):    # not offered here; or bytes, which are no JSON
            pass
    started = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(IN_FLIGHT) as pool:
        list(pool.map(call, calls))
    return time.monotonic() - started


def check_twice(requests):
    seen = collections.Counter((r["method"], r["path"], json.dumps(r.get("query"), sort_keys=True), json.dumps(r.get("body"), sort_keys=True))
                               for r in requests)
    twice = [key for key, count in seen.items() if count > 1]
    if twice:
        raise SystemExit(f"requests made twice: {twice[:5]}")


def floor_of(requests, latency_ms, limited):
    """The least time that any client with IN_FLIGHT calls needs for these requests. A limit allows one second's worth at once."""
    floors = [len(requests) * latency_ms / 1000 / IN_FLIGHT]
    if limited:
        for part, per_second in LIMITS.items():
            floors.append(sum(part in r["path"] for r in requests) / per_second - 1)
    return max(floors)


def measure(tmp, amount, latency, limits, rounds):
    name = f"{latency}{limits}"
    with Twin(tmp, "azure", "--latency-ms", str(latency), "--limits", limits, load=pathlib.Path(tmp) / "estate", name="old" + name) as old, \
            Twin(tmp, "aws", name="new" + name) as new:
        client = "learned" if limits == "off" else limits   # what it starts from: on loopback it would learn
        migration = Migration(tmp, old, new, name="migration" + name, config=CONFIG.format(client))
        ours, peers, floors = [], [], []
        for _ in range(rounds):
            seconds, requests = lakeshift_once(migration, old)
            answered = [r for r in requests if r["status"] != 429]
            check_twice(answered)
            ours.append(seconds)
            floors.append(floor_of(answered, latency, limits != "off"))
            peers.append(sdk_once(old, [r for r in answered if r["method"] == "GET"]))
        mine, floor, peer = statistics.median(ours), statistics.median(floors), statistics.median(peers)
        line = {"objects": amount, "latency_ms": latency, "limits": limits, "requests": len(answered), "refused_429": len(requests) - len(answered),
                "lakeshift_s": round(mine, 2), "sdk_pool_s": round(peer, 2), "sdk_over_lakeshift": round(peer / mine, 2)}
        if floor > 0:
            line |= {"floor_s": round(floor, 2), "over_floor": round(mine / floor, 3)}
        print(json.dumps(line), flush=True)
        return line


def main():
    objects = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    tmp = tempfile.mkdtemp(prefix="lakeshift-bench")
    amount = write_estate(pathlib.Path(tmp) / "estate", objects)
    lines = [measure(tmp, amount, 30, "off", ROUNDS), measure(tmp, amount, 0, "off", ROUNDS), measure(tmp, amount, 30, "documented", 1)]
    return 1 if any(line.get("over_floor", 0) > 1.10 for line in lines) else 0


if __name__ == "__main__":
    sys.exit(main())
