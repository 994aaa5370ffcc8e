"""The processes of a test: PostgreSQL, agentdata, PgBouncer; started, stopped, killed and paused.

Everything is on loopback and below one temporary directory. `Arena` takes all of it away in the end.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

from network import Proxy

START_SECONDS = 60.0
STOP_SECONDS = 40.0
DATABASE = "agentdata"
# PostgreSQL and PgBouncer refuse to run as root.
USER = "nobody" if os.geteuid() == 0 else None
PROGRAMS = Path(os.environ.get("AGENTDATA_POSTGRES_BIN", "/nonexistent")).resolve()
BINARY = Path(os.environ.get("AGENTDATA_BINARY", "target/debug/agentdata")).resolve()


def free_port() -> int:
    """A port of 127.0.0.1 that nobody has."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until(what: str, true: Callable[[], object], seconds: float = START_SECONDS) -> float:
    """Waits for a condition; answers after how many seconds it held."""
    began = time.monotonic()
    while not true():
        if time.monotonic() - began > seconds:
            raise AssertionError(f"{what}: not within {seconds} s")
        time.sleep(0.02)
    return time.monotonic() - began


def get(url: str, timeout: float = 5.0) -> int | None:
    """The status of a GET; none when there is no answer."""
    try:
        with urllib.request.urlopen(url, timeout=timeout) as response:
            status: int = response.status
            return status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return None


def processes_of(pid: int) -> list[int]:
    """The children of a process."""
    children = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in children.read_text().split()] if children.exists() else []


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


