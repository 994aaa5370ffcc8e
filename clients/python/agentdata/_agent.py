"""What there is for one agent at work."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import TimeoutError as FutureTimeout
from uuid import UUID

import httpx
from agentdata_client.models import ConfigChange, CreatedBatch, Level, Log, Prompt

from ._call import UNSET, Call, Unset, path
from ._errors import ApiError, ConnectionFailed, NotModified, TimedOut
from ._events import AsyncEvents, Events
from ._outbox import Batch, Undelivered
from ._prompts import MAX_AGE, STALE_IF_ERROR, PromptCache, prompt_call, prompt_key, quick
from ._recorder import AsyncRecorder, Recorder
from ._retry import Retry
from ._sender import AsyncSender, Options, Sender
from ._worker import Settings, Worker
from .resources.configs import AsyncConfigs, Configs
from .resources.logs import AsyncLogs, Logs

MAX_RECORDS = 10_000
MAX_BYTES = 16 * 1024 * 1024
FLUSH_INTERVAL = 1.0
CLOSE_TIMEOUT = 5.0
# A recorder's thread waits for an answer no longer.
_DELIVERY_TIMEOUT = httpx.Timeout(10.0, connect=5.0)
# Nor for the event loop: several pieces of an answer, and other tasks.
_LOOP_SECONDS = 30.0


class AgentHandle:
    """One agent at work. `AgentData.agent` makes it.

    Attributes:
        id: The agent's id.
    """

    def __init__(self, sender: Sender, prompts: PromptCache, agent_id: UUID | str) -> None:
        self._sender, self._prompts = sender, prompts
        self.id = agent_id

    def __repr__(self) -> str:
        return f"AgentHandle({str(self.id)!r})"

    def recorder(
        self,
        *,
        session_id: str | None = None,
        trace_id: str | None = None,
        max_records: int = MAX_RECORDS,
        max_bytes: int = MAX_BYTES,
        flush_interval: float = FLUSH_INTERVAL,
        close_timeout: float = CLOSE_TIMEOUT,
        on_undelivered: Callable[[Undelivered], None] | None = None,
    ) -> Recorder:
        """A recorder of logs, metrics and tool usage, which delivers them in the background in batches.

        Args:
            session_id: The session or conversation of all logs and tool calls that name no other.
            trace_id: Likewise their trace: 32 hexadecimal digits.
            max_records: How many records may wait; what comes when there are as many is given up.
            max_bytes: How many bytes of JSON may wait and be on their way.
            flush_interval: For how many seconds at most a record waits for others to go with.
            close_timeout: For how many seconds at most `close` delivers what waits.
            on_undelivered: Told of records that are given up, in the thread that finds out. It must not take long.
        """
        settings = Settings(max_records, max_bytes, flush_interval, close_timeout, on_undelivered)
        sender, agent_id = self._sender.with_options(_delivery(self._sender.options)), self.id

        def deliver(batch: Batch) -> None:
            sender.request(_batch_call(agent_id, batch), CreatedBatch.from_dict)

        return Recorder(Worker(deliver, settings), session_id, trace_id)

    def prompt(
        self,
        label: str = "latest",
        *,
        version: int | None = None,
        max_age: float = MAX_AGE,
        stale_if_error: float = STALE_IF_ERROR,
    ) -> Prompt:
        """The prompt under a label, or a version of it. It is kept, so that an agent may ask at every turn.

        While the server is down or busy the kept one is returned, and the server asked again after 5 seconds.

        Args:
            label: The label, such as `production`; `latest` is always the newest version.
            version: The version, instead of a label. It never changes, so it is fetched once.
            max_age: For how many seconds the server is not asked again what the label points to.
            stale_if_error: For how many seconds the kept one does, when the server cannot tell.

        Raises:
            AgentDataError: when the server cannot be reached and nothing young enough is kept.
            NotFound: when there is no such prompt.
        """
        key = prompt_key(self.id, label, version)
        if (fresh := self._prompts.fresh(key, max_age, stale_if_error)) is not None:
            return fresh
        kept = self._prompts.version(key)
        sender = self._sender if kept is None else self._sender.with_options(quick(self._sender.options))
        try:
            return self._prompts.store(key, sender.request(prompt_call(key, kept), Prompt.from_dict))
        except NotModified:
            unchanged = self._prompts.unchanged(key, kept)
            if unchanged is None:  # another thread has put it out
                return self._prompts.store(key, self._sender.request(prompt_call(key, None), Prompt.from_dict))
            return unchanged
        except (ApiError, ConnectionFailed) as error:
            return self._prompts.after_failure(key, stale_if_error, error)

    def tail(
        self,
        *,
        level: Sequence[Level] | Unset = UNSET,
        min_level: Level | Unset = UNSET,
        session_id: str | Unset = UNSET,
        trace_id: str | Unset = UNSET,
    ) -> Events[Log]:
        """The agent's logs from now on; `client.logs.tail` has more filters."""
        logs = Logs(self._sender)
        return logs.tail(self.id, level=level, min_level=min_level, session_id=session_id, trace_id=trace_id)

    def watch(self, *, after: int | Unset = UNSET) -> Events[ConfigChange]:
        """The changes of the agent's configs from now on, or behind the change of the number `after`."""
        return Configs(self._sender).watch(self.id, after=after)


