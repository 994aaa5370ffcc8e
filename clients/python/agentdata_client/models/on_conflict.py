from enum import Enum


class OnConflict(str, Enum):
    REFUSE = "refuse"
    UPDATE = "update"

    def __str__(self) -> str:
        return str(self.value)
