from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from dateutil.parser import isoparse

from ..models.level import Level, check_level
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.new_log_attributes import NewLogAttributes


T = TypeVar("T", bound="NewLog")


@_attrs_define
class NewLog:
    """A new log.

    Example:
        {'id': None, 'timestamp': None, 'level': 'warn', 'message': 'The mail server did not answer; trying again.',
            'attributes': {'attempt': 2, 'host': 'mail.example.org'}, 'trace_id': '4bf92f3577b34da6a3ce929d0e0e4736',
            'span_id': '00f067aa0ba902b7', 'session_id': 'conversation-17'}

    Attributes:
        level (Level): How grave a log is.
        message (str): What happened, in words.
        id (None | Unset | UUID): Its id, a UUIDv7, for resending it safely: what is there already under the id and the
            `timestamp` is not stored again, and the first stays. The server makes one when absent or
            null.
        timestamp (datetime.datetime | None | Unset): When it happened; must lie in the millisecond of `id`, not before
            1970, and at most a day
            ahead. Default: the instant of `id`, or else now.
        attributes (NewLogAttributes | Unset): Whatever else belongs to it; at most 256 KiB of JSON as sent.
        trace_id (None | str | Unset): The trace that it belongs to (W3C Trace Context): 32 hexadecimal digits.
        span_id (None | str | Unset): The span that it belongs to: 16 hexadecimal digits.
        session_id (None | str | Unset): The session or conversation that it belongs to.
    """

    level: Level
    message: str
    id: None | Unset | UUID = UNSET
    timestamp: datetime.datetime | None | Unset = UNSET
    attributes: NewLogAttributes | Unset = UNSET
    trace_id: None | str | Unset = UNSET
    span_id: None | str | Unset = UNSET
    session_id: None | str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        level: str = self.level

        message = self.message

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

        attributes: dict[str, Any] | Unset = UNSET
        if not isinstance(self.attributes, Unset):
            attributes = self.attributes.to_dict()

        trace_id: None | str | Unset
        if isinstance(self.trace_id, Unset):
            trace_id = UNSET
        else:
            trace_id = self.trace_id

        span_id: None | str | Unset
        if isinstance(self.span_id, Unset):
            span_id = UNSET
        else:
            span_id = self.span_id

        session_id: None | str | Unset
        if isinstance(self.session_id, Unset):
            session_id = UNSET
        else:
            session_id = self.session_id

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "level": level,
                "message": message,
            }
        )
        if id is not UNSET:
            field_dict["id"] = id
        if timestamp is not UNSET:
            field_dict["timestamp"] = timestamp
        if attributes is not UNSET:
            field_dict["attributes"] = attributes
        if trace_id is not UNSET:
            field_dict["trace_id"] = trace_id
        if span_id is not UNSET:
            field_dict["span_id"] = span_id
        if session_id is not UNSET:
            field_dict["session_id"] = session_id

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.new_log_attributes import NewLogAttributes

        d = dict(src_dict)
        level = check_level(d.pop("level"))

        message = d.pop("message")

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

        _attributes = d.pop("attributes", UNSET)
        attributes: NewLogAttributes | Unset
        if isinstance(_attributes, Unset):
            attributes = UNSET
        else:
            attributes = NewLogAttributes.from_dict(_attributes)

        def _parse_trace_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        trace_id = _parse_trace_id(d.pop("trace_id", UNSET))

        def _parse_span_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        span_id = _parse_span_id(d.pop("span_id", UNSET))

        def _parse_session_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        session_id = _parse_session_id(d.pop("session_id", UNSET))

        new_log = cls(
            level=level,
            message=message,
            id=id,
            timestamp=timestamp,
            attributes=attributes,
            trace_id=trace_id,
            span_id=span_id,
            session_id=session_id,
        )

        return new_log
