from enum import Enum


class Bucket(str, Enum):
    VALUE_0 = "1s"
    VALUE_1 = "10s"
    VALUE_2 = "1m"
    VALUE_3 = "5m"
    VALUE_4 = "15m"
    VALUE_5 = "1h"
    VALUE_6 = "6h"
    VALUE_7 = "1d"
    VALUE_8 = "1w"
    VALUE_9 = "1mo"

    def __str__(self) -> str:
        return str(self.value)
