from enum import Enum


class SearchMethod(str, Enum):
    EXACT = "exact"
    HNSW = "hnsw"

    def __str__(self) -> str:
        return str(self.value)
