"""Recorders: logs, metrics and tool usage that are delivered in the background."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from types import TracebackType
from typing import ParamSpec, TypeVar, overload

from agentdata_client.models import Level, MetricKind

from ._call import with_id
from ._json import encode
from ._outbox import Kind, Report
from ._tool import ToolCall, recorded
from ._worker import Worker

P = ParamSpec("P")
R = TypeVar("R")

FLUSH_SECONDS = 5.0

# The server's bounds, in characters and bytes; what is longer is cut, so that the record is not lost.
_MESSAGE, _ERROR_TYPE, _ERROR_MESSAGE, _NAME = 65_536, 200, 16_384, 200
_VALUE_BYTES = 256 * 1024
_CUT = " … (cut)"


class Records:
    """What both kinds of recorders offer to an agent. Nothing here waits for the server, and nothing raises.

    A record that cannot be delivered is counted in `report()`, told to `on_undelivered` and, once for each
    reason, logged as a warning by the logger `agentdata`. Texts that are longer than the server takes are cut,
    and inputs and outputs of tools that are too long, or that JSON cannot express, are kept as a part of their text.
    """

    def __init__(self, worker: Worker, session_id: str | None, trace_id: str | None) -> None:
        self._worker = worker
        self._outbox = worker.outbox
        self._common = {"session_id": session_id, "trace_id": trace_id}

    def log(
        self,
        level: Level,
        message: str,
        *,
        attributes: Mapping[str, object] | None = None,
        timestamp: datetime | None = None,
        trace_id: str | None = None,
        span_id: str | None = None,
        session_id: str | None = None,
    ) -> None:
        """Records a log.

        Args:
            level: How grave it is.
            message: What happened, in words; 65,536 characters at most.
            attributes: Whatever else belongs to it; at most 256 KiB of JSON.
            timestamp: When it happened, with a time zone. Default: now.
            trace_id: The trace that it belongs to: 32 hexadecimal digits. Default: the recorder's.
            span_id: The span that it belongs to: 16 hexadecimal digits.
            session_id: The session or conversation that it belongs to. Default: the recorder's.
        """
        fields = {"level": level, "message": _cut(message, _MESSAGE), "attributes": attributes, "timestamp": timestamp}
        self._put("logs", {**fields, **self._place(trace_id, session_id), "span_id": span_id})

    def metric(
        self,
        name: str,
        value: float,
        *,
        kind: MetricKind = "gauge",
        unit: str | None = None,
        attributes: Mapping[str, str | float | bool] | None = None,
        timestamp: datetime | None = None,
    ) -> None:
        """Records a data point of a metric.

        Args:
            name: The metric's name: a letter, then letters, digits, `_`, `.`, `-` and `/`, at most 255 in all.
            value: The value, which is finite.
            kind: Whether it is what is there (`gauge`) or what came in addition (`counter`).
            unit: Its unit in UCUM, such as `ms`, `By` or `{request}`.
            attributes: What tells this series from others of the name; 32 at most.
            timestamp: When it was measured, with a time zone. Default: now.
        """
        fields = {"name": name, "value": value, "kind": kind, "unit": unit, "attributes": attributes}
        self._put("metrics", {**fields, "timestamp": timestamp})

    def tool_call(self, name: str, *, tool_type: str | None = None, input: object = None) -> ToolCall:
        """Records what happens in a `with` block as a call to a tool: its duration, status, output and error.

        ```python
        with recorder.tool_call("search", input={"query": query}) as call:
            call.output = search(query)
        ```

        Args:
            name: The tool's name; 200 characters at most.
            tool_type: What kind of tool it is, such as `function`, `mcp` or `retrieval`.
            input: What the tool is given, any JSON.
        """
        call = ToolCall(self._put_tool_usage, name, tool_type)
        call.input = input
        return call

    @overload
    def tool(self, function: Callable[P, R], /) -> Callable[P, R]: ...

    @overload
    def tool(
        self,
        /,
        *,
        name: str | None = None,
        tool_type: str | None = "function",
        record_input: bool = True,
        record_output: bool = True,
    ) -> Callable[[Callable[P, R]], Callable[P, R]]: ...

    def tool(
        self,
        function: Callable[P, R] | None = None,
        /,
        *,
        name: str | None = None,
        tool_type: str | None = "function",
        record_input: bool = True,
        record_output: bool = True,
    ) -> Callable[P, R] | Callable[[Callable[P, R]], Callable[P, R]]:
        """Records each call of a function, or of a coroutine function, as a call to a tool: a decorator.

        Args:
            function: The function.
            name: The tool's name. Default: the function's.
            tool_type: What kind of tool it is.
            record_input: Whether the arguments are recorded; leave out what is secret.
            record_output: Whether the result is recorded.
        """

        def decorate(function: Callable[P, R]) -> Callable[P, R]:
            tool_name = str(name or getattr(function, "__name__", type(function).__name__))
            return recorded(
                function, lambda: self.tool_call(tool_name, tool_type=tool_type), record_input, record_output
            )

        return decorate if function is None else decorate(function)

    def report(self) -> Report:
        """What became of the records so far."""
        return self._outbox.report()

    def _place(self, trace_id: str | None, session_id: str | None) -> dict[str, str | None]:
        given = {"trace_id": trace_id, "session_id": session_id}
        return {name: value or self._common[name] for name, value in given.items()}

    def _put_tool_usage(self, fields: Mapping[str, object]) -> None:
        record: dict[str, object] = {**fields, **self._common}
        for name, limit in (("tool_name", _NAME), ("error_type", _ERROR_TYPE), ("error_message", _ERROR_MESSAGE)):
            record[name] = _cut(record[name], limit)
        for name in ("input", "output"):
            record[name] = _expressible(record[name])
        self._put("tool-usage", record)

    def _put(self, kind: Kind, fields: dict[str, object]) -> None:
        try:
            # With the time of the call and not of the delivery, to the microsecond.
            fields["timestamp"] = fields["timestamp"] or datetime.now(timezone.utc)
            record = with_id({name: value for name, value in fields.items() if value is not None})
            self._outbox.put(kind, encode(record))
        except (TypeError, ValueError, RecursionError) as error:
            self._outbox.refuse(kind, f"a record cannot be put into JSON ({type(error).__name__})")


class Recorder(Records):
    """Records logs, metrics and tool usage, and delivers them in the background: use it in a `with` block.

    Leaving the block delivers what waits, for `close_timeout` seconds at most. Any thread may call the methods.
    """

    def flush(self, timeout: float = FLUSH_SECONDS) -> bool:
        """Waits until nothing is left to deliver. Whether that was so within `timeout` seconds."""
        return self._worker.flush(timeout)

    def close(self) -> None:
        """Delivers what waits, for `close_timeout` seconds at most; what is left then is undelivered."""
        self._worker.close()

    def __enter__(self) -> Recorder:  # noqa: PYI034 (Python 3.10 has no Self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


class AsyncRecorder(Records):
    """Records logs, metrics and tool usage, and delivers them in the background: use it in an `async with` block.

    Leaving the block delivers what waits, for `close_timeout` seconds at most. Any thread may call the methods
    that are not coroutines.
    """

    async def flush(self, timeout: float = FLUSH_SECONDS) -> bool:
        """Waits until nothing is left to deliver. Whether that was so within `timeout` seconds."""
        return await asyncio.to_thread(self._worker.flush, timeout)

    async def aclose(self) -> None:
        """Delivers what waits, for `close_timeout` seconds at most; what is left then is undelivered."""
        await asyncio.to_thread(self._worker.close)

    async def __aenter__(self) -> AsyncRecorder:  # noqa: PYI034 (Python 3.10 has no Self)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()


def _cut(text: object, limit: int) -> str | None:
    """A text that the server takes: without NUL and half characters, and not too long."""
    if text is None:
        return None
    clean = str(text).replace("\0", "\ufffd").encode(errors="replace").decode()
    return clean if len(clean) <= limit else clean[: limit - len(_CUT)] + _CUT


def _expressible(value: object) -> object:
    """The value, or a part of its text when the server would not take it."""
    try:
        text = encode(value, fallback=repr)
        if len(text) <= _VALUE_BYTES and b"\\u0000" not in text:
            return json.loads(text)
        return _cut(text.decode(), _MESSAGE)
    except Exception:  # noqa: BLE001 (whatever the value's own methods raise)
        return f"a {type(value).__name__} that JSON cannot express"
