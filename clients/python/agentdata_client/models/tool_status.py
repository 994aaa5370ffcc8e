from typing import Literal, cast

ToolStatus = Literal["cancelled", "error", "success", "timeout"]

TOOL_STATUS_VALUES: set[ToolStatus] = {
    "cancelled",
    "error",
    "success",
    "timeout",
}


def check_tool_status(value: str) -> ToolStatus:
    # As it is: a newer server may have more values than this client knows.
    return cast(ToolStatus, value)
