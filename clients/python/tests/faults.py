"""Real faults: a proxy that loses, refuses and answers by itself, and a server that can be restarted."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
import socket
import struct
import subprocess
import tempfile
import threading
from collections import deque
from pathlib import Path
from types import ModuleType
from typing import Literal
from urllib.parse import urlsplit

import httpx

Fault = Literal["refuse", "say nothing", "lose the answer", "lose the end"] | bytes


class Proxy:
    """Passes connections on to a server, but for those that meet a fault: one for each connection, in order.

    `transport()` makes a connection for each request, so that they are requests' faults.
    """

    def __init__(self, url: str) -> None:
        server = urlsplit(url)
        self._server = (server.hostname or "", server.port or 80)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.faults: deque[Fault] = deque()
        self.connections = 0
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Proxy:  # noqa: PYI034 (Python 3.10 has no Self)
        return self

    def __exit__(self, *_: object) -> None:
        # Wakes the thread that accepts, which closing alone does not.
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()

    @staticmethod
    def transport() -> httpx.HTTPTransport:
        return httpx.HTTPTransport(limits=httpx.Limits(max_keepalive_connections=0))

    @staticmethod
    def async_transport() -> httpx.AsyncHTTPTransport:
        return httpx.AsyncHTTPTransport(limits=httpx.Limits(max_keepalive_connections=0))

    def cut(self) -> None:
        """Cuts all connections."""
        with self._lock:
            cut, self._open = self._open, set()
        for connection in cut:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            fault = self.faults.popleft() if self.faults else None
            threading.Thread(target=self._serve, args=(client, fault), daemon=True).start()

    def _serve(self, client: socket.socket, fault: Fault | None) -> None:
        with client, contextlib.suppress(OSError):
            if fault == "refuse":
                # Linger of 0 seconds: a reset, as of a server that has died.
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return
            if fault == "say nothing":
                while client.recv(65536):
                    pass
                return
            if isinstance(fault, bytes):
                client.recv(65536)
                client.sendall(fault)
                return
            with socket.create_connection(self._server) as server:
                with self._lock:
                    self._open |= {client, server}
                there = threading.Thread(target=_pump, args=(client, server), daemon=True)
                there.start()
                if fault == "lose the answer":
                    server.recv(1)
                    client.shutdown(socket.SHUT_RDWR)
                elif fault == "lose the end":
                    client.sendall(server.recv(65536))
                    client.shutdown(socket.SHUT_RDWR)
                else:
                    _pump(server, client)
                there.join()
                with self._lock:
                    self._open -= {client, server}


def _pump(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    for end in (source, target):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


def with_server() -> ModuleType:
    """tools/with_server.py as a module."""
    path = Path(__file__).parents[3] / "tools" / "with_server.py"
    spec = importlib.util.spec_from_file_location("with_server", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class OwnServer:
    """A server with a database and settings of its own, which can be restarted at the same address."""

    def __init__(self, **settings: str) -> None:
        self._tools = with_server()
        self._home = Path(tempfile.mkdtemp(prefix="ad-", dir="/tmp"))
        self._home.chmod(0o755)  # as root the database runs as another user
        self._binary = Path(os.environ["AGENTDATA_BINARY"])
        address = f"127.0.0.1:{self._tools.free_port()}"
        self.url = f"http://{address}"
        given = {name: value for name, value in os.environ.items() if not name.startswith("AGENTDATA_")}
        self._env = given | {
            "AGENTDATA_POSTGRES_BIN": os.environ["AGENTDATA_POSTGRES_BIN"],
            "AGENTDATA_HOME": str(self._home),
            "AGENTDATA_LISTEN": address,
            "AGENTDATA_PUBLIC_URL": self.url,
            **settings,
        }

    def __enter__(self) -> OwnServer:  # noqa: PYI034 (Python 3.10 has no Self)
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self.stop()
        finally:
            shutil.rmtree(self._home, ignore_errors=True)

    def start(self) -> None:
        """Starts the server; it is ready when this returns."""
        with open(self._home / "server.log", "ab") as log:
            self._process = subprocess.Popen(
                [self._binary, "serve"], env=self._env, stdout=log, stderr=log, start_new_session=True
            )
        self._tools.wait_until_ready(self._process, self.url)

    def stop(self) -> None:
        """Stops it."""
        self._tools.stop(self._process)

    def token(self) -> str:
        """A token of every scope, for an hour."""
        token: str = self._tools.cli(self._binary, self._env, "token", "--lifetime", "3600")
        return token.strip()
