from typing import Literal, cast

ToolUsageField = Literal["error_message", "input", "output"]

TOOL_USAGE_FIELD_VALUES: set[ToolUsageField] = {
    "error_message",
    "input",
    "output",
}


def check_tool_usage_field(value: str) -> ToolUsageField:
    # As it is: a newer server may have more values than this client knows.
    return cast(ToolUsageField, value)
