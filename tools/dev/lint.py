#!/usr/bin/env python3
"""The lint gates that no off-the-shelf tool has: layers, product words, sizes, doors to the outside, names, registry.

usage: lint.py [--root DIR] [--self-test]
Prints one line per violation ("file:line: gate: what; remedy") and exits 1 when there is any. --self-test plants one
violation per gate in a copy and exits 1 when a gate does not object.
"""
import argparse
import pathlib
import re
import subprocess
import sys

# Which rooms a room may include, beside itself. ARCHITECTURE.md, "The rooms".
CORE = ["core/base", "core/world", "core/model", "core/state", "core/engine"]
LAYERS = {
    "core/base": [],
    "core/world": ["core/base"],
    "core/model": ["core/base"],
    "core/state": ["core/base", "core/world", "core/model"],
    "core/engine": ["core/base", "core/world", "core/model", "core/state"],
    "sql": ["core/base"],
    "knowledge/credentials": CORE,
    "knowledge/platforms": CORE + ["knowledge/credentials"],
    "knowledge/clouds": CORE + ["knowledge/rules", "knowledge/formats"],
    "knowledge/stores": CORE + ["knowledge/credentials"],
    "knowledge/databases": CORE + ["knowledge/credentials"],
    "knowledge/kinds": CORE + ["knowledge/platforms", "knowledge/clouds", "knowledge/formats"],
    "knowledge/formats": CORE,
    "knowledge/transfers": CORE + ["knowledge/stores", "knowledge/databases", "knowledge/formats"],
    "knowledge/checks": CORE + ["knowledge/stores", "knowledge/databases", "knowledge/formats", "sql"],
    "knowledge/mappings": CORE + ["knowledge/formats", "knowledge/clouds", "sql"],
    "knowledge/rules": CORE + ["knowledge/formats", "sql"],
    "knowledge/engines": CORE + ["knowledge/platforms"],
    "stages": CORE + ["sql", "knowledge"],
    "twin": CORE,
    "surfaces": CORE + ["sql", "knowledge", "stages", "twin"],
}
PRODUCT_WORDS = ("databricks azure aws gcp google amazon microsoft s3 redshift glue snowflake lambda emr entra adls "
                 "abfss dbfs kafka athena elasticache rds ecs").split()
# `lambda` as a word of C++ prose and `s3` in hexadecimal are not products.
WORD_EXCEPTIONS = {"lambda"}
DOORS = re.compile(r"\b(getenv|secure_getenv|system_clock::now|steady_clock::now|high_resolution_clock|time\(nullptr\)|"
                   r"std::random_device|std::mt19937|rand\(\)|std::cout|std::cerr|printf\(|puts\(|this_thread::sleep)")
DOOR_ROOMS = ("src/core/world/", "src/surfaces/cli/")
FORBIDDEN_NAMES = re.compile(r"(^|_)(util|utils|common|helper|helpers|manager|misc)(_|\.|$)")
PROMISES = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b|GTEST_SKIP|DISABLED_|pytest\.mark\.skip|pytest\.mark\.xfail")
LIMITS = {".h": 200, ".cc": 600, ".py": 600, ".sh": 300, ".css": 600, ".js": 600}


def room_of(path):
    parts = path.split("/")
    for depth in (2, 1):
        name = "/".join(parts[:depth])
        if name in LAYERS:
            return name
    return None


def allowed(includer, included):
    rooms = LAYERS[includer]
    return included == includer or any(included == r or included.startswith(r + "/") for r in rooms)


def check_layers(rel, text):
    if not rel.startswith("src/") or not rel.endswith((".cc", ".h")):
        return
    room = room_of(rel[4:])
    if room is None:
        yield 1, "layers", "this folder is no room of ARCHITECTURE.md; move the file or add the room to tools/dev/lint.py"
        return
    stage_files = {"stages/config.h", "stages/journey.h"}
    for number, line in enumerate(text.splitlines(), 1):
        match = re.match(r'\s*#include "([^"]+)"', line)
        if not match:
            continue
        target = match.group(1)
        other = room_of(target)
        if other is None:
            if room == "core/base" and "/" not in target:
                continue
            yield number, "layers", f'"{target}" belongs to no room'
        elif not allowed(room, other):
            yield number, "layers", f"{room} must not include {other} ({target})"
        elif room == "stages" and other == "stages" and not re.search(r"/journey(_\w+\.h|(_\w+)?\.cc)$", rel):
            own = pathlib.PurePath(rel).stem.split("_")[0]
            theirs = pathlib.PurePath(target).stem.split("_")[0]
            if own != theirs and target not in stage_files:
                yield number, "layers", f"stages do not include each other ({target}); compose them in journey"


def check_product_words(rel, text):
    if not rel.startswith("src/core/"):
        return
    for number, line in enumerate(text.splitlines(), 1):
        for word in re.findall(r"[a-z0-9]+", line.lower()):
            if word in PRODUCT_WORDS and word not in WORD_EXCEPTIONS:
                yield number, "product-words", f"'{word}' under src/core; core knows no product names"


def check_size(rel, text):
    limit = LIMITS.get(pathlib.PurePath(rel).suffix)
    if rel.startswith("tests/") and rel.endswith(".h"):
        limit = 400  # fixtures, shared by tests as headers so that a room's tests stay one program
    lines = text.count("\n")
    if limit and lines > limit:
        yield 1, "size", f"{lines} lines, at most {limit}; split by concept"


