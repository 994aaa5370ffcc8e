"""Sending: the access token, retries, and answers or errors. What both kinds decide alike is in other modules."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import httpx
from agentdata_client.models import TokenResponse

from ._call import Call
from ._errors import AgentDataError, ApiError, NotModified, UnexpectedAnswer, api_error, connection_error
from ._retry import Retry
from ._tokens import Tokens

T = TypeVar("T")


@dataclass(frozen=True)
class Options:
    """How requests are sent.

    Attributes:
        timeout: How long to wait for a connection, and for each piece of an answer.
        retry: How often a request is sent again.
        max_outage: For how many seconds a stream of events may fail to go on before it is given up.
    """

    timeout: httpx.Timeout
    retry: Retry
    max_outage: float


@dataclass(frozen=True, repr=False)
class Sender:
    """Sends requests, in any thread."""

    http: httpx.Client
    tokens: Tokens
    lock: threading.Lock
    options: Options

    def with_options(self, options: Options) -> Sender:
        """One that shares the connections and the token."""
        return replace(self, options=options)

    def request(self, call: Call, parse: Callable[[Any], T]) -> T:
        """What `parse` makes of the answer's JSON."""
        return parsed(self.send(call), parse)

    def request_bytes(self, call: Call) -> bytes:
        """The answer as it is."""
        return self.send(call).content

    def request_text(self, call: Call) -> str:
        """The answer as text."""
        return self.send(call).text

    def request_nothing(self, call: Call) -> None:
        """Nothing: the answer is empty."""
        self.send(call)

    def send(self, call: Call, *, stream: bool = False) -> httpx.Response:
        """The answer; of a stream the head only, which must be closed.

        Raises:
            AgentDataError: when the server refuses, or cannot be reached.
        """
        attempt, rejected = 0, None
        while True:
            token = self._token(rejected) if call.authorized else None
            try:
                return self._send_once(call, token, stream)
            except AgentDataError as error:
                if rejected is None and is_rejected(error, call, self.tokens):
                    rejected = token
                    continue
                delay = self.options.retry.delay(call, attempt, error)
                if delay is None:
                    raise
            attempt += 1
            time.sleep(delay)

    def _send_once(self, call: Call, token: str | None, stream: bool) -> httpx.Response:
        request = build(self.http, call, token, call.content, self.options.timeout)
        try:
            response = self.http.send(request, stream=stream)
            if not response.is_success and stream:
                try:
                    response.read()
                finally:
                    response.close()
        except httpx.RequestError as error:
            raise connection_error(error) from hidden(error)
        return checked(response)

    def _token(self, rejected: str | None) -> str:
        with self.lock:
            token = self.tokens.usable(rejected)
            if token is None:
                token = self.tokens.store(self.request(self.tokens.request(), TokenResponse.from_dict))
            return token


@dataclass(frozen=True, repr=False)
class AsyncSender:
    """Sends requests, in one event loop."""

    http: httpx.AsyncClient
    tokens: Tokens
    lock: asyncio.Lock
    options: Options

    def with_options(self, options: Options) -> AsyncSender:
        """One that shares the connections and the token."""
        return replace(self, options=options)

    async def request(self, call: Call, parse: Callable[[Any], T]) -> T:
        """What `parse` makes of the answer's JSON."""
        return parsed(await self.send(call), parse)

    async def request_bytes(self, call: Call) -> bytes:
        """The answer as it is."""
        return (await self.send(call)).content

    async def request_text(self, call: Call) -> str:
        """The answer as text."""
        return (await self.send(call)).text

    async def request_nothing(self, call: Call) -> None:
        """Nothing: the answer is empty."""
        await self.send(call)

    async def send(self, call: Call, *, stream: bool = False) -> httpx.Response:
        """The answer; of a stream the head only, which must be closed.

        Raises:
            AgentDataError: when the server refuses, or cannot be reached.
        """
        attempt, rejected = 0, None
        while True:
            token = await self._token(rejected) if call.authorized else None
            try:
                return await self._send_once(call, token, stream)
            except AgentDataError as error:
                if rejected is None and is_rejected(error, call, self.tokens):
                    rejected = token
                    continue
                delay = self.options.retry.delay(call, attempt, error)
                if delay is None:
                    raise
            attempt += 1
            await asyncio.sleep(delay)

    async def _send_once(self, call: Call, token: str | None, stream: bool) -> httpx.Response:
        content = call.content
        if isinstance(content, Iterable) and not isinstance(content, bytes):
            content = _in_turn(content)
        request = build(self.http, call, token, content, self.options.timeout)
        try:
            response = await self.http.send(request, stream=stream)
            if not response.is_success and stream:
                try:
                    await response.aread()
                finally:
                    await response.aclose()
        except httpx.RequestError as error:
            raise connection_error(error) from hidden(error)
        return checked(response)

    async def _token(self, rejected: str | None) -> str:
        async with self.lock:
            token = self.tokens.usable(rejected)
            if token is None:
                token = self.tokens.store(await self.request(self.tokens.request(), TokenResponse.from_dict))
            return token


def build(
    http: httpx.Client | httpx.AsyncClient,
    call: Call,
    token: str | None,
    content: bytes | Iterable[bytes] | AsyncIterable[bytes] | None,
    timeout: httpx.Timeout,
) -> httpx.Request:
    """The request as HTTP."""
    headers = call.header_fields()
    if token is not None:
        headers["Authorization"] = f"Bearer {token}"
    return http.build_request(
        call.method,
        call.path,
        params=call.parameters() or None,
        headers=headers,
        content=content,
        timeout=timeout,
    )


def is_rejected(error: AgentDataError, call: Call, tokens: Tokens) -> bool:
    """Whether the same request may succeed with another token."""
    rejected = isinstance(error, ApiError) and error.status == 401
    return rejected and call.authorized and call.repeatable and tokens.renewable


def hidden(error: httpx.RequestError) -> httpx.RequestError | None:
    """The error as a cause, unless its text may have secrets in it."""
    return None if isinstance(error, httpx.LocalProtocolError) else error


def checked(response: httpx.Response) -> httpx.Response:
    """The answer, when it is not a refusal."""
    if response.is_success:
        return response
    if response.status_code == 304:
        raise NotModified("the resource is still the one that if_none_match names")
    raise api_error(response)


def parsed(response: httpx.Response, parse: Callable[[Any], T]) -> T:
    """What `parse` makes of the answer's JSON.

    Raises:
        UnexpectedAnswer: when it is not what the API describes.
    """
    try:
        return parse(response.json())
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise UnexpectedAnswer(
            f"the answer {response.status_code} to {response.request.method} {response.request.url.path} is not "
            f"what the API describes: {type(error).__name__}"
        ) from error


async def _in_turn(content: Iterable[bytes]) -> AsyncIterator[bytes]:
    for piece in content:
        yield piece
