import datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.aggregation import Aggregation
from ...models.bucket import Bucket
from ...models.metric_series_set import MetricSeriesSet
from ...models.problem import Problem
from ...types import UNSET, Response, Unset


def _get_kwargs(
    agent_id: UUID,
    *,
    name: str,
    from_: datetime.datetime | Unset = UNSET,
    to: datetime.datetime | Unset = UNSET,
    bucket: Bucket | Unset = UNSET,
    timezone: str | Unset = UNSET,
    aggregations: list[Aggregation] | Unset = UNSET,
    group_by: list[str] | Unset = UNSET,
    attr: list[str] | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["name"] = name

    json_from_: str | Unset = UNSET
    if not isinstance(from_, Unset):
        json_from_ = from_.isoformat()
    params["from"] = json_from_

    json_to: str | Unset = UNSET
    if not isinstance(to, Unset):
        json_to = to.isoformat()
    params["to"] = json_to

    json_bucket: str | Unset = UNSET
    if not isinstance(bucket, Unset):
        json_bucket = bucket

    params["bucket"] = json_bucket

    params["timezone"] = timezone

    json_aggregations: list[str] | Unset = UNSET
    if not isinstance(aggregations, Unset):
        json_aggregations = []
        for aggregations_item_data in aggregations:
            aggregations_item: str = aggregations_item_data
            json_aggregations.append(aggregations_item)

    params["aggregations"] = json_aggregations

    json_group_by: list[str] | Unset = UNSET
    if not isinstance(group_by, Unset):
        json_group_by = group_by

    params["group_by"] = json_group_by

    json_attr: list[str] | Unset = UNSET
    if not isinstance(attr, Unset):
        json_attr = attr

    params["attr"] = json_attr

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/agents/{agent_id}/metrics/series".format(
            agent_id=quote(str(agent_id), safe=""),
        ),
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> MetricSeriesSet | Problem | None:
    if response.status_code == 200:
        response_200 = MetricSeriesSet.from_dict(response.json())

        return response_200

    if response.status_code == 400:
        response_400 = Problem.from_dict(response.json())

        return response_400

    if response.status_code == 401:
        response_401 = Problem.from_dict(response.json())

        return response_401

    if response.status_code == 403:
        response_403 = Problem.from_dict(response.json())

        return response_403

    if response.status_code == 404:
        response_404 = Problem.from_dict(response.json())

        return response_404

    if response.status_code == 422:
        response_422 = Problem.from_dict(response.json())

        return response_422

    if response.status_code == 429:
        response_429 = Problem.from_dict(response.json())

        return response_429

    if response.status_code == 500:
        response_500 = Problem.from_dict(response.json())

        return response_500

    if response.status_code == 503:
        response_503 = Problem.from_dict(response.json())

        return response_503

    if response.status_code == 504:
        response_504 = Problem.from_dict(response.json())

        return response_504

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[MetricSeriesSet | Problem]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    agent_id: UUID,
    *,
    client: AuthenticatedClient,
    name: str,
    from_: datetime.datetime | Unset = UNSET,
    to: datetime.datetime | Unset = UNSET,
    bucket: Bucket | Unset = UNSET,
    timezone: str | Unset = UNSET,
    aggregations: list[Aggregation] | Unset = UNSET,
    group_by: list[str] | Unset = UNSET,
    attr: list[str] | Unset = UNSET,
) -> Response[MetricSeriesSet | Problem]:
    """Query a metric over time

     Gathers the data points of a metric in buckets of time. There is a series for each kind, unit
    and combination of the attributes in `group_by`, with a point for every bucket: those without
    data points have `count` 0. Buckets of up to six hours are counted from 1970-01-01T00:00:00Z;
    days, weeks and months begin in `timezone`. Percentiles lie between two values if need be
    (PostgreSQL's `percentile_cont`). More than 10,000 points over all series are refused.

    Args:
        agent_id (UUID):
        name (str):  Example: queue.length.
        from_ (datetime.datetime | Unset):
        to (datetime.datetime | Unset):
        bucket (Bucket | Unset): How wide the buckets are.
        timezone (str | Unset):
        aggregations (list[Aggregation] | Unset):
        group_by (list[str] | Unset):
        attr (list[str] | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[MetricSeriesSet | Problem]
    """

    kwargs = _get_kwargs(
        agent_id=agent_id,
        name=name,
        from_=from_,
        to=to,
        bucket=bucket,
        timezone=timezone,
        aggregations=aggregations,
        group_by=group_by,
        attr=attr,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    agent_id: UUID,
    *,
    client: AuthenticatedClient,
    name: str,
    from_: datetime.datetime | Unset = UNSET,
    to: datetime.datetime | Unset = UNSET,
    bucket: Bucket | Unset = UNSET,
    timezone: str | Unset = UNSET,
    aggregations: list[Aggregation] | Unset = UNSET,
    group_by: list[str] | Unset = UNSET,
    attr: list[str] | Unset = UNSET,
) -> MetricSeriesSet | Problem | None:
    """Query a metric over time

     Gathers the data points of a metric in buckets of time. There is a series for each kind, unit
    and combination of the attributes in `group_by`, with a point for every bucket: those without
    data points have `count` 0. Buckets of up to six hours are counted from 1970-01-01T00:00:00Z;
    days, weeks and months begin in `timezone`. Percentiles lie between two values if need be
    (PostgreSQL's `percentile_cont`). More than 10,000 points over all series are refused.

    Args:
        agent_id (UUID):
        name (str):  Example: queue.length.
        from_ (datetime.datetime | Unset):
        to (datetime.datetime | Unset):
        bucket (Bucket | Unset): How wide the buckets are.
        timezone (str | Unset):
        aggregations (list[Aggregation] | Unset):
        group_by (list[str] | Unset):
        attr (list[str] | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        MetricSeriesSet | Problem
    """

    return sync_detailed(
        agent_id=agent_id,
        client=client,
        name=name,
        from_=from_,
        to=to,
        bucket=bucket,
        timezone=timezone,
        aggregations=aggregations,
        group_by=group_by,
        attr=attr,
    ).parsed


