"""Recording a call to a tool: how long it took, and what came of it."""

from __future__ import annotations

import asyncio
import functools
import inspect
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from decimal import Decimal
from types import TracebackType
from typing import Any, ParamSpec, TypeVar, cast

import httpx
from agentdata_client.models import ToolStatus

P = ParamSpec("P")
R = TypeVar("R")

_TIMEOUTS = (TimeoutError, asyncio.TimeoutError, httpx.TimeoutException)


class ToolCall:
    """A call to a tool that is being recorded: a context manager around it. The record is made when it is left.

    An exception makes the status `error`, or `timeout` or `cancelled`, and passes on.

    Attributes:
        input: What the tool is given.
        output: What it answers.
        status: How it ended. Set it to say so of a call that raises nothing.
        error_type: What kind of error it was.
        error_message: The error in words.
        call_id: The id of the call that the model gave.
        input_tokens: Tokens that went into the call.
        output_tokens: Tokens that came out of it.
        cost_usd: What it cost in US dollars.
        prompt_version: The version of the agent's prompt that made the call.
    """

    def __init__(self, record: Callable[[Mapping[str, object]], None], tool_name: str, tool_type: str | None) -> None:
        self._record, self._tool_name, self._tool_type = record, tool_name, tool_type
        self.input: object = None
        self.output: object = None
        self.status: ToolStatus = "success"
        self.error_type: str | None = None
        self.error_message: str | None = None
        self.call_id: str | None = None
        self.input_tokens: int | None = None
        self.output_tokens: int | None = None
        self.cost_usd: Decimal | str | None = None
        self.prompt_version: int | None = None

    def __enter__(self) -> ToolCall:  # noqa: PYI034 (Python 3.10 has no Self)
        self._timestamp, self._start = datetime.now(timezone.utc), time.perf_counter()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        duration = time.perf_counter() - self._start
        if error is not None:
            self.status = status_of(error)
            self.error_type, self.error_message = type(error).__name__, _text(error)
        self._record(
            {
                "timestamp": self._timestamp,
                "tool_name": self._tool_name,
                "tool_type": self._tool_type,
                "call_id": self.call_id,
                "status": self.status,
                "input": self.input,
                "output": self.output,
                "error_type": self.error_type,
                "error_message": self.error_message,
                "duration_ms": round(duration * 1000),
                "input_tokens": self.input_tokens,
                "output_tokens": self.output_tokens,
                "cost_usd": self.cost_usd,
                "prompt_version": self.prompt_version,
            }
        )


def status_of(error: BaseException) -> ToolStatus:
    """How a call ended that raised this."""
    if isinstance(error, _TIMEOUTS):
        return "timeout"
    return "error" if isinstance(error, Exception) else "cancelled"


def recorded(
    function: Callable[P, R], call: Callable[[], ToolCall], record_input: bool, record_output: bool
) -> Callable[P, R]:
    """The function, each of whose calls is recorded."""
    signature = inspect.signature(function)

    def begin(args: tuple[Any, ...], kwargs: dict[str, Any]) -> ToolCall:
        begun = call()
        if record_input:
            begun.input = _arguments(signature, args, kwargs)
        return begun

    if inspect.iscoroutinefunction(function):

        @functools.wraps(function)
        async def asynchronous(*args: P.args, **kwargs: P.kwargs) -> Any:
            with begin(args, kwargs) as begun:
                output = await function(*args, **kwargs)
                if record_output:
                    begun.output = output
                return output

        return cast(Callable[P, R], asynchronous)

    @functools.wraps(function)
    def synchronous(*args: P.args, **kwargs: P.kwargs) -> R:
        with begin(args, kwargs) as begun:
            output = function(*args, **kwargs)
            if record_output:
                begun.output = output
            return output

    return synchronous


def _arguments(signature: inspect.Signature, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any] | None:
    try:
        bound = signature.bind(*args, **kwargs).arguments
    except TypeError:  # the call itself will say so
        return None
    return {name: value for name, value in bound.items() if name not in ("self", "cls")}


def _text(error: BaseException) -> str | None:
    try:
        return str(error) or None
    except Exception:  # noqa: BLE001 (whatever the error's own method raises)
        return None
