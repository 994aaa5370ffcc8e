"""Tool usage: the calls that agents made to tools.

Made from openapi/openapi.json by `make clients`. Do not edit: `make test` compares."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from agentdata_client import models

from .. import params
from .._call import (
    UNSET,
    Call,
    Unset,
    json_body,
    path,
    with_id,
)
from .._json import encode
from .._lines import AsyncLines, Lines
from .._pages import AsyncPages, Pages
from .._sender import AsyncSender, Sender


class ToolUsage:
    """Tool usage: the calls that agents made to tools."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    def list(
        self,
        agent_id: UUID | str,
        *,
        from_: datetime | Unset = UNSET,
        to: datetime | Unset = UNSET,
        tool_name: str | Unset = UNSET,
        status: models.ToolStatus | Unset = UNSET,
        trace_id: str | Unset = UNSET,
        session_id: str | Unset = UNSET,
        omit: Sequence[models.ToolUsageField] | Unset = UNSET,
        order: models.RecordOrder | Unset = UNSET,
        page_size: int | Unset = UNSET,
        cursor: str | Unset = UNSET,
    ) -> Pages[models.ToolUsage]:
        """List tool usage.

        An agent's calls of tools, newest first unless `order` says otherwise. Filters combine with
        "and". A page has up to `page_size` items and ends earlier at 8 MiB; follow `next_cursor` until it
        is null.

        Args:
            agent_id: Id of the agent.
            from_: Only calls that began at this instant or later.
            to: Only calls that began before this instant.
            tool_name: Only calls of exactly this tool.
            status: Only calls that ended so.
            trace_id: Only calls of this trace.
            session_id: Only calls of this session.
            omit: A field that the calls come without, for a page that is small and quickly read: it is then null.
                Repeat it for several.
            order: The order of the list. Default: timestamp_desc.
            page_size: The most items on a page. Default: 100.
            cursor: Where the page begins: the `next_cursor` of the page before, with the same filters and order.

        Raises, when it is iterated over:
            ApiError: 400, 401, 403, 404, 422, 429, 500, 503, 504.
        """
        call = Call(
            "GET",
            path("/agents/{}/tool-usage", agent_id),
            query={
                "from": from_,
                "to": to,
                "tool_name": tool_name,
                "status": status,
                "trace_id": trace_id,
                "session_id": session_id,
                "omit": omit,
                "order": order,
                "limit": page_size,
                "cursor": cursor,
            },
            safe=True,
        )
        return Pages(self._sender, call, models.ToolUsagePage.from_dict)

    def create(
        self,
        agent_id: UUID | str,
        *,
        tool_name: str,
        status: models.ToolStatus,
        id: UUID | str | None | Unset = UNSET,
        timestamp: datetime | None | Unset = UNSET,
        tool_type: str | None | Unset = UNSET,
        call_id: str | None | Unset = UNSET,
        input: object | Unset = UNSET,
        output: object | Unset = UNSET,
        error_type: str | None | Unset = UNSET,
        error_message: str | None | Unset = UNSET,
        duration_ms: int | None | Unset = UNSET,
        input_tokens: int | None | Unset = UNSET,
        output_tokens: int | None | Unset = UNSET,
        cost_usd: Decimal | str | None | Unset = UNSET,
        prompt_version: int | None | Unset = UNSET,
        trace_id: str | None | Unset = UNSET,
        span_id: str | None | Unset = UNSET,
        session_id: str | None | Unset = UNSET,
    ) -> models.ToolUsage:
        """Create tool usage.

        One call of a tool. When the answer arrives it is committed, and every reader sees it. Give an
        `id` to be able to resend the request safely.

        Args:
            agent_id: Id of the agent.
            tool_name: The tool's name.
            status: How the call ended.
            id: Its id, a UUIDv7, for resending it safely: what is there already under the id and the `timestamp` is
                not stored again, and the first stays. The server makes one when absent or null.
            timestamp: When the call began; must lie in the millisecond of `id`, not before 1970, and at most a day
                ahead. Default: the instant of `id`, or else now.
            tool_type: What kind of tool it is, such as `function`, `mcp` or `retrieval`; free text.
            call_id: The id of the call that the model gave.
            input: What the tool was given, any JSON of at most 256 KiB as sent; null is the same as nothing.
            output: What the tool answered, any JSON of at most 256 KiB as sent; null is the same as nothing.
            error_type: What kind of error it was, such as `ConnectionError`.
            error_message: The error in words.
            duration_ms: How long the call took, in milliseconds.
            input_tokens: Tokens that went into the call.
            output_tokens: Tokens that came out of it.
            cost_usd: What it cost in US dollars: a decimal number in a string, so that no digit is lost. Up to 10
                digits before the point and 10 behind.
            prompt_version: The version of the agent's prompt that made the call.
            trace_id: The trace that it belongs to (W3C Trace Context).
            span_id: The span that it belongs to.
            session_id: The session or conversation that it belongs to.

        Raises:
            ApiError: 400, 401, 403, 404, 408, 413, 415, 422, 429, 500, 503, 504.
        """
        call = Call(
            "POST",
            path("/agents/{}/tool-usage", agent_id),
            headers={"Content-Type": "application/json"},
            content=json_body(
                with_id(
                    {
                        "id": id,
                        "timestamp": timestamp,
                        "tool_name": tool_name,
                        "tool_type": tool_type,
                        "call_id": call_id,
                        "status": status,
                        "input": input,
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
            ),
            safe=True,
        )
        return self._sender.request(call, models.ToolUsage.from_dict)

    def export(
        self,
        agent_id: UUID | str,
        *,
        from_: datetime | Unset = UNSET,
        to: datetime | Unset = UNSET,
        tool_name: str | Unset = UNSET,
        status: models.ToolStatus | Unset = UNSET,
        trace_id: str | Unset = UNSET,
        session_id: str | Unset = UNSET,
    ) -> Lines[models.ToolUsage]:
        """Export tool usage.

        All calls that pass the filters, oldest first, a `ToolUsage` in JSON on each line (NDJSON), however many
        they are. Filters combine with "and". They are read as the client takes them: what is stored
        meanwhile may be among them or not. An answer that is not complete is cut off without its end.
        At 8 exports a server answers 503.

        Args:
            agent_id: Id of the agent.
            from_: Only calls that began at this instant or later.
            to: Only calls that began before this instant.
            tool_name: Only calls of exactly this tool.
            status: Only calls that ended so.
            trace_id: Only calls of this trace.
            session_id: Only calls of this session.

        Raises, when it is iterated over:
            ApiError: 400, 401, 403, 404, 422, 429, 500, 503, 504.
        """
        call = Call(
            "GET",
            path("/agents/{}/tool-usage/export", agent_id),
            query={
                "from": from_,
                "to": to,
                "tool_name": tool_name,
                "status": status,
                "trace_id": trace_id,
                "session_id": session_id,
            },
            headers={"Accept-Encoding": "gzip"},
            safe=True,
        )
        return Lines(self._sender, call, models.ToolUsage.from_dict)

    def create_batch(
        self,
        agent_id: UUID | str,
        items: Sequence[params.NewToolUsage],
    ) -> models.CreatedBatch:
        """Create many records of tool usage.

        Up to 10,000, and 16 MiB of body unless the server is set otherwise: a JSON array, or an
        object on each line (`application/x-ndjson`). All are stored or none: an error names the index
        of the record, from 0. When the answer arrives they are committed, and every reader sees them.
        Give each an `id` to be able to resend the request safely.

        Args:
            agent_id: Id of the agent.
            items: All that are to be stored.

        Raises:
            ApiError: 400, 401, 403, 404, 408, 413, 415, 422, 429, 500, 503, 504.
        """
        call = Call(
            "POST",
            path("/agents/{}/tool-usage/batch", agent_id),
            headers={"Content-Type": "application/json"},
            content=encode([with_id(item) for item in items]),
            safe=True,
        )
        return self._sender.request(call, models.CreatedBatch.from_dict)

    def get(
        self,
        agent_id: UUID | str,
        tool_usage_id: UUID | str,
    ) -> models.ToolUsage:
        """Get tool usage.

        One call of a tool.

        Args:
            agent_id: Id of the agent.
            tool_usage_id: Id of the call.

        Raises:
            ApiError: 400, 401, 403, 404, 422, 429, 500, 503, 504.
        """
        call = Call("GET", path("/agents/{}/tool-usage/{}", agent_id, tool_usage_id), safe=True)
        return self._sender.request(call, models.ToolUsage.from_dict)

    def statistics(
        self,
        agent_id: UUID | str,
        *,
        from_: datetime | Unset = UNSET,
        to: datetime | Unset = UNSET,
        bucket: models.Bucket | Unset = UNSET,
        timezone: str | Unset = UNSET,
        group_by: Sequence[models.ToolGrouping] | Unset = UNSET,
        tool_name: str | Unset = UNSET,
        status: models.ToolStatus | Unset = UNSET,
        session_id: str | Unset = UNSET,
    ) -> models.ToolStatisticsSet:
        """Get statistics of tool usage.

        Counts, error rates, durations, tokens, costs and the most frequent errors of an agent's calls,
        for each tool unless `group_by` says otherwise, and for each bucket of time if `bucket` asks for
        them. Only groups that have calls are told. More than 10,000 of them are refused.

        Args:
            agent_id: Id of the agent.
            from_: Only calls that began at this instant or later. Default: a day before `to`, or 1,440 buckets if
                that is less.
            to: Only calls that began before this instant. Default: now.
            bucket: How wide the buckets are. Default: there are none.
            timezone: The time zone in which days, weeks and months begin, such as `Europe/Berlin`. Default: UTC.
            group_by: What calls are told apart by. Repeat it for several. Default: `tool_name`.
            tool_name: Only calls of exactly this tool.
            status: Only calls that ended so.
            session_id: Only calls of this session.

        Raises:
            ApiError: 400, 401, 403, 404, 422, 429, 500, 503, 504.
        """
        call = Call(
            "GET",
            path("/agents/{}/tool-usage/statistics", agent_id),
            query={
                "from": from_,
                "to": to,
                "bucket": bucket,
                "timezone": timezone,
                "group_by": group_by,
                "tool_name": tool_name,
                "status": status,
                "session_id": session_id,
            },
            safe=True,
        )
        return self._sender.request(call, models.ToolStatisticsSet.from_dict)


class AsyncToolUsage:
    """Tool usage: the calls that agents made to tools."""

    def __init__(self, sender: AsyncSender) -> None:
        self._sender = sender

    def list(
        self,
        agent_id: UUID | str,
        *,
        from_: datetime | Unset = UNSET,
        to: datetime | Unset = UNSET,
        tool_name: str | Unset = UNSET,
        status: models.ToolStatus | Unset = UNSET,
        trace_id: str | Unset = UNSET,
        session_id: str | Unset = UNSET,
        omit: Sequence[models.ToolUsageField] | Unset = UNSET,
        order: models.RecordOrder | Unset = UNSET,
        page_size: int | Unset = UNSET,
        cursor: str | Unset = UNSET,
    ) -> AsyncPages[models.ToolUsage]:
        """List tool usage.

        An agent's calls of tools, newest first unless `order` says otherwise. Filters combine with
        "and". A page has up to `page_size` items and ends earlier at 8 MiB; follow `next_cursor` until it
        is null.

        Args:
            agent_id: Id of the agent.
            from_: Only calls that began at this instant or later.
            to: Only calls that began before this instant.
            tool_name: Only calls of exactly this tool.
            status: Only calls that ended so.
            trace_id: Only calls of this trace.
            session_id: Only calls of this session.
            omit: A field that the calls come without, for a page that is small and quickly read: it is then null.
                Repeat it for several.
            order: The order of the list. Default: timestamp_desc.
            page_size: The most items on a page. Default: 100.
            cursor: Where the page begins: the `next_cursor` of the page before, with the same filters and order.

        Raises, when it is iterated over:
            ApiError: 400, 401, 403, 404, 422, 429, 500, 503, 504.
        """
        call = Call(
            "GET",
            path("/agents/{}/tool-usage", agent_id),
            query={
                "from": from_,
                "to": to,
                "tool_name": tool_name,
                "status": status,
                "trace_id": trace_id,
                "session_id": session_id,
                "omit": omit,
                "order": order,
                "limit": page_size,
                "cursor": cursor,
            },
            safe=True,
        )
        return AsyncPages(self._sender, call, models.ToolUsagePage.from_dict)

    async def create(
        self,
        agent_id: UUID | str,
        *,
        tool_name: str,
        status: models.ToolStatus,
        id: UUID | str | None | Unset = UNSET,
        timestamp: datetime | None | Unset = UNSET,
        tool_type: str | None | Unset = UNSET,
        call_id: str | None | Unset = UNSET,
        input: object | Unset = UNSET,
        output: object | Unset = UNSET,
        error_type: str | None | Unset = UNSET,
        error_message: str | None | Unset = UNSET,
        duration_ms: int | None | Unset = UNSET,
        input_tokens: int | None | Unset = UNSET,
        output_tokens: int | None | Unset = UNSET,
        cost_usd: Decimal | str | None | Unset = UNSET,
        prompt_version: int | None | Unset = UNSET,
        trace_id: str | None | Unset = UNSET,
        span_id: str | None | Unset = UNSET,
        session_id: str | None | Unset = UNSET,
    ) -> models.ToolUsage:
        """Create tool usage.

        One call of a tool. When the answer arrives it is committed, and every reader sees it. Give an
        `id` to be able to resend the request safely.

        Args:
            agent_id: Id of the agent.
            tool_name: The tool's name.
            status: How the call ended.
            id: Its id, a UUIDv7, for resending it safely: what is there already under the id and the `timestamp` is
                not stored again, and the first stays. The server makes one when absent or null.
            timestamp: When the call began; must lie in the millisecond of `id`, not before 1970, and at most a day
                ahead. Default: the instant of `id`, or else now.
            tool_type: What kind of tool it is, such as `function`, `mcp` or `retrieval`; free text.
            call_id: The id of the call that the model gave.
            input: What the tool was given, any JSON of at most 256 KiB as sent; null is the same as nothing.
            output: What the tool answered, any JSON of at most 256 KiB as sent; null is the same as nothing.
            error_type: What kind of error it was, such as `ConnectionError`.
            error_message: The error in words.
            duration_ms: How long the call took, in milliseconds.
            input_tokens: Tokens that went into the call.
            output_tokens: Tokens that came out of it.
            cost_usd: What it cost in US dollars: a decimal number in a string, so that no digit is lost. Up to 10
                digits before the point and 10 behind.
            prompt_version: The version of the agent's prompt that made the call.
            trace_id: The trace that it belongs to (W3C Trace Context).
            span_id: The span that it belongs to.
            session_id: The session or conversation that it belongs to.

        Raises:
            ApiError: 400, 401, 403, 404, 408, 413, 415, 422, 429, 500, 503, 504.
        """
        call = Call(
            "POST",
            path("/agents/{}/tool-usage", agent_id),
            headers={"Content-Type": "application/json"},
            content=json_body(
                with_id(
                    {
                        "id": id,
                        "timestamp": timestamp,
                        "tool_name": tool_name,
                        "tool_type": tool_type,
                        "call_id": call_id,
                        "status": status,
                        "input": input,
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
            ),
            safe=True,
        )
        return await self._sender.request(call, models.ToolUsage.from_dict)

    def export(
        self,
        agent_id: UUID | str,
        *,
        from_: datetime | Unset = UNSET,
        to: datetime | Unset = UNSET,
        tool_name: str | Unset = UNSET,
        status: models.ToolStatus | Unset = UNSET,
        trace_id: str | Unset = UNSET,
        session_id: str | Unset = UNSET,
    ) -> AsyncLines[models.ToolUsage]:
        """Export tool usage.

        All calls that pass the filters, oldest first, a `ToolUsage` in JSON on each line (NDJSON), however many
        they are. Filters combine with "and". They are read as the client takes them: what is stored
        meanwhile may be among them or not. An answer that is not complete is cut off without its end.
        At 8 exports a server answers 503.

        Args:
            agent_id: Id of the agent.
            from_: Only calls that began at this instant or later.
            to: Only calls that began before this instant.
            tool_name: Only calls of exactly this tool.
            status: Only calls that ended so.
            trace_id: Only calls of this trace.
            session_id: Only calls of this session.

        Raises, when it is iterated over:
            ApiError: 400, 401, 403, 404, 422, 429, 500, 503, 504.
        """
        call = Call(
            "GET",
            path("/agents/{}/tool-usage/export", agent_id),
            query={
                "from": from_,
                "to": to,
                "tool_name": tool_name,
                "status": status,
                "trace_id": trace_id,
                "session_id": session_id,
            },
            headers={"Accept-Encoding": "gzip"},
            safe=True,
        )
        return AsyncLines(self._sender, call, models.ToolUsage.from_dict)

    async def create_batch(
        self,
        agent_id: UUID | str,
        items: Sequence[params.NewToolUsage],
    ) -> models.CreatedBatch:
        """Create many records of tool usage.

        Up to 10,000, and 16 MiB of body unless the server is set otherwise: a JSON array, or an
        object on each line (`application/x-ndjson`). All are stored or none: an error names the index
        of the record, from 0. When the answer arrives they are committed, and every reader sees them.
        Give each an `id` to be able to resend the request safely.

        Args:
            agent_id: Id of the agent.
            items: All that are to be stored.

        Raises:
            ApiError: 400, 401, 403, 404, 408, 413, 415, 422, 429, 500, 503, 504.
        """
        call = Call(
            "POST",
            path("/agents/{}/tool-usage/batch", agent_id),
            headers={"Content-Type": "application/json"},
            content=encode([with_id(item) for item in items]),
            safe=True,
        )
        return await self._sender.request(call, models.CreatedBatch.from_dict)

    async def get(
        self,
        agent_id: UUID | str,
        tool_usage_id: UUID | str,
    ) -> models.ToolUsage:
        """Get tool usage.

        One call of a tool.

        Args:
            agent_id: Id of the agent.
            tool_usage_id: Id of the call.

        Raises:
            ApiError: 400, 401, 403, 404, 422, 429, 500, 503, 504.
        """
        call = Call("GET", path("/agents/{}/tool-usage/{}", agent_id, tool_usage_id), safe=True)
        return await self._sender.request(call, models.ToolUsage.from_dict)

    async def statistics(
        self,
        agent_id: UUID | str,
        *,
        from_: datetime | Unset = UNSET,
        to: datetime | Unset = UNSET,
        bucket: models.Bucket | Unset = UNSET,
        timezone: str | Unset = UNSET,
        group_by: Sequence[models.ToolGrouping] | Unset = UNSET,
        tool_name: str | Unset = UNSET,
        status: models.ToolStatus | Unset = UNSET,
        session_id: str | Unset = UNSET,
    ) -> models.ToolStatisticsSet:
        """Get statistics of tool usage.

        Counts, error rates, durations, tokens, costs and the most frequent errors of an agent's calls,
        for each tool unless `group_by` says otherwise, and for each bucket of time if `bucket` asks for
        them. Only groups that have calls are told. More than 10,000 of them are refused.

        Args:
            agent_id: Id of the agent.
            from_: Only calls that began at this instant or later. Default: a day before `to`, or 1,440 buckets if
                that is less.
            to: Only calls that began before this instant. Default: now.
            bucket: How wide the buckets are. Default: there are none.
            timezone: The time zone in which days, weeks and months begin, such as `Europe/Berlin`. Default: UTC.
            group_by: What calls are told apart by. Repeat it for several. Default: `tool_name`.
            tool_name: Only calls of exactly this tool.
            status: Only calls that ended so.
            session_id: Only calls of this session.

        Raises:
            ApiError: 400, 401, 403, 404, 422, 429, 500, 503, 504.
        """
        call = Call(
            "GET",
            path("/agents/{}/tool-usage/statistics", agent_id),
            query={
                "from": from_,
                "to": to,
                "bucket": bucket,
                "timezone": timezone,
                "group_by": group_by,
                "tool_name": tool_name,
                "status": status,
                "session_id": session_id,
            },
            safe=True,
        )
        return await self._sender.request(call, models.ToolStatisticsSet.from_dict)
