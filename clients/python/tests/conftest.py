"""What the tests share: the server that tools/with_server.py started, and clients of it."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from typing import TypedDict
from uuid import UUID, uuid4

import pytest
from agentdata import AgentData
from faults import Proxy


class Credentials(TypedDict):
    """What a client fetches tokens with."""

    client_id: str
    client_secret: str


TEST_SECONDS = 60
URL = os.environ["AGENTDATA_URL"]
TOKEN = os.environ["AGENTDATA_TOKEN"]
CREDENTIALS = Credentials(
    client_id=os.environ["AGENTDATA_CLIENT_ID"], client_secret=os.environ["AGENTDATA_CLIENT_SECRET"]
)


@pytest.fixture(autouse=True)
def limited() -> Iterator[None]:
    """A test that waits for what never comes fails."""

    def fail(*_: object) -> None:
        pytest.fail(f"the test has not ended within {TEST_SECONDS} seconds")

    signal.signal(signal.SIGALRM, fail)
    signal.alarm(TEST_SECONDS)
    yield
    signal.alarm(0)


@pytest.fixture(scope="session")
def client() -> Iterator[AgentData]:
    """A client whose token is fetched with the credentials of the environment."""
    with AgentData(**CREDENTIALS) as client:
        yield client


@pytest.fixture
def agent_id(client: AgentData) -> UUID:
    """An agent of the test's own."""
    return client.agents.create(name=f"test {uuid4()}").id


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    """A proxy in front of the server, where faults can happen."""
    with Proxy(URL) as proxy:
        yield proxy
