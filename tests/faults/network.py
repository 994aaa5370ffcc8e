"""A TCP proxy on 127.0.0.1 whose connections can be cut, delayed, stopped, and robbed of their answers."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class Link:
    """One connection through the proxy."""

    def __init__(self) -> None:
        self.writers: list[asyncio.StreamWriter] = []
        self.frozen = False
        self.robbed = False

    def cut(self) -> None:
        """Resets both ends."""
        for writer in self.writers:
            writer.transport.abort()


class Proxy:
    """Passes connections on to the first of its targets that takes them, beginning with another one each time.

    Attributes:
        delay: Seconds by which each piece of data is late, in both directions.
        refuses: New connections are reset.
        robs: A connection's answers are lost from the moment on when somebody asks this through it.
        lost: How many pieces of answers were lost so.
    """

    def __init__(self, *targets: int) -> None:
        self.targets = list(targets)
        self.delay = 0.0
        self.refuses = False
        self.robs: bytes | None = None
        self.lost = 0
        self.port = 0
        self.connections = 0
        self._links: set[Link] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._server = self._call(self._listen())

    def close(self) -> None:
        """Cuts everything and ends."""
        self._call(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def cut(self) -> None:
        """Resets all connections."""

        async def cut() -> None:
            for link in list(self._links):
                link.cut()

        self._call(cut())

    def freeze(self) -> None:
        """From now on nothing passes through the connections that there are, and they do not end: a peer that vanished."""

        async def freeze() -> None:
            for link in self._links:
                link.frozen = True

        self._call(freeze())

    def thaw(self) -> None:
        """The frozen connections go on."""

        async def thaw() -> None:
            for link in self._links:
                link.frozen = False

        self._call(thaw())

    def _call(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _listen(self) -> asyncio.Server:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0, backlog=512)
        self.port = server.sockets[0].getsockname()[1]
        return server

    async def _close(self) -> None:
        self._server.close()
        while self._links:
            for link in self._links:
                link.frozen = False
                link.cut()
            await asyncio.sleep(0.02)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        link = Link()
        link.writers.append(writer)
        self._links.add(link)
        try:
            target = None if self.refuses else await self._connect()
            if target is None:
                return
            there, back = target
            link.writers.append(back)
            up = asyncio.ensure_future(self._pump(link, reader, back, answers=False))
            down = asyncio.ensure_future(self._pump(link, there, writer, answers=True))
            await asyncio.wait([up, down])
        finally:
            link.cut()
            self._links.discard(link)

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        self.connections += 1
        for number in range(len(self.targets)):
            port = self.targets[(self.connections + number) % len(self.targets)]
            with contextlib.suppress(OSError):
                return await asyncio.open_connection("127.0.0.1", port)
        return None

    async def _pump(
        self, link: Link, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, answers: bool
    ) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                if self.delay:
                    await asyncio.sleep(self.delay)
                while link.frozen:
                    await asyncio.sleep(0.02)
                if not answers and self.robs is not None and self.robs in data:
                    link.robbed = True
                if answers and link.robbed:
                    self.lost += 1
                    continue
                writer.write(data)
                await writer.drain()
            if writer.can_write_eof():
                writer.write_eof()
