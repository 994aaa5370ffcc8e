from enum import Enum


class RecordOrder(str, Enum):
    TIMESTAMP_ASC = "timestamp_asc"
    TIMESTAMP_DESC = "timestamp_desc"

    def __str__(self) -> str:
        return str(self.value)
