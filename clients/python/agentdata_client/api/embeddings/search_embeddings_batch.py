from http import HTTPStatus
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.found_many_embeddings import FoundManyEmbeddings
from ...models.problem import Problem
from ...models.search_many_embeddings import SearchManyEmbeddings
from ...types import Response


def _get_kwargs(
    dataset_id: UUID,
    *,
    body: SearchManyEmbeddings,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/datasets/{dataset_id}/embeddings/search/batch".format(
            dataset_id=quote(str(dataset_id), safe=""),
        ),
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> FoundManyEmbeddings | Problem | None:
    if response.status_code == 200:
        response_200 = FoundManyEmbeddings.from_dict(response.json())

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
) -> Response[FoundManyEmbeddings | Problem]:
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
    body: SearchManyEmbeddings,
) -> Response[FoundManyEmbeddings | Problem]:
    """Search embeddings several times

     Up to 100 searches of one dataset in one request; the answer has the results in their order, and all
    of
    them together end at 8 MiB, but for the best of each. Each may take as long as a statement may.

    Args:
        dataset_id (UUID):
        body (SearchManyEmbeddings): Several searches of one dataset. Example: {'queries':
            [{'mode': 'vector', 'vector': [0.1, -0.4, 0.3, 0.8], 'k': 10, 'filter': {'path': '/page',
            'gte': 10}, 'max_distance': 0.5, 'exact': False, 'include': 'none'}]}.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[FoundManyEmbeddings | Problem]
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
    body: SearchManyEmbeddings,
) -> FoundManyEmbeddings | Problem | None:
    """Search embeddings several times

     Up to 100 searches of one dataset in one request; the answer has the results in their order, and all
    of
    them together end at 8 MiB, but for the best of each. Each may take as long as a statement may.

    Args:
        dataset_id (UUID):
        body (SearchManyEmbeddings): Several searches of one dataset. Example: {'queries':
            [{'mode': 'vector', 'vector': [0.1, -0.4, 0.3, 0.8], 'k': 10, 'filter': {'path': '/page',
            'gte': 10}, 'max_distance': 0.5, 'exact': False, 'include': 'none'}]}.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        FoundManyEmbeddings | Problem
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
    body: SearchManyEmbeddings,
) -> Response[FoundManyEmbeddings | Problem]:
    """Search embeddings several times

     Up to 100 searches of one dataset in one request; the answer has the results in their order, and all
    of
    them together end at 8 MiB, but for the best of each. Each may take as long as a statement may.

    Args:
        dataset_id (UUID):
        body (SearchManyEmbeddings): Several searches of one dataset. Example: {'queries':
            [{'mode': 'vector', 'vector': [0.1, -0.4, 0.3, 0.8], 'k': 10, 'filter': {'path': '/page',
            'gte': 10}, 'max_distance': 0.5, 'exact': False, 'include': 'none'}]}.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[FoundManyEmbeddings | Problem]
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
    body: SearchManyEmbeddings,
) -> FoundManyEmbeddings | Problem | None:
    """Search embeddings several times

     Up to 100 searches of one dataset in one request; the answer has the results in their order, and all
    of
    them together end at 8 MiB, but for the best of each. Each may take as long as a statement may.

    Args:
        dataset_id (UUID):
        body (SearchManyEmbeddings): Several searches of one dataset. Example: {'queries':
            [{'mode': 'vector', 'vector': [0.1, -0.4, 0.3, 0.8], 'k': 10, 'filter': {'path': '/page',
            'gte': 10}, 'max_distance': 0.5, 'exact': False, 'include': 'none'}]}.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        FoundManyEmbeddings | Problem
    """

    return (
        await asyncio_detailed(
            dataset_id=dataset_id,
            client=client,
            body=body,
        )
    ).parsed
