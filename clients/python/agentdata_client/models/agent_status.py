from typing import Literal, cast

AgentStatus = Literal["active", "archived", "paused"]

AGENT_STATUS_VALUES: set[AgentStatus] = {
    "active",
    "archived",
    "paused",
}


def check_agent_status(value: str) -> AgentStatus:
    if value in AGENT_STATUS_VALUES:
        return cast(AgentStatus, value)
    raise TypeError(f"Unexpected value {value!r}. Expected one of {AGENT_STATUS_VALUES!r}")
