#!/usr/bin/env bash
# Installs every client that the tests drive: system tools with apt-get, PyPI clients into a virtual environment.
# Run again, it only does what is missing. Takes the folder as its first argument; prints the folder with the commands.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
folder=${1:-${TEST_CLIENTS_HOME:-${XDG_CACHE_HOME:-$HOME/.cache}/packyard/test-clients}}
log() { printf 'test clients: %s\n' "$*" >&2; }

# command → Debian package; a command that is there already needs no package.
missing=()
need() { command -v "$1" >/dev/null 2>&1 || missing+=("$2"); }
need curl curl
need openssl openssl
need sha256sum coreutils
need tar tar
need unzip unzip
need mount mount
need ps procps
need xz xz-utils
need zstd zstd
need bzip2 bzip2
need ar binutils
need perl perl
# apt, what builds its packages and indices, what checks signatures, and what mirrors repositories.
need apt-ftparchive apt-utils
need dpkg-source dpkg-dev
need gpg gnupg
need gpgv gpgv
need sqv sqv
need aptly aptly
need reprepro reprepro
need debmirror debmirror
need debootstrap debootstrap
need dput dput-ng
# Clients of container registries.
need skopeo skopeo
need podman podman
need buildah buildah
# Docker's registry, which the client library is tested on, and what makes its password file.
need docker-registry docker-registry
need htpasswd apache2-utils
[ -x /usr/bin/python3 ] || missing+=(python3)
/usr/bin/python3 -c 'import ensurepip, venv' >/dev/null 2>&1 || missing+=(python3-venv)
/usr/bin/python3 -m pip --version >/dev/null 2>&1 || missing+=(python3-pip)
if [ ${#missing[@]} -gt 0 ]; then
  log "installing ${missing[*]} with apt-get"
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq >&2
  apt-get install -y -qq --no-install-recommends "${missing[@]}" ca-certificates >&2
fi

# The tests fetch some packages of the distribution itself, which apt must know.
compgen -G '/var/lib/apt/lists/*Packages*' >/dev/null || apt-get update -qq >&2

# Settings meant for other people's builds must not decide which versions are installed here.
unset PIP_FIND_LINKS PIP_NO_INDEX PIP_TARGET PIP_USER PIP_REQUIRE_VIRTUALENV PIP_CONSTRAINT PYTHONPATH PYTHONHOME

stamp="$folder/installed-requirements.txt"
if ! cmp -s "$here/requirements.txt" "$stamp" || ! "$folder/bin/python" -c '' 2>/dev/null; then
  log "installing $(grep -c '==' "$here/requirements.txt") PyPI clients into $folder"
  rm -rf "$folder"
  mkdir -p "$(dirname "$folder")"
  /usr/bin/python3 -m venv "$folder"
  "$folder/bin/python" -m pip install --quiet --disable-pip-version-check -r "$here/requirements.txt" >&2
  cp "$here/requirements.txt" "$stamp"
fi

# What the next Debian release has and this one has not: the programs alone, unpacked. They run here as they are.
from_debian_13() {
  local scratch archive
  scratch=$(mktemp -d)
  mkdir -p "$scratch/lists/partial" "$scratch/cache/archives/partial"
  archive=$(apt-get indextargets --format '$(REPO_URI) $(CODENAME)' 'Created-By: Packages' | sed -n 's/ bookworm$//p' | head -n 1)
  printf 'deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] %s trixie main\n' "$archive" >"$scratch/sources.list"
  local next=(apt-get -qq -o "Dir::Etc::SourceList=$scratch/sources.list" -o Dir::Etc::SourceParts=/dev/null
    -o "Dir::State::Lists=$scratch/lists" -o "Dir::Cache=$scratch/cache" -o APT::Sandbox::User=root)
  "${next[@]}" update >&2
  (cd "$scratch" && "${next[@]}" download "${@:2}" >&2)
  for package in "$scratch"/*.deb; do dpkg-deb --extract "$package" "$1"; done
  rm -rf "$scratch"
}
if ! [ -x "$folder/bin/oras" ] || ! [ -x "$folder/bin/cosign" ]; then
  log "unpacking oras and cosign of Debian 13 into $folder"
  from_debian_13 "$folder/debian-13" oras cosign
  install -m 755 "$folder/debian-13/usr/bin/oras" "$folder/debian-13/usr/bin/cosign" "$folder/bin/"
fi

# Clients that no distribution has yet, built from their sources at one version each. A newer Go is fetched where they need one.
build() {
  [ -x "$folder/bin/$1" ] && return
  PATH="$PATH:/usr/local/go/bin:$folder/debian-13/usr/lib/go-1.24/bin"
  if ! command -v go >/dev/null 2>&1; then
    log "unpacking Go of Debian 13 into $folder"
    from_debian_13 "$folder/debian-13" golang-1.24-go golang-1.24-src
    # The package looks for its library beside the system's.
    ln -sfn ../../share/go-1.24/src "$folder/debian-13/usr/lib/go-1.24/src"
  fi
  log "building $1"
  GOBIN="$folder/bin" GOTOOLCHAIN=auto GOFLAGS=-trimpath CGO_ENABLED=0 go install "$2" >&2
}
build regctl github.com/regclient/regclient/cmd/regctl@v0.11.7
build crane github.com/google/go-containerregistry/cmd/crane@v0.22.1
build helm helm.sh/helm/v3/cmd/helm@v3.22.0
printf '%s/bin\n' "$folder"
