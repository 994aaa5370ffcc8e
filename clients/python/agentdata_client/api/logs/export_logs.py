import datetime
from http import HTTPStatus
from io import BytesIO
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.level import Level
from ...models.problem import Problem
from ...types import UNSET, File, Response, Unset


def _get_kwargs(
    agent_id: UUID,
    *,
    from_: datetime.datetime | Unset = UNSET,
    to: datetime.datetime | Unset = UNSET,
    level: list[Level] | Unset = UNSET,
    min_level: Level | Unset = UNSET,
    trace_id: str | Unset = UNSET,
    session_id: str | Unset = UNSET,
    q: str | Unset = UNSET,
    attr: list[str] | Unset = UNSET,
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

    json_level: list[str] | Unset = UNSET
    if not isinstance(level, Unset):
        json_level = []
        for level_item_data in level:
            level_item: str = level_item_data
            json_level.append(level_item)

    params["level"] = json_level

    json_min_level: str | Unset = UNSET
    if not isinstance(min_level, Unset):
        json_min_level = min_level

    params["min_level"] = json_min_level

    params["trace_id"] = trace_id

    params["session_id"] = session_id

    params["q"] = q

    json_attr: list[str] | Unset = UNSET
    if not isinstance(attr, Unset):
        json_attr = attr

    params["attr"] = json_attr

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/agents/{agent_id}/logs/export".format(
            agent_id=quote(str(agent_id), safe=""),
        ),
        "params": params,
    }

    return _kwargs


def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> File | Problem | None:
    if response.status_code == 200:
        response_200 = File(payload=BytesIO(response.content))

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


def _build_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Response[File | Problem]:
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
    level: list[Level] | Unset = UNSET,
    min_level: Level | Unset = UNSET,
    trace_id: str | Unset = UNSET,
    session_id: str | Unset = UNSET,
    q: str | Unset = UNSET,
    attr: list[str] | Unset = UNSET,
) -> Response[File | Problem]:
    r"""Export logs

     All logs that pass the filters, oldest first, a `Log` in JSON on each line (NDJSON), however many
    they are. Filters combine with \"and\". They are read as the client takes them: what is stored
    meanwhile may be among them or not. An answer that is not complete is cut off without its end.
    At 8 exports a server answers 503.

    Args:
        agent_id (UUID):
        from_ (datetime.datetime | Unset):
        to (datetime.datetime | Unset):
        level (list[Level] | Unset):
        min_level (Level | Unset): How grave a log is.
        trace_id (str | Unset):
        session_id (str | Unset):
        q (str | Unset):
        attr (list[str] | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[File | Problem]
    """

    kwargs = _get_kwargs(
        agent_id=agent_id,
        from_=from_,
        to=to,
        level=level,
        min_level=min_level,
        trace_id=trace_id,
        session_id=session_id,
        q=q,
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
    from_: datetime.datetime | Unset = UNSET,
    to: datetime.datetime | Unset = UNSET,
    level: list[Level] | Unset = UNSET,
    min_level: Level | Unset = UNSET,
    trace_id: str | Unset = UNSET,
    session_id: str | Unset = UNSET,
    q: str | Unset = UNSET,
    attr: list[str] | Unset = UNSET,
) -> File | Problem | None:
    r"""Export logs

     All logs that pass the filters, oldest first, a `Log` in JSON on each line (NDJSON), however many
    they are. Filters combine with \"and\". They are read as the client takes them: what is stored
    meanwhile may be among them or not. An answer that is not complete is cut off without its end.
    At 8 exports a server answers 503.

    Args:
        agent_id (UUID):
        from_ (datetime.datetime | Unset):
        to (datetime.datetime | Unset):
        level (list[Level] | Unset):
        min_level (Level | Unset): How grave a log is.
        trace_id (str | Unset):
        session_id (str | Unset):
        q (str | Unset):
        attr (list[str] | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        File | Problem
    """

    return sync_detailed(
        agent_id=agent_id,
        client=client,
        from_=from_,
        to=to,
        level=level,
        min_level=min_level,
        trace_id=trace_id,
        session_id=session_id,
        q=q,
        attr=attr,
    ).parsed


async def asyncio_detailed(
    agent_id: UUID,
    *,
    client: AuthenticatedClient,
    from_: datetime.datetime | Unset = UNSET,
    to: datetime.datetime | Unset = UNSET,
    level: list[Level] | Unset = UNSET,
    min_level: Level | Unset = UNSET,
    trace_id: str | Unset = UNSET,
    session_id: str | Unset = UNSET,
    q: str | Unset = UNSET,
    attr: list[str] | Unset = UNSET,
) -> Response[File | Problem]:
    r"""Export logs

     All logs that pass the filters, oldest first, a `Log` in JSON on each line (NDJSON), however many
    they are. Filters combine with \"and\". They are read as the client takes them: what is stored
    meanwhile may be among them or not. An answer that is not complete is cut off without its end.
    At 8 exports a server answers 503.

    Args:
        agent_id (UUID):
        from_ (datetime.datetime | Unset):
        to (datetime.datetime | Unset):
        level (list[Level] | Unset):
        min_level (Level | Unset): How grave a log is.
        trace_id (str | Unset):
        session_id (str | Unset):
        q (str | Unset):
        attr (list[str] | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[File | Problem]
    """

    kwargs = _get_kwargs(
        agent_id=agent_id,
        from_=from_,
        to=to,
        level=level,
        min_level=min_level,
        trace_id=trace_id,
        session_id=session_id,
        q=q,
        attr=attr,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    agent_id: UUID,
    *,
    client: AuthenticatedClient,
    from_: datetime.datetime | Unset = UNSET,
    to: datetime.datetime | Unset = UNSET,
    level: list[Level] | Unset = UNSET,
    min_level: Level | Unset = UNSET,
    trace_id: str | Unset = UNSET,
    session_id: str | Unset = UNSET,
    q: str | Unset = UNSET,
    attr: list[str] | Unset = UNSET,
) -> File | Problem | None:
    r"""Export logs

     All logs that pass the filters, oldest first, a `Log` in JSON on each line (NDJSON), however many
    they are. Filters combine with \"and\". They are read as the client takes them: what is stored
    meanwhile may be among them or not. An answer that is not complete is cut off without its end.
    At 8 exports a server answers 503.

    Args:
        agent_id (UUID):
        from_ (datetime.datetime | Unset):
        to (datetime.datetime | Unset):
        level (list[Level] | Unset):
        min_level (Level | Unset): How grave a log is.
        trace_id (str | Unset):
        session_id (str | Unset):
        q (str | Unset):
        attr (list[str] | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        File | Problem
    """

    return (
        await asyncio_detailed(
            agent_id=agent_id,
            client=client,
            from_=from_,
            to=to,
            level=level,
            min_level=min_level,
            trace_id=trace_id,
            session_id=session_id,
            q=q,
            attr=attr,
        )
    ).parsed
