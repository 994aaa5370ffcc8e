from typing import Literal, cast

ToolStatus = Literal["cancelled", "error", "success", "timeout"]

TOOL_STATUS_VALUES: set[ToolStatus] = {
    "cancelled",
    "error",
    "success",
    "timeout",
}


def check_tool_status(value: str) -> ToolStatus:
    if value in TOOL_STATUS_VALUES:
        return cast(ToolStatus, value)
    raise TypeError(f"Unexpected value {value!r}. Expected one of {TOOL_STATUS_VALUES!r}")
