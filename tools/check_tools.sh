#!/bin/sh
# Names everything the build needs and this machine lacks, in one line.
missing=
need() { # need NAME COMMAND...
    name=$1
    shift
    "$@" >/dev/null 2>&1 || missing="$missing, $name"
}
need 'a C compiler (cc)' cc --version
need 'a Rust toolchain (cargo)' cargo --version
need 'Python 3.10 or newer (python3)' python3 -c 'import sys; sys.exit(sys.version_info < (3, 10))'
need 'the Python module venv' python3 -c 'import venv, ensurepip'
need 'the Python module pip' python3 -m pip --version
[ -z "$missing" ] || {
    echo "error: please install: ${missing#, }" >&2
    exit 1
}
