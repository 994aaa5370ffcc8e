#!/bin/sh
# Prints the Chromium of the browser test: $CHROMIUM, or the one on PATH, or Debian's package, installed now if we are root.
set -eu
if [ -z "${CHROMIUM:-}" ] && ! command -v chromium >/dev/null; then
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
        echo 'error: please install chromium, or name one in CHROMIUM' >&2
        exit 1
    fi
    export DEBIAN_FRONTEND=noninteractive
    echo 'Installing chromium' >&2
    apt-get update -qq >&2
    apt-get install -y -qq --no-install-recommends chromium >/dev/null
fi
echo "${CHROMIUM:-$(command -v chromium)}"
