from http import HTTPStatus
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.problem import Problem
from ...models.prompt_diff import PromptDiff
from ...types import UNSET, Response, Unset


def _get_kwargs(
    agent_id: UUID,
    version: int,
    *,
    against: int | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["against"] = against

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/agents/{agent_id}/prompts/{version}/diff".format(
            agent_id=quote(str(agent_id), safe=""),
            version=quote(str(version), safe=""),
        ),
        "params": params,
    }

    return _kwargs


def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Problem | PromptDiff | None:
    if response.status_code == 200:
        response_200 = PromptDiff.from_dict(response.json())

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
) -> Response[Problem | PromptDiff]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    agent_id: UUID,
    version: int,
    *,
    client: AuthenticatedClient,
    against: int | Unset = UNSET,
) -> Response[Problem | PromptDiff]:
    """Compare two versions of an agent's prompt

     What the version has that the one before it, or the one named by `against`, has not. The
    text that is compared line by line has the sections `# text` with the template, or `# chat`
    with a `# message: role` or `# placeholder: name` for each message, then `# config` in JSON
    with its keys in order, then `# variables`. Large texts that differ nearly everywhere are not
    compared to the last line: after half a second the rest counts as deleted and inserted.

    Args:
        agent_id (UUID):
        version (int):
        against (int | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | PromptDiff]
    """

    kwargs = _get_kwargs(
        agent_id=agent_id,
        version=version,
        against=against,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    agent_id: UUID,
    version: int,
    *,
    client: AuthenticatedClient,
    against: int | Unset = UNSET,
) -> Problem | PromptDiff | None:
    """Compare two versions of an agent's prompt

     What the version has that the one before it, or the one named by `against`, has not. The
    text that is compared line by line has the sections `# text` with the template, or `# chat`
    with a `# message: role` or `# placeholder: name` for each message, then `# config` in JSON
    with its keys in order, then `# variables`. Large texts that differ nearly everywhere are not
    compared to the last line: after half a second the rest counts as deleted and inserted.

    Args:
        agent_id (UUID):
        version (int):
        against (int | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | PromptDiff
    """

    return sync_detailed(
        agent_id=agent_id,
        version=version,
        client=client,
        against=against,
    ).parsed


async def asyncio_detailed(
    agent_id: UUID,
    version: int,
    *,
    client: AuthenticatedClient,
    against: int | Unset = UNSET,
) -> Response[Problem | PromptDiff]:
    """Compare two versions of an agent's prompt

     What the version has that the one before it, or the one named by `against`, has not. The
    text that is compared line by line has the sections `# text` with the template, or `# chat`
    with a `# message: role` or `# placeholder: name` for each message, then `# config` in JSON
    with its keys in order, then `# variables`. Large texts that differ nearly everywhere are not
    compared to the last line: after half a second the rest counts as deleted and inserted.

    Args:
        agent_id (UUID):
        version (int):
        against (int | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | PromptDiff]
    """

    kwargs = _get_kwargs(
        agent_id=agent_id,
        version=version,
        against=against,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    agent_id: UUID,
    version: int,
    *,
    client: AuthenticatedClient,
    against: int | Unset = UNSET,
) -> Problem | PromptDiff | None:
    """Compare two versions of an agent's prompt

     What the version has that the one before it, or the one named by `against`, has not. The
    text that is compared line by line has the sections `# text` with the template, or `# chat`
    with a `# message: role` or `# placeholder: name` for each message, then `# config` in JSON
    with its keys in order, then `# variables`. Large texts that differ nearly everywhere are not
    compared to the last line: after half a second the rest counts as deleted and inserted.

    Args:
        agent_id (UUID):
        version (int):
        against (int | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | PromptDiff
    """

    return (
        await asyncio_detailed(
            agent_id=agent_id,
            version=version,
            client=client,
            against=against,
        )
    ).parsed
