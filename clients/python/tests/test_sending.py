"""Tokens, retries and errors, against the server and with real faults on the way to it."""

from __future__ import annotations

import asyncio
import pickle
import time
from collections.abc import Callable
from datetime import datetime
from uuid import UUID, uuid4

import pytest
from agentdata import (
    AgentData,
    ApiError,
    AsyncAgentData,
    Conflict,
    ConnectionFailed,
    Forbidden,
    InvalidRequest,
    NotFound,
    NotModified,
    PreconditionFailed,
    ServerError,
    TimedOut,
    TooLarge,
    TooManyRequests,
    Unauthorized,
    UnexpectedAnswer,
)
from conftest import CREDENTIALS, TOKEN, URL
from faults import Fault, Proxy


def answer(status: str, headers: str = "") -> bytes:
    """What a proxy says by itself."""
    return f"HTTP/1.1 {status}\r\n{headers}Content-Length: 4\r\nConnection: close\r\n\r\nbusy".encode()


Create = Callable[[str, int], UUID]


@pytest.fixture(params=["AgentData", "AsyncAgentData"])
def create(request: pytest.FixtureRequest, proxy: Proxy) -> Create:
    """Creates an agent through the proxy, with either client, a connection for each request and a ready token."""

    def create(name: str, max_retries: int) -> UUID:
        with AgentData(proxy.url, token=TOKEN, max_retries=max_retries, transport=proxy.transport()) as client:
            return client.agents.create(name=name).id

    async def acreate(name: str, max_retries: int) -> UUID:
        transport = proxy.async_transport()
        async with AsyncAgentData(proxy.url, token=TOKEN, max_retries=max_retries, transport=transport) as client:
            return (await client.agents.create(name=name)).id

    if request.param == "AgentData":
        return create
    return lambda name, max_retries: asyncio.run(acreate(name, max_retries))


PASSING: list[Fault] = [
    "refuse",
    "lose the answer",
    answer("429 Too Many Requests"),
    answer("502 Bad Gateway"),
    answer("503 Service Unavailable"),
    answer("504 Gateway Timeout"),
]


@pytest.mark.parametrize("fault", PASSING, ids=str)
def test_a_creation_outlives_a_passing_fault_and_happens_once(
    fault: Fault, create: Create, proxy: Proxy, client: AgentData
) -> None:
    proxy.faults.append(fault)
    name = f"once {uuid4()}"
    created = create(name, 1)
    # Without the same Idempotency-Key a second request after a lost answer would be refused: the name is taken.
    assert [agent.id for agent in client.agents.list(name=name)] == [created]
    assert proxy.connections == 2


def test_there_are_as_many_retries_as_asked_for(create: Create, proxy: Proxy) -> None:
    proxy.faults.extend([answer("503 Service Unavailable")] * 3)
    with pytest.raises(ServerError) as raised:
        create("never", 1)
    assert raised.value.status == 503
    assert raised.value.problem.detail == "busy"
    assert proxy.connections == 2


def test_a_log_whose_answer_is_lost_is_stored_once(proxy: Proxy, client: AgentData, agent_id: UUID) -> None:
    with AgentData(proxy.url, token=TOKEN, max_retries=1, transport=proxy.transport()) as flaky:
        for _ in range(3):
            proxy.faults.append("lose the answer")
            flaky.logs.create(agent_id, level="info", message="once")
        proxy.faults.append("lose the answer")
        flaky.logs.create_batch(agent_id, [{"level": "info", "message": "once"}] * 2)
    assert len(list(client.logs.list(agent_id))) == 5


def test_what_might_happen_twice_is_not_sent_again(proxy: Proxy, client: AgentData, agent_id: UUID) -> None:
    client.configs.set(agent_id, key="a", value=1)
    with AgentData(proxy.url, token=TOKEN, transport=proxy.transport()) as flaky:
        proxy.faults.append("lose the answer")
        with pytest.raises(ConnectionFailed) as raised:
            flaky.configs.restore(agent_id, "a", version=1)
        assert not raised.value.unsent
        assert proxy.connections == 1

        # But a 429 says that nothing happened.
        proxy.faults.append(answer("429 Too Many Requests"))
        assert flaky.configs.restore(agent_id, "a", version=1).value == 1
        assert proxy.connections == 3


def test_retry_after_is_waited_for(proxy: Proxy) -> None:
    with AgentData(proxy.url, token=TOKEN, transport=proxy.transport()) as flaky:
        proxy.faults.append(answer("503 Service Unavailable", "Retry-After: 2\r\n"))
        start = time.monotonic()
        flaky.server.get_health()
        assert time.monotonic() - start >= 2

        # Not for long, though.
        proxy.faults.append(answer("429 Too Many Requests", "Retry-After: 3600\r\n"))
        with pytest.raises(TooManyRequests) as raised:
            flaky.server.get_health()
        assert raised.value.retry_after == 3600


def test_a_server_that_is_not_there() -> None:
    with AgentData("http://127.0.0.1:1", token=TOKEN, max_retries=0) as client:
        with pytest.raises(ConnectionFailed) as raised:
            client.agents.create(name="x")
        assert raised.value.unsent


