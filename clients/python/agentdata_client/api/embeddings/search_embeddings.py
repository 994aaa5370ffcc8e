from http import HTTPStatus
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.found_embeddings import FoundEmbeddings
from ...models.problem import Problem
from ...models.search_embeddings import SearchEmbeddings
from ...types import Response


def _get_kwargs(
    dataset_id: UUID,
    *,
    body: SearchEmbeddings,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/datasets/{dataset_id}/embeddings/search".format(
            dataset_id=quote(str(dataset_id), safe=""),
        ),
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> FoundEmbeddings | Problem | None:
    if response.status_code == 200:
        response_200 = FoundEmbeddings.from_dict(response.json())

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

    if response.status_code == 502:
        response_502 = Problem.from_dict(response.json())

        return response_502

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
) -> Response[FoundEmbeddings | Problem]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    dataset_id: UUID,
    *,
    client: AuthenticatedClient,
    body: SearchEmbeddings,
) -> Response[FoundEmbeddings | Problem]:
    """Search embeddings

     Finds the embeddings of a dataset that fit best: those nearest to a vector or to a text by the
    dataset's `distance` (mode `vector`), those with words of a text (`text`), or the best of both
    (`hybrid`). A dataset with an index is searched by it, and by comparing with every embedding where
    the index does not find `k`: there are never fewer than `k` when `k` match.

    Args:
        dataset_id (UUID):
        body (SearchEmbeddings): A search for embeddings. Example: {'mode': 'vector', 'vector':
            [0.1, -0.4, 0.3, 0.8], 'k': 10, 'filter': {'path': '/page', 'gte': 10}, 'max_distance':
            0.5, 'exact': False, 'include': 'none'}.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[FoundEmbeddings | Problem]
    """

    kwargs = _get_kwargs(
        dataset_id=dataset_id,
        body=body,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    dataset_id: UUID,
    *,
    client: AuthenticatedClient,
    body: SearchEmbeddings,
) -> FoundEmbeddings | Problem | None:
    """Search embeddings

     Finds the embeddings of a dataset that fit best: those nearest to a vector or to a text by the
    dataset's `distance` (mode `vector`), those with words of a text (`text`), or the best of both
    (`hybrid`). A dataset with an index is searched by it, and by comparing with every embedding where
    the index does not find `k`: there are never fewer than `k` when `k` match.

    Args:
        dataset_id (UUID):
        body (SearchEmbeddings): A search for embeddings. Example: {'mode': 'vector', 'vector':
            [0.1, -0.4, 0.3, 0.8], 'k': 10, 'filter': {'path': '/page', 'gte': 10}, 'max_distance':
            0.5, 'exact': False, 'include': 'none'}.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        FoundEmbeddings | Problem
    """

    return sync_detailed(
        dataset_id=dataset_id,
        client=client,
        body=body,
    ).parsed


async def asyncio_detailed(
    dataset_id: UUID,
    *,
    client: AuthenticatedClient,
    body: SearchEmbeddings,
) -> Response[FoundEmbeddings | Problem]:
    """Search embeddings

     Finds the embeddings of a dataset that fit best: those nearest to a vector or to a text by the
    dataset's `distance` (mode `vector`), those with words of a text (`text`), or the best of both
    (`hybrid`). A dataset with an index is searched by it, and by comparing with every embedding where
    the index does not find `k`: there are never fewer than `k` when `k` match.

    Args:
        dataset_id (UUID):
        body (SearchEmbeddings): A search for embeddings. Example: {'mode': 'vector', 'vector':
            [0.1, -0.4, 0.3, 0.8], 'k': 10, 'filter': {'path': '/page', 'gte': 10}, 'max_distance':
            0.5, 'exact': False, 'include': 'none'}.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[FoundEmbeddings | Problem]
    """

    kwargs = _get_kwargs(
        dataset_id=dataset_id,
        body=body,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    dataset_id: UUID,
    *,
    client: AuthenticatedClient,
    body: SearchEmbeddings,
) -> FoundEmbeddings | Problem | None:
    """Search embeddings

     Finds the embeddings of a dataset that fit best: those nearest to a vector or to a text by the
    dataset's `distance` (mode `vector`), those with words of a text (`text`), or the best of both
    (`hybrid`). A dataset with an index is searched by it, and by comparing with every embedding where
    the index does not find `k`: there are never fewer than `k` when `k` match.

    Args:
        dataset_id (UUID):
        body (SearchEmbeddings): A search for embeddings. Example: {'mode': 'vector', 'vector':
            [0.1, -0.4, 0.3, 0.8], 'k': 10, 'filter': {'path': '/page', 'gte': 10}, 'max_distance':
            0.5, 'exact': False, 'include': 'none'}.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        FoundEmbeddings | Problem
    """

    return (
        await asyncio_detailed(
            dataset_id=dataset_id,
            client=client,
            body=body,
        )
    ).parsed
