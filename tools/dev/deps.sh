# Installs what is missing; sourced by ./dev. Looks before it installs, so that a second run costs nothing.

packages_of() { sed '/^#/d;/^$/d' "$1"; }

missing_packages() {
  local package
  for package in $(packages_of "$1"); do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || echo "$package"
  done
}

install_packages() {
  local missing
  mapfile -t missing < <(missing_packages "$1")
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
