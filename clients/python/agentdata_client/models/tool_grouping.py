from enum import Enum


class ToolGrouping(str, Enum):
    PROMPT_VERSION = "prompt_version"
    STATUS = "status"
    TOOL_NAME = "tool_name"

    def __str__(self) -> str:
        return str(self.value)
