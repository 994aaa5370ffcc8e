from http import HTTPStatus
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.embedding_page import EmbeddingPage
from ...models.include import Include
from ...models.problem import Problem
from ...types import UNSET, Response, Unset


def _get_kwargs(
    dataset_id: UUID,
    *,
    include: Include | Unset = "embedding",
    filter_: str | Unset = UNSET,
    limit: int | Unset = 100,
    cursor: str | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    json_include: str | Unset = UNSET
    if not isinstance(include, Unset):
        json_include = include

    params["include"] = json_include

    params["filter"] = filter_

    params["limit"] = limit

    params["cursor"] = cursor

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/datasets/{dataset_id}/embeddings".format(
            dataset_id=quote(str(dataset_id), safe=""),
        ),
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> EmbeddingPage | Problem | None:
    if response.status_code == 200:
        response_200 = EmbeddingPage.from_dict(response.json())

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
) -> Response[EmbeddingPage | Problem]:
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
    include: Include | Unset = "embedding",
    filter_: str | Unset = UNSET,
    limit: int | Unset = 100,
    cursor: str | Unset = UNSET,
) -> Response[EmbeddingPage | Problem]:
    """List embeddings

     In the order of their ids, if wanted only those with some metadata. A page has up to `limit` items
    and ends earlier at 8 MiB; follow `next_cursor` until it is null.

    Args:
        dataset_id (UUID):
        include (Include | Unset): What comes with each embedding beside its text and metadata.
            Default: 'embedding'.
        filter_ (str | Unset):
        limit (int | Unset):  Default: 100.
        cursor (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[EmbeddingPage | Problem]
    """

    kwargs = _get_kwargs(
        dataset_id=dataset_id,
        include=include,
        filter_=filter_,
        limit=limit,
        cursor=cursor,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    dataset_id: UUID,
    *,
    client: AuthenticatedClient,
    include: Include | Unset = "embedding",
    filter_: str | Unset = UNSET,
    limit: int | Unset = 100,
    cursor: str | Unset = UNSET,
) -> EmbeddingPage | Problem | None:
    """List embeddings

     In the order of their ids, if wanted only those with some metadata. A page has up to `limit` items
    and ends earlier at 8 MiB; follow `next_cursor` until it is null.

    Args:
        dataset_id (UUID):
        include (Include | Unset): What comes with each embedding beside its text and metadata.
            Default: 'embedding'.
        filter_ (str | Unset):
        limit (int | Unset):  Default: 100.
        cursor (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        EmbeddingPage | Problem
    """

    return sync_detailed(
        dataset_id=dataset_id,
        client=client,
        include=include,
        filter_=filter_,
        limit=limit,
        cursor=cursor,
    ).parsed


async def asyncio_detailed(
    dataset_id: UUID,
    *,
    client: AuthenticatedClient,
    include: Include | Unset = "embedding",
    filter_: str | Unset = UNSET,
    limit: int | Unset = 100,
    cursor: str | Unset = UNSET,
) -> Response[EmbeddingPage | Problem]:
    """List embeddings

     In the order of their ids, if wanted only those with some metadata. A page has up to `limit` items
    and ends earlier at 8 MiB; follow `next_cursor` until it is null.

    Args:
        dataset_id (UUID):
        include (Include | Unset): What comes with each embedding beside its text and metadata.
            Default: 'embedding'.
        filter_ (str | Unset):
        limit (int | Unset):  Default: 100.
        cursor (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[EmbeddingPage | Problem]
    """

    kwargs = _get_kwargs(
        dataset_id=dataset_id,
        include=include,
        filter_=filter_,
        limit=limit,
        cursor=cursor,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    dataset_id: UUID,
    *,
    client: AuthenticatedClient,
    include: Include | Unset = "embedding",
    filter_: str | Unset = UNSET,
    limit: int | Unset = 100,
    cursor: str | Unset = UNSET,
) -> EmbeddingPage | Problem | None:
    """List embeddings

     In the order of their ids, if wanted only those with some metadata. A page has up to `limit` items
    and ends earlier at 8 MiB; follow `next_cursor` until it is null.

    Args:
        dataset_id (UUID):
        include (Include | Unset): What comes with each embedding beside its text and metadata.
            Default: 'embedding'.
        filter_ (str | Unset):
        limit (int | Unset):  Default: 100.
        cursor (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        EmbeddingPage | Problem
    """

    return (
        await asyncio_detailed(
            dataset_id=dataset_id,
            client=client,
            include=include,
            filter_=filter_,
            limit=limit,
            cursor=cursor,
        )
    ).parsed
