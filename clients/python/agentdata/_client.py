"""The clients: `AgentData`, and `AsyncAgentData` for asyncio."""

from __future__ import annotations

import asyncio
import copy
import os
import threading
from dataclasses import replace
from types import TracebackType
from typing import TypeVar
from uuid import UUID

import httpx

from ._agent import AgentHandle, AsyncAgentHandle
from ._prompts import PromptCache
from ._retry import Retry
from ._sender import AsyncSender, Options, Sender
from ._tokens import Tokens
from ._version import __version__
from .resources import AsyncResources, Resources

_HEADERS = {"User-Agent": f"agentdata-python/{__version__}"}
_CONNECT_SECONDS = 5.0

TIMEOUT = 30.0
MAX_RETRIES = 4
MAX_OUTAGE = 300.0


class AgentData(Resources):
    """A client of an agentdata server. It may be used by several threads; close it, or use it in a `with` block.

    It fetches access tokens and replaces them before they expire, or once when the server refuses one.
    A request that fails for a passing reason (429, 502, 503, 504, a broken connection) is sent again, after a
    growing time or what `Retry-After` says, as long as it surely does no more than it would once: reads, PUT,
    DELETE, and creations, which get an `Idempotency-Key` or ids; whatever surely did nothing too. After a
    failure a deletion that had taken effect unseen raises NotFound.

    Args:
        base_url: Where the server is, such as `https://agentdata.example.org`. Default: AGENTDATA_URL of the environment.
        client_id: The OAuth client's id. Default: AGENTDATA_CLIENT_ID.
        client_secret: Its secret. Default: AGENTDATA_CLIENT_SECRET.
        token: A ready access token. With credentials too it is used until it is refused. Default: AGENTDATA_TOKEN,
            when no credentials are given.
        scope: The scopes to ask for, separated by spaces. Default: all that the client may have.
        timeout: Seconds to wait for each piece of an answer; for a connection it is 5 seconds at most.
        max_retries: How often a request is sent again; 0 for never.
        max_outage: For how many seconds a stream of events may fail to go on before it raises.
        transport: How requests travel, for a proxy or certificates of your own.

    Raises:
        ValueError: when something is missing or makes no sense.
    """

    def __init__(
        self,
        base_url: str | None = None,
        *,
        client_id: str | None = None,
        client_secret: str | None = None,
        token: str | None = None,
        scope: str | None = None,
        timeout: float = TIMEOUT,
        max_retries: int = MAX_RETRIES,
        max_outage: float = MAX_OUTAGE,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        url, tokens = _url(base_url), _tokens(client_id, client_secret, token, scope)
        options = _options(timeout, max_retries, max_outage)
        http = httpx.Client(base_url=url, headers=_HEADERS, transport=transport)
        self._sender = Sender(http, tokens, threading.Lock(), options)
        self._prompts = PromptCache()
        self._bind(self._sender)

    def __repr__(self) -> str:
        return f"AgentData({str(self._sender.http.base_url)!r}, client_id={self._sender.tokens.client_id!r})"

    def agent(self, agent_id: UUID | str) -> AgentHandle:
        """What there is for one agent at work: a recorder, its prompts, its streams. Makes no request."""
        return AgentHandle(self._sender, self._prompts, agent_id)

    def with_options(self, *, timeout: float | None = None, max_retries: int | None = None) -> AgentData:
        """The same client, with the same connections and token, that waits or retries otherwise."""
        return _with_options(self, timeout, max_retries)

    def close(self) -> None:
        """Closes the connections."""
        self._sender.http.close()

    def __enter__(self) -> AgentData:  # noqa: PYI034 (Python 3.10 has no Self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


class AsyncAgentData(AsyncResources):
    """A client of an agentdata server for asyncio: see AgentData, whose arguments it takes. It belongs to one event loop."""

    def __init__(
        self,
        base_url: str | None = None,
        *,
        client_id: str | None = None,
        client_secret: str | None = None,
        token: str | None = None,
        scope: str | None = None,
        timeout: float = TIMEOUT,
        max_retries: int = MAX_RETRIES,
        max_outage: float = MAX_OUTAGE,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        url, tokens = _url(base_url), _tokens(client_id, client_secret, token, scope)
        options = _options(timeout, max_retries, max_outage)
        http = httpx.AsyncClient(base_url=url, headers=_HEADERS, transport=transport)
        self._sender = AsyncSender(http, tokens, asyncio.Lock(), options)
        self._prompts = PromptCache()
        self._bind(self._sender)

    def __repr__(self) -> str:
        return f"AsyncAgentData({str(self._sender.http.base_url)!r}, client_id={self._sender.tokens.client_id!r})"

    def agent(self, agent_id: UUID | str) -> AsyncAgentHandle:
        """What there is for one agent at work: a recorder, its prompts, its streams. Makes no request."""
        return AsyncAgentHandle(self._sender, self._prompts, agent_id)

    def with_options(self, *, timeout: float | None = None, max_retries: int | None = None) -> AsyncAgentData:
        """The same client, with the same connections and token, that waits or retries otherwise."""
        return _with_options(self, timeout, max_retries)

    async def aclose(self) -> None:
        """Closes the connections."""
        await self._sender.http.aclose()

    async def __aenter__(self) -> AsyncAgentData:  # noqa: PYI034 (Python 3.10 has no Self)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()


C = TypeVar("C", AgentData, AsyncAgentData)


def _with_options(client: C, timeout: float | None, max_retries: int | None) -> C:
    options = client._sender.options
    if timeout is not None:
        options = replace(options, timeout=_timeout(timeout))
    if max_retries is not None:
        options = replace(options, retry=_retry(max_retries))
    changed = copy.copy(client)
    changed._sender = client._sender.with_options(options)
    changed._bind(changed._sender)
    return changed


def _url(base_url: str | None) -> httpx.URL:
    text = base_url or os.environ.get("AGENTDATA_URL")
    if not text:
        raise ValueError("give base_url, or set AGENTDATA_URL")
    url = httpx.URL(text)
    if url.scheme not in ("http", "https") or not url.host:
        raise ValueError("base_url must begin with https:// or http:// and name a host")
    if url.userinfo or url.query or url.fragment:
        raise ValueError("base_url must have no user, no query and no fragment")
    return url


def _tokens(client_id: str | None, client_secret: str | None, token: str | None, scope: str | None) -> Tokens:
    given = client_id is not None or client_secret is not None
    if token is None:
        client_id = client_id or os.environ.get("AGENTDATA_CLIENT_ID") or None
        client_secret = client_secret or os.environ.get("AGENTDATA_CLIENT_SECRET") or None
        # The ready one may have other scopes, and other credentials than those that are given.
        if not given and (scope is None or client_id is None):
            token = os.environ.get("AGENTDATA_TOKEN") or None
    return Tokens(client_id, client_secret, scope, token)


def _options(timeout: float, max_retries: int, max_outage: float) -> Options:
    return Options(_timeout(timeout), _retry(max_retries), max_outage)


def _timeout(seconds: float) -> httpx.Timeout:
    if not seconds > 0:
        raise ValueError("timeout must be more than 0 seconds")
    return httpx.Timeout(seconds, connect=min(seconds, _CONNECT_SECONDS))


def _retry(max_retries: int) -> Retry:
    if max_retries < 0:
        raise ValueError("max_retries must not be less than 0")
    return Retry(max_retries)
