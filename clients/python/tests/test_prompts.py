"""Prompts that are kept: fetched seldom, and there when the server is not."""

from __future__ import annotations

import asyncio
from uuid import UUID

import pytest
from agentdata import AgentData, AsyncAgentData, ConnectionFailed, NotFound
from conftest import TOKEN
from faults import Proxy


@pytest.fixture
def prompted(client: AgentData, agent_id: UUID) -> UUID:
    """An agent with a prompt in production."""
    client.prompts.create(agent_id, type="text", template="first", labels=["production"])
    return agent_id


def test_a_prompt_is_kept_and_checked(client: AgentData, prompted: UUID, proxy: Proxy) -> None:
    with AgentData(proxy.url, token=TOKEN, transport=proxy.transport()) as flaky:
        agent = flaky.agent(prompted)
        assert [agent.prompt("production").template for _ in range(3)] == ["first"] * 3
        assert flaky.agent(str(prompted)).prompt("production").version == 1
        assert proxy.connections == 1

        # Asked for again, it is still the same one, and then another.
        assert agent.prompt("production", max_age=0).template == "first"
        client.prompts.create(prompted, type="text", template="second", labels=["production"])
        assert agent.prompt("production", max_age=0).template == "second"
        assert proxy.connections == 3
        assert agent.prompt("production").template == "second"
        assert agent.prompt().template == "second"
        assert proxy.connections == 4

        # A version never changes.
        assert [agent.prompt(version=1, max_age=0).template for _ in range(2)] == ["first"] * 2
        assert proxy.connections == 5


def test_a_kept_prompt_outlives_an_outage(client: AgentData, prompted: UUID, proxy: Proxy) -> None:
    with AgentData(proxy.url, token=TOKEN, transport=proxy.transport()) as flaky:
        agent = flaky.agent(prompted)
        agent.prompt("production")
        proxy.faults.append("refuse")
        assert agent.prompt("production", max_age=0).template == "first"
        # Without retries, and then without asking at all for a while.
        assert agent.prompt("production", max_age=0).template == "first"
        assert proxy.connections == 2

        proxy.faults.append("refuse")
        with pytest.raises(ConnectionFailed):
            agent.prompt("production", max_age=0, stale_if_error=0)
        with pytest.raises(NotFound):
            agent.prompt("nothing")

        # What is gone is not kept.
        client.prompts.delete_label(prompted, "production")
        for _ in range(2):
            with pytest.raises(NotFound):
                agent.prompt("production", max_age=0, stale_if_error=0)


def test_asyncio(client: AgentData, prompted: UUID, proxy: Proxy) -> None:
    async def main() -> None:
        async with AsyncAgentData(proxy.url, token=TOKEN, transport=proxy.async_transport()) as flaky:
            agent = flaky.agent(prompted)
            assert [(await agent.prompt("production")).template for _ in range(3)] == ["first"] * 3
            assert proxy.connections == 1
            assert (await agent.prompt("production", max_age=0)).template == "first"
            proxy.faults.append("refuse")
            assert (await agent.prompt("production", max_age=0)).template == "first"
            assert proxy.connections == 3

    asyncio.run(main())
