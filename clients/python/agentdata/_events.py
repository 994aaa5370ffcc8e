"""Streams of server-sent events that go on over lost connections, restarts and expired tokens."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator, Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Generic, TypeVar

import httpx

from ._call import Call
from ._errors import AgentDataError, ApiError, ConnectionFailed, UnexpectedAnswer, connection_error
from ._lines import MAX_LINE_BYTES, LineBuffer, record
from ._retry import Retry, backoff
from ._sender import AsyncSender, Options, Sender

T = TypeVar("T")

# The server sends something every 15 seconds; after so long the connection is taken for lost.
_SILENCE_SECONDS = 45.0
# The one reason to end after which there is nothing to come back for.
_DELETED = "agent_deleted"


@dataclass(frozen=True)
class Event:
    """An event; one without data only tells a position."""

    kind: str
    data: bytes
    id: str | None


class Decoder:
    """Makes events of bytes, as the HTML standard says (§9.2.6), for lines that end in `\\n` or `\\r\\n`."""

    def __init__(self) -> None:
        self._lines = LineBuffer()
        self._kind, self._data, self._id = "", bytearray(), None  # type: str, bytearray, str | None

    def feed(self, data: bytes) -> list[Event]:
        """The events that are complete now."""
        return [event for line in self._lines.feed(data) if (event := self._take(line.removesuffix(b"\r")))]

    def _take(self, line: bytes) -> Event | None:
        if not line:
            event = Event(self._kind, bytes(self._data.removesuffix(b"\n")), self._id)
            self._kind, self._data = "", bytearray()
            return event
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if name == b"data":
            self._data += value + b"\n"
            if len(self._data) > MAX_LINE_BYTES:
                raise UnexpectedAnswer(f"the stream has an event of more than {MAX_LINE_BYTES} bytes")
        elif name == b"event":
            self._kind = value.decode(errors="replace")
        elif name == b"id":
            self._id = value.decode(errors="replace")
        return None


class Follow:
    """Where a stream stands, and when it is given up."""

    def __init__(self, call: Call, max_outage: float) -> None:
        self._call, self._max_outage = call, max_outage
        self._failing_since = 0.0
        self._failures = 0
        self.last_event_id: str | None = None
        self.ended = False

    @property
    def call(self) -> Call:
        """The request that goes on behind the last event."""
        return self._call.after_event(self.last_event_id)

    def heard(self) -> None:
        """The server has sent something."""
        self._failures = 0

    def arrived(self, event: Event) -> bytes | None:
        """The data of an event that callers want.

        Raises:
            ConnectionFailed: when the event says that the stream ends but may be taken up again.
        """
        if event.kind == "end":
            reason = record(event.data, lambda end: str(end["reason"]))
            self.ended = reason == _DELETED
            if not self.ended:
                raise ConnectionFailed(f"the server ended the stream: {reason}")
            return None
        self.last_event_id = event.id or self.last_event_id
        return event.data or None

    def failed(self, error: AgentDataError) -> float:
        """Seconds to wait before the stream is taken up again.

        Raises:
            AgentDataError: the error, when that would not help, or has not helped for too long.
        """
        passes = isinstance(error, ConnectionFailed) or (
            isinstance(error, ApiError) and (error.status == 429 or error.status >= 500)
        )
        now = time.monotonic()
        if self._failures == 0:
            self._failing_since = now
        if not passes or now - self._failing_since > self._max_outage:
            raise error
        self._failures += 1
        return backoff(self._failures - 1)


class Events(Generic[T]):
    """A stream of events: iterate over what they hold. It ends when the agent is deleted.

    When the connection breaks, the server restarts or the access token expires, it goes on behind the last
    event, so nothing is missed and nothing comes twice. An outage longer than the client's `max_outage`
    raises the last error. Use it in a `with` block, or `close` it. From when the block is entered, or else from
    the first iteration on, nothing is missed.

    Attributes:
        last_event_id: The id of the event that came last, to go on from in another process; None at first.
    """

    def __init__(self, sender: Sender, call: Call, parse: Callable[[Any], T]) -> None:
        self._follow = Follow(call, sender.options.max_outage)
        self._events = _read(sender.with_options(_options(sender.options)), self._follow, parse)
        self._begun = False
        self._early: list[T] = []

    @property
    def last_event_id(self) -> str | None:
        return self._follow.last_event_id

    def __iter__(self) -> Iterator[T]:
        return self

    def __next__(self) -> T:
        self._begin()
        if self._early:
            return self._early.pop()
        return next(value for value in self._events if value is not None)

    def __enter__(self) -> Events[T]:
        self._begin()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Gives the connection back; there are no more events then."""
        self._events.close()

    def _begin(self) -> None:
        """Waits until the stream stands and tells its position, from which it goes on whatever happens."""
        if not self._begun:
            self._begun = True
            first = next(self._events, None)
            if first is not None:
                self._early.append(first)


