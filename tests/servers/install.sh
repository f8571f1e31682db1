#!/usr/bin/env bash
# Installs the database servers that the tests start for themselves: PostgreSQL and MariaDB, with apt-get, as root.
# Run again, it only does what is missing. The distribution's own services are not started.
set -euo pipefail

log() { printf 'test servers: %s\n' "$*" >&2; }

missing=()
compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null || missing+=(postgresql)
[ -x /usr/sbin/mariadbd ] || missing+=(mariadb-server)
# Lets a test set a server's clock back without touching the machine's.
compgen -G '/usr/lib/*/faketime/libfaketime.so.1' >/dev/null || missing+=(libfaketime)
if [ ${#missing[@]} -gt 0 ]; then
  log "installing ${missing[*]} with apt-get"
  export DEBIAN_FRONTEND=noninteractive
  # Only the programs are wanted, not services on their usual ports.
  export RUNLEVEL=1
  apt-get update -qq >&2
  apt-get install -y -qq --no-install-recommends "${missing[@]}" ca-certificates >&2
fi
