from typing import Literal, cast

MetricKind = Literal["counter", "gauge"]

METRIC_KIND_VALUES: set[MetricKind] = {
    "counter",
    "gauge",
}


def check_metric_kind(value: str) -> MetricKind:
    # As it is: a newer server may have more values than this client knows.
    return cast(MetricKind, value)
