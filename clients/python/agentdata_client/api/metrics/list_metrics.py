import datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.metric_page import MetricPage
from ...models.problem import Problem
from ...models.record_order import RecordOrder
from ...types import UNSET, Response, Unset


def _get_kwargs(
    agent_id: UUID,
    *,
    from_: datetime.datetime | Unset = UNSET,
    to: datetime.datetime | Unset = UNSET,
    name: str | Unset = UNSET,
    attr: list[str] | Unset = UNSET,
    order: RecordOrder | Unset = "timestamp_desc",
    limit: int | Unset = 100,
    cursor: str | Unset = UNSET,
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

    params["name"] = name

    json_attr: list[str] | Unset = UNSET
    if not isinstance(attr, Unset):
        json_attr = attr

    params["attr"] = json_attr

    json_order: str | Unset = UNSET
    if not isinstance(order, Unset):
        json_order = order

    params["order"] = json_order

    params["limit"] = limit

    params["cursor"] = cursor

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/agents/{agent_id}/metrics".format(
            agent_id=quote(str(agent_id), safe=""),
        ),
        "params": params,
    }

    return _kwargs


def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> MetricPage | Problem | None:
    if response.status_code == 200:
        response_200 = MetricPage.from_dict(response.json())

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
) -> Response[MetricPage | Problem]:
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
    name: str | Unset = UNSET,
    attr: list[str] | Unset = UNSET,
    order: RecordOrder | Unset = "timestamp_desc",
    limit: int | Unset = 100,
    cursor: str | Unset = UNSET,
) -> Response[MetricPage | Problem]:
    r"""List metrics

     The data points of an agent's metrics, newest first unless `order` says otherwise. Filters
    combine with \"and\". A page has up to `limit` items and ends earlier at 8 MiB; follow
    `next_cursor` until it is null.

    Args:
        agent_id (UUID):
        from_ (datetime.datetime | Unset):
        to (datetime.datetime | Unset):
        name (str | Unset):  Example: queue.length.
        attr (list[str] | Unset):
        order (RecordOrder | Unset): The order of a list of records. Default: 'timestamp_desc'.
        limit (int | Unset):  Default: 100.
        cursor (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[MetricPage | Problem]
    """

    kwargs = _get_kwargs(
        agent_id=agent_id,
        from_=from_,
        to=to,
        name=name,
        attr=attr,
        order=order,
        limit=limit,
        cursor=cursor,
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
    name: str | Unset = UNSET,
    attr: list[str] | Unset = UNSET,
    order: RecordOrder | Unset = "timestamp_desc",
    limit: int | Unset = 100,
    cursor: str | Unset = UNSET,
) -> MetricPage | Problem | None:
    r"""List metrics

     The data points of an agent's metrics, newest first unless `order` says otherwise. Filters
    combine with \"and\". A page has up to `limit` items and ends earlier at 8 MiB; follow
    `next_cursor` until it is null.

    Args:
        agent_id (UUID):
        from_ (datetime.datetime | Unset):
        to (datetime.datetime | Unset):
        name (str | Unset):  Example: queue.length.
        attr (list[str] | Unset):
        order (RecordOrder | Unset): The order of a list of records. Default: 'timestamp_desc'.
        limit (int | Unset):  Default: 100.
        cursor (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        MetricPage | Problem
    """

    return sync_detailed(
        agent_id=agent_id,
        client=client,
        from_=from_,
        to=to,
        name=name,
        attr=attr,
        order=order,
        limit=limit,
        cursor=cursor,
    ).parsed


async def asyncio_detailed(
    agent_id: UUID,
    *,
    client: AuthenticatedClient,
    from_: datetime.datetime | Unset = UNSET,
    to: datetime.datetime | Unset = UNSET,
    name: str | Unset = UNSET,
    attr: list[str] | Unset = UNSET,
    order: RecordOrder | Unset = "timestamp_desc",
    limit: int | Unset = 100,
    cursor: str | Unset = UNSET,
) -> Response[MetricPage | Problem]:
    r"""List metrics

     The data points of an agent's metrics, newest first unless `order` says otherwise. Filters
    combine with \"and\". A page has up to `limit` items and ends earlier at 8 MiB; follow
    `next_cursor` until it is null.

    Args:
        agent_id (UUID):
        from_ (datetime.datetime | Unset):
        to (datetime.datetime | Unset):
        name (str | Unset):  Example: queue.length.
        attr (list[str] | Unset):
        order (RecordOrder | Unset): The order of a list of records. Default: 'timestamp_desc'.
        limit (int | Unset):  Default: 100.
        cursor (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[MetricPage | Problem]
    """

    kwargs = _get_kwargs(
        agent_id=agent_id,
        from_=from_,
        to=to,
        name=name,
        attr=attr,
        order=order,
        limit=limit,
        cursor=cursor,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    agent_id: UUID,
    *,
    client: AuthenticatedClient,
    from_: datetime.datetime | Unset = UNSET,
    to: datetime.datetime | Unset = UNSET,
    name: str | Unset = UNSET,
    attr: list[str] | Unset = UNSET,
    order: RecordOrder | Unset = "timestamp_desc",
    limit: int | Unset = 100,
    cursor: str | Unset = UNSET,
) -> MetricPage | Problem | None:
    r"""List metrics

     The data points of an agent's metrics, newest first unless `order` says otherwise. Filters
    combine with \"and\". A page has up to `limit` items and ends earlier at 8 MiB; follow
    `next_cursor` until it is null.

    Args:
        agent_id (UUID):
        from_ (datetime.datetime | Unset):
        to (datetime.datetime | Unset):
        name (str | Unset):  Example: queue.length.
        attr (list[str] | Unset):
        order (RecordOrder | Unset): The order of a list of records. Default: 'timestamp_desc'.
        limit (int | Unset):  Default: 100.
        cursor (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        MetricPage | Problem
    """

    return (
        await asyncio_detailed(
            agent_id=agent_id,
            client=client,
            from_=from_,
            to=to,
            name=name,
            attr=attr,
            order=order,
            limit=limit,
            cursor=cursor,
        )
    ).parsed
