from http import HTTPStatus
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.config_change import ConfigChange
from ...models.problem import Problem
from ...types import UNSET, Response, Unset


def _get_kwargs(
    agent_id: UUID,
    *,
    after: int | Unset = UNSET,
    last_event_id: int | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(last_event_id, Unset):
        headers["Last-Event-ID"] = str(last_event_id)

    params: dict[str, Any] = {}

    params["after"] = after

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/agents/{agent_id}/config-changes".format(
            agent_id=quote(str(agent_id), safe=""),
        ),
        "params": params,
    }

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Problem | list[ConfigChange] | None:
    if response.status_code == 200:
        response_200 = []
        _response_200 = response.text
        for response_200_item_data in _response_200:
            response_200_item = ConfigChange.from_dict(response_200_item_data)

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


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[Problem | list[ConfigChange]]:
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
    after: int | Unset = UNSET,
    last_event_id: int | Unset = UNSET,
) -> Response[Problem | list[ConfigChange]]:
    """Watch an agent's configs

     Server-sent events, one for each change, in order and without gaps, whichever server made it.
    An event's id is the number of the change; a client that reconnects with `Last-Event-ID`, as
    browsers do by themselves, or with `after`, gets all that it missed. Without either the stream
    begins with what comes next. A comment every 15 seconds keeps the connection alive. The stream
    ends with an event `end`, whose `reason` is `token_expired`, `token_revoked`, `stopping` (the
    server),
    `agent_deleted` or `too_slow` (the client took nothing for 30 seconds). At 1,000 streams a
    server answers 503.

    Args:
        agent_id (UUID):
        after (int | Unset):
        last_event_id (int | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | list[ConfigChange]]
    """

    kwargs = _get_kwargs(
        agent_id=agent_id,
        after=after,
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
    after: int | Unset = UNSET,
    last_event_id: int | Unset = UNSET,
) -> Problem | list[ConfigChange] | None:
    """Watch an agent's configs

     Server-sent events, one for each change, in order and without gaps, whichever server made it.
    An event's id is the number of the change; a client that reconnects with `Last-Event-ID`, as
    browsers do by themselves, or with `after`, gets all that it missed. Without either the stream
    begins with what comes next. A comment every 15 seconds keeps the connection alive. The stream
    ends with an event `end`, whose `reason` is `token_expired`, `token_revoked`, `stopping` (the
    server),
    `agent_deleted` or `too_slow` (the client took nothing for 30 seconds). At 1,000 streams a
    server answers 503.

    Args:
        agent_id (UUID):
        after (int | Unset):
        last_event_id (int | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | list[ConfigChange]
    """

    return sync_detailed(
        agent_id=agent_id,
        client=client,
        after=after,
        last_event_id=last_event_id,
    ).parsed


async def asyncio_detailed(
    agent_id: UUID,
    *,
    client: AuthenticatedClient,
    after: int | Unset = UNSET,
    last_event_id: int | Unset = UNSET,
) -> Response[Problem | list[ConfigChange]]:
    """Watch an agent's configs

     Server-sent events, one for each change, in order and without gaps, whichever server made it.
    An event's id is the number of the change; a client that reconnects with `Last-Event-ID`, as
    browsers do by themselves, or with `after`, gets all that it missed. Without either the stream
    begins with what comes next. A comment every 15 seconds keeps the connection alive. The stream
    ends with an event `end`, whose `reason` is `token_expired`, `token_revoked`, `stopping` (the
    server),
    `agent_deleted` or `too_slow` (the client took nothing for 30 seconds). At 1,000 streams a
    server answers 503.

    Args:
        agent_id (UUID):
        after (int | Unset):
        last_event_id (int | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | list[ConfigChange]]
    """

    kwargs = _get_kwargs(
        agent_id=agent_id,
        after=after,
        last_event_id=last_event_id,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    agent_id: UUID,
    *,
    client: AuthenticatedClient,
    after: int | Unset = UNSET,
    last_event_id: int | Unset = UNSET,
) -> Problem | list[ConfigChange] | None:
    """Watch an agent's configs

     Server-sent events, one for each change, in order and without gaps, whichever server made it.
    An event's id is the number of the change; a client that reconnects with `Last-Event-ID`, as
    browsers do by themselves, or with `after`, gets all that it missed. Without either the stream
    begins with what comes next. A comment every 15 seconds keeps the connection alive. The stream
    ends with an event `end`, whose `reason` is `token_expired`, `token_revoked`, `stopping` (the
    server),
    `agent_deleted` or `too_slow` (the client took nothing for 30 seconds). At 1,000 streams a
    server answers 503.

    Args:
        agent_id (UUID):
        after (int | Unset):
        last_event_id (int | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | list[ConfigChange]
    """

    return (
        await asyncio_detailed(
            agent_id=agent_id,
            client=client,
            after=after,
            last_event_id=last_event_id,
        )
    ).parsed
