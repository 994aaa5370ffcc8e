from http import HTTPStatus
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.metric import Metric
from ...models.new_metric import NewMetric
from ...models.problem import Problem
from ...types import Response


def _get_kwargs(
    agent_id: UUID,
    *,
    body: NewMetric,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/agents/{agent_id}/metrics".format(
            agent_id=quote(str(agent_id), safe=""),
        ),
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Metric | Problem | None:
    if response.status_code == 201:
        response_201 = Metric.from_dict(response.json())

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


def _build_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Response[Metric | Problem]:
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
    body: NewMetric,
) -> Response[Metric | Problem]:
    """Create a metric

     One data point. When the answer arrives it is committed, and every reader sees it. Give an
    `id` to be able to resend the request safely.

    Args:
        agent_id (UUID):
        body (NewMetric): A new data point. Example: {'id': None, 'timestamp': None, 'name':
            'queue.length', 'kind': 'gauge', 'value': 17.5, 'unit': '{request}', 'attributes':
            {'queue': 'mail', 'urgent': True}}.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Metric | Problem]
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
    body: NewMetric,
) -> Metric | Problem | None:
    """Create a metric

     One data point. When the answer arrives it is committed, and every reader sees it. Give an
    `id` to be able to resend the request safely.

    Args:
        agent_id (UUID):
        body (NewMetric): A new data point. Example: {'id': None, 'timestamp': None, 'name':
            'queue.length', 'kind': 'gauge', 'value': 17.5, 'unit': '{request}', 'attributes':
            {'queue': 'mail', 'urgent': True}}.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Metric | Problem
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
    body: NewMetric,
) -> Response[Metric | Problem]:
    """Create a metric

     One data point. When the answer arrives it is committed, and every reader sees it. Give an
    `id` to be able to resend the request safely.

    Args:
        agent_id (UUID):
        body (NewMetric): A new data point. Example: {'id': None, 'timestamp': None, 'name':
            'queue.length', 'kind': 'gauge', 'value': 17.5, 'unit': '{request}', 'attributes':
            {'queue': 'mail', 'urgent': True}}.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Metric | Problem]
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
    body: NewMetric,
) -> Metric | Problem | None:
    """Create a metric

     One data point. When the answer arrives it is committed, and every reader sees it. Give an
    `id` to be able to resend the request safely.

    Args:
        agent_id (UUID):
        body (NewMetric): A new data point. Example: {'id': None, 'timestamp': None, 'name':
            'queue.length', 'kind': 'gauge', 'value': 17.5, 'unit': '{request}', 'attributes':
            {'queue': 'mail', 'urgent': True}}.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Metric | Problem
    """

    return (
        await asyncio_detailed(
            agent_id=agent_id,
            client=client,
            body=body,
        )
    ).parsed
