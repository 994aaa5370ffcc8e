from typing import Literal, cast

Aggregation = Literal["avg", "count", "max", "min", "p50", "p90", "p95", "p99", "rate", "sum"]

AGGREGATION_VALUES: set[Aggregation] = {
    "avg",
    "count",
    "max",
    "min",
    "p50",
    "p90",
    "p95",
    "p99",
    "rate",
    "sum",
}


def check_aggregation(value: str) -> Aggregation:
    if value in AGGREGATION_VALUES:
        return cast(Aggregation, value)
    raise TypeError(f"Unexpected value {value!r}. Expected one of {AGGREGATION_VALUES!r}")
