from enum import Enum


class Include(str, Enum):
    EMBEDDING = "embedding"
    NONE = "none"

    def __str__(self) -> str:
        return str(self.value)
