"""PostgreSQL: started, stopped, killed, paused and asked; and PgBouncer before it."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

from processes import PROGRAMS, START_SECONDS, USER, free_port, processes_of, wait_until

DATABASE = "agentdata"


class Database:
    """A way to ask PostgreSQL with psql."""

    def __init__(self, url: str) -> None:
        self.url = url

    def sql(self, text: str, *, check: bool = True) -> str:
        """What psql prints, without headings."""
        command = [str(PROGRAMS / "psql"), "-X", "-q", "-At", "-v", "ON_ERROR_STOP=1", "-d", self.url, "-f", "-"]
        done = subprocess.run(command, input=text, capture_output=True, text=True, timeout=120)
        if check and done.returncode != 0:
            raise AssertionError(f"psql: {done.stderr}")
        return done.stdout.strip()

    def rows(self, query: str) -> list[dict[str, object]]:
        """The rows of a query."""
        text = self.sql(f"SELECT coalesce(json_agg(to_json(t)), '[]') FROM ({query}) AS t")
        rows: list[dict[str, object]] = json.loads(text)
        return rows

    def number(self, query: str) -> int:
        """The one number of a query."""
        return int(self.sql(query))


class Postgres:
    """A PostgreSQL of the test's own, on a TCP port of 127.0.0.1."""

    def __init__(self, home: Path, *, data: Path | None = None) -> None:
        self.home = home
        self.data = data or home / "data"
        self.port = free_port()
        self.settings: dict[str, str] = {}
        home.mkdir(mode=0o755)
        if USER:
            shutil.chown(home, USER)

    def init(self) -> Postgres:
        """Makes an empty cluster."""
        self._run("initdb", "--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync")
        return self

    def copy_of(self, primary: Postgres) -> Postgres:
        """Makes a streaming standby of another server."""
        source = f"--dbname=postgresql://postgres@127.0.0.1:{primary.port}/?application_name=standby"
        self._run("pg_basebackup", source, "--write-recovery-conf", "--checkpoint=fast", "--wal-method=stream")
        return self

    def start(self) -> Postgres:
        """Starts the server; it takes connections when this returns."""
        settings = {
            "port": str(self.port),
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": str(self.home),
            "max_connections": "200",
            **self.settings,
        }
        options = " ".join(f"-c {name}='{value}'" for name, value in settings.items())
        self._run("pg_ctl", "start", "--wait", f"--timeout={START_SECONDS:.0f}", "--options", options)
        return self

    def stop(self, mode: str = "fast") -> None:
        """Stops the server as `pg_ctl stop --mode` does."""
        self._run("pg_ctl", "stop", "--wait", f"--mode={mode}")

    def promote(self) -> None:
        """Makes a primary of a standby."""
        self._run("pg_ctl", "promote", "--wait")

    def reload(self) -> None:
        """Has the server read its settings again."""
        self._run("pg_ctl", "reload")

    @property
    def pid(self) -> int | None:
        """The postmaster's process."""
        return postmaster(self.data)

    def kill(self) -> None:
        """SIGKILL of the postmaster, as the kernel does when memory is out. Its children follow by themselves."""
        kill_postmaster(self.data)

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        """SIGSTOP of every process of the server, for as long as the block runs."""
        with paused(self.data):
            yield

    def url(self, database: str = DATABASE, port: int | None = None) -> str:
        """How clients reach a database of it, perhaps through a proxy's port."""
        return f"postgresql://postgres@127.0.0.1:{port or self.port}/{database}?sslmode=disable"

    def database(self, name: str = DATABASE) -> Database:
        """A way to ask it."""
        return Database(self.url(name))

    def create(self, name: str = DATABASE, more: str = "") -> str:
        """Makes an empty database; answers its URL."""
        self.database("postgres").sql(f"CREATE DATABASE {name} {more}")
        return self.url(name)

    def end(self) -> None:
        """Stops it however it stands."""
        pid = self.pid
        if pid is None:
            return
        for process in [*processes_of(pid), pid]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGCONT)
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGQUIT)
        wait_until("PostgreSQL's end", lambda: self.pid is None, 20)

    def _run(self, tool: str, *arguments: str) -> None:
        command = [str(PROGRAMS / tool), "--pgdata", str(self.data), *arguments]
        # To a file: the server inherits the output and would keep a pipe open.
        with open(self.home / "log", "ab") as log:
            done = subprocess.run(command, user=USER, cwd=self.home, stdout=log, stderr=log, timeout=START_SECONDS + 10)
        if done.returncode != 0:
            raise AssertionError(f"{tool} failed:\n{(self.home / 'log').read_text(errors='replace')[-3000:]}")


def postmaster(data: Path) -> int | None:
    """The living postmaster of a data directory."""
    try:
        pid = int((data / "postmaster.pid").read_text().split("\n", 1)[0])
        works_there = os.readlink(f"/proc/{pid}/cwd") == str(data)
    except (OSError, ValueError):
        return None
    return pid if works_there else None


def kill_postmaster(data: Path) -> None:
    """SIGKILL of the postmaster."""
    pid = postmaster(data)
    assert pid is not None, "there is no postmaster to be killed"
    os.kill(pid, signal.SIGKILL)
    # Another one may be there at once.
    wait_until("the postmaster's end", lambda: postmaster(data) != pid, 10)


@contextlib.contextmanager
def paused(data: Path) -> Iterator[None]:
    """SIGSTOP of every process of a server, for as long as the block runs."""
    pid = postmaster(data)
    assert pid is not None, "there is no postmaster to be paused"
    os.kill(pid, signal.SIGSTOP)  # first, so that no more children are made
    stopped = [pid, *processes_of(pid)]
    try:
        for process in stopped[1:]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGSTOP)
        yield
    finally:
        for process in reversed(stopped):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGCONT)


class PgBouncer:
    """PgBouncer in session mode, between agentdata and PostgreSQL."""

    def __init__(self, home: Path, program: str, postgres: Postgres) -> None:
        self.home, self.program = home, program
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None
        home.mkdir(mode=0o755)
        if USER:
            shutil.chown(home, USER)
        (home / "users").write_text('"postgres" ""\n')
        (home / "ini").write_text(f"""[databases]
* = host=127.0.0.1 port={postgres.port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {self.port}
unix_socket_dir =
auth_type = trust
auth_file = {home}/users
pool_mode = session
max_client_conn = 500
default_pool_size = 100
server_login_retry = 1
server_connect_timeout = 3
""")

    def start(self) -> PgBouncer:
        """Starts it; it takes connections when this returns."""
        with open(self.home / "log", "ab") as log:
            command = [self.program, str(self.home / "ini")]
            self.process = subprocess.Popen(command, user=USER, cwd=self.home, stdout=log, stderr=log)
        wait_until("PgBouncer", self._listens, 10)
        return self

    def _listens(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, (self.home / "log").read_text()
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def url(self, database: str = DATABASE) -> str:
        """How clients reach a database through it."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}?sslmode=disable"

    def kill(self) -> None:
        """SIGKILL."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def end(self) -> None:
        """Stops it however it stands."""
        self.kill()
