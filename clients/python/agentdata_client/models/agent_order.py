from typing import Literal, cast

AgentOrder = Literal["created_at_asc", "created_at_desc", "name_asc", "name_desc"]

AGENT_ORDER_VALUES: set[AgentOrder] = {
    "created_at_asc",
    "created_at_desc",
    "name_asc",
    "name_desc",
}


def check_agent_order(value: str) -> AgentOrder:
    if value in AGENT_ORDER_VALUES:
        return cast(AgentOrder, value)
    raise TypeError(f"Unexpected value {value!r}. Expected one of {AGENT_ORDER_VALUES!r}")
