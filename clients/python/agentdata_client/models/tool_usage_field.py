from enum import Enum


class ToolUsageField(str, Enum):
    ERROR_MESSAGE = "error_message"
    INPUT = "input"
    OUTPUT = "output"

    def __str__(self) -> str:
        return str(self.value)
