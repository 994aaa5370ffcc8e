from enum import Enum


class IndexKind(str, Enum):
    HNSW = "hnsw"

    def __str__(self) -> str:
        return str(self.value)
