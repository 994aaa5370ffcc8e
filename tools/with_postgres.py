#!/usr/bin/env python3
"""Run a command with DATABASE_URL naming a throwaway PostgreSQL.

usage: tools/with_postgres.py COMMAND [ARGUMENT...]

AGENTDATA_POSTGRES_BIN names the directory of initdb and pg_ctl. The command's exit code is passed on.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import quote


def main() -> int:
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    bin_dir = Path(os.environ["AGENTDATA_POSTGRES_BIN"]).resolve()
    # PostgreSQL refuses to run as root. The directory stays its user's own: the socket in it asks for no password.
    user = "nobody" if os.geteuid() == 0 else None
    home = Path(tempfile.mkdtemp(prefix="adpg-", dir="/tmp"))
    if user:
        shutil.chown(home, user)

    def run(tool: str, *arguments: str) -> None:
        command = [bin_dir / tool, "--pgdata", home / "data", *arguments]
        # To a file: the server inherits the output and would keep a pipe open.
        with open(home / "log", "ab") as log:
            done = subprocess.run(command, user=user, cwd=home, stdout=log, stderr=log)
        if done.returncode != 0:
            sys.exit(f"{tool} failed:\n{(home / 'log').read_text()}")

    try:
        run("initdb", "--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync")
        run("pg_ctl", "start", "--wait", "--options", f"-k {home} -c listen_addresses='' -c fsync=off")
        try:
            url = f"postgres://postgres@{quote(str(home), safe='')}/postgres"
            return subprocess.run(sys.argv[1:], env={**os.environ, "DATABASE_URL": url}).returncode
        finally:
            run("pg_ctl", "stop", "--wait", "--mode=immediate")
    finally:
        shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
