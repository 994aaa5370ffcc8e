from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from dateutil.parser import isoparse

from ..models.metric_kind import MetricKind, check_metric_kind
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.new_metric_attributes import NewMetricAttributes


T = TypeVar("T", bound="NewMetric")


@_attrs_define
class NewMetric:
    """A new data point.

    Example:
        {'id': None, 'timestamp': None, 'name': 'queue.length', 'kind': 'gauge', 'value': 17.5, 'unit': '{request}',
            'attributes': {'queue': 'mail', 'urgent': True}}

    Attributes:
        name (str): The metric's name, by OpenTelemetry's rules: a letter, then letters, digits, `_`, `.`, `-` and
            `/`, at most 255 in all. Example: queue.length.
        kind (MetricKind): What a metric's value is.
        value (float): The value, a finite double.
        id (None | Unset | UUID): Its id, a UUIDv7, for resending it safely: what is there already under the id and the
            `timestamp` is not stored again, and the first stays. The server makes one when absent or
            null.
        timestamp (datetime.datetime | None | Unset): When it was measured; must lie in the millisecond of `id`, not
            before 1970, and at most a day
            ahead. Default: the instant of `id`, or else now.
        unit (None | str | Unset): The unit of the value, in UCUM as OpenTelemetry writes it, such as `ms`, `By` or
            `{request}`;
            at most 63 visible ASCII characters.
        attributes (NewMetricAttributes | Unset): What tells this series from others of the name: at most 32 members,
            each a string, a number or
            a boolean, in at most 16 KiB of JSON as sent.
    """

    name: str
    kind: MetricKind
    value: float
    id: None | Unset | UUID = UNSET
    timestamp: datetime.datetime | None | Unset = UNSET
    unit: None | str | Unset = UNSET
    attributes: NewMetricAttributes | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        kind: str = self.kind

        value = self.value

        id: None | str | Unset
        if isinstance(self.id, Unset):
            id = UNSET
        elif isinstance(self.id, UUID):
            id = str(self.id)
        else:
            id = self.id

        timestamp: None | str | Unset
        if isinstance(self.timestamp, Unset):
            timestamp = UNSET
        elif isinstance(self.timestamp, datetime.datetime):
            timestamp = self.timestamp.isoformat()
        else:
            timestamp = self.timestamp

        unit: None | str | Unset
        if isinstance(self.unit, Unset):
            unit = UNSET
        else:
            unit = self.unit

        attributes: dict[str, Any] | Unset = UNSET
        if not isinstance(self.attributes, Unset):
            attributes = self.attributes.to_dict()

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "name": name,
                "kind": kind,
                "value": value,
            }
        )
        if id is not UNSET:
            field_dict["id"] = id
        if timestamp is not UNSET:
            field_dict["timestamp"] = timestamp
        if unit is not UNSET:
            field_dict["unit"] = unit
        if attributes is not UNSET:
            field_dict["attributes"] = attributes

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.new_metric_attributes import NewMetricAttributes

        d = dict(src_dict)
        name = d.pop("name")

        kind = check_metric_kind(d.pop("kind"))

        value = d.pop("value")

        def _parse_id(data: object) -> None | Unset | UUID:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                id_type_0 = UUID(data)

                return id_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Unset | UUID, data)

        id = _parse_id(d.pop("id", UNSET))

        def _parse_timestamp(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                timestamp_type_0 = isoparse(data)

                return timestamp_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        timestamp = _parse_timestamp(d.pop("timestamp", UNSET))

        def _parse_unit(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        unit = _parse_unit(d.pop("unit", UNSET))

        _attributes = d.pop("attributes", UNSET)
        attributes: NewMetricAttributes | Unset
        if isinstance(_attributes, Unset):
            attributes = UNSET
        else:
            attributes = NewMetricAttributes.from_dict(_attributes)

        new_metric = cls(
            name=name,
            kind=kind,
            value=value,
            id=id,
            timestamp=timestamp,
            unit=unit,
            attributes=attributes,
        )

        return new_metric
