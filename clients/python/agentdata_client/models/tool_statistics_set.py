from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field
from dateutil.parser import isoparse

from ..models.bucket import Bucket, check_bucket
from ..models.tool_grouping import ToolGrouping, check_tool_grouping

if TYPE_CHECKING:
    from ..models.tool_statistics import ToolStatistics


T = TypeVar("T", bound="ToolStatisticsSet")


@_attrs_define
class ToolStatisticsSet:
    """Statistics of an agent's calls of tools.

    Example:
        {'from': '2026-11-22T09:30:00.000000Z', 'to': '2026-11-23T09:30:00.000000Z', 'bucket': None, 'timezone': 'UTC',
            'group_by': ['tool_name'], 'items': [{'bucket': None, 'tool_name': 'search_orders', 'prompt_version': None,
            'status': None, 'calls': 200, 'errors': 3, 'error_rate': 0.015, 'duration_ms_p50': 182, 'duration_ms_p95':
            410.5, 'duration_ms_p99': 1208, 'input_tokens': 10800, 'output_tokens': 3600, 'cost_usd': '0.0864',
            'top_errors': [{'error_type': 'ConnectionError', 'calls': 2}]}]}

    Attributes:
        from_ (datetime.datetime): All calls began at this instant or later.
        to (datetime.datetime): And before this one.
        bucket (Bucket | None): How wide the buckets are; null when there are none.
        timezone (str): The time zone in which days, weeks and months begin.
        group_by (list[ToolGrouping]): What calls are told apart by, beside the bucket.
        items (list[ToolStatistics]): The groups that have calls, ordered by bucket and by `group_by`.
    """

    from_: datetime.datetime
    to: datetime.datetime
    bucket: Bucket | None
    timezone: str
    group_by: list[ToolGrouping]
    items: list[ToolStatistics]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from_ = self.from_.isoformat()

        to = self.to.isoformat()

        bucket: None | str
        if isinstance(self.bucket, str):
            bucket = self.bucket
        else:
            bucket = self.bucket

        timezone = self.timezone

        group_by = []
        for group_by_item_data in self.group_by:
            group_by_item: str = group_by_item_data
            group_by.append(group_by_item)

        items = []
        for items_item_data in self.items:
            items_item = items_item_data.to_dict()
            items.append(items_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "from": from_,
                "to": to,
                "bucket": bucket,
                "timezone": timezone,
                "group_by": group_by,
                "items": items,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.tool_statistics import ToolStatistics

        d = dict(src_dict)
        from_ = isoparse(d.pop("from"))

        to = isoparse(d.pop("to"))

        def _parse_bucket(data: object) -> Bucket | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                bucket_type_1 = check_bucket(data)

                return bucket_type_1
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(Bucket | None, data)

        bucket = _parse_bucket(d.pop("bucket"))

        timezone = d.pop("timezone")

        group_by = []
        _group_by = d.pop("group_by")
        for group_by_item_data in _group_by:
            group_by_item = check_tool_grouping(group_by_item_data)

            group_by.append(group_by_item)

        items = []
        _items = d.pop("items")
        for items_item_data in _items:
            items_item = ToolStatistics.from_dict(items_item_data)

            items.append(items_item)

        tool_statistics_set = cls(
            from_=from_,
            to=to,
            bucket=bucket,
            timezone=timezone,
            group_by=group_by,
            items=items,
        )

        tool_statistics_set.additional_properties = d
        return tool_statistics_set

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
