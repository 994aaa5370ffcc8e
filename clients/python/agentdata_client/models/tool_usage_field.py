from typing import Literal, cast

ToolUsageField = Literal["error_message", "input", "output"]

TOOL_USAGE_FIELD_VALUES: set[ToolUsageField] = {
    "error_message",
    "input",
    "output",
}


def check_tool_usage_field(value: str) -> ToolUsageField:
    if value in TOOL_USAGE_FIELD_VALUES:
        return cast(ToolUsageField, value)
    raise TypeError(f"Unexpected value {value!r}. Expected one of {TOOL_USAGE_FIELD_VALUES!r}")
