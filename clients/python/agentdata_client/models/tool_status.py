from enum import Enum


class ToolStatus(str, Enum):
    CANCELLED = "cancelled"
    ERROR = "error"
    SUCCESS = "success"
    TIMEOUT = "timeout"

    def __str__(self) -> str:
        return str(self.value)
