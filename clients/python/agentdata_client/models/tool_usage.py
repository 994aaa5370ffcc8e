from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field
from dateutil.parser import isoparse

from ..models.tool_status import ToolStatus, check_tool_status

T = TypeVar("T", bound="ToolUsage")


@_attrs_define
class ToolUsage:
    """A call of a tool.

    Example:
        {'id': '01a207bd-aa3b-774b-8000-2a0d8f1e4b11', 'agent_id': '019308d4-6e65-7cc0-b5c5-2a0d8f1e4b11', 'timestamp':
            '2026-11-23T09:30:00.123456Z', 'tool_name': 'search_orders', 'tool_type': 'function', 'call_id': 'call_8fA2',
            'status': 'success', 'input': {'customer': 17}, 'output': [{'order': 4711, 'state': 'shipped'}], 'error_type':
            None, 'error_message': None, 'duration_ms': 182, 'input_tokens': 54, 'output_tokens': 18, 'cost_usd':
            '0.000432', 'prompt_version': 3, 'trace_id': '4bf92f3577b34da6a3ce929d0e0e4736', 'span_id': '00f067aa0ba902b7',
            'session_id': 'conversation-17'}

    Attributes:
        id (UUID): Its id, a UUIDv7 that says `timestamp` to the millisecond.
        agent_id (UUID): The agent that made it.
        timestamp (datetime.datetime): When it began.
        tool_name (str): The tool's name.
        tool_type (None | str): What kind of tool it is, such as `function`, `mcp` or `retrieval`; free text.
        call_id (None | str): The id of the call that the model gave.
        status (ToolStatus): How a call of a tool ended.
        input_ (Any): What the tool was given, any JSON; null is the same as nothing.
        output (Any): What the tool answered, any JSON; null is the same as nothing.
        error_type (None | str): What kind of error it was, such as `ConnectionError`.
        error_message (None | str): The error in words.
        duration_ms (int | None): How long the call took, in milliseconds.
        input_tokens (int | None): Tokens that went into the call.
        output_tokens (int | None): Tokens that came out of it.
        cost_usd (None | str): What it cost in US dollars: a decimal number in a string, so that no digit is lost.
        prompt_version (int | None): The version of the agent's prompt that made the call.
        trace_id (None | str): The trace that it belongs to (W3C Trace Context).
        span_id (None | str): The span that it belongs to.
        session_id (None | str): The session or conversation that it belongs to.
    """

    id: UUID
    agent_id: UUID
    timestamp: datetime.datetime
    tool_name: str
    tool_type: None | str
    call_id: None | str
    status: ToolStatus
    input_: Any
    output: Any
    error_type: None | str
    error_message: None | str
    duration_ms: int | None
    input_tokens: int | None
    output_tokens: int | None
    cost_usd: None | str
    prompt_version: int | None
    trace_id: None | str
    span_id: None | str
    session_id: None | str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id = str(self.id)

        agent_id = str(self.agent_id)

        timestamp = self.timestamp.isoformat()

        tool_name = self.tool_name

        tool_type: None | str
        tool_type = self.tool_type

        call_id: None | str
        call_id = self.call_id

        status: str = self.status

        input_ = self.input_

        output = self.output

        error_type: None | str
        error_type = self.error_type

        error_message: None | str
        error_message = self.error_message

        duration_ms: int | None
        duration_ms = self.duration_ms

        input_tokens: int | None
        input_tokens = self.input_tokens

        output_tokens: int | None
        output_tokens = self.output_tokens

        cost_usd: None | str
        cost_usd = self.cost_usd

        prompt_version: int | None
        prompt_version = self.prompt_version

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
                "tool_name": tool_name,
                "tool_type": tool_type,
                "call_id": call_id,
                "status": status,
                "input": input_,
                "output": output,
                "error_type": error_type,
                "error_message": error_message,
                "duration_ms": duration_ms,
                "input_tokens": input_tokens,
                "output_tokens": output_tokens,
                "cost_usd": cost_usd,
                "prompt_version": prompt_version,
                "trace_id": trace_id,
                "span_id": span_id,
                "session_id": session_id,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        id = UUID(d.pop("id"))

        agent_id = UUID(d.pop("agent_id"))

        timestamp = isoparse(d.pop("timestamp"))

        tool_name = d.pop("tool_name")

        def _parse_tool_type(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        tool_type = _parse_tool_type(d.pop("tool_type"))

        def _parse_call_id(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        call_id = _parse_call_id(d.pop("call_id"))

        status = check_tool_status(d.pop("status"))

        input_ = d.pop("input")

        output = d.pop("output")

        def _parse_error_type(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        error_type = _parse_error_type(d.pop("error_type"))

        def _parse_error_message(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        error_message = _parse_error_message(d.pop("error_message"))

        def _parse_duration_ms(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        duration_ms = _parse_duration_ms(d.pop("duration_ms"))

        def _parse_input_tokens(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        input_tokens = _parse_input_tokens(d.pop("input_tokens"))

        def _parse_output_tokens(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        output_tokens = _parse_output_tokens(d.pop("output_tokens"))

        def _parse_cost_usd(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        cost_usd = _parse_cost_usd(d.pop("cost_usd"))

        def _parse_prompt_version(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        prompt_version = _parse_prompt_version(d.pop("prompt_version"))

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

        tool_usage = cls(
            id=id,
            agent_id=agent_id,
            timestamp=timestamp,
            tool_name=tool_name,
            tool_type=tool_type,
            call_id=call_id,
            status=status,
            input_=input_,
            output=output,
            error_type=error_type,
            error_message=error_message,
            duration_ms=duration_ms,
            input_tokens=input_tokens,
            output_tokens=output_tokens,
            cost_usd=cost_usd,
            prompt_version=prompt_version,
            trace_id=trace_id,
            span_id=span_id,
            session_id=session_id,
        )

        tool_usage.additional_properties = d
        return tool_usage

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
