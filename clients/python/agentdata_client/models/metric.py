from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field
from dateutil.parser import isoparse

from ..models.metric_kind import MetricKind, check_metric_kind

if TYPE_CHECKING:
    from ..models.metric_attributes import MetricAttributes


T = TypeVar("T", bound="Metric")


@_attrs_define
class Metric:
    """A data point of a metric.

    Example:
        {'id': '01a207bd-aa3b-774b-8000-2a0d8f1e4b11', 'agent_id': '019308d4-6e65-7cc0-b5c5-2a0d8f1e4b11', 'timestamp':
            '2026-11-23T09:30:00.123456Z', 'name': 'queue.length', 'kind': 'gauge', 'value': 17.5, 'unit': '{request}',
            'attributes': {'queue': 'mail', 'urgent': True}}

    Attributes:
        id (UUID): Its id, a UUIDv7 that says `timestamp` to the millisecond.
        agent_id (UUID): The agent that it is of.
        timestamp (datetime.datetime): When it was measured.
        name (str): The metric's name. Example: queue.length.
        kind (MetricKind): What a metric's value is.
        value (float): The value.
        unit (None | str): The unit of the value.
        attributes (MetricAttributes): What tells this series from others of the name.
    """

    id: UUID
    agent_id: UUID
    timestamp: datetime.datetime
    name: str
    kind: MetricKind
    value: float
    unit: None | str
    attributes: MetricAttributes
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id = str(self.id)

        agent_id = str(self.agent_id)

        timestamp = self.timestamp.isoformat()

        name = self.name

        kind: str = self.kind

        value = self.value

        unit: None | str
        unit = self.unit

        attributes = self.attributes.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "agent_id": agent_id,
                "timestamp": timestamp,
                "name": name,
                "kind": kind,
                "value": value,
                "unit": unit,
                "attributes": attributes,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.metric_attributes import MetricAttributes

        d = dict(src_dict)
        id = UUID(d.pop("id"))

        agent_id = UUID(d.pop("agent_id"))

        timestamp = isoparse(d.pop("timestamp"))

        name = d.pop("name")

        kind = check_metric_kind(d.pop("kind"))

        value = d.pop("value")

        def _parse_unit(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        unit = _parse_unit(d.pop("unit"))

        attributes = MetricAttributes.from_dict(d.pop("attributes"))

        metric = cls(
            id=id,
            agent_id=agent_id,
            timestamp=timestamp,
            name=name,
            kind=kind,
            value=value,
            unit=unit,
            attributes=attributes,
        )

        metric.additional_properties = d
        return metric

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
