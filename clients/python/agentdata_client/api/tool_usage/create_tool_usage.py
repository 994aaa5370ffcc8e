from http import HTTPStatus
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.new_tool_usage import NewToolUsage
from ...models.problem import Problem
from ...models.tool_usage import ToolUsage
from ...types import Response


def _get_kwargs(
    agent_id: UUID,
    *,
    body: NewToolUsage,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/agents/{agent_id}/tool-usage".format(
            agent_id=quote(str(agent_id), safe=""),
        ),
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Problem | ToolUsage | None:
    if response.status_code == 201:
        response_201 = ToolUsage.from_dict(response.json())

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


def _build_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Response[Problem | ToolUsage]:
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
    body: NewToolUsage,
) -> Response[Problem | ToolUsage]:
    """Create tool usage

     One call of a tool. When the answer arrives it is committed, and every reader sees it. Give an
    `id` to be able to resend the request safely.

    Args:
        agent_id (UUID):
        body (NewToolUsage): A new call of a tool. Example: {'id': None, 'timestamp': None,
            'tool_name': 'search_orders', 'tool_type': 'function', 'call_id': 'call_8fA2', 'status':
            'success', 'input': {'customer': 17}, 'output': [{'order': 4711, 'state': 'shipped'}],
            'error_type': None, 'error_message': None, 'duration_ms': 182, 'input_tokens': 54,
            'output_tokens': 18, 'cost_usd': '0.000432', 'prompt_version': 3, 'trace_id':
            '4bf92f3577b34da6a3ce929d0e0e4736', 'span_id': '00f067aa0ba902b7', 'session_id':
            'conversation-17'}.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | ToolUsage]
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
    body: NewToolUsage,
) -> Problem | ToolUsage | None:
    """Create tool usage

     One call of a tool. When the answer arrives it is committed, and every reader sees it. Give an
    `id` to be able to resend the request safely.

    Args:
        agent_id (UUID):
        body (NewToolUsage): A new call of a tool. Example: {'id': None, 'timestamp': None,
            'tool_name': 'search_orders', 'tool_type': 'function', 'call_id': 'call_8fA2', 'status':
            'success', 'input': {'customer': 17}, 'output': [{'order': 4711, 'state': 'shipped'}],
            'error_type': None, 'error_message': None, 'duration_ms': 182, 'input_tokens': 54,
            'output_tokens': 18, 'cost_usd': '0.000432', 'prompt_version': 3, 'trace_id':
            '4bf92f3577b34da6a3ce929d0e0e4736', 'span_id': '00f067aa0ba902b7', 'session_id':
            'conversation-17'}.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | ToolUsage
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
    body: NewToolUsage,
) -> Response[Problem | ToolUsage]:
    """Create tool usage

     One call of a tool. When the answer arrives it is committed, and every reader sees it. Give an
    `id` to be able to resend the request safely.

    Args:
        agent_id (UUID):
        body (NewToolUsage): A new call of a tool. Example: {'id': None, 'timestamp': None,
            'tool_name': 'search_orders', 'tool_type': 'function', 'call_id': 'call_8fA2', 'status':
            'success', 'input': {'customer': 17}, 'output': [{'order': 4711, 'state': 'shipped'}],
            'error_type': None, 'error_message': None, 'duration_ms': 182, 'input_tokens': 54,
            'output_tokens': 18, 'cost_usd': '0.000432', 'prompt_version': 3, 'trace_id':
            '4bf92f3577b34da6a3ce929d0e0e4736', 'span_id': '00f067aa0ba902b7', 'session_id':
            'conversation-17'}.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | ToolUsage]
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
    body: NewToolUsage,
) -> Problem | ToolUsage | None:
    """Create tool usage

     One call of a tool. When the answer arrives it is committed, and every reader sees it. Give an
    `id` to be able to resend the request safely.

    Args:
        agent_id (UUID):
        body (NewToolUsage): A new call of a tool. Example: {'id': None, 'timestamp': None,
            'tool_name': 'search_orders', 'tool_type': 'function', 'call_id': 'call_8fA2', 'status':
            'success', 'input': {'customer': 17}, 'output': [{'order': 4711, 'state': 'shipped'}],
            'error_type': None, 'error_message': None, 'duration_ms': 182, 'input_tokens': 54,
            'output_tokens': 18, 'cost_usd': '0.000432', 'prompt_version': 3, 'trace_id':
            '4bf92f3577b34da6a3ce929d0e0e4736', 'span_id': '00f067aa0ba902b7', 'session_id':
            'conversation-17'}.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | ToolUsage
    """

    return (
        await asyncio_detailed(
            agent_id=agent_id,
            client=client,
            body=body,
        )
    ).parsed
