import datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.bucket import Bucket
from ...models.problem import Problem
from ...models.tool_grouping import ToolGrouping
from ...models.tool_statistics_set import ToolStatisticsSet
from ...models.tool_status import ToolStatus
from ...types import UNSET, Response, Unset


def _get_kwargs(
    agent_id: UUID,
    *,
    from_: datetime.datetime | Unset = UNSET,
    to: datetime.datetime | Unset = UNSET,
    bucket: Bucket | Unset = UNSET,
    timezone: str | Unset = UNSET,
    group_by: list[ToolGrouping] | Unset = UNSET,
    tool_name: str | Unset = UNSET,
    status: ToolStatus | Unset = UNSET,
    session_id: str | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

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

    json_group_by: list[str] | Unset = UNSET
    if not isinstance(group_by, Unset):
        json_group_by = []
        for group_by_item_data in group_by:
            group_by_item: str = group_by_item_data
            json_group_by.append(group_by_item)

    params["group_by"] = json_group_by

    params["tool_name"] = tool_name

    json_status: str | Unset = UNSET
    if not isinstance(status, Unset):
        json_status = status

    params["status"] = json_status

    params["session_id"] = session_id

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/agents/{agent_id}/tool-usage/statistics".format(
            agent_id=quote(str(agent_id), safe=""),
        ),
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Problem | ToolStatisticsSet | None:
    if response.status_code == 200:
        response_200 = ToolStatisticsSet.from_dict(response.json())

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
) -> Response[Problem | ToolStatisticsSet]:
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
    from_: datetime.datetime | Unset = UNSET,
    to: datetime.datetime | Unset = UNSET,
    bucket: Bucket | Unset = UNSET,
    timezone: str | Unset = UNSET,
    group_by: list[ToolGrouping] | Unset = UNSET,
    tool_name: str | Unset = UNSET,
    status: ToolStatus | Unset = UNSET,
    session_id: str | Unset = UNSET,
) -> Response[Problem | ToolStatisticsSet]:
    """Get statistics of tool usage

     Counts, error rates, durations, tokens, costs and the most frequent errors of an agent's calls,
    for each tool unless `group_by` says otherwise, and for each bucket of time if `bucket` asks for
    them. Only groups that have calls are told. More than 10,000 of them are refused.

    Args:
        agent_id (UUID):
        from_ (datetime.datetime | Unset):
        to (datetime.datetime | Unset):
        bucket (Bucket | Unset): How wide the buckets are.
        timezone (str | Unset):
        group_by (list[ToolGrouping] | Unset):
        tool_name (str | Unset):
        status (ToolStatus | Unset): How a call of a tool ended.
        session_id (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | ToolStatisticsSet]
    """

    kwargs = _get_kwargs(
        agent_id=agent_id,
        from_=from_,
        to=to,
        bucket=bucket,
        timezone=timezone,
        group_by=group_by,
        tool_name=tool_name,
        status=status,
        session_id=session_id,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    agent_id: UUID,
    *,
    client: AuthenticatedClient,
    from_: datetime.datetime | Unset = UNSET,
    to: datetime.datetime | Unset = UNSET,
    bucket: Bucket | Unset = UNSET,
    timezone: str | Unset = UNSET,
    group_by: list[ToolGrouping] | Unset = UNSET,
    tool_name: str | Unset = UNSET,
    status: ToolStatus | Unset = UNSET,
    session_id: str | Unset = UNSET,
) -> Problem | ToolStatisticsSet | None:
    """Get statistics of tool usage

     Counts, error rates, durations, tokens, costs and the most frequent errors of an agent's calls,
    for each tool unless `group_by` says otherwise, and for each bucket of time if `bucket` asks for
    them. Only groups that have calls are told. More than 10,000 of them are refused.

    Args:
        agent_id (UUID):
        from_ (datetime.datetime | Unset):
        to (datetime.datetime | Unset):
        bucket (Bucket | Unset): How wide the buckets are.
        timezone (str | Unset):
        group_by (list[ToolGrouping] | Unset):
        tool_name (str | Unset):
        status (ToolStatus | Unset): How a call of a tool ended.
        session_id (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | ToolStatisticsSet
    """

    return sync_detailed(
        agent_id=agent_id,
        client=client,
        from_=from_,
        to=to,
        bucket=bucket,
        timezone=timezone,
        group_by=group_by,
        tool_name=tool_name,
        status=status,
        session_id=session_id,
    ).parsed


async def asyncio_detailed(
    agent_id: UUID,
    *,
    client: AuthenticatedClient,
    from_: datetime.datetime | Unset = UNSET,
    to: datetime.datetime | Unset = UNSET,
    bucket: Bucket | Unset = UNSET,
    timezone: str | Unset = UNSET,
    group_by: list[ToolGrouping] | Unset = UNSET,
    tool_name: str | Unset = UNSET,
    status: ToolStatus | Unset = UNSET,
    session_id: str | Unset = UNSET,
) -> Response[Problem | ToolStatisticsSet]:
    """Get statistics of tool usage

     Counts, error rates, durations, tokens, costs and the most frequent errors of an agent's calls,
    for each tool unless `group_by` says otherwise, and for each bucket of time if `bucket` asks for
    them. Only groups that have calls are told. More than 10,000 of them are refused.

    Args:
        agent_id (UUID):
        from_ (datetime.datetime | Unset):
        to (datetime.datetime | Unset):
        bucket (Bucket | Unset): How wide the buckets are.
        timezone (str | Unset):
        group_by (list[ToolGrouping] | Unset):
        tool_name (str | Unset):
        status (ToolStatus | Unset): How a call of a tool ended.
        session_id (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | ToolStatisticsSet]
    """

    kwargs = _get_kwargs(
        agent_id=agent_id,
        from_=from_,
        to=to,
        bucket=bucket,
        timezone=timezone,
        group_by=group_by,
        tool_name=tool_name,
        status=status,
        session_id=session_id,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    agent_id: UUID,
    *,
    client: AuthenticatedClient,
    from_: datetime.datetime | Unset = UNSET,
    to: datetime.datetime | Unset = UNSET,
    bucket: Bucket | Unset = UNSET,
    timezone: str | Unset = UNSET,
    group_by: list[ToolGrouping] | Unset = UNSET,
    tool_name: str | Unset = UNSET,
    status: ToolStatus | Unset = UNSET,
    session_id: str | Unset = UNSET,
) -> Problem | ToolStatisticsSet | None:
    """Get statistics of tool usage

     Counts, error rates, durations, tokens, costs and the most frequent errors of an agent's calls,
    for each tool unless `group_by` says otherwise, and for each bucket of time if `bucket` asks for
    them. Only groups that have calls are told. More than 10,000 of them are refused.

    Args:
        agent_id (UUID):
        from_ (datetime.datetime | Unset):
        to (datetime.datetime | Unset):
        bucket (Bucket | Unset): How wide the buckets are.
        timezone (str | Unset):
        group_by (list[ToolGrouping] | Unset):
        tool_name (str | Unset):
        status (ToolStatus | Unset): How a call of a tool ended.
        session_id (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | ToolStatisticsSet
    """

    return (
        await asyncio_detailed(
            agent_id=agent_id,
            client=client,
            from_=from_,
            to=to,
            bucket=bucket,
            timezone=timezone,
            group_by=group_by,
            tool_name=tool_name,
            status=status,
            session_id=session_id,
        )
    ).parsed
