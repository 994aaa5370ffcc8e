"""Many connections at once, by hand: too slow, too idle or too busy for a client library."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from types import TracebackType

from processes import get
from server import Server


def head(method: str, path: str, token: str, length: int | None = None, *more: str) -> bytes:
    """The head of a request."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Authorization: Bearer {token}", *more]
    if length is not None:
        lines += ["Content-Type: application/json", f"Content-Length: {length}"]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


async def answer(reader: asyncio.StreamReader) -> tuple[int, dict[str, str]]:
    """Status and headers of an answer whose body has a length, which is read too."""
    first = await reader.readline()
    if not first:
        raise ConnectionResetError("closed before the answer")
    status, headers = int(first.split()[1]), {}
    while (line := (await reader.readline()).decode().strip()) != "":
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    await reader.readexactly(int(headers.get("content-length", "0")))
    return status, headers


class Crowd:
    """Connections to a server, each doing the same in a task of its own, in a thread beside the test.

    Attributes:
        answers: How often each status was answered; "closed" and "refused" are connections.
        faults: Answers that have not the declared form.
    """

    Act = Callable[["Crowd", asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

    def __init__(self, server: Server, count: int, act: Act) -> None:
        self.server, self.count, self.act = server, count, act
        self.answers: Counter[str] = Counter()
        self.faults: list[str] = []
        self.open = 0
        self._ending = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)

    @property
    def goes_on(self) -> bool:
        """Whether the crowd shall go on."""
        return not self._ending.is_set()

    def __enter__(self) -> Crowd:  # noqa: PYI034 (Python 3.10 has no Self)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._ending.set()
        self._thread.join(60)
        assert not self._thread.is_alive(), "the crowd does not end"

    def note(self, status: int, headers: dict[str, str]) -> None:
        """Notes an answer; 429 and 503 must say when to come again."""
        self.answers[str(status)] += 1
        if status in (429, 503) and not headers.get("retry-after", "").isdecimal():
            self.faults.append(f"{status} without Retry-After")

    async def _run(self) -> None:
        tasks = [asyncio.ensure_future(self._one()) for _ in range(self.count)]
        while self.goes_on and not all(task.done() for task in tasks):
            await asyncio.sleep(0.05)
        # Who still waits for something is let go.
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _one(self) -> None:
        while self.goes_on:
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", self.server.port)
            except OSError:
                self.answers["refused"] += 1
                await asyncio.sleep(0.5)
                continue
            self.open += 1
            try:
                await self.act(self, reader, writer)
            except (OSError, EOFError):
                self.answers["closed"] += 1
            finally:
                self.open -= 1
                with contextlib.suppress(RuntimeError):
                    writer.transport.abort()


class Health:
    """Asks /healthz and /readyz all the while, over new connections, and notes how long they took."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.worst = {"/healthz": 0.0, "/readyz": 0.0}
        self.answers: Counter[str] = Counter()
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Health:  # noqa: PYI034 (Python 3.10 has no Self)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._ending.set()
        self._thread.join(30)

    def _run(self) -> None:

        while not self._ending.is_set():
            for path in self.worst:
                began = time.monotonic()
                status = get(self.server.url + path, timeout=20)
                self.worst[path] = max(self.worst[path], time.monotonic() - began)
                self.answers[f"{path} {status}"] += 1
            time.sleep(0.05)
