"""Round trips against the server that tools/with_server.py started."""

import os

from agentdata_client import AuthenticatedClient, Client
from agentdata_client.api.agents import create_agent, delete_agent, get_agent
from agentdata_client.api.auth import issue_token
from agentdata_client.api.logs import create_log_batch, list_logs
from agentdata_client.models import (
    Agent,
    CreatedBatch,
    Level,
    LogPage,
    NewAgent,
    NewLog,
    Problem,
    TokenRequest,
    TokenResponse,
)


def test_an_agent_is_created_read_and_deleted():
    url = os.environ["AGENTDATA_URL"]
    request = TokenRequest(
        grant_type="client_credentials",
        client_id=os.environ["AGENTDATA_CLIENT_ID"],
        client_secret=os.environ["AGENTDATA_CLIENT_SECRET"],
        scope="agents:read agents:write logs:read logs:write",
    )
    token = issue_token.sync(client=Client(url), body=request)
    assert isinstance(token, TokenResponse)

    with AuthenticatedClient(url, token.access_token) as client:
        created = create_agent.sync(client=client, body=NewAgent(name="python smoke test", tags=["smoke"]))
        assert isinstance(created, Agent)

        read = get_agent.sync(created.id, client=client)
        assert read == created
        assert read.tags == ["smoke"]

        logs = [NewLog(level=Level.INFO, message="first"), NewLog(level=Level.WARN, message="second")]
        batch = create_log_batch.sync(created.id, client=client, body=logs)
        assert isinstance(batch, CreatedBatch)
        page = list_logs.sync(created.id, client=client)
        assert isinstance(page, LogPage)
        assert [log.message for log in page.items] == ["second", "first"]
        assert [log.id for log in page.items] == batch.ids[::-1]

        assert delete_agent.sync_detailed(created.id, client=client).status_code == 204
        gone = get_agent.sync(created.id, client=client)
        assert isinstance(gone, Problem)
        assert gone.status == 404
