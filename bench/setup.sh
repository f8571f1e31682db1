#!/usr/bin/env bash
# Installs what the benchmarks compare with: nginx, docker-registry and wrk from Debian, pypiserver and devpi from PyPI into a folder of their own;
# and the database servers and the S3 server that the tests use too.
# Run again, it only does what is missing. Prints the folder with the Python peers' commands.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
folder=${BENCH_PEERS_HOME:-${XDG_CACHE_HOME:-$HOME/.cache}/packyard/bench-peers}
log() { printf 'bench: %s\n' "$*" >&2; }

missing=()
need() { command -v "$1" >/dev/null 2>&1 || [ -x "/usr/sbin/$1" ] || missing+=("$2"); }
need nginx nginx-light
need wrk wrk
need docker-registry docker-registry
need curl curl
need openssl openssl
/usr/bin/python3 -c 'import ensurepip, venv' >/dev/null 2>&1 || missing+=(python3-venv)
if [ ${#missing[@]} -gt 0 ]; then
  log "installing ${missing[*]} with apt-get"
  export DEBIAN_FRONTEND=noninteractive
  # Only the program is wanted, not a service on port 80.
  export RUNLEVEL=1
  apt-get update -qq >&2
  apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2
fi

"$here/../tests/servers/install.sh"
"$here/../tests/clients/install.sh" >/dev/null

unset PIP_FIND_LINKS PIP_NO_INDEX PIP_TARGET PIP_USER PIP_REQUIRE_VIRTUALENV PIP_CONSTRAINT PYTHONPATH PYTHONHOME
stamp="$folder/installed-requirements.txt"
if ! cmp -s "$here/requirements.txt" "$stamp"; then
  log "installing pypiserver and devpi into $folder"
  rm -rf "$folder"
  mkdir -p "$(dirname "$folder")"
  /usr/bin/python3 -m venv "$folder"
  "$folder/bin/python" -m pip install --quiet --disable-pip-version-check -r "$here/requirements.txt" >&2
  cp "$here/requirements.txt" "$stamp"
fi
printf '%s/bin\n' "$folder"
