from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field
from dateutil.parser import isoparse

from ..models.bucket import Bucket, check_bucket

if TYPE_CHECKING:
    from ..models.metric_series import MetricSeries


T = TypeVar("T", bound="MetricSeriesSet")


@_attrs_define
class MetricSeriesSet:
    """A metric over time.

    Example:
        {'name': 'queue.length', 'bucket': '1h', 'timezone': 'UTC', 'from': '2026-11-23T09:00:00.000000Z', 'to':
            '2026-11-23T11:00:00.000000Z', 'series': [{'attributes': {'queue': 'mail'}, 'kind': 'gauge', 'unit':
            '{request}', 'points': [{'timestamp': '2026-11-23T09:00:00.000000Z', 'count': 2, 'sum': None, 'avg': 17.5,
            'min': None, 'max': None, 'p50': None, 'p90': None, 'p95': None, 'p99': None, 'rate': None}, {'timestamp':
            '2026-11-23T10:00:00.000000Z', 'count': 0, 'sum': None, 'avg': None, 'min': None, 'max': None, 'p50': None,
            'p90': None, 'p95': None, 'p99': None, 'rate': None}]}]}

    Attributes:
        name (str): The metric's name. Example: queue.length.
        bucket (Bucket): How wide the buckets are.
        timezone (str): The time zone in which days, weeks and months begin.
        from_ (datetime.datetime): All data points are of this instant or later.
        to (datetime.datetime): And before this one.
        series (list[MetricSeries]): A series for each combination of kind, unit and grouping attributes that there is,
            ordered by
            them.
    """

    name: str
    bucket: Bucket
    timezone: str
    from_: datetime.datetime
    to: datetime.datetime
    series: list[MetricSeries]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        bucket: str = self.bucket

        timezone = self.timezone

        from_ = self.from_.isoformat()

        to = self.to.isoformat()

        series = []
        for series_item_data in self.series:
            series_item = series_item_data.to_dict()
            series.append(series_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "name": name,
                "bucket": bucket,
                "timezone": timezone,
                "from": from_,
                "to": to,
                "series": series,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.metric_series import MetricSeries

        d = dict(src_dict)
        name = d.pop("name")

        bucket = check_bucket(d.pop("bucket"))

        timezone = d.pop("timezone")

        from_ = isoparse(d.pop("from"))

        to = isoparse(d.pop("to"))

        series = []
        _series = d.pop("series")
        for series_item_data in _series:
            series_item = MetricSeries.from_dict(series_item_data)

            series.append(series_item)

        metric_series_set = cls(
            name=name,
            bucket=bucket,
            timezone=timezone,
            from_=from_,
            to=to,
            series=series,
        )

        metric_series_set.additional_properties = d
        return metric_series_set

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
