#!/usr/bin/env python3
"""Run a command against a throwaway agentdata server with a database of its own.

usage: tools/with_server.py [--binary PATH] [--timeout SECONDS] -- COMMAND [ARGUMENT...]

AGENTDATA_POSTGRES_BIN names the directory of PostgreSQL's programs. The command finds AGENTDATA_URL, AGENTDATA_CLIENT_ID,
AGENTDATA_CLIENT_SECRET, AGENTDATA_TOKEN (every scope), AGENTDATA_HOME and AGENTDATA_BINARY in its environment. Its exit
code is passed on; a server that does not stop cleanly is a failure too.
"""

import argparse
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

START_SECONDS = 60
STOP_SECONDS = 30
LOG_LINES = 20


class Failure(Exception):
    """Something about the server is wrong; its log is shown."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", default="target/debug/agentdata", type=Path)
    parser.add_argument("--timeout", type=float, help="kill the command after this time and fail")
    parser.add_argument("command", nargs="+")
    args = parser.parse_args()
    # A terminated run must stop its server too: turn the signal into an exception.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))

    # /tmp and not $TMPDIR: the path of the database's Unix socket is limited to about 100 bytes.
    home = Path(tempfile.mkdtemp(prefix="ad-", dir="/tmp"))
    home.chmod(0o755)  # as root the database runs as another user, who has to reach its data
    try:
        return run(args, home)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def run(args: argparse.Namespace, home: Path) -> int:
    # Nothing of the caller's own settings reaches the server, but where PostgreSQL is.
    keep = ("AGENTDATA_POSTGRES_BIN",)
    env = {k: v for k, v in os.environ.items() if k in keep or not k.startswith(("AGENTDATA_", "DATABASE_"))}
    address = f"127.0.0.1:{free_port()}"
    url = f"http://{address}"
    env.update(AGENTDATA_HOME=str(home), AGENTDATA_LISTEN=address, AGENTDATA_PUBLIC_URL=url)
    # All tests come from one address, and some ask for tokens as fast as they can.
    env.update(AGENTDATA_TOKEN_RATE="1000000", AGENTDATA_TOKEN_RATE_PER_ADDRESS="1000000")
    binary = args.binary.resolve()

    log_path = home / "server.log"
    with open(log_path, "wb") as log:
        # A session of its own: Ctrl-C in the terminal is for us, and we stop the server.
        server = subprocess.Popen([binary, "serve"], env=env, stdout=log, stderr=log, start_new_session=True)
    code = 1
    try:
        try:
            wait_until_ready(server, url)
            scopes = " ".join(all_scopes(url))
            created = cli(binary, env, "client", "create", "--name", "with_server", "--scopes", scopes)
            client = dict(line.split("=", 1) for line in created.splitlines() if "=" in line)
            env.update(
                AGENTDATA_URL=url,
                AGENTDATA_BINARY=str(binary),
                AGENTDATA_CLIENT_ID=client["client_id"],
                AGENTDATA_CLIENT_SECRET=client["client_secret"],
                AGENTDATA_TOKEN=cli(binary, env, "token", "--lifetime", "86400").strip(),
            )
            code = subprocess.run(args.command, env=env, timeout=args.timeout).returncode
        finally:
            stop(server)
    except (Failure, subprocess.TimeoutExpired) as error:
        print(f"with_server: {error}", file=sys.stderr)
        code = code or 1
    if code != 0:
        show(log_path)
    return code


def show(log_path: Path) -> None:
    kept = Path("target/with_server.log")
    kept.parent.mkdir(exist_ok=True)
    shutil.copyfile(log_path, kept)
    # Not the refused requests, of which a test makes many: the command's own report stands above and must stay in sight.
    lines = [line for line in kept.read_text(errors="replace").splitlines() if '"level":"INFO"' not in line]
    print(
        f"---- warnings and errors of the server ({kept} has all)",
        *lines[-LOG_LINES:],
        "----",
        sep="\n",
        file=sys.stderr,
    )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until_ready(server: subprocess.Popen, url: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise Failure(f"the server stopped with exit code {server.returncode} before it was ready")
        try:
            with urllib.request.urlopen(f"{url}/readyz", timeout=5):
                return
        except OSError:  # refused, timed out, or not 200
            time.sleep(0.05)
    raise Failure(f"the server was not ready within {START_SECONDS} s")


def all_scopes(url: str) -> list[str]:
    with urllib.request.urlopen(f"{url}/openapi.json", timeout=10) as response:
        schemes = json.load(response)["components"]["securitySchemes"].values()
    flows = [scheme["flows"]["clientCredentials"] for scheme in schemes if scheme["type"] == "oauth2"]
    return sorted({scope for flow in flows for scope in flow["scopes"]})


def cli(binary: Path, env: dict[str, str], *arguments: str) -> str:
    done = subprocess.run([binary, *arguments], env=env, capture_output=True, text=True)
    if done.returncode != 0:
        raise Failure(f"agentdata {' '.join(arguments[:2])} failed: {done.stderr}")
    return done.stdout


def stop(server: subprocess.Popen) -> None:
    if server.poll() is not None:
        raise Failure(f"the server stopped by itself with exit code {server.returncode}")
    server.terminate()
    try:
        if server.wait(STOP_SECONDS) != 0:
            raise Failure(f"the server's exit code after SIGTERM is {server.returncode}")
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
        raise Failure(f"the server did not stop within {STOP_SECONDS} s of SIGTERM") from None


if __name__ == "__main__":
    sys.exit(main())
