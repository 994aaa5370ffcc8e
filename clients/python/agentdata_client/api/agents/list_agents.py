import datetime
from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.agent_order import AgentOrder
from ...models.agent_page import AgentPage
from ...models.agent_status import AgentStatus
from ...models.problem import Problem
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    name: str | Unset = UNSET,
    q: str | Unset = UNSET,
    tag: list[str] | Unset = UNSET,
    status: AgentStatus | Unset = UNSET,
    created_after: datetime.datetime | Unset = UNSET,
    created_before: datetime.datetime | Unset = UNSET,
    order: AgentOrder | Unset = "created_at_desc",
    limit: int | Unset = 100,
    cursor: str | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["name"] = name

    params["q"] = q

    json_tag: list[str] | Unset = UNSET
    if not isinstance(tag, Unset):
        json_tag = tag

    params["tag"] = json_tag

    json_status: str | Unset = UNSET
    if not isinstance(status, Unset):
        json_status = status

    params["status"] = json_status

    json_created_after: str | Unset = UNSET
    if not isinstance(created_after, Unset):
        json_created_after = created_after.isoformat()
    params["created_after"] = json_created_after

    json_created_before: str | Unset = UNSET
    if not isinstance(created_before, Unset):
        json_created_before = created_before.isoformat()
    params["created_before"] = json_created_before

    json_order: str | Unset = UNSET
    if not isinstance(order, Unset):
        json_order = order

    params["order"] = json_order

    params["limit"] = limit

    params["cursor"] = cursor

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/agents",
        "params": params,
    }

    return _kwargs


def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> AgentPage | Problem | None:
    if response.status_code == 200:
        response_200 = AgentPage.from_dict(response.json())

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


def _build_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Response[AgentPage | Problem]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    name: str | Unset = UNSET,
    q: str | Unset = UNSET,
    tag: list[str] | Unset = UNSET,
    status: AgentStatus | Unset = UNSET,
    created_after: datetime.datetime | Unset = UNSET,
    created_before: datetime.datetime | Unset = UNSET,
    order: AgentOrder | Unset = "created_at_desc",
    limit: int | Unset = 100,
    cursor: str | Unset = UNSET,
) -> Response[AgentPage | Problem]:
    r"""List agents

     Newest first unless `order` says otherwise. Filters combine with \"and\". A page has up to
    `limit` items and ends earlier at 8 MiB; follow `next_cursor` until it is null.

    Args:
        name (str | Unset):
        q (str | Unset):
        tag (list[str] | Unset):
        status (AgentStatus | Unset): Whether an agent is in use. It is for people and for
            filters: the server does not act on it.
        created_after (datetime.datetime | Unset):
        created_before (datetime.datetime | Unset):
        order (AgentOrder | Unset): The order of a list of agents. Default: 'created_at_desc'.
        limit (int | Unset):  Default: 100.
        cursor (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[AgentPage | Problem]
    """

    kwargs = _get_kwargs(
        name=name,
        q=q,
        tag=tag,
        status=status,
        created_after=created_after,
        created_before=created_before,
        order=order,
        limit=limit,
        cursor=cursor,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient,
    name: str | Unset = UNSET,
    q: str | Unset = UNSET,
    tag: list[str] | Unset = UNSET,
    status: AgentStatus | Unset = UNSET,
    created_after: datetime.datetime | Unset = UNSET,
    created_before: datetime.datetime | Unset = UNSET,
    order: AgentOrder | Unset = "created_at_desc",
    limit: int | Unset = 100,
    cursor: str | Unset = UNSET,
) -> AgentPage | Problem | None:
    r"""List agents

     Newest first unless `order` says otherwise. Filters combine with \"and\". A page has up to
    `limit` items and ends earlier at 8 MiB; follow `next_cursor` until it is null.

    Args:
        name (str | Unset):
        q (str | Unset):
        tag (list[str] | Unset):
        status (AgentStatus | Unset): Whether an agent is in use. It is for people and for
            filters: the server does not act on it.
        created_after (datetime.datetime | Unset):
        created_before (datetime.datetime | Unset):
        order (AgentOrder | Unset): The order of a list of agents. Default: 'created_at_desc'.
        limit (int | Unset):  Default: 100.
        cursor (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        AgentPage | Problem
    """

    return sync_detailed(
        client=client,
        name=name,
        q=q,
        tag=tag,
        status=status,
        created_after=created_after,
        created_before=created_before,
        order=order,
        limit=limit,
        cursor=cursor,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    name: str | Unset = UNSET,
    q: str | Unset = UNSET,
    tag: list[str] | Unset = UNSET,
    status: AgentStatus | Unset = UNSET,
    created_after: datetime.datetime | Unset = UNSET,
    created_before: datetime.datetime | Unset = UNSET,
    order: AgentOrder | Unset = "created_at_desc",
    limit: int | Unset = 100,
    cursor: str | Unset = UNSET,
) -> Response[AgentPage | Problem]:
    r"""List agents

     Newest first unless `order` says otherwise. Filters combine with \"and\". A page has up to
    `limit` items and ends earlier at 8 MiB; follow `next_cursor` until it is null.

    Args:
        name (str | Unset):
        q (str | Unset):
        tag (list[str] | Unset):
        status (AgentStatus | Unset): Whether an agent is in use. It is for people and for
            filters: the server does not act on it.
        created_after (datetime.datetime | Unset):
        created_before (datetime.datetime | Unset):
        order (AgentOrder | Unset): The order of a list of agents. Default: 'created_at_desc'.
        limit (int | Unset):  Default: 100.
        cursor (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[AgentPage | Problem]
    """

    kwargs = _get_kwargs(
        name=name,
        q=q,
        tag=tag,
        status=status,
        created_after=created_after,
        created_before=created_before,
        order=order,
        limit=limit,
        cursor=cursor,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    name: str | Unset = UNSET,
    q: str | Unset = UNSET,
    tag: list[str] | Unset = UNSET,
    status: AgentStatus | Unset = UNSET,
    created_after: datetime.datetime | Unset = UNSET,
    created_before: datetime.datetime | Unset = UNSET,
    order: AgentOrder | Unset = "created_at_desc",
    limit: int | Unset = 100,
    cursor: str | Unset = UNSET,
) -> AgentPage | Problem | None:
    r"""List agents

     Newest first unless `order` says otherwise. Filters combine with \"and\". A page has up to
    `limit` items and ends earlier at 8 MiB; follow `next_cursor` until it is null.

    Args:
        name (str | Unset):
        q (str | Unset):
        tag (list[str] | Unset):
        status (AgentStatus | Unset): Whether an agent is in use. It is for people and for
            filters: the server does not act on it.
        created_after (datetime.datetime | Unset):
        created_before (datetime.datetime | Unset):
        order (AgentOrder | Unset): The order of a list of agents. Default: 'created_at_desc'.
        limit (int | Unset):  Default: 100.
        cursor (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        AgentPage | Problem
    """

    return (
        await asyncio_detailed(
            client=client,
            name=name,
            q=q,
            tag=tag,
            status=status,
            created_after=created_after,
            created_before=created_before,
            order=order,
            limit=limit,
            cursor=cursor,
        )
    ).parsed