async def asyncio_detailed(
    agent_id: UUID,
    *,
    client: AuthenticatedClient,
    name: str,
    from_: datetime.datetime | Unset = UNSET,
    to: datetime.datetime | Unset = UNSET,
    bucket: Bucket | Unset = UNSET,
    timezone: str | Unset = UNSET,
    aggregations: list[Aggregation] | Unset = UNSET,
    group_by: list[str] | Unset = UNSET,
    attr: list[str] | Unset = UNSET,
) -> Response[MetricSeriesSet | Problem]:
    """Query a metric over time

     Gathers the data points of a metric in buckets of time. There is a series for each kind, unit
    and combination of the attributes in `group_by`, with a point for every bucket: those without
    data points have `count` 0. Buckets of up to six hours are counted from 1970-01-01T00:00:00Z;
    days, weeks and months begin in `timezone`. Percentiles lie between two values if need be
    (PostgreSQL's `percentile_cont`). More than 10,000 points over all series are refused.

    Args:
        agent_id (UUID):
        name (str):  Example: queue.length.
        from_ (datetime.datetime | Unset):
        to (datetime.datetime | Unset):
        bucket (Bucket | Unset): How wide the buckets are.
        timezone (str | Unset):
        aggregations (list[Aggregation] | Unset):
        group_by (list[str] | Unset):
        attr (list[str] | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[MetricSeriesSet | Problem]
    """

    kwargs = _get_kwargs(
        agent_id=agent_id,
        name=name,
        from_=from_,
        to=to,
        bucket=bucket,
        timezone=timezone,
        aggregations=aggregations,
        group_by=group_by,
        attr=attr,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    agent_id: UUID,
    *,
    client: AuthenticatedClient,
    name: str,
    from_: datetime.datetime | Unset = UNSET,
    to: datetime.datetime | Unset = UNSET,
    bucket: Bucket | Unset = UNSET,
    timezone: str | Unset = UNSET,
    aggregations: list[Aggregation] | Unset = UNSET,
    group_by: list[str] | Unset = UNSET,
    attr: list[str] | Unset = UNSET,
) -> MetricSeriesSet | Problem | None:
    """Query a metric over time

     Gathers the data points of a metric in buckets of time. There is a series for each kind, unit
    and combination of the attributes in `group_by`, with a point for every bucket: those without
    data points have `count` 0. Buckets of up to six hours are counted from 1970-01-01T00:00:00Z;
    days, weeks and months begin in `timezone`. Percentiles lie between two values if need be
    (PostgreSQL's `percentile_cont`). More than 10,000 points over all series are refused.

    Args:
        agent_id (UUID):
        name (str):  Example: queue.length.
        from_ (datetime.datetime | Unset):
        to (datetime.datetime | Unset):
        bucket (Bucket | Unset): How wide the buckets are.
        timezone (str | Unset):
        aggregations (list[Aggregation] | Unset):
        group_by (list[str] | Unset):
        attr (list[str] | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        MetricSeriesSet | Problem
    """

    return (
        await asyncio_detailed(
            agent_id=agent_id,
            client=client,
            name=name,
            from_=from_,
            to=to,
            bucket=bucket,
            timezone=timezone,
            aggregations=aggregations,
            group_by=group_by,
            attr=attr,
        )
    ).parsed
