from enum import Enum


class Aggregation(str, Enum):
    AVG = "avg"
    COUNT = "count"
    MAX = "max"
    MIN = "min"
    P50 = "p50"
    P90 = "p90"
    P95 = "p95"
    P99 = "p99"
    RATE = "rate"
    SUM = "sum"

    def __str__(self) -> str:
        return str(self.value)
