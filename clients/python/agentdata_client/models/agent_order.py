from typing import Literal, cast

AgentOrder = Literal["created_at_asc", "created_at_desc", "name_asc", "name_desc"]

AGENT_ORDER_VALUES: set[AgentOrder] = {
    "created_at_asc",
    "created_at_desc",
    "name_asc",
    "name_desc",
}


def check_agent_order(value: str) -> AgentOrder:
    # As it is: a newer server may have more values than this client knows.
    return cast(AgentOrder, value)
