"""Logs: what agents said, and when.

Made from openapi/openapi.json by `make clients`. Do not edit: `make test` compares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
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
from .._events import AsyncEvents, Events
from .._json import encode
from .._lines import AsyncLines, Lines
from .._pages import AsyncPages, Pages
from .._sender import AsyncSender, Sender


class Logs:
    """Logs: what agents said, and when."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    def list(
        self,
        agent_id: UUID | str,
        *,
        from_: datetime | Unset = UNSET,
        to: datetime | Unset = UNSET,
        level: Sequence[models.Level] | Unset = UNSET,
        min_level: models.Level | Unset = UNSET,
        trace_id: str | Unset = UNSET,
        session_id: str | Unset = UNSET,
        q: str | Unset = UNSET,
        attr: Sequence[str] | Unset = UNSET,
        omit: Sequence[models.LogField] | Unset = UNSET,
        order: models.RecordOrder | Unset = UNSET,
        page_size: int | Unset = UNSET,
        cursor: str | Unset = UNSET,
    ) -> Pages[models.Log]:
        """List logs.

        Newest first unless `order` says otherwise. Filters combine with "and". A page has up to
        `page_size` items and ends earlier at 8 MiB; follow `next_cursor` until it is null.

        Args:
            agent_id: Id of the agent.
            from_: Only logs of this instant or later.
            to: Only logs before this instant.
            level: Only logs of this level. Repeat it to ask for several.
            min_level: Only logs of this level or a graver one.
            trace_id: Only logs of this trace.
            session_id: Only logs of this session.
            q: Only logs with this text in their message, in upper or lower case; `%` and `_` are plain characters.
                It is looked for log by log: with a time range it is sooner found, and when it takes too long the
                answer is 504.
            attr: Only logs with this attribute: `key=value`, where numbers and the like are told as JSON writes
                them, or a key alone for any value. Repeat it to ask for several. Looked for as `q` is.
            omit: A field that the logs come without, for a page that is small and quickly read: the message is then
                an empty text, the attributes are an empty object. Repeat it for several.
            order: The order of the list. Default: timestamp_desc.
            page_size: The most items on a page. Default: 100.
            cursor: Where the page begins: the `next_cursor` of the page before, with the same filters and order.

        Raises, when it is iterated over:
            ApiError: 400, 401, 403, 404, 422, 429, 500, 503, 504.
        """
        call = Call(
            "GET",
            path("/agents/{}/logs", agent_id),
            query={
                "from": from_,
                "to": to,
                "level": level,
                "min_level": min_level,
                "trace_id": trace_id,
                "session_id": session_id,
                "q": q,
                "attr": attr,
                "omit": omit,
                "order": order,
                "limit": page_size,
                "cursor": cursor,
            },
            safe=True,
        )
        return Pages(self._sender, call, models.LogPage.from_dict)

    def create(
        self,
        agent_id: UUID | str,
        *,
        level: models.Level,
        message: str,
        id: UUID | str | None | Unset = UNSET,
        timestamp: datetime | None | Unset = UNSET,
        attributes: Mapping[str, object] | Unset = UNSET,
        trace_id: str | None | Unset = UNSET,
        span_id: str | None | Unset = UNSET,
        session_id: str | None | Unset = UNSET,
    ) -> models.Log:
        """Create a log.

        When the answer arrives the log is committed, and every reader sees it. Give an `id` to be
        able to resend the request safely.

        Args:
            agent_id: Id of the agent.
            level: How grave it is.
            message: What happened, in words.
            id: Its id, a UUIDv7, for resending it safely: what is there already under the id and the `timestamp` is
                not stored again, and the first stays. The server makes one when absent or null.
            timestamp: When it happened; must lie in the millisecond of `id`, not before 1970, and at most a day
                ahead. Default: the instant of `id`, or else now.
            attributes: Whatever else belongs to it; at most 256 KiB of JSON as sent.
            trace_id: The trace that it belongs to (W3C Trace Context): 32 hexadecimal digits.
            span_id: The span that it belongs to: 16 hexadecimal digits.
            session_id: The session or conversation that it belongs to.

        Raises:
            ApiError: 400, 401, 403, 404, 408, 413, 415, 422, 429, 500, 503, 504.
        """
        call = Call(
            "POST",
            path("/agents/{}/logs", agent_id),
            headers={"Content-Type": "application/json"},
            content=json_body(
                with_id(
                    {
                        "id": id,
                        "timestamp": timestamp,
                        "level": level,
                        "message": message,
                        "attributes": attributes,
                        "trace_id": trace_id,
                        "span_id": span_id,
                        "session_id": session_id,
                    }
                )
            ),
            safe=True,
        )
        return self._sender.request(call, models.Log.from_dict)

    def create_batch(
        self,
        agent_id: UUID | str,
        items: Sequence[params.NewLog],
    ) -> models.CreatedBatch:
        """Create many logs.

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
            path("/agents/{}/logs/batch", agent_id),
            headers={"Content-Type": "application/json"},
            content=encode([with_id(item) for item in items]),
            safe=True,
        )
        return self._sender.request(call, models.CreatedBatch.from_dict)

    def get(
        self,
        agent_id: UUID | str,
        log_id: UUID | str,
    ) -> models.Log:
        """Get a log.

        Whole, as it was written, whatever lists leave out.

        Args:
            agent_id: Id of the agent.
            log_id: Id of the log.

        Raises:
            ApiError: 400, 401, 403, 404, 422, 429, 500, 503, 504.
        """
        call = Call("GET", path("/agents/{}/logs/{}", agent_id, log_id), safe=True)
        return self._sender.request(call, models.Log.from_dict)

    def tail(
        self,
        agent_id: UUID | str,
        *,
        level: Sequence[models.Level] | Unset = UNSET,
        min_level: models.Level | Unset = UNSET,
        trace_id: str | Unset = UNSET,
        session_id: str | Unset = UNSET,
        q: str | Unset = UNSET,
        attr: Sequence[str] | Unset = UNSET,
        last_event_id: int | str | Unset = UNSET,
    ) -> Events[models.Log]:
        """Follow an agent's logs.

        Server-sent events, one for each log that is stored from now on, whichever server stores it and
        whatever its `timestamp` says, in the order in which they were committed, half a second later at
        most when no transaction is in the way. Filters combine with "and". A client that reconnects
        with `Last-Event-ID`, as browsers do by themselves, gets all that it missed, and nothing twice.
        A comment every 15 seconds keeps the connection alive. The stream ends with an event `end`,
        whose `reason` is `token_expired`, `token_revoked`, `stopping` (the server), `agent_deleted` or `too_slow` (the
        client took nothing for 30 seconds). At 1,000 streams a server answers 503.

        Args:
            agent_id: Id of the agent.
            level: Only logs of this level. Repeat it to ask for several.
            min_level: Only logs of this level or a graver one.
            trace_id: Only logs of this trace.
            session_id: Only logs of this session.
            q: Only logs with this text in their message, in upper or lower case; `%` and `_` are plain characters.
            attr: Only logs with this attribute: `key=value`, where numbers and the like are told as JSON writes
                them, or a key alone for any value. Repeat it to ask for several.
            last_event_id: The id of the last event that the client has seen.

        Raises, when it is iterated over:
            ApiError: 400, 401, 403, 404, 422, 429, 500, 503, 504.
        """
        call = Call(
            "GET",
            path("/agents/{}/logs/tail", agent_id),
            query={
                "level": level,
                "min_level": min_level,
                "trace_id": trace_id,
                "session_id": session_id,
                "q": q,
                "attr": attr,
            },
            headers={"Last-Event-ID": last_event_id, "Accept": "text/event-stream", "Accept-Encoding": "identity"},
            safe=True,
        )
        return Events(self._sender, call, models.Log.from_dict)

    def export(
        self,
        agent_id: UUID | str,
        *,
        from_: datetime | Unset = UNSET,
        to: datetime | Unset = UNSET,
        level: Sequence[models.Level] | Unset = UNSET,
        min_level: models.Level | Unset = UNSET,
        trace_id: str | Unset = UNSET,
        session_id: str | Unset = UNSET,
        q: str | Unset = UNSET,
        attr: Sequence[str] | Unset = UNSET,
    ) -> Lines[models.Log]:
        """Export logs.

        All logs that pass the filters, oldest first, a `Log` in JSON on each line (NDJSON), however many
        they are. Filters combine with "and". They are read as the client takes them: what is stored
        meanwhile may be among them or not. An answer that is not complete is cut off without its end.
        At 8 exports a server answers 503.

        Args:
            agent_id: Id of the agent.
            from_: Only logs of this instant or later.
            to: Only logs before this instant.
            level: Only logs of this level. Repeat it to ask for several.
            min_level: Only logs of this level or a graver one.
            trace_id: Only logs of this trace.
            session_id: Only logs of this session.
            q: Only logs with this text in their message, in upper or lower case; `%` and `_` are plain characters.
            attr: Only logs with this attribute: `key=value`, where numbers and the like are told as JSON writes
                them, or a key alone for any value. Repeat it to ask for several.

        Raises, when it is iterated over:
            ApiError: 400, 401, 403, 404, 422, 429, 500, 503, 504.
        """
        call = Call(
            "GET",
            path("/agents/{}/logs/export", agent_id),
            query={
                "from": from_,
                "to": to,
                "level": level,
                "min_level": min_level,
                "trace_id": trace_id,
                "session_id": session_id,
                "q": q,
                "attr": attr,
            },
            headers={"Accept-Encoding": "gzip"},
            safe=True,
        )
        return Lines(self._sender, call, models.Log.from_dict)


class AsyncLogs:
    """Logs: what agents said, and when."""

    def __init__(self, sender: AsyncSender) -> None:
        self._sender = sender

    def list(
        self,
        agent_id: UUID | str,
        *,
        from_: datetime | Unset = UNSET,
        to: datetime | Unset = UNSET,
        level: Sequence[models.Level] | Unset = UNSET,
        min_level: models.Level | Unset = UNSET,
        trace_id: str | Unset = UNSET,
        session_id: str | Unset = UNSET,
        q: str | Unset = UNSET,
        attr: Sequence[str] | Unset = UNSET,
        omit: Sequence[models.LogField] | Unset = UNSET,
        order: models.RecordOrder | Unset = UNSET,
        page_size: int | Unset = UNSET,
        cursor: str | Unset = UNSET,
    ) -> AsyncPages[models.Log]:
        """List logs.

        Newest first unless `order` says otherwise. Filters combine with "and". A page has up to
        `page_size` items and ends earlier at 8 MiB; follow `next_cursor` until it is null.

        Args:
            agent_id: Id of the agent.
            from_: Only logs of this instant or later.
            to: Only logs before this instant.
            level: Only logs of this level. Repeat it to ask for several.
            min_level: Only logs of this level or a graver one.
            trace_id: Only logs of this trace.
            session_id: Only logs of this session.
            q: Only logs with this text in their message, in upper or lower case; `%` and `_` are plain characters.
                It is looked for log by log: with a time range it is sooner found, and when it takes too long the
                answer is 504.
            attr: Only logs with this attribute: `key=value`, where numbers and the like are told as JSON writes
                them, or a key alone for any value. Repeat it to ask for several. Looked for as `q` is.
            omit: A field that the logs come without, for a page that is small and quickly read: the message is then
                an empty text, the attributes are an empty object. Repeat it for several.
            order: The order of the list. Default: timestamp_desc.
            page_size: The most items on a page. Default: 100.
            cursor: Where the page begins: the `next_cursor` of the page before, with the same filters and order.

        Raises, when it is iterated over:
            ApiError: 400, 401, 403, 404, 422, 429, 500, 503, 504.
        """
        call = Call(
            "GET",
            path("/agents/{}/logs", agent_id),
            query={
                "from": from_,
                "to": to,
                "level": level,
                "min_level": min_level,
                "trace_id": trace_id,
                "session_id": session_id,
                "q": q,
                "attr": attr,
                "omit": omit,
                "order": order,
                "limit": page_size,
                "cursor": cursor,
            },
            safe=True,
        )
        return AsyncPages(self._sender, call, models.LogPage.from_dict)

    async def create(
        self,
        agent_id: UUID | str,
        *,
        level: models.Level,
        message: str,
        id: UUID | str | None | Unset = UNSET,
        timestamp: datetime | None | Unset = UNSET,
        attributes: Mapping[str, object] | Unset = UNSET,
        trace_id: str | None | Unset = UNSET,
        span_id: str | None | Unset = UNSET,
        session_id: str | None | Unset = UNSET,
    ) -> models.Log:
        """Create a log.

        When the answer arrives the log is committed, and every reader sees it. Give an `id` to be
        able to resend the request safely.

        Args:
            agent_id: Id of the agent.
            level: How grave it is.
            message: What happened, in words.
            id: Its id, a UUIDv7, for resending it safely: what is there already under the id and the `timestamp` is
                not stored again, and the first stays. The server makes one when absent or null.
            timestamp: When it happened; must lie in the millisecond of `id`, not before 1970, and at most a day
                ahead. Default: the instant of `id`, or else now.
            attributes: Whatever else belongs to it; at most 256 KiB of JSON as sent.
            trace_id: The trace that it belongs to (W3C Trace Context): 32 hexadecimal digits.
            span_id: The span that it belongs to: 16 hexadecimal digits.
            session_id: The session or conversation that it belongs to.

        Raises:
            ApiError: 400, 401, 403, 404, 408, 413, 415, 422, 429, 500, 503, 504.
        """
        call = Call(
            "POST",
            path("/agents/{}/logs", agent_id),
            headers={"Content-Type": "application/json"},
            content=json_body(
                with_id(
                    {
                        "id": id,
                        "timestamp": timestamp,
                        "level": level,
                        "message": message,
                        "attributes": attributes,
                        "trace_id": trace_id,
                        "span_id": span_id,
                        "session_id": session_id,
                    }
                )
            ),
            safe=True,
        )
        return await self._sender.request(call, models.Log.from_dict)

    async def create_batch(
        self,
        agent_id: UUID | str,
        items: Sequence[params.NewLog],
    ) -> models.CreatedBatch:
        """Create many logs.

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
            path("/agents/{}/logs/batch", agent_id),
            headers={"Content-Type": "application/json"},
            content=encode([with_id(item) for item in items]),
            safe=True,
        )
        return await self._sender.request(call, models.CreatedBatch.from_dict)

    async def get(
        self,
        agent_id: UUID | str,
        log_id: UUID | str,
    ) -> models.Log:
        """Get a log.

        Whole, as it was written, whatever lists leave out.

        Args:
            agent_id: Id of the agent.
            log_id: Id of the log.

        Raises:
            ApiError: 400, 401, 403, 404, 422, 429, 500, 503, 504.
        """
        call = Call("GET", path("/agents/{}/logs/{}", agent_id, log_id), safe=True)
        return await self._sender.request(call, models.Log.from_dict)

    def tail(
        self,
        agent_id: UUID | str,
        *,
        level: Sequence[models.Level] | Unset = UNSET,
        min_level: models.Level | Unset = UNSET,
        trace_id: str | Unset = UNSET,
        session_id: str | Unset = UNSET,
        q: str | Unset = UNSET,
        attr: Sequence[str] | Unset = UNSET,
        last_event_id: int | str | Unset = UNSET,
    ) -> AsyncEvents[models.Log]:
        """Follow an agent's logs.

        Server-sent events, one for each log that is stored from now on, whichever server stores it and
        whatever its `timestamp` says, in the order in which they were committed, half a second later at
        most when no transaction is in the way. Filters combine with "and". A client that reconnects
        with `Last-Event-ID`, as browsers do by themselves, gets all that it missed, and nothing twice.
        A comment every 15 seconds keeps the connection alive. The stream ends with an event `end`,
        whose `reason` is `token_expired`, `token_revoked`, `stopping` (the server), `agent_deleted` or `too_slow` (the
        client took nothing for 30 seconds). At 1,000 streams a server answers 503.

        Args:
            agent_id: Id of the agent.
            level: Only logs of this level. Repeat it to ask for several.
            min_level: Only logs of this level or a graver one.
            trace_id: Only logs of this trace.
            session_id: Only logs of this session.
            q: Only logs with this text in their message, in upper or lower case; `%` and `_` are plain characters.
            attr: Only logs with this attribute: `key=value`, where numbers and the like are told as JSON writes
                them, or a key alone for any value. Repeat it to ask for several.
            last_event_id: The id of the last event that the client has seen.

        Raises, when it is iterated over:
            ApiError: 400, 401, 403, 404, 422, 429, 500, 503, 504.
        """
        call = Call(
            "GET",
            path("/agents/{}/logs/tail", agent_id),
            query={
                "level": level,
                "min_level": min_level,
                "trace_id": trace_id,
                "session_id": session_id,
                "q": q,
                "attr": attr,
            },
            headers={"Last-Event-ID": last_event_id, "Accept": "text/event-stream", "Accept-Encoding": "identity"},
            safe=True,
        )
        return AsyncEvents(self._sender, call, models.Log.from_dict)

    def export(
        self,
        agent_id: UUID | str,
        *,
        from_: datetime | Unset = UNSET,
        to: datetime | Unset = UNSET,
        level: Sequence[models.Level] | Unset = UNSET,
        min_level: models.Level | Unset = UNSET,
        trace_id: str | Unset = UNSET,
        session_id: str | Unset = UNSET,
        q: str | Unset = UNSET,
        attr: Sequence[str] | Unset = UNSET,
    ) -> AsyncLines[models.Log]:
        """Export logs.

        All logs that pass the filters, oldest first, a `Log` in JSON on each line (NDJSON), however many
        they are. Filters combine with "and". They are read as the client takes them: what is stored
        meanwhile may be among them or not. An answer that is not complete is cut off without its end.
        At 8 exports a server answers 503.

        Args:
            agent_id: Id of the agent.
            from_: Only logs of this instant or later.
            to: Only logs before this instant.
            level: Only logs of this level. Repeat it to ask for several.
            min_level: Only logs of this level or a graver one.
            trace_id: Only logs of this trace.
            session_id: Only logs of this session.
            q: Only logs with this text in their message, in upper or lower case; `%` and `_` are plain characters.
            attr: Only logs with this attribute: `key=value`, where numbers and the like are told as JSON writes
                them, or a key alone for any value. Repeat it to ask for several.

        Raises, when it is iterated over:
            ApiError: 400, 401, 403, 404, 422, 429, 500, 503, 504.
        """
        call = Call(
            "GET",
            path("/agents/{}/logs/export", agent_id),
            query={
                "from": from_,
                "to": to,
                "level": level,
                "min_level": min_level,
                "trace_id": trace_id,
                "session_id": session_id,
                "q": q,
                "attr": attr,
            },
            headers={"Accept-Encoding": "gzip"},
            safe=True,
        )
        return AsyncLines(self._sender, call, models.Log.from_dict)