class Server:
    """An agentdata process: the same home, address and settings through kills and restarts."""

    def __init__(self, home: Path, **settings: str) -> None:
        self.home = home
        home.mkdir(mode=0o755, exist_ok=True)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = home / "server.log"
        self.process: subprocess.Popen[bytes] | None = None
        mine = {k: v for k, v in os.environ.items() if not k.startswith(("AGENTDATA_", "DATABASE_", "PG"))}
        self.env = {
            **mine,
            "AGENTDATA_HOME": str(home),
            "AGENTDATA_LISTEN": f"127.0.0.1:{self.port}",
            "AGENTDATA_PUBLIC_URL": self.url,
            "AGENTDATA_POSTGRES_BIN": str(PROGRAMS),
            "AGENTDATA_TOKEN_RATE": "1000000",
            "AGENTDATA_TOKEN_RATE_PER_ADDRESS": "1000000",
            "AGENTDATA_AUDIT": "refusals",
            "AGENTDATA_LOG_FORMAT": "json",
            **settings,
        }

    def spawn(self) -> Server:
        """Starts the process and returns at once."""
        assert self.process is None or self.process.poll() is not None, "the server runs already"
        with open(self.log, "ab") as log:
            # A session of its own: Ctrl-C in the terminal is for us, and we stop the server.
            self.process = subprocess.Popen(
                [BINARY, "serve"],
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        return self

    def start(self) -> Server:
        """Starts the process; it is ready when this returns."""
        self.spawn()
        self.wait_until_ready()
        return self

    def wait_until_ready(self, seconds: float = START_SECONDS) -> float:
        """Waits for readiness; answers how many seconds it took."""

        def ready() -> bool:
            assert self.is_running(), f"the server ended before it was ready:\n{self.log_tail()}"
            return get(f"{self.url}/readyz") == 200

        return wait_until("readiness", ready, seconds)

    def is_running(self) -> bool:
        """Whether the process lives."""
        return self.process is not None and self.process.poll() is None

    def kill(self) -> None:
        """SIGKILL."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def terminate(self) -> None:
        """SIGTERM, and the wait for a clean exit."""
        assert self.process is not None
        assert self.process.poll() is None, f"the server ended by itself:\n{self.log_tail()}"
        self.process.terminate()
        code = self.process.wait(STOP_SECONDS)
        assert code == 0, f"exit code {code} after SIGTERM:\n{self.log_tail()}"

    def end(self) -> None:
        """Stops it however it stands."""
        if self.is_running():
            assert self.process is not None
            self.process.terminate()
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.kill()

    def command(self, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Runs another command of the program with the server's settings."""
        done = subprocess.run([BINARY, *words], env=self.env, capture_output=True, text=True, timeout=120)
        if check and done.returncode != 0:
            raise AssertionError(f"agentdata {' '.join(words)}: {done.stderr}")
        return done

    def client(self) -> tuple[str, str]:
        """Id and secret of a new client with every scope."""
        with urllib.request.urlopen(f"{self.url}/openapi.json", timeout=20) as response:
            schemes = json.load(response)["components"]["securitySchemes"].values()
        flows = [scheme["flows"]["clientCredentials"] for scheme in schemes if scheme["type"] == "oauth2"]
        scopes = " ".join(sorted({scope for flow in flows for scope in flow["scopes"]}))
        name = f"faults {secrets.token_hex(4)}"
        printed = self.command("client", "create", "--name", name, "--scopes", scopes).stdout
        values = dict(line.split("=", 1) for line in printed.splitlines() if "=" in line)
        return values["client_id"], values["client_secret"]

    def token(self, client: str = "default") -> str:
        """An access token of a client with every scope that it may have, good for a day."""
        return self.command("token", "--client", client, "--lifetime", "86400").stdout.strip()

    @property
    def embedded_data(self) -> Path:
        """The data directory of its embedded PostgreSQL."""
        return self.home / "postgres-data"

    def embedded_database(self) -> Database:
        """A way to ask its embedded PostgreSQL."""
        password = (self.home / "postgres-password").read_text().strip()
        host = quote(str(self.home / "run"), safe="")
        return Database(f"postgresql://agentdata:{quote(password, safe='')}@{host}/agentdata")

    def memory(self, name: str = "VmRSS") -> int:
        """Bytes of memory (`VmRSS`) or its highest so far (`VmHWM`)."""
        assert self.process is not None
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        found = re.search(rf"^{name}:\s+(\d+) kB$", status, re.MULTILINE)
        assert found is not None
        return int(found[1]) * 1024

    def descriptors(self) -> int:
        """Open file descriptors."""
        assert self.process is not None
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def log_lines(self, *words: str) -> list[str]:
        """Lines of its log with one of these words."""
        lines = self.log.read_text(errors="replace").splitlines() if self.log.exists() else []
        return [line for line in lines if any(word in line for word in words)]

    def log_tail(self, lines: int = 15) -> str:
        """Its last warnings and errors."""
        text = self.log.read_text(errors="replace").splitlines() if self.log.exists() else []
        return "\n".join([line for line in text if '"level":"INFO"' not in line][-lines:])


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


class Arena:
    """The temporary directory of a test and everything that runs in it."""

    def __init__(self) -> None:
        # /tmp and not $TMPDIR: the path of a Unix socket is limited to about 100 bytes.
        self.home = Path(tempfile.mkdtemp(prefix="ad-", dir="/tmp"))
        self.home.chmod(0o755)  # as root PostgreSQL runs as another user, who has to reach its data
        self.cleanup = contextlib.ExitStack()
        self.servers: list[Server] = []
        self._count = 0
        self._key = base64.b64encode(secrets.token_bytes(32)).decode()

    def __enter__(self) -> Arena:  # noqa: PYI034 (Python 3.10 has no Self)
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self.cleanup.close()
        finally:
            shutil.rmtree(self.home, ignore_errors=True)

    def path(self, name: str) -> Path:
        """A new place below the directory."""
        self._count += 1
        return self.home / f"{name}{self._count}"

    def postgres(self, data: Path | None = None, **settings: str) -> Postgres:
        """A PostgreSQL that is not started yet."""
        postgres = Postgres(self.path("pg"), data=data)
        postgres.settings.update(settings)
        self.cleanup.callback(postgres.end)
        return postgres

    def running_postgres(self, **settings: str) -> Postgres:
        """A running PostgreSQL with an empty database `agentdata`."""
        postgres = self.postgres(None, **settings).init().start()
        postgres.create()
        return postgres

    def server(self, database_url: str | None = None, **settings: str) -> Server:
        """An agentdata that is not started yet; without a URL it has an embedded PostgreSQL.

        All servers of a test have one master key and one issuer, so that a token is good for each.
        """
        if database_url is not None:
            settings["DATABASE_URL"] = database_url
        settings.setdefault("AGENTDATA_MASTER_KEY", self._key)
        if self.servers:
            settings.setdefault("AGENTDATA_PUBLIC_URL", self.servers[0].env["AGENTDATA_PUBLIC_URL"])
        server = Server(self.path("ad"), **settings)
        self.servers.append(server)
        self.cleanup.callback(self._end_of, server)
        return server

    @staticmethod
    def _end_of(server: Server) -> None:
        server.end()
        if (pid := postmaster(server.embedded_data)) is not None:
            os.kill(pid, signal.SIGQUIT)
            wait_until("the embedded PostgreSQL's end", lambda: postmaster(server.embedded_data) is None, 20)

    def proxy(self, *targets: int) -> Proxy:
        """A proxy in front of these ports."""
        proxy = Proxy(*targets)
        self.cleanup.callback(proxy.close)
        return proxy

    def pgbouncer(self, program: str, postgres: Postgres) -> PgBouncer:
        """A PgBouncer that is not started yet."""
        bouncer = PgBouncer(self.path("pb"), program, postgres)
        self.cleanup.callback(bouncer.end)
        return bouncer
