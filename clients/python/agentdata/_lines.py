"""Streams of JSON objects on lines (NDJSON), in bounded memory."""

from __future__ import annotations

import json
import zlib
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Callable, Generator, Iterable, Iterator
from types import TracebackType
from typing import Any, Generic, TypeVar

import httpx

from ._call import Call
from ._errors import ConnectionFailed, UnexpectedAnswer, connection_error
from ._json import encode
from ._sender import AsyncSender, Sender, hidden

T = TypeVar("T")

# The longest record or event of the server is well below 2 MiB.
MAX_LINE_BYTES = 8 * 1024 * 1024
# What an import sends at once, and what an export takes.
_PIECE_BYTES = 64 * 1024


class Inflater:
    """Undoes an answer's compression piece by piece. httpx would make a thousandfold of some pieces at once."""

    def __init__(self, response: httpx.Response) -> None:
        encoding = response.headers.get("Content-Encoding", "identity")
        if encoding not in ("gzip", "identity"):
            raise UnexpectedAnswer(f"the stream is compressed in a way that was not asked for: {encoding}")
        self._gzip = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16) if encoding == "gzip" else None

    def feed(self, data: bytes) -> Iterator[bytes]:
        """What the data stand for, some at once.

        Raises:
            UnexpectedAnswer: when they are no gzip.
        """
        if self._gzip is None:
            yield data
            return
        try:
            while data and not self._gzip.eof:
                yield self._gzip.decompress(data, _PIECE_BYTES)
                data = self._gzip.unconsumed_tail
        except zlib.error as error:
            raise UnexpectedAnswer("the stream is not compressed as it says") from error

    def end(self) -> None:
        """The answer has ended.

        Raises:
            ConnectionFailed: when something is missing.
        """
        if self._gzip is not None and not self._gzip.eof:
            raise ConnectionFailed("the stream was cut off")


class LineBuffer:
    """Cuts bytes into lines. Only `\\n` ends one: httpx's own lines end at U+2028 too, which JSON may contain."""

    def __init__(self) -> None:
        self._rest = bytearray()

    def feed(self, data: bytes) -> list[bytes]:
        """The lines that are complete now, without their ends.

        Raises:
            UnexpectedAnswer: when a line has more than MAX_LINE_BYTES.
        """
        head, *tail = data.split(b"\n")
        self._rest += head
        lines = []
        if tail:
            lines = [bytes(self._rest), *tail[:-1]]
            self._rest = bytearray(tail[-1])
        if len(self._rest) > MAX_LINE_BYTES:
            raise UnexpectedAnswer(f"the stream has a line of more than {MAX_LINE_BYTES} bytes")
        return lines

    def rest(self) -> list[bytes]:
        """The last line, when it has no end."""
        return [bytes(self._rest)] if self._rest else []


def record(line: bytes, parse: Callable[[Any], T]) -> T:
    """What `parse` makes of a line of JSON.

    Raises:
        UnexpectedAnswer: when it is not what the API describes.
    """
    try:
        return parse(json.loads(line))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise UnexpectedAnswer(
            f"the stream has a record that is not what the API describes: {type(error).__name__}"
        ) from error


class Lines(Generic[T]):
    """An export: iterate over its records, once; the request is made when that begins.

    Use it in a `with` block, or `close` it, when you may stop before its end. A stream that is cut off
    raises ConnectionFailed, so what ends by itself is complete.
    """

    def __init__(self, sender: Sender, call: Call, parse: Callable[[Any], T]) -> None:
        self._records = _read(sender, call, parse)

    def __iter__(self) -> Iterator[T]:
        return self

    def __next__(self) -> T:
        return next(self._records)

    def __enter__(self) -> Lines[T]:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Gives the connection back; there are no more records then."""
        self._records.close()


def _read(sender: Sender, call: Call, parse: Callable[[Any], T]) -> Generator[T, None, None]:
    response, buffer = sender.send(call, stream=True), LineBuffer()
    try:
        inflater = Inflater(response)
        for data in response.iter_raw():
            for piece in inflater.feed(data):
                for line in buffer.feed(piece):
                    yield record(line, parse)
        inflater.end()
        for line in buffer.rest():
            yield record(line, parse)
    except httpx.RequestError as error:
        raise connection_error(error) from hidden(error)
    finally:
        response.close()


class AsyncLines(Generic[T]):
    """An export: iterate over its records, once; the request is made when that begins.

    Use it in an `async with` block, or `aclose` it, when you may stop before its end. A stream that is cut
    off raises ConnectionFailed, so what ends by itself is complete.
    """

    def __init__(self, sender: AsyncSender, call: Call, parse: Callable[[Any], T]) -> None:
        self._records = _aread(sender, call, parse)

    def __aiter__(self) -> AsyncIterator[T]:
        return self

    async def __anext__(self) -> T:
        return await anext(self._records)

    async def __aenter__(self) -> AsyncLines[T]:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Gives the connection back; there are no more records then."""
        await self._records.aclose()


async def _aread(sender: AsyncSender, call: Call, parse: Callable[[Any], T]) -> AsyncGenerator[T, None]:
    response, buffer = await sender.send(call, stream=True), LineBuffer()
    try:
        inflater = Inflater(response)
        async for data in response.aiter_raw():
            for piece in inflater.feed(data):
                for line in buffer.feed(piece):
                    yield record(line, parse)
        inflater.end()
        for line in buffer.rest():
            yield record(line, parse)
    except httpx.RequestError as error:
        raise connection_error(error) from hidden(error)
    finally:
        await response.aclose()


def lines_of(items: Iterable[object]) -> Iterator[bytes]:
    """The records as lines, some at once."""
    piece = bytearray()
    for item in items:
        piece += encode(item) + b"\n"
        if len(piece) >= _PIECE_BYTES:
            yield bytes(piece)
            piece.clear()
    yield bytes(piece)


async def alines_of(items: AsyncIterable[object]) -> AsyncIterator[bytes]:
    """The records as lines, some at once."""
    piece = bytearray()
    async for item in items:
        piece += encode(item) + b"\n"
        if len(piece) >= _PIECE_BYTES:
            yield bytes(piece)
            piece.clear()
    yield bytes(piece)


def lines_of_any(items: AsyncIterable[object] | Iterable[object]) -> AsyncIterator[bytes] | Iterator[bytes]:
    """The records of either kind of iterable as lines."""
    return alines_of(items) if isinstance(items, AsyncIterable) else lines_of(items)