def test_a_server_that_does_not_answer_in_time(proxy: Proxy) -> None:
    with AgentData(proxy.url, token=TOKEN, max_retries=0, timeout=0.2, transport=proxy.transport()) as client:
        proxy.faults.append("say nothing")
        with pytest.raises(TimedOut) as raised:
            client.server.get_health()
        assert not raised.value.unsent
        # Reads are sent again.
        proxy.faults.append("say nothing")
        assert client.with_options(max_retries=1).server.get_health().status == "ok"


def test_an_answer_that_is_not_the_server_s(proxy: Proxy) -> None:
    with AgentData(proxy.url, token=TOKEN, transport=proxy.transport()) as client:
        proxy.faults.append(answer("200 OK"))
        with pytest.raises(UnexpectedAnswer):
            client.server.get_health()


def test_a_token_is_fetched_once_and_renewed_once_when_it_is_refused(proxy: Proxy) -> None:
    with AgentData(proxy.url, **CREDENTIALS, transport=proxy.transport()) as client:
        for _ in range(3):
            next(client.agents.list().pages())
        assert proxy.connections == 4

    # A token that the server does not take, and credentials to get another one with.
    with AgentData(proxy.url, **CREDENTIALS, token="stale", transport=proxy.transport()) as client:
        next(client.agents.list().pages())
        assert proxy.connections == 4 + 3

    async def main() -> None:
        transport = proxy.async_transport()
        async with AsyncAgentData(proxy.url, **CREDENTIALS, token="stale", transport=transport) as client:
            # However many need it at once.
            await asyncio.gather(*(anext(client.agents.list().pages()) for _ in range(5)))
        assert proxy.connections == 4 + 3 + 5 + 1 + 5

    asyncio.run(main())

    with AgentData(proxy.url, token="stale") as client, pytest.raises(Unauthorized):
        client.agents.list().pages().__next__()


def test_a_token_is_replaced_before_it_expires(proxy: Proxy) -> None:
    with AgentData(proxy.url, **CREDENTIALS, transport=proxy.transport()) as client:
        next(client.agents.list().pages())
        tokens = client._sender.tokens
        left = tokens._expires - time.monotonic()
        assert 60 < left < 3600
        tokens._expires = time.monotonic()
        next(client.agents.list().pages())
        assert proxy.connections == 4


def test_wrong_credentials() -> None:
    with AgentData(client_id=CREDENTIALS["client_id"], client_secret="wrong") as client:
        with pytest.raises(Unauthorized) as raised:
            next(client.agents.list().pages())
        assert raised.value.code == "invalid_client"


def test_too_little_scope() -> None:
    with AgentData(**CREDENTIALS, scope="logs:read") as client, pytest.raises(Forbidden) as raised:
        client.agents.create(name="x")
    assert raised.value.code == "insufficient_scope"


def test_what_is_missing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AGENTDATA_URL", "AGENTDATA_CLIENT_ID", "AGENTDATA_CLIENT_SECRET", "AGENTDATA_TOKEN"):
        monkeypatch.delenv(name)
    with pytest.raises(ValueError, match="AGENTDATA_URL"):
        AgentData(token="x")
    with pytest.raises(ValueError, match="https://"):
        AgentData("example.org", token="x")
    with pytest.raises(ValueError, match="AGENTDATA_CLIENT_ID"):
        AgentData(URL)
    with pytest.raises(ValueError, match="go together"):
        AgentData(URL, client_id="x")
    with pytest.raises(ValueError, match="line break") as raised:
        AgentData(URL, token="secret\n")
    assert "secret" not in str(raised.value)


def test_no_secret_is_shown() -> None:
    client = AgentData(**CREDENTIALS, token=TOKEN)
    shown = repr(client) + repr(vars(client)) + repr(client._sender.tokens) + repr(client.agent("x"))
    with pytest.raises(ApiError) as raised:
        client.agents.get(uuid4())
    shown += repr(raised.value) + str(raised.value)
    assert CREDENTIALS["client_secret"] not in shown
    assert TOKEN not in shown


def test_errors_tell_what_the_server_says(client: AgentData, agent_id: UUID) -> None:
    with pytest.raises(NotFound) as not_found:
        client.agents.get(uuid4())
    error = not_found.value
    assert (error.status, error.code, error.problem.title) == (404, "not_found", "Not found")
    assert error.request_id is not None
    assert error.problem.instance == f"urn:uuid:{error.request_id}"
    assert error.request_id in str(error)
    copied = pickle.loads(pickle.dumps(error))
    assert (type(copied), copied.request_id, copied.problem) == (NotFound, error.request_id, error.problem)

    with pytest.raises(InvalidRequest) as invalid:
        client.agents.create(name="")
    assert [e.pointer for e in invalid.value.errors] == ["/name"]

    agent = client.agents.get(agent_id)
    with pytest.raises(Conflict):
        client.agents.create(name=agent.name)
    with pytest.raises(PreconditionFailed):
        client.agents.patch(agent_id, description="x", if_match=agent.version + 1)
    with pytest.raises(NotModified):
        client.agents.get(agent_id, if_none_match=agent.version)
    with pytest.raises(TooLarge):
        client.agents.create(name="x" * (2 << 20))
    with pytest.raises(ValueError, match="path"):
        client.agents.delete("")
    with pytest.raises(ValueError, match="time zone"):
        client.logs.create(agent_id, level="info", message="x", timestamp=datetime(2026, 1, 1))
