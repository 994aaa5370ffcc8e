from enum import Enum


class IndexState(str, Enum):
    BUILDING = "building"
    EXACT = "exact"
    READY = "ready"

    def __str__(self) -> str:
        return str(self.value)
