from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field
from dateutil.parser import isoparse

from ..models.metric_kind import MetricKind, check_metric_kind

T = TypeVar("T", bound="MetricSummary")


@_attrs_define
class MetricSummary:
    """A metric that an agent has.

    Example:
        {'name': 'queue.length', 'kind': 'gauge', 'unit': '{request}', 'last_timestamp': '2026-11-23T09:30:00.123456Z'}

    Attributes:
        name (str): The metric's name. Example: queue.length.
        kind (MetricKind): What a metric's value is.
        unit (None | str): The unit of its newest value.
        last_timestamp (datetime.datetime): When its newest value was measured.
    """

    name: str
    kind: MetricKind
    unit: None | str
    last_timestamp: datetime.datetime
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        kind: str = self.kind

        unit: None | str
        unit = self.unit

        last_timestamp = self.last_timestamp.isoformat()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "name": name,
                "kind": kind,
                "unit": unit,
                "last_timestamp": last_timestamp,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        name = d.pop("name")

        kind = check_metric_kind(d.pop("kind"))

        def _parse_unit(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        unit = _parse_unit(d.pop("unit"))

        last_timestamp = isoparse(d.pop("last_timestamp"))

        metric_summary = cls(
            name=name,
            kind=kind,
            unit=unit,
            last_timestamp=last_timestamp,
        )

        metric_summary.additional_properties = d
        return metric_summary

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
