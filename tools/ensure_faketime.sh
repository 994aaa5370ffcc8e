#!/bin/sh
# Prints the library libfaketime of the fault tests: $FAKETIME_LIBRARY, or Debian's, installed now if we are root.
set -eu
find_library() { find /usr/lib -name 'libfaketimeMT.so.1' 2>/dev/null | head -n 1; }
library=${FAKETIME_LIBRARY:-$(find_library)}
if [ -z "$library" ]; then
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
        echo 'error: please install libfaketime, or name libfaketimeMT.so.1 in FAKETIME_LIBRARY' >&2
        exit 1
    fi
    export DEBIAN_FRONTEND=noninteractive
    echo 'Installing libfaketime' >&2
    apt-get update -qq >&2
    apt-get install -y -qq --no-install-recommends libfaketime >/dev/null
    library=$(find_library)
fi
echo "$library"
