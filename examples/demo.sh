#!/usr/bin/env bash
# The main job on an embedded default: the example company moves from Azure to AWS, between two twins on loopback.
# Called by ./dev demo after the build. Leaves everything in build/demo.
set -euo pipefail
case ${1:-} in
  '') ;;
  sql) exec "$(dirname "$(readlink -f "$0")")/warehouse/demo.sh" ;;
  appstack) exec "$(dirname "$(readlink -f "$0")")/appstack/demo.sh" ;;
  data) echo "demo: '$1' is not part of this version; ./dev demo moves a workspace, sql a warehouse's SQL, appstack databases" >&2; exit 2 ;;
  *) echo "usage: ./dev demo [sql | appstack]" >&2; exit 2 ;;
esac
cd "$(dirname "$(readlink -f "$0")")/.."
lakeshift=$PWD/build/release/lakeshift
work=$PWD/build/demo
rm -rf "$work"
mkdir -p "$work"
started=$SECONDS
pids=()
stop_all() { [ ${#pids[@]} = 0 ] || kill "${pids[@]}" 2>/dev/null || true; }
trap stop_all EXIT

bold() { if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then printf '\n\033[1m%s\033[0m\n' "$*"; else printf '\n%s\n' "$*"; fi; }

# start_twin NAME CLOUD [OPTION...]: prints its address once it listens
start_twin() {
  local name=$1 cloud=$2
  shift 2
  "$lakeshift" twin --cloud "$cloud" --port 0 --token "demo-$name" --run-lasts-ms 500 --request-log "$work/$name-requests.jsonl" "$@" \
    >"$work/$name-twin.log" 2>&1 &
  pids+=($!)
  local try
  for try in $(seq 100); do
    grep -o 'http://127.0.0.1:[0-9]*' "$work/$name-twin.log" 2>/dev/null | head -1 && return
    kill -0 $! 2>/dev/null || { cat "$work/$name-twin.log" >&2; return 1; }
    sleep 0.1
  done
  echo "demo: the $name twin did not start within 10 s, see $work/$name-twin.log" >&2
  return 1
}

bold "Two workspaces on loopback: Meridian Foods on Azure, and an empty one on AWS"
start_twin old azure --load examples/company/estate >"$work/old.url"
start_twin new aws >"$work/new.url"
LAKESHIFT_OLD_HOST=$(cat "$work/old.url")
LAKESHIFT_NEW_HOST=$(cat "$work/new.url")
export LAKESHIFT_OLD_HOST LAKESHIFT_NEW_HOST LAKESHIFT_OLD_TOKEN=demo-old LAKESHIFT_NEW_TOKEN=demo-new
echo "old $LAKESHIFT_OLD_HOST   new $LAKESHIFT_NEW_HOST   limit profile: off (twins on loopback)"
mkdir -p "$work/migration"
cp examples/company/lakeshift.yaml examples/company/mapping.yaml "$work/migration/"
cd "$work/migration"

# A step whose exit code may also be one of the codes given first (3: findings, 4: partly done and resumable).
step() {
  local allowed=$1 code=0
  shift
  bold "\$ lakeshift $*"
  "$lakeshift" "$@" || code=$?
  [ "$code" = 0 ] || [[ " $allowed " == *" $code "* ]] || { echo "demo: 'lakeshift $*' ended with $code" >&2; exit 1; }
}

step "" init --keep
step "" discover
step "3" plan --summary
step "3" rehearse

bold "\$ lakeshift apply        (killed on purpose half-way)"
planned=$(grep -c '"method":' .lakeshift/plan.json)
"$lakeshift" apply &
victim=$!
already=$(grep -cE '"method":"(POST|PUT|PATCH|DELETE)"' "$work/new-requests.jsonl" || true)
while kill -0 $victim 2>/dev/null; do
  done_calls=$(grep -cE '"method":"(POST|PUT|PATCH|DELETE)"' "$work/new-requests.jsonl" || true)
  if [ $((done_calls - already)) -ge $((planned / 2)) ]; then
    kill -9 $victim
    bold "killed -9 after $((done_calls - already)) of $planned calls; the journal knows what was done"
    break
  fi
  sleep 0.02
done
wait $victim 2>/dev/null || true
step "" status
step "3" apply
step "3" verify
step "" cutover
step "" rollback
step "" cutover
step "" report --output "$work/report.html"
bold "done in $((SECONDS - started)) s. The report: $work/report.html"
