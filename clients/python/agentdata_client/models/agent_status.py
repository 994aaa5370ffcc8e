from typing import Literal, cast

AgentStatus = Literal["active", "archived", "paused"]

AGENT_STATUS_VALUES: set[AgentStatus] = {
    "active",
    "archived",
    "paused",
}


def check_agent_status(value: str) -> AgentStatus:
    # As it is: a newer server may have more values than this client knows.
    return cast(AgentStatus, value)
