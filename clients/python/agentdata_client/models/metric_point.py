from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field
from dateutil.parser import isoparse

T = TypeVar("T", bound="MetricPoint")


@_attrs_define
class MetricPoint:
    """What is told of the data points of a bucket. What was not asked for is null, and so is what
    nothing can be said of because there are no data points.

        Attributes:
            timestamp (datetime.datetime): Where the bucket begins. The first may begin before `from`: it has the data
                points from there
                on.
            count (int): How many data points there are.
            sum_ (float | None): The sum of their values.
            avg (float | None): The mean of their values.
            min_ (float | None): Their least value.
            max_ (float | None): Their greatest value.
            p50 (float | None): The median of their values, between the two in the middle if need be.
            p90 (float | None): The value below which 90 of 100 lie, between two if need be.
            p95 (float | None): The value below which 95 of 100 lie, between two if need be.
            p99 (float | None): The value below which 99 of 100 lie, between two if need be.
            rate (float | None): Of counters, the sum of their values for each second of the bucket between `from` and `to`.
    """

    timestamp: datetime.datetime
    count: int
    sum_: float | None
    avg: float | None
    min_: float | None
    max_: float | None
    p50: float | None
    p90: float | None
    p95: float | None
    p99: float | None
    rate: float | None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        timestamp = self.timestamp.isoformat()

        count = self.count

        sum_: float | None
        sum_ = self.sum_

        avg: float | None
        avg = self.avg

        min_: float | None
        min_ = self.min_

        max_: float | None
        max_ = self.max_

        p50: float | None
        p50 = self.p50

        p90: float | None
        p90 = self.p90

        p95: float | None
        p95 = self.p95

        p99: float | None
        p99 = self.p99

        rate: float | None
        rate = self.rate

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "timestamp": timestamp,
                "count": count,
                "sum": sum_,
                "avg": avg,
                "min": min_,
                "max": max_,
                "p50": p50,
                "p90": p90,
                "p95": p95,
                "p99": p99,
                "rate": rate,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        timestamp = isoparse(d.pop("timestamp"))

        count = d.pop("count")

        def _parse_sum_(data: object) -> float | None:
            if data is None:
                return data
            return cast(float | None, data)

        sum_ = _parse_sum_(d.pop("sum"))

        def _parse_avg(data: object) -> float | None:
            if data is None:
                return data
            return cast(float | None, data)

        avg = _parse_avg(d.pop("avg"))

        def _parse_min_(data: object) -> float | None:
            if data is None:
                return data
            return cast(float | None, data)

        min_ = _parse_min_(d.pop("min"))

        def _parse_max_(data: object) -> float | None:
            if data is None:
                return data
            return cast(float | None, data)

        max_ = _parse_max_(d.pop("max"))

        def _parse_p50(data: object) -> float | None:
            if data is None:
                return data
            return cast(float | None, data)

        p50 = _parse_p50(d.pop("p50"))

        def _parse_p90(data: object) -> float | None:
            if data is None:
                return data
            return cast(float | None, data)

        p90 = _parse_p90(d.pop("p90"))

        def _parse_p95(data: object) -> float | None:
            if data is None:
                return data
            return cast(float | None, data)

        p95 = _parse_p95(d.pop("p95"))

        def _parse_p99(data: object) -> float | None:
            if data is None:
                return data
            return cast(float | None, data)

        p99 = _parse_p99(d.pop("p99"))

        def _parse_rate(data: object) -> float | None:
            if data is None:
                return data
            return cast(float | None, data)

        rate = _parse_rate(d.pop("rate"))

        metric_point = cls(
            timestamp=timestamp,
            count=count,
            sum_=sum_,
            avg=avg,
            min_=min_,
            max_=max_,
            p50=p50,
            p90=p90,
            p95=p95,
            p99=p99,
            rate=rate,
        )

        metric_point.additional_properties = d
        return metric_point

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
