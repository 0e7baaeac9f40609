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

# Verdicts name lines of the whole: said here by file, as an editor knows them, with the statement's first words.
by_file() {
  local -a place=() words=()
  local file line number
  for file in "$folder"/*.sql; do
    number=0
    while IFS= read -r line; do
      place+=("${file##*/}:$((++number))")
      [ ${#line} -le 64 ] || line="${line:0:62} …"
      words+=("$line")
    done <"$file"
  done
  while IFS= read -r line; do
    if [[ $line =~ ^line\ ([0-9]+):\ (.*)$ ]]; then
      number=$((BASH_REMATCH[1] - 1))
      printf '%s: %s\n  %s\n' "${place[number]}" "${words[number]}" "${BASH_REMATCH[2]}"
    else
      printf '%s\n' "$line"
    fi
  done
}

bold "Proved: every statement on PostgreSQL and on Spark, on rows made to tell them apart"
echo "both engines start first, which takes some seconds; mutants are small wrong changes of the translation that the rows must notice"
code=0
"$lakeshift" prove "$work/warehouse.sql" --mutants "${MUTANTS:-2}" | tee "$work/proof.txt" | by_file || code=$?
[ "$code" = 0 ] || [ "$code" = 3 ] || exit "$code"

bold "Refused, and why"
grep -E '^line [0-9]+: refused' "$work/proof.txt" | by_file | grep . || echo "nothing"

bold "$(tail -1 "$work/proof.txt")"
echo "in $((SECONDS - started)) s; the translation is in $work/databricks, the verdicts are in $work/proof.txt"
if grep -qE '^line [0-9]+: differs' "$work/proof.txt"; then
  echo "demo: a statement of the example differs from its source, which must not be" >&2
  exit 1
fi
