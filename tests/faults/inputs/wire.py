"""HTTP/1.1 byte by byte: a client library would refuse to send half of what is sent here, or tidy it up."""

from __future__ import annotations

import json
import socket
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

# Longer than any machine stalls; a test that waits for ever is ended by `conftest.limited`.
SECONDS = 200.0


def head(method: str, target: str | bytes, *lines: str | bytes, host: str = "127.0.0.1") -> bytes:
    """The head of a request; the target and the lines go out as they are."""

    def encoded(text: str | bytes) -> bytes:
        return text if isinstance(text, bytes) else text.encode()

    first = b"%s %s HTTP/1.1\r\nHost: %s" % (method.encode(), encoded(target), host.encode())
    return b"\r\n".join([first, *map(encoded, lines)]) + b"\r\n\r\n"


@dataclass(frozen=True)
class Answer:
    """An answer. The body of a stream that does not end is not read."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str:
        """The header of this name (in lower case), or the empty text."""
        return next((value for key, value in self.headers if key == name), "")

    @property
    def json(self) -> Any:
        """The body, numbers with all their digits."""
        return exact(self.body)

    @property
    def places(self) -> list[str]:
        """Where the problem says that the fault is: JSON Pointers and names of parameters."""
        return [error.get("pointer", error.get("parameter")) for error in self.json["errors"]]


def exact(text: str | bytes) -> Any:
    """A JSON text as a value that is equal to another one only if all digits are."""
    return json.loads(text, parse_float=Decimal)


class Connection:
    """A connection to the server."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), SECONDS)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._reader = self._socket.makefile("rb")

    def __enter__(self) -> Connection:  # noqa: PYI034 (Python 3.10 has no Self)
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes it."""
        self._reader.close()
        self._socket.close()

    def send(self, data: bytes) -> None:
        """Sends bytes. The server may have answered and closed before it has read them all."""
        try:
            self._socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            pass

    def answer(self, method: str = "GET") -> Answer:
        """The next answer, to a request with this method."""
        first = self._reader.readline()
        if not first:
            raise ConnectionResetError("closed without an answer")
        status = int(first.split()[1])
        headers = []
        while (line := self._reader.readline().strip()) != b"":
            name, _, value = line.decode("latin-1").partition(":")
            headers.append((name.lower(), value.strip()))
        answer = Answer(status, headers, b"")
        if method == "HEAD" or status < 200 or answer.header("content-type").startswith("text/event-stream"):
            return answer
        if answer.header("transfer-encoding") == "chunked":
            return Answer(status, headers, self._chunks())
        return Answer(status, headers, self._reader.read(int(answer.header("content-length") or "0")))

    def _chunks(self) -> bytes:
        body = b""
        while (size := int(self._reader.readline(), 16)) > 0:
            body += self._reader.read(size)
            self._reader.readline()
        self._reader.readline()
        return body

    def is_closed(self) -> bool:
        """Whether the server ends the connection now, without another byte."""
        try:
            return self._reader.read(1) == b""
        except ConnectionResetError:
            return True
