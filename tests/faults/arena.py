"""Everything that runs in a test, below one temporary directory and on loopback; all of it is gone in the end."""

from __future__ import annotations

import base64
import contextlib
import os
import secrets
import shutil
import signal
import tempfile
from pathlib import Path

from network import Proxy
from postgres import PgBouncer, Postgres, postmaster
from processes import wait_until
from server import Server


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
