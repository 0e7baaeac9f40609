#!/usr/bin/env python3
"""clang-tidy over all sources, remembered by content: a file whose own text, project headers and settings have passed
before is not looked at again.

usage: tidy.py CLANG_TIDY BUILD_DIR [FILE...]
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
    """The file and every project header it includes, directly or not."""
    if path in seen or not path.is_file():
        return
    seen.add(path)
    for target in re.findall(r'^\s*#include "([^"]+)"', path.read_text(), re.M):
        closure(ROOT / "src" / target, seen)


def key_of(path, settings):
    seen = set()
    closure(path, seen)
    digest = hashlib.sha256(settings)
    for item in sorted(seen):
        digest.update(str(item.relative_to(ROOT)).encode() + b"\0" + item.read_bytes())
    return digest.hexdigest()


def main():
    tidy, build = sys.argv[1], pathlib.Path(sys.argv[2])
    settings = (ROOT / ".clang-tidy").read_bytes()
    entries = json.loads((build / "compile_commands.json").read_text())
    files = sorted({pathlib.Path(e["file"]) for e in entries if e["file"].startswith(str(ROOT / "src"))})
    if sys.argv[3:]:
        files = [f for f in files if str(f.relative_to(ROOT)) in sys.argv[3:]]
    CACHE.mkdir(parents=True, exist_ok=True)
    todo = [(f, key_of(f, settings)) for f in files]
    todo = [(f, k) for f, k in todo if not (CACHE / k).exists()]

    def run(item):
        path, key = item
        done = subprocess.run([tidy, "-p", str(build), "--quiet", "--warnings-as-errors=*", str(path)],
                              capture_output=True, text=True)
        if done.returncode == 0:
            (CACHE / key).touch()
            return None
        return done.stdout + done.stderr

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        failed = [text for text in pool.map(run, todo) if text]
    for text in failed:
        print(text)
    print(f"tidy: {len(files)} files, {len(files) - len(todo)} remembered, {len(failed)} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
