from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.metric_kind import MetricKind, check_metric_kind

if TYPE_CHECKING:
    from ..models.metric_point import MetricPoint
    from ..models.metric_series_attributes import MetricSeriesAttributes


T = TypeVar("T", bound="MetricSeries")


@_attrs_define
class MetricSeries:
    """A series of points.

    Attributes:
        attributes (MetricSeriesAttributes): The grouping attributes; those that its data points lack are not among
            them.
        kind (MetricKind): What a metric's value is.
        unit (None | str): The unit of the values.
        points (list[MetricPoint]): A point for each bucket, also for those without data points.
    """

    attributes: MetricSeriesAttributes
    kind: MetricKind
    unit: None | str
    points: list[MetricPoint]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        attributes = self.attributes.to_dict()

        kind: str = self.kind

        unit: None | str
        unit = self.unit

        points = []
        for points_item_data in self.points:
            points_item = points_item_data.to_dict()
            points.append(points_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "attributes": attributes,
                "kind": kind,
                "unit": unit,
                "points": points,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.metric_point import MetricPoint
        from ..models.metric_series_attributes import MetricSeriesAttributes

        d = dict(src_dict)
        attributes = MetricSeriesAttributes.from_dict(d.pop("attributes"))

        kind = check_metric_kind(d.pop("kind"))

        def _parse_unit(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        unit = _parse_unit(d.pop("unit"))

        points = []
        _points = d.pop("points")
        for points_item_data in _points:
            points_item = MetricPoint.from_dict(points_item_data)

            points.append(points_item)

        metric_series = cls(
            attributes=attributes,
            kind=kind,
            unit=unit,
            points=points,
        )

        metric_series.additional_properties = d
        return metric_series

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
