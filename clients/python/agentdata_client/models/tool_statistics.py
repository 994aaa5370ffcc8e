from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field
from dateutil.parser import isoparse

from ..models.tool_status import ToolStatus, check_tool_status

if TYPE_CHECKING:
    from ..models.tool_error_count import ToolErrorCount


T = TypeVar("T", bound="ToolStatistics")


@_attrs_define
class ToolStatistics:
    """What is told of a group of calls. Of `bucket`, `tool_name`, `prompt_version` and `status` those are
    null by which calls are not told apart.

        Attributes:
            bucket (datetime.datetime | None): Where the bucket begins.
            tool_name (None | str): The tool's name.
            prompt_version (int | None): The version of the agent's prompt; null also for calls that name none.
            status (None | ToolStatus): How the calls ended.
            calls (int): How many calls there are.
            errors (int): How many of them ended with `error` or `timeout`.
            error_rate (float): `errors` as a part of `calls`, from 0 to 1.
            duration_ms_p50 (float | None): The median of the durations in milliseconds; null when no call tells its
                duration.
            duration_ms_p95 (float | None): The duration below which 95 of 100 lie, between two if need be.
            duration_ms_p99 (float | None): The duration below which 99 of 100 lie, between two if need be.
            input_tokens (int): The sum of the tokens that went into the calls.
            output_tokens (int): The sum of the tokens that came out of them.
            cost_usd (str): The sum of the costs in US dollars, exact.
            top_errors (list[ToolErrorCount]): The kinds of errors that came most often, up to 5, the most frequent first.
    """

    bucket: datetime.datetime | None
    tool_name: None | str
    prompt_version: int | None
    status: None | ToolStatus
    calls: int
    errors: int
    error_rate: float
    duration_ms_p50: float | None
    duration_ms_p95: float | None
    duration_ms_p99: float | None
    input_tokens: int
    output_tokens: int
    cost_usd: str
    top_errors: list[ToolErrorCount]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        bucket: None | str
        if isinstance(self.bucket, datetime.datetime):
            bucket = self.bucket.isoformat()
        else:
            bucket = self.bucket

        tool_name: None | str
        tool_name = self.tool_name

        prompt_version: int | None
        prompt_version = self.prompt_version

        status: None | str
        if isinstance(self.status, str):
            status = self.status
        else:
            status = self.status

        calls = self.calls

        errors = self.errors

        error_rate = self.error_rate

        duration_ms_p50: float | None
        duration_ms_p50 = self.duration_ms_p50

        duration_ms_p95: float | None
        duration_ms_p95 = self.duration_ms_p95

        duration_ms_p99: float | None
        duration_ms_p99 = self.duration_ms_p99

        input_tokens = self.input_tokens

        output_tokens = self.output_tokens

        cost_usd = self.cost_usd

        top_errors = []
        for top_errors_item_data in self.top_errors:
            top_errors_item = top_errors_item_data.to_dict()
            top_errors.append(top_errors_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "bucket": bucket,
                "tool_name": tool_name,
                "prompt_version": prompt_version,
                "status": status,
                "calls": calls,
                "errors": errors,
                "error_rate": error_rate,
                "duration_ms_p50": duration_ms_p50,
                "duration_ms_p95": duration_ms_p95,
                "duration_ms_p99": duration_ms_p99,
                "input_tokens": input_tokens,
                "output_tokens": output_tokens,
                "cost_usd": cost_usd,
                "top_errors": top_errors,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.tool_error_count import ToolErrorCount

        d = dict(src_dict)

        def _parse_bucket(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                bucket_type_0 = isoparse(data)

                return bucket_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        bucket = _parse_bucket(d.pop("bucket"))

        def _parse_tool_name(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        tool_name = _parse_tool_name(d.pop("tool_name"))

        def _parse_prompt_version(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        prompt_version = _parse_prompt_version(d.pop("prompt_version"))

        def _parse_status(data: object) -> None | ToolStatus:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                status_type_1 = check_tool_status(data)

                return status_type_1
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | ToolStatus, data)

        status = _parse_status(d.pop("status"))

        calls = d.pop("calls")

        errors = d.pop("errors")

        error_rate = d.pop("error_rate")

        def _parse_duration_ms_p50(data: object) -> float | None:
            if data is None:
                return data
            return cast(float | None, data)

        duration_ms_p50 = _parse_duration_ms_p50(d.pop("duration_ms_p50"))

        def _parse_duration_ms_p95(data: object) -> float | None:
            if data is None:
                return data
            return cast(float | None, data)

        duration_ms_p95 = _parse_duration_ms_p95(d.pop("duration_ms_p95"))

        def _parse_duration_ms_p99(data: object) -> float | None:
            if data is None:
                return data
            return cast(float | None, data)

        duration_ms_p99 = _parse_duration_ms_p99(d.pop("duration_ms_p99"))

        input_tokens = d.pop("input_tokens")

        output_tokens = d.pop("output_tokens")

        cost_usd = d.pop("cost_usd")

        top_errors = []
        _top_errors = d.pop("top_errors")
        for top_errors_item_data in _top_errors:
            top_errors_item = ToolErrorCount.from_dict(top_errors_item_data)

            top_errors.append(top_errors_item)

        tool_statistics = cls(
            bucket=bucket,
            tool_name=tool_name,
            prompt_version=prompt_version,
            status=status,
            calls=calls,
            errors=errors,
            error_rate=error_rate,
            duration_ms_p50=duration_ms_p50,
            duration_ms_p95=duration_ms_p95,
            duration_ms_p99=duration_ms_p99,
            input_tokens=input_tokens,
            output_tokens=output_tokens,
            cost_usd=cost_usd,
            top_errors=top_errors,
        )

        tool_statistics.additional_properties = d
        return tool_statistics

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
