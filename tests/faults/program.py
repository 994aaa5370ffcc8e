"""An agent's program as its authors would write it: the Python SDK, whose retries are all that it does about faults."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from types import TracebackType

from agentdata import AsyncAgentData
from agentdata.params import NewEmbedding
from history import Attempt, Outcome, Write
from operations import new_id
from processes import wait_until


class Program:
    """Calls the SDK from several tasks in a thread of its own.

    Attributes:
        writes: What it has written, for the check of the history.
        failures: Calls that raised. There must be none.
    """

    def __init__(self, url: str, credentials: tuple[str, str], tasks: int) -> None:
        self.url, self.credentials, self.tasks = url, credentials, tasks
        self.writes: list[Write] = []
        self.failures: list[str] = []
        self.calls = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)

    def __enter__(self) -> Program:  # noqa: PYI034 (Python 3.10 has no Self)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join(90)
        assert not self._thread.is_alive(), "the program does not end"

    def wait_for_calls(self, count: int) -> None:
        """Waits until so many more calls have been made."""
        before = self.calls
        wait_until(f"{count} more calls", lambda: self.calls > before + count, 60)

    async def _run(self) -> None:
        id, secret = self.credentials
        async with AsyncAgentData(self.url, client_id=id, client_secret=secret) as client:
            agent, dataset = new_id(), new_id()
            await self._call("agent", agent, lambda: client.agents.create(name=agent, id=agent))
            await self._call("dataset", dataset, lambda: client.datasets.create(agent, name=dataset, id=dataset))
            await asyncio.gather(*(self._work(client, agent, dataset) for _ in range(self.tasks)))

    async def _work(self, client: AsyncAgentData, agent: str, dataset: str) -> None:
        while not self._stop.is_set():
            mark = new_id()
            calls = calls_of(client, agent, dataset, mark)
            kind = list(calls)[self.calls % len(calls)]
            await self._call(kind, mark, calls[kind])

    async def _call(self, kind: str, mark: str, call: Callable[[], Awaitable[object]]) -> None:
        self.calls += 1
        outcome = Outcome.OK
        try:
            await call()
        except Exception as error:  # noqa: BLE001 (whatever reaches the program breaks the promise)
            self.failures.append(f"{kind}: {error!r}")
            outcome = Outcome.UNKNOWN
        self.writes.append(Write(kind, () if kind == "read" else (mark,), [Attempt(kind, 0, 0, outcome)]))


def calls_of(client: AsyncAgentData, agent: str, dataset: str, mark: str) -> dict[str, Callable[[], Awaitable[object]]]:
    """One call of each kind, whose record is known again by the mark."""
    marked = {"mark": mark}
    items: list[NewEmbedding] = [{"id": mark, "content": mark, "embedding": [1.0, 2.0, 3.0]}]
    return {
        "agent": lambda: client.agents.create(name=mark, id=mark),
        "log": lambda: client.logs.create(agent, level="info", message=mark, id=mark),
        "read": lambda: client.agents.get(agent),
        "prompt": lambda: client.prompts.create(agent, type="text", template=mark, labels=["newest"]),
        "config": lambda: client.configs.set(agent, key="key", value=marked),
        "metric": lambda: client.metrics.create(agent, name="n", kind="gauge", value=1, id=mark, attributes=marked),
        "tool usage": lambda: client.tool_usage.create(agent, tool_name="t", status="success", input=marked, id=mark),
        "dataset": lambda: client.datasets.create(agent, name=mark, id=mark),
        "embedding": lambda: client.embeddings.create(dataset, items=items),
    }
