#!/usr/bin/env bash
# All lint gates; run by ./dev lint from the root of the project.
set -uo pipefail
failed=0
python3 tools/dev/lint.py --self-test || failed=1
python3 tools/dev/lint.py || failed=1
git ls-files -z '*.cc' '*.h' | xargs -0 .deps/venv/bin/clang-format --dry-run --Werror 2>&1 | head -40
[ "${PIPESTATUS[1]}" = 0 ] || { echo "format: run ./dev fmt"; failed=1; }
exit $failed
