"""A throwaway server of ours with a PostgreSQL of its own, and what both use of the machine."""

import argparse
import http.client
import json
import os
import shutil
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import Popen, run

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tools"))

import with_server
from with_server import Failure

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Server:
    """A running server, and how to reach it and its database."""

    binary: Path
    home: Path
    port: int
    env: dict[str, str]
    process: Popen
    token: str = ""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        self.process = start(self.binary, self.env, self.home)

    def restart(self) -> None:
        """Stop the server and its PostgreSQL, and start both."""
        with_server.stop(self.process)
        self.start()
        with_server.wait_until_ready(self.process, self.url)

    def postgres(self, program: str, *arguments: str) -> str:
        """Run one of PostgreSQL's programs against the server's database."""
        password = (self.home / "postgres-password").read_text().strip()
        login = {"PGHOST": self.home / "run", "PGUSER": "agentdata", "PGDATABASE": "agentdata", "PGPASSWORD": password}
        env = {k: v for k, v in os.environ.items() if not k.startswith("PG")} | {k: str(v) for k, v in login.items()}
        return output([Path(self.env["AGENTDATA_POSTGRES_BIN"]) / program, *arguments], env)

    def sql(self, statement: str) -> str:
        return self.postgres("psql", "-XAtqc", statement).strip()

    def call(self, method: str, path: str, body=None, kind: str = "application/json") -> dict:
        """The JSON that a request is answered with; a body is JSON too, or of another kind bytes, or pieces of them."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=3_600)
        headers = {"Authorization": f"Bearer {self.token}"}
        if body is not None:
            headers["Content-Type"] = kind
            body = json.dumps(body) if kind == "application/json" else body
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        if answer.status >= 300:
            raise Failure(f"{method} {path}: {answer.status} {text[:500]!r}")
        return json.loads(text)

    def cpu(self) -> dict[str, float]:
        """Seconds of CPU time so far; nothing where the system has no /proc."""
        if not Path("/proc/self/stat").exists():
            return {}
        postmaster = self.postmaster()
        children, before = self.children(postmaster), None
        # What a process has used moves to the postmaster when it has ended; seen between the two it would be missed.
        while children != before:
            before = children
            postgres = ticks(postmaster, 4) + sum(ticks(int(child), 2) for child in children)
            children = self.children(postmaster)
        return {"agentdata": ticks(self.process.pid, 2) / TICKS, "PostgreSQL": postgres / TICKS}

    @staticmethod
    def children(pid: int) -> list[str]:
        return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()

    def postmaster(self) -> int:
        return int((self.home / "postgres-data" / "postmaster.pid").read_text().split()[0])

    def resident_mib(self) -> float:
        return int(output(["ps", "-o", "rss=", "-p", str(self.process.pid)])) / 1024

    def forget_peak(self) -> None:
        """Let the peak of memory begin anew."""
        reset = Path(f"/proc/{self.process.pid}/clear_refs")
        if reset.exists():
            reset.write_text("5")

    def peak_mib(self) -> float:
        """The most memory that the server has had; 0 where the system does not tell."""
        status = Path(f"/proc/{self.process.pid}/status")
        return int(status.read_text().split("VmHWM:")[1].split()[0]) / 1024 if status.exists() else 0.0


def ticks(pid: int, fields: int) -> int:
    """User and system time of a process, with four fields also that of the children it has waited for; 0 when it is gone."""
    try:
        after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return sum(int(field) for field in after_name[11 : 11 + fields])


def parser(doc: str) -> argparse.ArgumentParser:
    """The arguments that every bench has."""
    arguments = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--binary", default="target/release/agentdata", type=Path)
    return arguments


@contextmanager
def running(binary: Path, scopes: str, **settings: str) -> Iterator[Server]:
    """A server with default settings but for those given, and a token of these scopes."""
    if "AGENTDATA_POSTGRES_BIN" not in os.environ:
        sys.exit("error: AGENTDATA_POSTGRES_BIN must name the directory of PostgreSQL's programs")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    ensure_wrk()
    # A short path, because that of the database's socket is limited; and not /tmp, which may be memory.
    home = Path(tempfile.mkdtemp(prefix="ad-", dir="/var/tmp"))
    home.chmod(0o755)  # as root the database runs as another user, who has to reach its data
    # Nothing of the caller's own settings reaches the server, but where PostgreSQL is.
    keep = ("AGENTDATA_POSTGRES_BIN",)
    env = {k: v for k, v in os.environ.items() if k in keep or not k.startswith(("AGENTDATA_", "DATABASE_"))}
    port = with_server.free_port()
    env |= {"AGENTDATA_HOME": str(home), "AGENTDATA_LISTEN": f"127.0.0.1:{port}"} | settings
    binary = binary.resolve()
    server = Server(binary, home, port, env, start(binary, env, home))
    try:
        with_server.wait_until_ready(server.process, server.url)
        with_server.cli(binary, env, "client", "create", "--name", "bench", "--scopes", scopes)
        server.token = with_server.cli(binary, env, "token", "--client", "bench", "--lifetime", "86400").strip()
        yield server
        with_server.stop(server.process)
    except Failure as error:
        sys.exit(f"error: {error}")
    finally:
        server.process.kill()
        server.process.wait()
        stop_postgres(home)
        shutil.rmtree(home, ignore_errors=True)


def start(binary: Path, env: dict[str, str], home: Path) -> Popen:
    # The log goes to a file with its default settings, as it would in production.
    with open(home / "server.log", "ab") as log:
        return Popen([binary, "serve"], env=env, stdout=log, stderr=log, start_new_session=True)


def cold_start_ms(server: Server) -> float:
    """The time to the first 200 of a server that is killed and started again while PostgreSQL stays up."""
    server.process.kill()
    server.process.wait()
    began = time.perf_counter()
    server.start()
    while time.perf_counter() - began < with_server.START_SECONDS and server.process.poll() is None:
        try:
            with socket.create_connection(("127.0.0.1", server.port), timeout=5) as connection:
                connection.sendall(b"GET /readyz HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n")
                if connection.recv(64).startswith(b"HTTP/1.1 200 "):
                    return (time.perf_counter() - began) * 1e3
        except OSError:
            pass
        time.sleep(0.001)
    raise Failure("the server did not start again")


def stop_postgres(home: Path) -> None:
    """A killed server leaves its PostgreSQL running; nothing of it is needed any more."""
    file = home / "postgres-data" / "postmaster.pid"
    try:
        pid = int(file.read_text().split()[0])
        os.kill(pid, signal.SIGQUIT)
        while file.exists():
            os.kill(pid, 0)
            time.sleep(0.05)
    except (OSError, ValueError, IndexError):
        return


def ensure_wrk() -> None:
    if not shutil.which("wrk") and os.geteuid() == 0 and shutil.which("apt-get"):
        say("installing wrk")
        for command in (["update"], ["install", "--yes", "--no-install-recommends", "wrk"]):
            run(["apt-get", "--quiet", *command], capture_output=True)
    if not shutil.which("wrk"):
        sys.exit("error: please install wrk (Debian: apt-get install wrk, macOS: brew install wrk)")


def output(command: list, env: dict[str, str] | None = None) -> str:
    done = run(command, env=env, capture_output=True, text=True)
    if done.returncode != 0:
        raise Failure(f"{Path(command[0]).name} failed: {done.stderr or done.stdout}")
    return done.stdout


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
