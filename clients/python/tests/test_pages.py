"""Lists of more than a page."""

from __future__ import annotations

import asyncio
from itertools import islice
from uuid import UUID, uuid4

import pytest
from agentdata import AgentData, AsyncAgentData

COUNT = 2_500


@pytest.fixture(scope="module")
def agent(client: AgentData) -> tuple[UUID, list[str]]:
    """An agent with many logs, and their messages, oldest first."""
    agent_id = client.agents.create(name=f"many logs {uuid4()}").id
    messages = [f"log {number}" for number in range(COUNT)]
    client.logs.create_batch(agent_id, [{"level": "info", "message": message} for message in messages])
    return agent_id, messages


def test_a_list_goes_over_all_pages(client: AgentData, agent: tuple[UUID, list[str]]) -> None:
    agent_id, messages = agent
    logs = client.logs.list(agent_id, order="timestamp_asc")
    assert [log.message for log in logs] == messages
    # Again, from the beginning.
    assert [log.message for log in islice(logs, 150)] == messages[:150]

    pages = list(client.logs.list(agent_id, page_size=1_000).pages())
    assert [len(page.items) for page in pages] == [1_000, 1_000, 500]
    assert pages[-1].next_cursor is None

    rest = client.logs.list(agent_id, order="timestamp_asc", cursor=next(logs.pages()).next_cursor or "")
    assert next(iter(rest)).message == messages[100]


def test_a_list_goes_over_all_pages_in_asyncio(agent: tuple[UUID, list[str]]) -> None:
    agent_id, messages = agent

    async def main() -> None:
        async with AsyncAgentData() as client:
            logs = client.logs.list(agent_id, order="timestamp_asc")
            assert [log.message async for log in logs] == messages
            sizes = [len(page.items) async for page in client.logs.list(agent_id, page_size=1_000).pages()]
            assert sizes == [1_000, 1_000, 500]

    asyncio.run(main())


def test_an_empty_list(client: AgentData, agent_id: UUID) -> None:
    assert list(client.logs.list(agent_id)) == []
