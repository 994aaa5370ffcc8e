from enum import Enum


class MetricKind(str, Enum):
    COUNTER = "counter"
    GAUGE = "gauge"

    def __str__(self) -> str:
        return str(self.value)
