from http import HTTPStatus
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.level import Level
from ...models.log import Log
from ...models.problem import Problem
from ...types import UNSET, Response, Unset


def _get_kwargs(
    agent_id: UUID,
    *,
    level: list[Level] | Unset = UNSET,
    min_level: Level | Unset = UNSET,
    trace_id: str | Unset = UNSET,
    session_id: str | Unset = UNSET,
    q: str | Unset = UNSET,
    attr: list[str] | Unset = UNSET,
    last_event_id: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(last_event_id, Unset):
        headers["Last-Event-ID"] = last_event_id

    params: dict[str, Any] = {}

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
        "url": "/agents/{agent_id}/logs/tail".format(
            agent_id=quote(str(agent_id), safe=""),
        ),
        "params": params,
    }

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Problem | list[Log] | None:
    if response.status_code == 200:
        response_200 = []
        _response_200 = response.text
        for response_200_item_data in _response_200:
            response_200_item = Log.from_dict(response_200_item_data)

            response_200.append(response_200_item)

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


def _build_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Response[Problem | list[Log]]:
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
    level: list[Level] | Unset = UNSET,
    min_level: Level | Unset = UNSET,
    trace_id: str | Unset = UNSET,
    session_id: str | Unset = UNSET,
    q: str | Unset = UNSET,
    attr: list[str] | Unset = UNSET,
    last_event_id: str | Unset = UNSET,
) -> Response[Problem | list[Log]]:
    r"""Follow an agent's logs

     Server-sent events, one for each log that is stored from now on, whichever server stores it and
    whatever its `timestamp` says, in the order in which they were committed, half a second later at
    most when no transaction is in the way. Filters combine with \"and\". A client that reconnects
    with `Last-Event-ID`, as browsers do by themselves, gets all that it missed, and nothing twice.
    A comment every 15 seconds keeps the connection alive. The stream ends with an event `end`,
    whose `reason` is `token_expired`, `token_revoked`, `stopping` (the server), `agent_deleted` or
    `too_slow` (the
    client took nothing for 30 seconds). At 1,000 streams a server answers 503.

    Args:
        agent_id (UUID):
        level (list[Level] | Unset):
        min_level (Level | Unset): How grave a log is.
        trace_id (str | Unset):
        session_id (str | Unset):
        q (str | Unset):
        attr (list[str] | Unset):
        last_event_id (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | list[Log]]
    """

    kwargs = _get_kwargs(
        agent_id=agent_id,
        level=level,
        min_level=min_level,
        trace_id=trace_id,
        session_id=session_id,
        q=q,
        attr=attr,
        last_event_id=last_event_id,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    agent_id: UUID,
    *,
    client: AuthenticatedClient,
    level: list[Level] | Unset = UNSET,
    min_level: Level | Unset = UNSET,
    trace_id: str | Unset = UNSET,
    session_id: str | Unset = UNSET,
    q: str | Unset = UNSET,
    attr: list[str] | Unset = UNSET,
    last_event_id: str | Unset = UNSET,
) -> Problem | list[Log] | None:
    r"""Follow an agent's logs

     Server-sent events, one for each log that is stored from now on, whichever server stores it and
    whatever its `timestamp` says, in the order in which they were committed, half a second later at
    most when no transaction is in the way. Filters combine with \"and\". A client that reconnects
    with `Last-Event-ID`, as browsers do by themselves, gets all that it missed, and nothing twice.
    A comment every 15 seconds keeps the connection alive. The stream ends with an event `end`,
    whose `reason` is `token_expired`, `token_revoked`, `stopping` (the server), `agent_deleted` or
    `too_slow` (the
    client took nothing for 30 seconds). At 1,000 streams a server answers 503.

    Args:
        agent_id (UUID):
        level (list[Level] | Unset):
        min_level (Level | Unset): How grave a log is.
        trace_id (str | Unset):
        session_id (str | Unset):
        q (str | Unset):
        attr (list[str] | Unset):
        last_event_id (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | list[Log]
    """

    return sync_detailed(
        agent_id=agent_id,
        client=client,
        level=level,
        min_level=min_level,
        trace_id=trace_id,
        session_id=session_id,
        q=q,
        attr=attr,
        last_event_id=last_event_id,
    ).parsed


async def asyncio_detailed(
    agent_id: UUID,
    *,
    client: AuthenticatedClient,
    level: list[Level] | Unset = UNSET,
    min_level: Level | Unset = UNSET,
    trace_id: str | Unset = UNSET,
    session_id: str | Unset = UNSET,
    q: str | Unset = UNSET,
    attr: list[str] | Unset = UNSET,
    last_event_id: str | Unset = UNSET,
) -> Response[Problem | list[Log]]:
    r"""Follow an agent's logs

     Server-sent events, one for each log that is stored from now on, whichever server stores it and
    whatever its `timestamp` says, in the order in which they were committed, half a second later at
    most when no transaction is in the way. Filters combine with \"and\". A client that reconnects
    with `Last-Event-ID`, as browsers do by themselves, gets all that it missed, and nothing twice.
    A comment every 15 seconds keeps the connection alive. The stream ends with an event `end`,
    whose `reason` is `token_expired`, `token_revoked`, `stopping` (the server), `agent_deleted` or
    `too_slow` (the
    client took nothing for 30 seconds). At 1,000 streams a server answers 503.

    Args:
        agent_id (UUID):
        level (list[Level] | Unset):
        min_level (Level | Unset): How grave a log is.
        trace_id (str | Unset):
        session_id (str | Unset):
        q (str | Unset):
        attr (list[str] | Unset):
        last_event_id (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | list[Log]]
    """

    kwargs = _get_kwargs(
        agent_id=agent_id,
        level=level,
        min_level=min_level,
        trace_id=trace_id,
        session_id=session_id,
        q=q,
        attr=attr,
        last_event_id=last_event_id,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    agent_id: UUID,
    *,
    client: AuthenticatedClient,
    level: list[Level] | Unset = UNSET,
    min_level: Level | Unset = UNSET,
    trace_id: str | Unset = UNSET,
    session_id: str | Unset = UNSET,
    q: str | Unset = UNSET,
    attr: list[str] | Unset = UNSET,
    last_event_id: str | Unset = UNSET,
) -> Problem | list[Log] | None:
    r"""Follow an agent's logs

     Server-sent events, one for each log that is stored from now on, whichever server stores it and
    whatever its `timestamp` says, in the order in which they were committed, half a second later at
    most when no transaction is in the way. Filters combine with \"and\". A client that reconnects
    with `Last-Event-ID`, as browsers do by themselves, gets all that it missed, and nothing twice.
    A comment every 15 seconds keeps the connection alive. The stream ends with an event `end`,
    whose `reason` is `token_expired`, `token_revoked`, `stopping` (the server), `agent_deleted` or
    `too_slow` (the
    client took nothing for 30 seconds). At 1,000 streams a server answers 503.

    Args:
        agent_id (UUID):
        level (list[Level] | Unset):
        min_level (Level | Unset): How grave a log is.
        trace_id (str | Unset):
        session_id (str | Unset):
        q (str | Unset):
        attr (list[str] | Unset):
        last_event_id (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | list[Log]
    """

    return (
        await asyncio_detailed(
            agent_id=agent_id,
            client=client,
            level=level,
            min_level=min_level,
            trace_id=trace_id,
            session_id=session_id,
            q=q,
            attr=attr,
            last_event_id=last_event_id,
        )
    ).parsed
