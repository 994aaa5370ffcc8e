from typing import Literal, cast

ToolGrouping = Literal["prompt_version", "status", "tool_name"]

TOOL_GROUPING_VALUES: set[ToolGrouping] = {
    "prompt_version",
    "status",
    "tool_name",
}


def check_tool_grouping(value: str) -> ToolGrouping:
    if value in TOOL_GROUPING_VALUES:
        return cast(ToolGrouping, value)
    raise TypeError(f"Unexpected value {value!r}. Expected one of {TOOL_GROUPING_VALUES!r}")
