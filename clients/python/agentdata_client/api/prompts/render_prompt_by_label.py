from http import HTTPStatus
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.problem import Problem
from ...models.render_prompt import RenderPrompt
from ...models.rendered_prompt import RenderedPrompt
from ...types import Response


def _get_kwargs(
    agent_id: UUID,
    label: str,
    *,
    body: RenderPrompt,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/agents/{agent_id}/prompts/labels/{label}/render".format(
            agent_id=quote(str(agent_id), safe=""),
            label=quote(str(label), safe=""),
        ),
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Problem | RenderedPrompt | None:
    if response.status_code == 200:
        response_200 = RenderedPrompt.from_dict(response.json())

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
) -> Response[Problem | RenderedPrompt]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    agent_id: UUID,
    label: str,
    *,
    client: AuthenticatedClient,
    body: RenderPrompt,
) -> Response[Problem | RenderedPrompt]:
    """Render the version that has a label

     As `render_prompt` does, with the version on which the label sits at this moment; the answer
    says which one that was.

    Args:
        agent_id (UUID):
        label (str):
        body (RenderPrompt): A request to render a version. Example: {'variables': {'product':
            'agentdata', 'mail': 'It does not start any more!'}}.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | RenderedPrompt]
    """

    kwargs = _get_kwargs(
        agent_id=agent_id,
        label=label,
        body=body,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    agent_id: UUID,
    label: str,
    *,
    client: AuthenticatedClient,
    body: RenderPrompt,
) -> Problem | RenderedPrompt | None:
    """Render the version that has a label

     As `render_prompt` does, with the version on which the label sits at this moment; the answer
    says which one that was.

    Args:
        agent_id (UUID):
        label (str):
        body (RenderPrompt): A request to render a version. Example: {'variables': {'product':
            'agentdata', 'mail': 'It does not start any more!'}}.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | RenderedPrompt
    """

    return sync_detailed(
        agent_id=agent_id,
        label=label,
        client=client,
        body=body,
    ).parsed


async def asyncio_detailed(
    agent_id: UUID,
    label: str,
    *,
    client: AuthenticatedClient,
    body: RenderPrompt,
) -> Response[Problem | RenderedPrompt]:
    """Render the version that has a label

     As `render_prompt` does, with the version on which the label sits at this moment; the answer
    says which one that was.

    Args:
        agent_id (UUID):
        label (str):
        body (RenderPrompt): A request to render a version. Example: {'variables': {'product':
            'agentdata', 'mail': 'It does not start any more!'}}.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | RenderedPrompt]
    """

    kwargs = _get_kwargs(
        agent_id=agent_id,
        label=label,
        body=body,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    agent_id: UUID,
    label: str,
    *,
    client: AuthenticatedClient,
    body: RenderPrompt,
) -> Problem | RenderedPrompt | None:
    """Render the version that has a label

     As `render_prompt` does, with the version on which the label sits at this moment; the answer
    says which one that was.

    Args:
        agent_id (UUID):
        label (str):
        body (RenderPrompt): A request to render a version. Example: {'variables': {'product':
            'agentdata', 'mail': 'It does not start any more!'}}.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | RenderedPrompt
    """

    return (
        await asyncio_detailed(
            agent_id=agent_id,
            label=label,
            client=client,
            body=body,
        )
    ).parsed
