from enum import Enum


class LogField(str, Enum):
    ATTRIBUTES = "attributes"
    MESSAGE = "message"

    def __str__(self) -> str:
        return str(self.value)
