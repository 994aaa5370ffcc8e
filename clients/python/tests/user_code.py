"""Code as users write it: mypy --strict takes it, and knows the types that assert_type says."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from agentdata import (
    AgentData,
    AsyncAgentData,
    AsyncEvents,
    AsyncLines,
    AsyncPages,
    Events,
    Lines,
    Pages,
    Recorder,
    models,
    params,
)
from typing_extensions import assert_type


def synchronous(client: AgentData, agent_id: UUID) -> None:
    agent = assert_type(client.agents.create(name="x", status="active", metadata={"a": [1]}), models.Agent)
    assert_type(agent.description, str | None)
    assert_type(client.agents.patch(agent.id, description=None, if_match=agent.version), models.Agent)
    assert_type(client.agents.delete(str(agent.id)), None)
    assert_type(client.logs.list(agent_id, level=["warn", "error"]), Pages[models.Log])
    for log in client.logs.list(agent_id):
        assert_type(log, models.Log)
        client.logs.create(agent_id, level=log.level, message=log.message)
    logs: list[params.NewLog] = [{"level": "info", "message": "x", "attributes": {"a": None}}]
    assert_type(client.logs.create_batch(agent_id, logs), models.CreatedBatch)
    assert_type(client.logs.export(agent_id), Lines[models.Log])
    assert_type(client.configs.watch(agent_id), Events[models.ConfigChange])
    assert_type(client.metrics.chart(agent_id, name="x"), bytes)
    where: params.Filter = {"path": "/a", "in": [1], "not": {"path": "/b", "exists": True}}
    assert_type(client.embeddings.search(agent_id, vector=[1.0], filter=where), models.FoundEmbeddings)
    assert_type(client.agent(agent_id).prompt("production"), models.Prompt)


async def asynchronous(client: AsyncAgentData, agent_id: UUID) -> None:
    assert_type(await client.agents.create(name="x"), models.Agent)
    assert_type(client.logs.list(agent_id), AsyncPages[models.Log])
    async for log in client.logs.list(agent_id):
        assert_type(log, models.Log)
    assert_type(client.logs.export(agent_id), AsyncLines[models.Log])
    async with client.agent(agent_id).tail(min_level="warn") as tail:
        assert_type(tail, AsyncEvents[models.Log])


def decorated(recorder: Recorder) -> None:
    @recorder.tool
    def plain(a: int) -> str:
        return str(a)

    @recorder.tool(name="other")
    async def coroutine(a: int) -> str:
        return str(a)

    assert_type(plain(1), str)
    as_function: Callable[[int], str] = plain
    as_coroutine: Callable[[int], Awaitable[str]] = coroutine
    del as_function, as_coroutine


def wrong(client: AgentData, recorder: Recorder) -> Any:
    # Each of these is an error; mypy says so when one is not, for then there is nothing to ignore.
    client.agents.create()  # type: ignore[call-arg]
    client.agents.create(name="x", colour="red")  # type: ignore[call-arg]
    client.logs.create("x", level="warning", message="x")  # type: ignore[arg-type]
    client.logs.create_batch("x", [{"level": "info"}])  # type: ignore[typeddict-item]
    client.agents.get(1)  # type: ignore[arg-type]

    @recorder.tool
    def tool(a: int) -> int:
        return a

    tool("x")  # type: ignore[arg-type]
