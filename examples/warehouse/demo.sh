#!/usr/bin/env bash
# The warehouse of the example company leaves Redshift: a folder of everyday SQL is translated, then proved statement by
# statement on a local PostgreSQL and a local Spark. Called by ./dev demo sql after the build. Leaves everything in
# build/demo-sql. MUTANTS=12 measures the rows harder, and takes longer.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/../.."
lakeshift=${LAKESHIFT:-$PWD/build/release/lakeshift}
folder=examples/warehouse
work=$PWD/build/demo-sql
rm -rf "$work"
mkdir -p "$work/databricks"
started=$SECONDS

bold() { if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then printf '\n\033[1m%s\033[0m\n' "$*"; else printf '\n%s\n' "$*"; fi; }

# The whole folder as one text: the tables come first by name, and every statement keeps the line it has there.
cat "$folder"/*.sql >"$work/warehouse.sql"

# Exit code 3 says that statements are refused, which the folder has on purpose.
translate_folder() {
  local code=0
  if "$lakeshift" translate --help | grep -q -- '--out'; then
    "$lakeshift" translate sql "$folder" --to databricks --out "$work/databricks" --dir "$work" || code=$?
  else
    "$lakeshift" translate sql - <"$work/warehouse.sql" >"$work/databricks/warehouse.sql" 2>"$work/findings.txt" || code=$?
    grep -cE ': (error|warning|note|assumed)' "$work/findings.txt" | sed 's/$/ findings/'
  fi
  [ "$code" = 0 ] || [ "$code" = 3 ] || return "$code"
}

bold "Translated: $folder to $work/databricks"
translate_folder

bold "Proved: every statement on PostgreSQL and on Spark, on rows made to tell them apart"
code=0
"$lakeshift" prove "$work/warehouse.sql" --mutants "${MUTANTS:-2}" | tee "$work/proof.txt" || code=$?
[ "$code" = 0 ] || [ "$code" = 3 ] || exit "$code"

bold "Refused, and why"
grep -E '^line [0-9]+: refused' "$work/proof.txt" || echo "nothing"

bold "$(tail -1 "$work/proof.txt")"
echo "in $((SECONDS - started)) s; the translation is in $work/databricks, the verdicts are in $work/proof.txt"
if grep -qE '^line [0-9]+: differs' "$work/proof.txt"; then
  echo "demo: a statement of the example differs from its source, which must not be" >&2
  exit 1
fi
