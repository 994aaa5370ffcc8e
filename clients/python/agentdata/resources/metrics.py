"""Metrics: data points that agents measured.

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
from .._json import encode
from .._lines import AsyncLines, Lines
from .._pages import AsyncPages, Pages
from .._sender import AsyncSender, Sender


class Metrics:
    """Metrics: data points that agents measured."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    def list(
        self,
        agent_id: UUID | str,
        *,
        from_: datetime | Unset = UNSET,
        to: datetime | Unset = UNSET,
        name: str | Unset = UNSET,
        attr: Sequence[str] | Unset = UNSET,
        order: models.RecordOrder | Unset = UNSET,
        page_size: int | Unset = UNSET,
        cursor: str | Unset = UNSET,
    ) -> Pages[models.Metric]:
        """List metrics.

        The data points of an agent's metrics, newest first unless `order` says otherwise. Filters
        combine with "and". A page has up to `page_size` items and ends earlier at 8 MiB; follow
        `next_cursor` until it is null.

        Args:
            agent_id: Id of the agent.
            from_: Only data points of this instant or later.
            to: Only data points before this instant.
            name: Only data points of exactly this metric.
            attr: Only data points with this attribute: `key=value`, where numbers and the like are told as JSON
                writes them, or a key alone for any value. Repeat it to ask for several. It is looked for point by
                point: with a time range it is sooner found.
            order: The order of the list. Default: timestamp_desc.
            page_size: The most items on a page. Default: 100.
            cursor: Where the page begins: the `next_cursor` of the page before, with the same filters and order.

        Raises, when it is iterated over:
            ApiError: 400, 401, 403, 404, 422, 429, 500, 503, 504.
        """
        call = Call(
            "GET",
            path("/agents/{}/metrics", agent_id),
            query={
                "from": from_,
                "to": to,
                "name": name,
                "attr": attr,
                "order": order,
                "limit": page_size,
                "cursor": cursor,
            },
            safe=True,
        )
        return Pages(self._sender, call, models.MetricPage.from_dict)

    def create(
        self,
        agent_id: UUID | str,
        *,
        name: str,
        kind: models.MetricKind,
        value: float,
        id: UUID | str | None | Unset = UNSET,
        timestamp: datetime | None | Unset = UNSET,
        unit: str | None | Unset = UNSET,
        attributes: Mapping[str, object] | Unset = UNSET,
    ) -> models.Metric:
        """Create a metric.

        One data point. When the answer arrives it is committed, and every reader sees it. Give an
        `id` to be able to resend the request safely.

        Args:
            agent_id: Id of the agent.
            name: The metric's name, by OpenTelemetry's rules: a letter, then letters, digits, `_`, `.`, `-` and
                `/`, at most 255 in all.
            kind: What the value is.
            value: The value, a finite double.
            id: Its id, a UUIDv7, for resending it safely: what is there already under the id and the `timestamp` is
                not stored again, and the first stays. The server makes one when absent or null.
            timestamp: When it was measured; must lie in the millisecond of `id`, not before 1970, and at most a day
                ahead. Default: the instant of `id`, or else now.
            unit: The unit of the value, in UCUM as OpenTelemetry writes it, such as `ms`, `By` or `{request}`; at
                most 63 visible ASCII characters.
            attributes: What tells this series from others of the name: at most 32 members, each a string, a number
                or a boolean, in at most 16 KiB of JSON as sent.

        Raises:
            ApiError: 400, 401, 403, 404, 408, 413, 415, 422, 429, 500, 503, 504.
        """
        call = Call(
            "POST",
            path("/agents/{}/metrics", agent_id),
            headers={"Content-Type": "application/json"},
            content=json_body(
                with_id(
                    {
                        "id": id,
                        "timestamp": timestamp,
                        "name": name,
                        "kind": kind,
                        "value": value,
                        "unit": unit,
                        "attributes": attributes,
                    }
                )
            ),
            safe=True,
        )
        return self._sender.request(call, models.Metric.from_dict)

    def export(
        self,
        agent_id: UUID | str,
        *,
        from_: datetime | Unset = UNSET,
        to: datetime | Unset = UNSET,
        name: str | Unset = UNSET,
        attr: Sequence[str] | Unset = UNSET,
    ) -> Lines[models.Metric]:
        """Export metrics.

        All data points that pass the filters, oldest first, a `Metric` in JSON on each line (NDJSON), however
        many they are. Filters combine with "and". They are read as the client takes them: what is
        stored meanwhile may be among them or not. An answer that is not complete is cut off without
        its end. At 8 exports a server answers 503.

        Args:
            agent_id: Id of the agent.
            from_: Only data points of this instant or later.
            to: Only data points before this instant.
            name: Only data points of exactly this metric.
            attr: Only data points with this attribute: `key=value`, where numbers and the like are told as JSON
                writes them, or a key alone for any value. Repeat it to ask for several.

        Raises, when it is iterated over:
            ApiError: 400, 401, 403, 404, 422, 429, 500, 503, 504.
        """
        call = Call(
            "GET",
            path("/agents/{}/metrics/export", agent_id),
            query={"from": from_, "to": to, "name": name, "attr": attr},
            headers={"Accept-Encoding": "gzip"},
            safe=True,
        )
        return Lines(self._sender, call, models.Metric.from_dict)

    def create_batch(
        self,
        agent_id: UUID | str,
        items: Sequence[params.NewMetric],
    ) -> models.CreatedBatch:
        """Create many metrics.

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
            path("/agents/{}/metrics/batch", agent_id),
            headers={"Content-Type": "application/json"},
            content=encode([with_id(item) for item in items]),
            safe=True,
        )
        return self._sender.request(call, models.CreatedBatch.from_dict)

    def query(
        self,
        agent_id: UUID | str,
        *,
        name: str,
        from_: datetime | Unset = UNSET,
        to: datetime | Unset = UNSET,
        bucket: models.Bucket | Unset = UNSET,
        timezone: str | Unset = UNSET,
        aggregations: Sequence[models.Aggregation] | Unset = UNSET,
        group_by: Sequence[str] | Unset = UNSET,
        attr: Sequence[str] | Unset = UNSET,
    ) -> models.MetricSeriesSet:
        """Query a metric over time.

        Gathers the data points of a metric in buckets of time. There is a series for each kind, unit
        and combination of the attributes in `group_by`, with a point for every bucket: those without
        data points have `count` 0. Buckets of up to six hours are counted from 1970-01-01T00:00:00Z;
        days, weeks and months begin in `timezone`. Percentiles lie between two values if need be
        (PostgreSQL's `percentile_cont`). More than 10,000 points over all series are refused.

        Args:
            agent_id: Id of the agent.
            name: The metric's name.
            from_: Only data points of this instant or later. Default: a day before `to`, or 1,440 buckets if that
                is less.
            to: Only data points before this instant. Default: now.
            bucket: How wide the buckets are. Default: the narrowest with which there are about 200 at most.
            timezone: The time zone in which days, weeks and months begin, such as `Europe/Berlin`. Default: UTC.
            aggregations: What is told of each bucket beside `count`. Repeat it for several. Default: `avg`.
            group_by: An attribute whose values make series of their own. Repeat it for several, up to 4.
            attr: Only data points with this attribute: `key=value`, where numbers and the like are told as JSON
                writes them, or a key alone for any value. Repeat it to ask for several.

        Raises:
            ApiError: 400, 401, 403, 404, 422, 429, 500, 503, 504.
        """
        call = Call(
            "GET",
            path("/agents/{}/metrics/series", agent_id),
            query={
                "name": name,
                "from": from_,
                "to": to,
                "bucket": bucket,
                "timezone": timezone,
                "aggregations": aggregations,
                "group_by": group_by,
                "attr": attr,
            },
            safe=True,
        )
        return self._sender.request(call, models.MetricSeriesSet.from_dict)

    def chart(
        self,
        agent_id: UUID | str,
        *,
        name: str,
        from_: datetime | Unset = UNSET,
        to: datetime | Unset = UNSET,
        bucket: models.Bucket | Unset = UNSET,
        timezone: str | Unset = UNSET,
        aggregations: Sequence[models.Aggregation] | Unset = UNSET,
        group_by: Sequence[str] | Unset = UNSET,
        attr: Sequence[str] | Unset = UNSET,
        theme: models.Theme | Unset = UNSET,
    ) -> bytes:
        """Draw a metric over time.

        A line chart of what `query_metrics` answers to the same parameters, in SVG: a line for each
        series and aggregation, up to 12, with a gap where there are no data points.

        Args:
            agent_id: Id of the agent.
            name: The metric's name.
            from_: Only data points of this instant or later. Default: a day before `to`, or 1,440 buckets if that
                is less.
            to: Only data points before this instant. Default: now.
            bucket: How wide the buckets are. Default: the narrowest with which there are about 200 at most.
            timezone: The time zone of the axis, in which days, weeks and months begin. Default: UTC.
            aggregations: What is drawn of each bucket. Repeat it for several. Default: `avg`.
            group_by: An attribute whose values make series of their own. Repeat it for several, up to 4.
            attr: Only data points with this attribute: `key=value`, where numbers and the like are told as JSON
                writes them, or a key alone for any value. Repeat it to ask for several.
            theme: The colours of ground and text. Default: light.

        Raises:
            ApiError: 400, 401, 403, 404, 422, 429, 500, 503, 504.
        """
        call = Call(
            "GET",
            path("/agents/{}/metrics/chart.svg", agent_id),
            query={
                "name": name,
                "from": from_,
                "to": to,
                "bucket": bucket,
                "timezone": timezone,
                "aggregations": aggregations,
                "group_by": group_by,
                "attr": attr,
                "theme": theme,
            },
            safe=True,
        )
        return self._sender.request_bytes(call)

    def list_names(
        self,
        agent_id: UUID | str,
        *,
        page_size: int | Unset = UNSET,
        cursor: str | Unset = UNSET,
    ) -> Pages[models.MetricSummary]:
        """List the names of metrics.

        The metrics that an agent has data points of, by name. Follow `next_cursor` until it is null.

        Args:
            agent_id: Id of the agent.
            page_size: The most items on a page. Default: 100.
            cursor: Where the page begins: the `next_cursor` of the page before.

        Raises, when it is iterated over:
            ApiError: 400, 401, 403, 404, 422, 429, 500, 503, 504.
        """
        call = Call(
            "GET", path("/agents/{}/metrics/names", agent_id), query={"limit": page_size, "cursor": cursor}, safe=True
        )
        return Pages(self._sender, call, models.MetricSummaryPage.from_dict)


class AsyncMetrics:
    """Metrics: data points that agents measured."""

    def __init__(self, sender: AsyncSender) -> None:
        self._sender = sender

    def list(
        self,
        agent_id: UUID | str,
        *,
        from_: datetime | Unset = UNSET,
        to: datetime | Unset = UNSET,
        name: str | Unset = UNSET,
        attr: Sequence[str] | Unset = UNSET,
        order: models.RecordOrder | Unset = UNSET,
        page_size: int | Unset = UNSET,
        cursor: str | Unset = UNSET,
    ) -> AsyncPages[models.Metric]:
        """List metrics.

        The data points of an agent's metrics, newest first unless `order` says otherwise. Filters
        combine with "and". A page has up to `page_size` items and ends earlier at 8 MiB; follow
        `next_cursor` until it is null.

        Args:
            agent_id: Id of the agent.
            from_: Only data points of this instant or later.
            to: Only data points before this instant.
            name: Only data points of exactly this metric.
            attr: Only data points with this attribute: `key=value`, where numbers and the like are told as JSON
                writes them, or a key alone for any value. Repeat it to ask for several. It is looked for point by
                point: with a time range it is sooner found.
            order: The order of the list. Default: timestamp_desc.
            page_size: The most items on a page. Default: 100.
            cursor: Where the page begins: the `next_cursor` of the page before, with the same filters and order.

        Raises, when it is iterated over:
            ApiError: 400, 401, 403, 404, 422, 429, 500, 503, 504.
        """
        call = Call(
            "GET",
            path("/agents/{}/metrics", agent_id),
            query={
                "from": from_,
                "to": to,
                "name": name,
                "attr": attr,
                "order": order,
                "limit": page_size,
                "cursor": cursor,
            },
            safe=True,
        )
        return AsyncPages(self._sender, call, models.MetricPage.from_dict)

    async def create(
        self,
        agent_id: UUID | str,
        *,
        name: str,
        kind: models.MetricKind,
        value: float,
        id: UUID | str | None | Unset = UNSET,
        timestamp: datetime | None | Unset = UNSET,
        unit: str | None | Unset = UNSET,
        attributes: Mapping[str, object] | Unset = UNSET,
    ) -> models.Metric:
        """Create a metric.

        One data point. When the answer arrives it is committed, and every reader sees it. Give an
        `id` to be able to resend the request safely.

        Args:
            agent_id: Id of the agent.
            name: The metric's name, by OpenTelemetry's rules: a letter, then letters, digits, `_`, `.`, `-` and
                `/`, at most 255 in all.
            kind: What the value is.
            value: The value, a finite double.
            id: Its id, a UUIDv7, for resending it safely: what is there already under the id and the `timestamp` is
                not stored again, and the first stays. The server makes one when absent or null.
            timestamp: When it was measured; must lie in the millisecond of `id`, not before 1970, and at most a day
                ahead. Default: the instant of `id`, or else now.
            unit: The unit of the value, in UCUM as OpenTelemetry writes it, such as `ms`, `By` or `{request}`; at
                most 63 visible ASCII characters.
            attributes: What tells this series from others of the name: at most 32 members, each a string, a number
                or a boolean, in at most 16 KiB of JSON as sent.

        Raises:
            ApiError: 400, 401, 403, 404, 408, 413, 415, 422, 429, 500, 503, 504.
        """
        call = Call(
            "POST",
            path("/agents/{}/metrics", agent_id),
            headers={"Content-Type": "application/json"},
            content=json_body(
                with_id(
                    {
                        "id": id,
                        "timestamp": timestamp,
                        "name": name,
                        "kind": kind,
                        "value": value,
                        "unit": unit,
                        "attributes": attributes,
                    }
                )
            ),
            safe=True,
        )
        return await self._sender.request(call, models.Metric.from_dict)

    def export(
        self,
        agent_id: UUID | str,
        *,
        from_: datetime | Unset = UNSET,
        to: datetime | Unset = UNSET,
        name: str | Unset = UNSET,
        attr: Sequence[str] | Unset = UNSET,
    ) -> AsyncLines[models.Metric]:
        """Export metrics.

        All data points that pass the filters, oldest first, a `Metric` in JSON on each line (NDJSON), however
        many they are. Filters combine with "and". They are read as the client takes them: what is
        stored meanwhile may be among them or not. An answer that is not complete is cut off without
        its end. At 8 exports a server answers 503.

        Args:
            agent_id: Id of the agent.
            from_: Only data points of this instant or later.
            to: Only data points before this instant.
            name: Only data points of exactly this metric.
            attr: Only data points with this attribute: `key=value`, where numbers and the like are told as JSON
                writes them, or a key alone for any value. Repeat it to ask for several.

        Raises, when it is iterated over:
            ApiError: 400, 401, 403, 404, 422, 429, 500, 503, 504.
        """
        call = Call(
            "GET",
            path("/agents/{}/metrics/export", agent_id),
            query={"from": from_, "to": to, "name": name, "attr": attr},
            headers={"Accept-Encoding": "gzip"},
            safe=True,
        )
        return AsyncLines(self._sender, call, models.Metric.from_dict)

    async def create_batch(
        self,
        agent_id: UUID | str,
        items: Sequence[params.NewMetric],
    ) -> models.CreatedBatch:
        """Create many metrics.

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
            path("/agents/{}/metrics/batch", agent_id),
            headers={"Content-Type": "application/json"},
            content=encode([with_id(item) for item in items]),
            safe=True,
        )
        return await self._sender.request(call, models.CreatedBatch.from_dict)

    async def query(
        self,
        agent_id: UUID | str,
        *,
        name: str,
        from_: datetime | Unset = UNSET,
        to: datetime | Unset = UNSET,
        bucket: models.Bucket | Unset = UNSET,
        timezone: str | Unset = UNSET,
        aggregations: Sequence[models.Aggregation] | Unset = UNSET,
        group_by: Sequence[str] | Unset = UNSET,
        attr: Sequence[str] | Unset = UNSET,
    ) -> models.MetricSeriesSet:
        """Query a metric over time.

        Gathers the data points of a metric in buckets of time. There is a series for each kind, unit
        and combination of the attributes in `group_by`, with a point for every bucket: those without
        data points have `count` 0. Buckets of up to six hours are counted from 1970-01-01T00:00:00Z;
        days, weeks and months begin in `timezone`. Percentiles lie between two values if need be
        (PostgreSQL's `percentile_cont`). More than 10,000 points over all series are refused.

        Args:
            agent_id: Id of the agent.
            name: The metric's name.
            from_: Only data points of this instant or later. Default: a day before `to`, or 1,440 buckets if that
                is less.
            to: Only data points before this instant. Default: now.
            bucket: How wide the buckets are. Default: the narrowest with which there are about 200 at most.
            timezone: The time zone in which days, weeks and months begin, such as `Europe/Berlin`. Default: UTC.
            aggregations: What is told of each bucket beside `count`. Repeat it for several. Default: `avg`.
            group_by: An attribute whose values make series of their own. Repeat it for several, up to 4.
            attr: Only data points with this attribute: `key=value`, where numbers and the like are told as JSON
                writes them, or a key alone for any value. Repeat it to ask for several.

        Raises:
            ApiError: 400, 401, 403, 404, 422, 429, 500, 503, 504.
        """
        call = Call(
            "GET",
            path("/agents/{}/metrics/series", agent_id),
            query={
                "name": name,
                "from": from_,
                "to": to,
                "bucket": bucket,
                "timezone": timezone,
                "aggregations": aggregations,
                "group_by": group_by,
                "attr": attr,
            },
            safe=True,
        )
        return await self._sender.request(call, models.MetricSeriesSet.from_dict)

    async def chart(
        self,
        agent_id: UUID | str,
        *,
        name: str,
        from_: datetime | Unset = UNSET,
        to: datetime | Unset = UNSET,
        bucket: models.Bucket | Unset = UNSET,
        timezone: str | Unset = UNSET,
        aggregations: Sequence[models.Aggregation] | Unset = UNSET,
        group_by: Sequence[str] | Unset = UNSET,
        attr: Sequence[str] | Unset = UNSET,
        theme: models.Theme | Unset = UNSET,
    ) -> bytes:
        """Draw a metric over time.

        A line chart of what `query_metrics` answers to the same parameters, in SVG: a line for each
        series and aggregation, up to 12, with a gap where there are no data points.

        Args:
            agent_id: Id of the agent.
            name: The metric's name.
            from_: Only data points of this instant or later. Default: a day before `to`, or 1,440 buckets if that
                is less.
            to: Only data points before this instant. Default: now.
            bucket: How wide the buckets are. Default: the narrowest with which there are about 200 at most.
            timezone: The time zone of the axis, in which days, weeks and months begin. Default: UTC.
            aggregations: What is drawn of each bucket. Repeat it for several. Default: `avg`.
            group_by: An attribute whose values make series of their own. Repeat it for several, up to 4.
            attr: Only data points with this attribute: `key=value`, where numbers and the like are told as JSON
                writes them, or a key alone for any value. Repeat it to ask for several.
            theme: The colours of ground and text. Default: light.

        Raises:
            ApiError: 400, 401, 403, 404, 422, 429, 500, 503, 504.
        """
        call = Call(
            "GET",
            path("/agents/{}/metrics/chart.svg", agent_id),
            query={
                "name": name,
                "from": from_,
                "to": to,
                "bucket": bucket,
                "timezone": timezone,
                "aggregations": aggregations,
                "group_by": group_by,
                "attr": attr,
                "theme": theme,
            },
            safe=True,
        )
        return await self._sender.request_bytes(call)

    def list_names(
        self,
        agent_id: UUID | str,
        *,
        page_size: int | Unset = UNSET,
        cursor: str | Unset = UNSET,
    ) -> AsyncPages[models.MetricSummary]:
        """List the names of metrics.

        The metrics that an agent has data points of, by name. Follow `next_cursor` until it is null.

        Args:
            agent_id: Id of the agent.
            page_size: The most items on a page. Default: 100.
            cursor: Where the page begins: the `next_cursor` of the page before.

        Raises, when it is iterated over:
            ApiError: 400, 401, 403, 404, 422, 429, 500, 503, 504.
        """
        call = Call(
            "GET", path("/agents/{}/metrics/names", agent_id), query={"limit": page_size, "cursor": cursor}, safe=True
        )
        return AsyncPages(self._sender, call, models.MetricSummaryPage.from_dict)