class AsyncAgentHandle:
    """One agent at work. `AsyncAgentData.agent` makes it; see AgentHandle.

    Attributes:
        id: The agent's id.
    """

    def __init__(self, sender: AsyncSender, prompts: PromptCache, agent_id: UUID | str) -> None:
        self._sender, self._prompts = sender, prompts
        self.id = agent_id

    def __repr__(self) -> str:
        return f"AsyncAgentHandle({str(self.id)!r})"

    def recorder(
        self,
        *,
        session_id: str | None = None,
        trace_id: str | None = None,
        max_records: int = MAX_RECORDS,
        max_bytes: int = MAX_BYTES,
        flush_interval: float = FLUSH_INTERVAL,
        close_timeout: float = CLOSE_TIMEOUT,
        on_undelivered: Callable[[Undelivered], None] | None = None,
    ) -> AsyncRecorder:
        """A recorder, whose arguments are those of AgentHandle.recorder. Make it in the event loop."""
        settings = Settings(max_records, max_bytes, flush_interval, close_timeout, on_undelivered)
        sender, agent_id = self._sender.with_options(_delivery(self._sender.options)), self.id
        loop = asyncio.get_running_loop()

        def deliver(batch: Batch) -> None:
            request = sender.request(_batch_call(agent_id, batch), CreatedBatch.from_dict)
            try:
                answer = asyncio.run_coroutine_threadsafe(request, loop)
            except RuntimeError as error:
                request.close()
                raise ConnectionFailed("the event loop is closed") from error
            try:
                answer.result(_LOOP_SECONDS)
            except FutureTimeout as error:
                answer.cancel()
                raise TimedOut("the event loop did not come to deliver records") from error

        return AsyncRecorder(Worker(deliver, settings), session_id, trace_id)

    async def prompt(
        self,
        label: str = "latest",
        *,
        version: int | None = None,
        max_age: float = MAX_AGE,
        stale_if_error: float = STALE_IF_ERROR,
    ) -> Prompt:
        """The prompt under a label, or a version of it; see AgentHandle.prompt."""
        key = prompt_key(self.id, label, version)
        if (fresh := self._prompts.fresh(key, max_age, stale_if_error)) is not None:
            return fresh
        kept = self._prompts.version(key)
        sender = self._sender if kept is None else self._sender.with_options(quick(self._sender.options))
        try:
            return self._prompts.store(key, await sender.request(prompt_call(key, kept), Prompt.from_dict))
        except NotModified:
            unchanged = self._prompts.unchanged(key, kept)
            if unchanged is None:  # another task has put it out
                return self._prompts.store(key, await self._sender.request(prompt_call(key, None), Prompt.from_dict))
            return unchanged
        except (ApiError, ConnectionFailed) as error:
            return self._prompts.after_failure(key, stale_if_error, error)

    def tail(
        self,
        *,
        level: Sequence[Level] | Unset = UNSET,
        min_level: Level | Unset = UNSET,
        session_id: str | Unset = UNSET,
        trace_id: str | Unset = UNSET,
    ) -> AsyncEvents[Log]:
        """The agent's logs from now on; `client.logs.tail` has more filters."""
        logs = AsyncLogs(self._sender)
        return logs.tail(self.id, level=level, min_level=min_level, session_id=session_id, trace_id=trace_id)

    def watch(self, *, after: int | Unset = UNSET) -> AsyncEvents[ConfigChange]:
        """The changes of the agent's configs from now on, or behind the change of the number `after`."""
        return AsyncConfigs(self._sender).watch(self.id, after=after)


def _delivery(options: Options) -> Options:
    # The recorder itself sends again, as long as it is open.
    return Options(_DELIVERY_TIMEOUT, Retry(0), options.max_outage)


def _batch_call(agent_id: UUID | str, batch: Batch) -> Call:
    place = path("/agents/{}/{}/batch", agent_id, batch.kind)
    return Call("POST", place, headers={"Content-Type": "application/json"}, content=batch.body(), safe=True)
