"""Several servers on one database: one is killed, all are replaced one after the other."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from types import TracebackType

from agentdata import AsyncAgentData
from cluster import Arena, wait_until
from conftest import REPORT, Form, Trial
from history import Attempt, Outcome, Write, judge
from inventory import by_sql
from operations import new_id
from workload import Load


def test_two_servers_and_one_is_killed(arena: Arena, trial: Trial, form: Form) -> None:
    """Clients that go on with the other server lose nothing, and the survivor does not notice."""
    postgres = arena.running_postgres()
    one, two = arena.server(postgres.url()).start(), arena.server(postgres.url()).start()
    with Load([one.url, two.url], one.token(), postgres.database()) as load:
        for _ in range(form(2, 6)):
            load.lasts(0.5)
            with load.fault(cut=True, recovery=0):
                two.kill()
                load.lasts(1)
                two.start()
            load.wait_for_good_answers(load.windows[-1].ended, 10)
        load.settle()
    assert {probe.status for probe in load.servers[0].ready} == {200}, "the survivor was not ready all the time"
    trial.conclude(load, one, two)


class Program:
    """An agent's program as its authors would write it: the Python SDK, whose retries are all that it does about faults."""

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

    async def _run(self) -> None:
        id, secret = self.credentials
        async with AsyncAgentData(self.url, client_id=id, client_secret=secret) as client:
            agent = new_id()
            await client.agents.create(name=agent, id=agent)
            dataset = new_id()
            await client.datasets.create(agent, name=dataset, id=dataset)
            self.writes += [Write("agent", (agent,), [good("agent")]), Write("dataset", (dataset,), [good("dataset")])]
            await asyncio.gather(*(self._work(client, agent, dataset) for _ in range(self.tasks)))

    async def _work(self, client: AsyncAgentData, agent: str, dataset: str) -> None:
        while not self._stop.is_set():
            mark = new_id()
            tool = {"tool_name": "hammer", "status": "success", "input": {"mark": mark}}
            calls = {
                "agent": lambda: client.agents.create(name=mark, id=mark),
                "log": lambda: client.logs.create(agent, level="info", message=mark, id=mark),  # type: ignore[arg-type]
                "read": lambda: client.agents.get(agent),
                "prompt": lambda: client.prompts.create(agent, type="text", template=mark, labels=["newest"]),  # type: ignore[arg-type]
                "config": lambda: client.configs.set(agent, key="key", value={"mark": mark}),
                "metric": lambda: client.metrics.create(
                    agent,
                    name="load",
                    kind="gauge",
                    value=1,
                    id=mark,
                    attributes={"mark": mark},  # type: ignore[arg-type]
                ),
                "tool usage": lambda: client.tool_usage.create(agent, id=mark, **tool),  # type: ignore[arg-type]
                "dataset": lambda: client.datasets.create(agent, name=mark, id=mark),
                "embedding": lambda: client.embeddings.create(
                    dataset, items=[{"id": mark, "content": mark, "embedding": [1.0, 2.0, 3.0]}]
                ),
            }
            kind = list(calls)[self.calls % len(calls)]
            self.calls += 1
            try:
                await calls[kind]()  # type: ignore[no-untyped-call]
            except Exception as error:  # noqa: BLE001 (whatever reaches the program is a failure of the promise)
                self.failures.append(f"{kind}: {error!r}")
                self.writes.append(Write(kind, (mark,), [Attempt(kind, 0, 0, Outcome.UNKNOWN)]))
            else:
                self.writes.append(Write(kind, (mark,), [good(kind)]))


def good(kind: str) -> Attempt:
    return Attempt(kind, 0, 0, Outcome.OK)


def test_rolling_restart_behind_the_sdk(arena: Arena, trial: Trial, form: Form) -> None:
    """Both servers behind a balancer are replaced one after the other, and no call of the SDK fails."""
    postgres = arena.running_postgres()
    one = arena.server(postgres.url())
    balancer = arena.proxy(one.port)
    one.env["AGENTDATA_PUBLIC_URL"] = f"http://127.0.0.1:{balancer.port}"
    two = arena.server(postgres.url())
    balancer.targets.append(two.port)
    one.start()
    two.start()
    with Program(one.env["AGENTDATA_PUBLIC_URL"], one.client(), tasks=8) as program:
        wait_until("some calls", lambda: program.calls > 50, 30)
        for _ in range(form(1, 4)):
            for server in (one, two):
                server.terminate()
                server.start()
                calls = program.calls
                wait_until("calls after the restart", lambda calls=calls: program.calls > calls + 50, 30)
    stored = by_sql(postgres.database())
    verdict = judge([write for write in program.writes if write.kind != "read"], stored)
    counts = Counter(write.outcome for write in program.writes)
    line = {
        "requests": program.calls,
        "acknowledged": counts[Outcome.OK],
        "refused": 0,
        "unknown": counts[Outcome.UNKNOWN],
        "lost": len(verdict.lost),
        "duplicated": len(verdict.duplicated),
        "5xx outside": len(program.failures),
    }
    REPORT.lines.append((trial.name, line))
    assert program.failures == []
    assert verdict.problems() == []
