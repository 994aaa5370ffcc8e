from typing import Literal, cast

ToolGrouping = Literal["prompt_version", "status", "tool_name"]

TOOL_GROUPING_VALUES: set[ToolGrouping] = {
    "prompt_version",
    "status",
    "tool_name",
}


def check_tool_grouping(value: str) -> ToolGrouping:
    # As it is: a newer server may have more values than this client knows.
    return cast(ToolGrouping, value)
