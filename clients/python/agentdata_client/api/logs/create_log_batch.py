from http import HTTPStatus
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.created_batch import CreatedBatch
from ...models.new_log import NewLog
from ...models.problem import Problem
from ...types import Response


def _get_kwargs(
    agent_id: UUID,
    *,
    body: list[NewLog],
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/agents/{agent_id}/logs/batch".format(
            agent_id=quote(str(agent_id), safe=""),
        ),
    }

    _kwargs["json"] = []
    for body_item_data in body:
        body_item = body_item_data.to_dict()
        _kwargs["json"].append(body_item)

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> CreatedBatch | Problem | None:
    if response.status_code == 201:
        response_201 = CreatedBatch.from_dict(response.json())

        return response_201

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

    if response.status_code == 408:
        response_408 = Problem.from_dict(response.json())

        return response_408

    if response.status_code == 413:
        response_413 = Problem.from_dict(response.json())

        return response_413

    if response.status_code == 415:
        response_415 = Problem.from_dict(response.json())

        return response_415

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
) -> Response[CreatedBatch | Problem]:
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
    body: list[NewLog],
) -> Response[CreatedBatch | Problem]:
    """Create many logs

     Up to 10,000, and 16 MiB of body unless the server is set otherwise: a JSON array, or an
    object on each line (`application/x-ndjson`). All are stored or none: an error names the index
    of the record, from 0. When the answer arrives they are committed, and every reader sees them.
    Give each an `id` to be able to resend the request safely.

    Args:
        agent_id (UUID):
        body (list[NewLog]):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[CreatedBatch | Problem]
    """

    kwargs = _get_kwargs(
        agent_id=agent_id,
        body=body,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    agent_id: UUID,
    *,
    client: AuthenticatedClient,
    body: list[NewLog],
) -> CreatedBatch | Problem | None:
    """Create many logs

     Up to 10,000, and 16 MiB of body unless the server is set otherwise: a JSON array, or an
    object on each line (`application/x-ndjson`). All are stored or none: an error names the index
    of the record, from 0. When the answer arrives they are committed, and every reader sees them.
    Give each an `id` to be able to resend the request safely.

    Args:
        agent_id (UUID):
        body (list[NewLog]):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        CreatedBatch | Problem
    """

    return sync_detailed(
        agent_id=agent_id,
        client=client,
        body=body,
    ).parsed


async def asyncio_detailed(
    agent_id: UUID,
    *,
    client: AuthenticatedClient,
    body: list[NewLog],
) -> Response[CreatedBatch | Problem]:
    """Create many logs

     Up to 10,000, and 16 MiB of body unless the server is set otherwise: a JSON array, or an
    object on each line (`application/x-ndjson`). All are stored or none: an error names the index
    of the record, from 0. When the answer arrives they are committed, and every reader sees them.
    Give each an `id` to be able to resend the request safely.

    Args:
        agent_id (UUID):
        body (list[NewLog]):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[CreatedBatch | Problem]
    """

    kwargs = _get_kwargs(
        agent_id=agent_id,
        body=body,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    agent_id: UUID,
    *,
    client: AuthenticatedClient,
    body: list[NewLog],
) -> CreatedBatch | Problem | None:
    """Create many logs

     Up to 10,000, and 16 MiB of body unless the server is set otherwise: a JSON array, or an
    object on each line (`application/x-ndjson`). All are stored or none: an error names the index
    of the record, from 0. When the answer arrives they are committed, and every reader sees them.
    Give each an `id` to be able to resend the request safely.

    Args:
        agent_id (UUID):
        body (list[NewLog]):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        CreatedBatch | Problem
    """

    return (
        await asyncio_detailed(
            agent_id=agent_id,
            client=client,
            body=body,
        )
    ).parsed