def _read(sender: Sender, follow: Follow, parse: Callable[[Any], T]) -> Generator[T | None, None, None]:
    while not follow.ended:
        try:
            response, decoder = sender.send(follow.call, stream=True), Decoder()
            try:
                for data in response.iter_bytes():
                    follow.heard()
                    for event in decoder.feed(data):
                        wanted = follow.arrived(event)
                        yield None if wanted is None else record(wanted, parse)
            finally:
                response.close()
            if not follow.ended:
                raise ConnectionFailed("the stream ended without a word")
        except httpx.RequestError as error:
            time.sleep(follow.failed(connection_error(error)))
        except AgentDataError as error:
            time.sleep(follow.failed(error))


class AsyncEvents(Generic[T]):
    """A stream of events: iterate over what they hold. It ends when the agent is deleted.

    When the connection breaks, the server restarts or the access token expires, it goes on behind the last
    event, so nothing is missed and nothing comes twice. An outage longer than the client's `max_outage`
    raises the last error. Use it in an `async with` block, or `aclose` it. From when the block is entered, or
    else from the first iteration on, nothing is missed.

    Attributes:
        last_event_id: The id of the event that came last, to go on from in another process; None at first.
    """

    def __init__(self, sender: AsyncSender, call: Call, parse: Callable[[Any], T]) -> None:
        self._follow = Follow(call, sender.options.max_outage)
        self._events = _aread(sender.with_options(_options(sender.options)), self._follow, parse)
        self._begun = False
        self._early: list[T] = []

    @property
    def last_event_id(self) -> str | None:
        return self._follow.last_event_id

    def __aiter__(self) -> AsyncIterator[T]:
        return self

    async def __anext__(self) -> T:
        await self._begin()
        if self._early:
            return self._early.pop()
        while (value := await anext(self._events)) is None:
            pass
        return value

    async def __aenter__(self) -> AsyncEvents[T]:
        await self._begin()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Gives the connection back; there are no more events then."""
        await self._events.aclose()

    async def _begin(self) -> None:
        """Waits until the stream stands and tells its position, from which it goes on whatever happens."""
        if not self._begun:
            self._begun = True
            first = await anext(self._events, None)
            if first is not None:
                self._early.append(first)


async def _aread(sender: AsyncSender, follow: Follow, parse: Callable[[Any], T]) -> AsyncGenerator[T | None, None]:
    while not follow.ended:
        try:
            response, decoder = await sender.send(follow.call, stream=True), Decoder()
            try:
                async for data in response.aiter_bytes():
                    follow.heard()
                    for event in decoder.feed(data):
                        wanted = follow.arrived(event)
                        yield None if wanted is None else record(wanted, parse)
            finally:
                await response.aclose()
            if not follow.ended:
                raise ConnectionFailed("the stream ended without a word")
        except httpx.RequestError as error:
            await asyncio.sleep(follow.failed(connection_error(error)))
        except AgentDataError as error:
            await asyncio.sleep(follow.failed(error))


def _options(options: Options) -> Options:
    # Follow does the retries: it has all of an outage for them.
    timeout = options.timeout.as_dict() | {"read": _SILENCE_SECONDS}
    return Options(httpx.Timeout(**timeout), Retry(0), options.max_outage)
