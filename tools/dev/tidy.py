#!/usr/bin/env python3
"""clang-tidy over all sources, remembered by content: a batch whose own text, project headers and settings have passed
before is not looked at again. Looks at the batches of a unity build, so that heavy headers are read once per batch.

usage: tidy.py CLANG_TIDY UNITY_BUILD_DIR [WORD...]     with words: only batches that hold a source with one of them
       tidy.py CLANG_TIDY UNITY_BUILD_DIR --self-test   a planted mistake must be found
"""
import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
CACHE = ROOT / ".deps" / "tidy"


def closure(path, seen):
    """The file and every project file it includes, directly or not."""
    if path in seen or not path.is_file():
        return
    seen.add(path)
    for target in re.findall(r'^\s*#include "([^"]+)"', path.read_text(), re.M):
        closure(pathlib.Path(target) if target.startswith("/") else ROOT / "src" / target, seen)


def key_of(path, settings):
    seen = set()
    closure(path, seen)
    digest = hashlib.sha256(settings)
    for item in sorted(seen):
        digest.update(item.name.encode() + b"\0" + item.read_bytes())
    return digest.hexdigest()


def checks_of(path):
    """What the SQL library's own list leaves out: clang-tidy itself looks for it beside the batch."""
    if "/lakeshift_sql.dir/" not in str(path):
        return []
    listed = (ROOT / "src/sql/.clang-tidy").read_text().partition("Checks: >")[2]
    return ["--checks=" + ",".join(re.findall(r"-[\w-]+", listed))]


def command(tidy, build, path):
    return [tidy, "-p", str(build), *checks_of(path), "--quiet", "--warnings-as-errors=*", "--extra-arg=-Wno-unknown-warning-option",
            "--extra-arg=-Wno-deprecated-declarations",  # of g++'s own <algorithm>
            r"--header-filter=/src/.*\.cc$", str(path)]


def self_test(tidy, build, batch):
    """Plants a use after move in a batch, and expects clang-tidy to object."""
    original = batch.read_text()
    try:
        batch.write_text(original + """
#include <string>
#include <utility>
namespace planted {
std::string take(std::string text);
std::string twice(std::string text) { take(std::move(text)); return text; }
}
""")
        done = subprocess.run(command(tidy, build, batch), capture_output=True, text=True)
    finally:
        batch.write_text(original)
    found = "bugprone-use-after-move" in done.stdout
    print("tidy self-test: " + ("1 passed, 0 failed" if found else "0 passed, 1 failed\n" + done.stdout + done.stderr))
    return 0 if found else 1


def main():
    tidy, build = sys.argv[1], pathlib.Path(sys.argv[2])
    settings = b"".join((ROOT / p).read_bytes() for p in (".clang-tidy", "src/sql/.clang-tidy")) + pathlib.Path(__file__).read_bytes()
    entries = json.loads((build / "compile_commands.json").read_text())
    files = {pathlib.Path(e["file"]) for e in entries}
    unity = sorted(f for f in files if "/Unity/" in str(f))
    if sys.argv[3:] == ["--self-test"]:
        return self_test(tidy, build, min(unity, key=lambda b: len(b.read_text())))
    batches = unity + sorted(f for f in files if f.is_relative_to(ROOT / "src/sql"))
    if sys.argv[3:]:
        batches = [b for b in batches if any(word in b.read_text() for word in sys.argv[3:])]
    CACHE.mkdir(parents=True, exist_ok=True)
    todo = [(b, key_of(b, settings)) for b in batches]
    todo = [(b, k) for b, k in todo if not (CACHE / k).exists()]

    def run(item):
        path, key = item
        done = subprocess.run(command(tidy, build, path), capture_output=True, text=True)
        if done.returncode == 0:
            (CACHE / key).touch()
            return None
        return done.stdout + done.stderr

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        failed = [text for text in pool.map(run, todo) if text]
    for text in failed:
        print(text)
    print(f"tidy: {len(batches)} batches, {len(batches) - len(todo)} remembered, {len(failed)} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
