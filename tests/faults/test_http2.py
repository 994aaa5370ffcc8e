"""HTTP/2 frames that cost the client little and a careless server much: the connection ends, the server goes on."""

from __future__ import annotations

import socket
import struct
import threading
from collections import Counter
from collections.abc import Iterator

import pytest
from arena import Arena
from conftest import Form
from processes import get
from server import Server

MIB = 1024 * 1024
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
# RFC 9113 §6 and §7.
HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY, CONTINUATION = 1, 3, 4, 6, 7, 9
END_STREAM, END_HEADERS = 1, 4
NO_ERROR, REFUSED_STREAM, ENHANCE_YOUR_CALM = 0, 7, 11
# GET or POST http://127.0.0.1/healthz in HPACK (RFC 7541 §6).
HEALTH = b"\x86\x04\x08/healthz\x01\x09127.0.0.1"
GET, POST = b"\x82" + HEALTH, b"\x83" + HEALTH


def frame(kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
    """A frame (RFC 9113 §4.1)."""
    return len(payload).to_bytes(3, "big") + struct.pack(">BBI", kind, flags, stream) + payload


class Peer:
    """A connection whose frames are counted in a thread of their own.

    Attributes:
        frames: How often a frame of a kind came, and how often with an error.
    """

    def __init__(self, port: int) -> None:
        self.frames: Counter[tuple[int, int]] = Counter()
        self.socket = socket.create_connection(("127.0.0.1", port), 30)
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def send(self, data: bytes) -> bool:
        """Whether the server still takes it."""
        try:
            self.socket.sendall(data)
        except OSError:
            return False
        return True

    def end(self) -> Counter[tuple[int, int]]:
        """Says that nothing more comes; what the server has sent in all, when it has ended the connection."""
        try:
            self.socket.shutdown(socket.SHUT_WR)
        except OSError:
            pass
        self._thread.join(60)
        assert not self._thread.is_alive(), "the connection does not end"
        self.socket.close()
        return self.frames

    def _read(self) -> None:
        try:
            with self.socket.makefile("rb") as reader:
                while len(head := reader.read(9)) == 9:
                    payload = reader.read(int.from_bytes(head[:3], "big"))
                    error = 0
                    if head[3] in (RST_STREAM, GOAWAY):
                        error = int.from_bytes(payload[-4:] if head[3] == RST_STREAM else payload[4:8], "big")
                    self.frames[head[3], error] += 1
        except OSError:
            pass


def rapid_reset(count: int) -> Iterator[bytes]:
    """Requests that are taken back at once (CVE-2023-44487)."""
    for stream in range(1, 2 * count, 2):
        request = frame(HEADERS, END_STREAM | END_HEADERS, stream, GET)
        yield request + frame(RST_STREAM, 0, stream, struct.pack(">I", 8))


def continuation_flood(count: int) -> Iterator[bytes]:
    """A head that never ends (CVE-2024-27316)."""
    yield frame(HEADERS, END_STREAM, 1, GET)
    field = b"\x00\x01x" + b"\x7f\x81\x7c" + b"y" * 16_000
    for _ in range(count):
        yield frame(CONTINUATION, 0, 1, field)


def many_streams(count: int) -> Iterator[bytes]:
    """Requests that do not end."""
    for stream in range(1, 2 * count, 2):
        yield frame(HEADERS, END_HEADERS, stream, POST)


def settings_and_pings(count: int) -> Iterator[bytes]:
    """Frames that want an answer each (CVE-2019-9512, CVE-2019-9515)."""
    for _ in range(count):
        yield frame(SETTINGS, 0, 0) + frame(PING, 0, 0, bytes(8))


# Each with what the server must have sent: an end of it all, a refusal, or an answer to each.
FLOODS = {
    "rapid reset": (rapid_reset, GOAWAY, ENHANCE_YOUR_CALM),
    "CONTINUATION flood": (continuation_flood, GOAWAY, ENHANCE_YOUR_CALM),
    "10k streams": (many_streams, RST_STREAM, REFUSED_STREAM),
    "settings and pings": (settings_and_pings, PING, NO_ERROR),
}


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Arena() as arena:
        server = arena.server().start()
        yield server
        assert server.log_lines("panicked") == []
        server.terminate()


@pytest.mark.parametrize("name", FLOODS)
def test_flood(server: Server, form: Form, name: str) -> None:
    peer = Peer(server.port)
    assert peer.send(PREFACE + frame(SETTINGS, 0, 0))
    taken = 0
    flood, kind, error = FLOODS[name]
    for frames in flood(form(10_000, 50_000)):
        if not peer.send(frames):
            break
        taken += 1
        if taken % 2000 == 0:
            assert get(f"{server.url}/healthz", timeout=20) == 200
    sent = peer.end()
    print(f"{name}: {taken} taken, {dict(sent)}, memory at most {server.memory('VmHWM') // MIB} MiB")
    assert sent[kind, error] > 0, sent
    assert get(f"{server.url}/healthz", timeout=20) == 200
    assert server.memory("VmHWM") < 256 * MIB