def check_doors(rel, text):
    if not rel.startswith("src/") or rel.startswith(DOOR_ROOMS):
        return
    for number, line in enumerate(text.splitlines(), 1):
        found = DOORS.search(line.split("//")[0])
        if found and "snprintf" not in line:
            yield number, "doors", f"'{found.group(0)}' outside world/ (or printing outside surfaces/cli)"


def check_names(rel, text):
    name = pathlib.PurePath(rel).name
    if rel.startswith(("src/", "tests/")) and FORBIDDEN_NAMES.search(name):
        yield 1, "names", "no file is called util, common, helper, manager or misc; name the concept"


def check_promises(rel, text):
    if rel == "tools/dev/lint.py":
        return
    if pathlib.PurePath(rel).suffix in (".cc", ".h", ".py", ".sh", ".cmake", ".js", ".css", ".html"):
        for number, line in enumerate(text.splitlines(), 1):
            found = PROMISES.search(line)
            if found:
                yield number, "promises", f"'{found.group(0)}': finish it, or say in the closing note why not"


def check_registry(rel, text):
    """A kind is known by its own file only: its definition names it after the file, and no other file lists kinds."""
    if re.match(r"src/knowledge/kinds/[a-z0-9_]+\.cc$", rel) and "kDefinition" in text:
        stem = pathlib.PurePath(rel).stem
        if f'.name = "{stem}"' not in text:
            yield 1, "registry", f'kDefinition must have .name = "{stem}", as the file is called'
        if f"namespace lakeshift::kinds::{stem}" not in text:
            yield 1, "registry", f"kDefinition must be in namespace lakeshift::kinds::{stem}"
    if rel.startswith(("src/stages/", "src/surfaces/", "src/core/")) and rel.endswith(".cc"):
        words = set(re.findall(r'"([a-z_]+)"', text))
        kinds = words & {"user", "group", "service_principal", "notebook", "instance_pool", "cluster_policy", "cluster",
                         "global_init_script", "job", "sql_warehouse", "secret_scope", "workspace_file"}
        if len(kinds) >= 5:
            yield 1, "registry", f"a second list of kinds: {', '.join(sorted(kinds))}"


def check_machine(rel, text):
    for number, line in enumerate(text.splitlines(), 1):
        if re.search(r"/work/(main|wt|tools|shared|\.library)|/root/\.", line) and rel != "tools/dev/lint.py":
            yield number, "machine", "names a path of somebody's machine"


CHECKS = [check_layers, check_product_words, check_size, check_doors, check_names, check_promises, check_registry,
          check_machine]


def tracked(root):
    out = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=root, capture_output=True, text=True,
                         check=True).stdout
    return [line for line in out.splitlines() if (root / line).is_file()]


def lint_file(rel, text):
    found = []
    for check in CHECKS:
        found += [(rel, number, gate, what) for number, gate, what in check(rel, text) or ()]
    return found


def lint(root):
    found = []
    for rel in tracked(root):
        if rel.startswith(("examples/", "data/", "docs/")) and not rel.endswith((".py", ".sh", ".md")):
            continue
        try:
            text = (root / rel).read_text()
        except UnicodeDecodeError:
            continue
        found += lint_file(rel, text)
    return found


PLANTS = [
    ("layers", "src/twin/planted.cc", '#include "knowledge/kinds/registry.h"\n'),
    ("layers", "src/core/base/planted.cc", '#include "core/world/clock.h"\n'),
    ("layers", "src/stages/planted.cc", '#include "stages/verify.h"\n'),
    ("product-words", "src/core/base/planted.cc", "// an Azure thing\n"),
    ("size", "src/core/base/planted.cc", "int x;\n" * 601),
    ("doors", "src/stages/planted.cc", 'const char* p = getenv("HOME");\n'),
    ("names", "src/stages/string_utils.cc", "\n"),
    ("promises", "src/stages/planted.cc", "// TODO later\n"),
    ("registry", "src/knowledge/kinds/planted.cc", 'const engine::Kind kDefinition{.name = "other"};\n'),
    ("registry", "src/stages/planted.cc", 'auto k = {"user", "group", "job", "cluster", "notebook"};\n'),
    ("machine", "src/stages/planted.cc", '// see /work/main/x\n'),
]


def self_test():
    failed = 0
    for gate, rel, text in PLANTS:
        if not any(f[2] == gate for f in lint_file(rel, text)):
            print(f"lint self-test: gate '{gate}' did not object to a planted {rel}")
            failed += 1
    clean = "#include \"core/base/result.h\"\nint answer() { return 42; }\n"
    if lint_file("src/core/world/planted.cc", clean):
        print("lint self-test: a clean file was refused")
        failed += 1
    print(f"lint self-test: {len(PLANTS) + 1 - failed} passed, {failed} failed")
    return failed


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", default=".")
    parser.add_argument("--self-test", action="store_true")
    options = parser.parse_args()
    if options.self_test:
        return 1 if self_test() else 0
    found = lint(pathlib.Path(options.root))
    for rel, number, gate, what in found:
        print(f"{rel}:{number}: {gate}: {what}")
    print(f"lint: {len(found)} violations")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
