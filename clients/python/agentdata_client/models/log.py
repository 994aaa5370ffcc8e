from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field
from dateutil.parser import isoparse

from ..models.level import Level, check_level

if TYPE_CHECKING:
    from ..models.log_attributes import LogAttributes


T = TypeVar("T", bound="Log")


@_attrs_define
class Log:
    """A log of an agent.

    Example:
        {'id': '01a207bd-aa3b-774b-8000-2a0d8f1e4b11', 'agent_id': '019308d4-6e65-7cc0-b5c5-2a0d8f1e4b11', 'timestamp':
            '2026-11-23T09:30:00.123456Z', 'level': 'warn', 'message': 'The mail server did not answer; trying again.',
            'attributes': {'attempt': 2, 'host': 'mail.example.org'}, 'trace_id': '4bf92f3577b34da6a3ce929d0e0e4736',
            'span_id': '00f067aa0ba902b7', 'session_id': 'conversation-17'}

    Attributes:
        id (UUID): Its id, a UUIDv7 that says `timestamp` to the millisecond.
        agent_id (UUID): The agent that it is of.
        timestamp (datetime.datetime): When it happened.
        level (Level): How grave a log is.
        message (str): What happened, in words.
        attributes (LogAttributes): Whatever else belongs to it.
        trace_id (None | str): The trace that it belongs to (W3C Trace Context).
        span_id (None | str): The span that it belongs to.
        session_id (None | str): The session or conversation that it belongs to.
    """

    id: UUID
    agent_id: UUID
    timestamp: datetime.datetime
    level: Level
    message: str
    attributes: LogAttributes
    trace_id: None | str
    span_id: None | str
    session_id: None | str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id = str(self.id)

        agent_id = str(self.agent_id)

        timestamp = self.timestamp.isoformat()

        level: str = self.level

        message = self.message

        attributes = self.attributes.to_dict()

        trace_id: None | str
        trace_id = self.trace_id

        span_id: None | str
        span_id = self.span_id

        session_id: None | str
        session_id = self.session_id

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "agent_id": agent_id,
                "timestamp": timestamp,
                "level": level,
                "message": message,
                "attributes": attributes,
                "trace_id": trace_id,
                "span_id": span_id,
                "session_id": session_id,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.log_attributes import LogAttributes

        d = dict(src_dict)
        id = UUID(d.pop("id"))

        agent_id = UUID(d.pop("agent_id"))

        timestamp = isoparse(d.pop("timestamp"))

        level = check_level(d.pop("level"))

        message = d.pop("message")

        attributes = LogAttributes.from_dict(d.pop("attributes"))

        def _parse_trace_id(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        trace_id = _parse_trace_id(d.pop("trace_id"))

        def _parse_span_id(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        span_id = _parse_span_id(d.pop("span_id"))

        def _parse_session_id(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        session_id = _parse_session_id(d.pop("session_id"))

        log = cls(
            id=id,
            agent_id=agent_id,
            timestamp=timestamp,
            level=level,
            message=message,
            attributes=attributes,
            trace_id=trace_id,
            span_id=span_id,
            session_id=session_id,
        )

        log.additional_properties = d
        return log

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
