"""Lists that come in pages."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from typing import Any, Generic, Protocol, TypeVar

from ._call import Call
from ._sender import AsyncSender, Sender

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Page(Protocol[T_co]):
    """One page of a list, such as a `LogPage`."""

    @property
    def items(self) -> Sequence[T_co]:
        """What is on the page."""

    @property
    def next_cursor(self) -> str | None:
        """Where the next page begins; None on the last one."""


class Pages(Generic[T]):
    """A list: iterate over its items, which are fetched page by page as they are needed. Each iteration asks anew."""

    def __init__(self, sender: Sender, call: Call, parse: Callable[[Any], Page[T]]) -> None:
        self._sender, self._call, self._parse = sender, call, parse

    def __iter__(self) -> Iterator[T]:
        for page in self.pages():
            yield from page.items

    def pages(self) -> Iterator[Page[T]]:
        """The pages, one request each."""
        page = self._sender.request(self._call, self._parse)
        yield page
        while page.next_cursor is not None:
            page = self._sender.request(self._call.at_cursor(page.next_cursor), self._parse)
            yield page


class AsyncPages(Generic[T]):
    """A list: iterate over its items, which are fetched page by page as they are needed. Each iteration asks anew."""

    def __init__(self, sender: AsyncSender, call: Call, parse: Callable[[Any], Page[T]]) -> None:
        self._sender, self._call, self._parse = sender, call, parse

    async def __aiter__(self) -> AsyncIterator[T]:
        async for page in self.pages():
            for item in page.items:
                yield item

    async def pages(self) -> AsyncIterator[Page[T]]:
        """The pages, one request each."""
        page = await self._sender.request(self._call, self._parse)
        yield page
        while page.next_cursor is not None:
            page = await self._sender.request(self._call.at_cursor(page.next_cursor), self._parse)
            yield page
