from typing import Literal, cast

MetricKind = Literal["counter", "gauge"]

METRIC_KIND_VALUES: set[MetricKind] = {
    "counter",
    "gauge",
}


def check_metric_kind(value: str) -> MetricKind:
    if value in METRIC_KIND_VALUES:
        return cast(MetricKind, value)
    raise TypeError(f"Unexpected value {value!r}. Expected one of {METRIC_KIND_VALUES!r}")
