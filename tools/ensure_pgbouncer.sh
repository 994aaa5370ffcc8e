#!/bin/sh
# Prints the PgBouncer of the fault tests: $PGBOUNCER, or the one on PATH, or Debian's package, installed now if we are root.
set -eu
PATH=$PATH:/usr/sbin
if [ -z "${PGBOUNCER:-}" ] && ! command -v pgbouncer >/dev/null; then
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
        echo 'error: please install pgbouncer, or name one in PGBOUNCER' >&2
        exit 1
    fi
    export DEBIAN_FRONTEND=noninteractive
    echo 'Installing pgbouncer' >&2
    apt-get update -qq >&2
    # At runlevel 1 packages start no services.
    RUNLEVEL=1 apt-get install -y -qq --no-install-recommends pgbouncer >/dev/null
fi
echo "${PGBOUNCER:-$(command -v pgbouncer)}"
