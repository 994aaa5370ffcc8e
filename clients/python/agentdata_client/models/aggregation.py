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
    # As it is: a newer server may have more values than this client knows.
    return cast(Aggregation, value)
