from enum import Enum


class PromptDiffTag(str, Enum):
    DELETE = "delete"
    EQUAL = "equal"
    INSERT = "insert"

    def __str__(self) -> str:
        return str(self.value)
