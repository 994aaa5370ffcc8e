from http import HTTPStatus
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.dataset import Dataset
from ...models.patch_dataset import PatchDataset
from ...models.problem import Problem
from ...types import UNSET, Response, Unset


def _get_kwargs(
    agent_id: UUID,
    dataset_id: UUID,
    *,
    body: PatchDataset,
    if_match: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(if_match, Unset):
        headers["If-Match"] = if_match

    _kwargs: dict[str, Any] = {
        "method": "patch",
        "url": "/agents/{agent_id}/datasets/{dataset_id}".format(
            agent_id=quote(str(agent_id), safe=""),
            dataset_id=quote(str(dataset_id), safe=""),
        ),
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Dataset | Problem | None:
    if response.status_code == 200:
        response_200 = Dataset.from_dict(response.json())

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

    if response.status_code == 409:
        response_409 = Problem.from_dict(response.json())

        return response_409

    if response.status_code == 412:
        response_412 = Problem.from_dict(response.json())

        return response_412

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


def _build_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Response[Dataset | Problem]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    agent_id: UUID,
    dataset_id: UUID,
    *,
    client: AuthenticatedClient,
    body: PatchDataset,
    if_match: str | Unset = UNSET,
) -> Response[Dataset | Problem]:
    """Change some fields of a dataset

     A JSON Merge Patch (RFC 7396): absent fields stay as they are, `null` clears, `metadata` merges
    member by member. While the dataset has embeddings, or an index that is left of them for a minute
    at most, its `dimension` and `distance` cannot change: that is 409.

    Args:
        agent_id (UUID):
        dataset_id (UUID):
        if_match (str | Unset):
        body (PatchDataset): Changes to a dataset, as a JSON Merge Patch (RFC 7396): absent fields
            stay, `null` clears, and
            `metadata` merges member by member. Example: {'description': 'Paragraphs of both
            handbooks.'}.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Dataset | Problem]
    """

    kwargs = _get_kwargs(
        agent_id=agent_id,
        dataset_id=dataset_id,
        body=body,
        if_match=if_match,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    agent_id: UUID,
    dataset_id: UUID,
    *,
    client: AuthenticatedClient,
    body: PatchDataset,
    if_match: str | Unset = UNSET,
) -> Dataset | Problem | None:
    """Change some fields of a dataset

     A JSON Merge Patch (RFC 7396): absent fields stay as they are, `null` clears, `metadata` merges
    member by member. While the dataset has embeddings, or an index that is left of them for a minute
    at most, its `dimension` and `distance` cannot change: that is 409.

    Args:
        agent_id (UUID):
        dataset_id (UUID):
        if_match (str | Unset):
        body (PatchDataset): Changes to a dataset, as a JSON Merge Patch (RFC 7396): absent fields
            stay, `null` clears, and
            `metadata` merges member by member. Example: {'description': 'Paragraphs of both
            handbooks.'}.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Dataset | Problem
    """

    return sync_detailed(
        agent_id=agent_id,
        dataset_id=dataset_id,
        client=client,
        body=body,
        if_match=if_match,
    ).parsed


async def asyncio_detailed(
    agent_id: UUID,
    dataset_id: UUID,
    *,
    client: AuthenticatedClient,
    body: PatchDataset,
    if_match: str | Unset = UNSET,
) -> Response[Dataset | Problem]:
    """Change some fields of a dataset

     A JSON Merge Patch (RFC 7396): absent fields stay as they are, `null` clears, `metadata` merges
    member by member. While the dataset has embeddings, or an index that is left of them for a minute
    at most, its `dimension` and `distance` cannot change: that is 409.

    Args:
        agent_id (UUID):
        dataset_id (UUID):
        if_match (str | Unset):
        body (PatchDataset): Changes to a dataset, as a JSON Merge Patch (RFC 7396): absent fields
            stay, `null` clears, and
            `metadata` merges member by member. Example: {'description': 'Paragraphs of both
            handbooks.'}.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Dataset | Problem]
    """

    kwargs = _get_kwargs(
        agent_id=agent_id,
        dataset_id=dataset_id,
        body=body,
        if_match=if_match,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    agent_id: UUID,
    dataset_id: UUID,
    *,
    client: AuthenticatedClient,
    body: PatchDataset,
    if_match: str | Unset = UNSET,
) -> Dataset | Problem | None:
    """Change some fields of a dataset

     A JSON Merge Patch (RFC 7396): absent fields stay as they are, `null` clears, `metadata` merges
    member by member. While the dataset has embeddings, or an index that is left of them for a minute
    at most, its `dimension` and `distance` cannot change: that is 409.

    Args:
        agent_id (UUID):
        dataset_id (UUID):
        if_match (str | Unset):
        body (PatchDataset): Changes to a dataset, as a JSON Merge Patch (RFC 7396): absent fields
            stay, `null` clears, and
            `metadata` merges member by member. Example: {'description': 'Paragraphs of both
            handbooks.'}.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Dataset | Problem
    """

    return (
        await asyncio_detailed(
            agent_id=agent_id,
            dataset_id=dataset_id,
            client=client,
            body=body,
            if_match=if_match,
        )
    ).parsed
