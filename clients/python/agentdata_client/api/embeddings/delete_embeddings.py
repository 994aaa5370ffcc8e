from http import HTTPStatus
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.delete_embeddings import DeleteEmbeddings
from ...models.deleted_embeddings import DeletedEmbeddings
from ...models.problem import Problem
from ...types import Response


def _get_kwargs(
    dataset_id: UUID,
    *,
    body: DeleteEmbeddings,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/datasets/{dataset_id}/embeddings/delete".format(
            dataset_id=quote(str(dataset_id), safe=""),
        ),
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> DeletedEmbeddings | Problem | None:
    if response.status_code == 200:
        response_200 = DeletedEmbeddings.from_dict(response.json())

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
) -> Response[DeletedEmbeddings | Problem]:
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
    body: DeleteEmbeddings,
) -> Response[DeletedEmbeddings | Problem]:
    """Delete embeddings

     Those of some ids or those with some metadata, or, when both are given, those of the ids that have
    the metadata. One request deletes 10,000 at most, in one transaction; send it again while `more` is
    true.

    Args:
        dataset_id (UUID):
        body (DeleteEmbeddings): Which embeddings of a dataset to delete: `ids` or `filter`.
            Example: {'filter': {'path': '/page', 'gte': 10}}.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[DeletedEmbeddings | Problem]
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
    body: DeleteEmbeddings,
) -> DeletedEmbeddings | Problem | None:
    """Delete embeddings

     Those of some ids or those with some metadata, or, when both are given, those of the ids that have
    the metadata. One request deletes 10,000 at most, in one transaction; send it again while `more` is
    true.

    Args:
        dataset_id (UUID):
        body (DeleteEmbeddings): Which embeddings of a dataset to delete: `ids` or `filter`.
            Example: {'filter': {'path': '/page', 'gte': 10}}.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        DeletedEmbeddings | Problem
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
    body: DeleteEmbeddings,
) -> Response[DeletedEmbeddings | Problem]:
    """Delete embeddings

     Those of some ids or those with some metadata, or, when both are given, those of the ids that have
    the metadata. One request deletes 10,000 at most, in one transaction; send it again while `more` is
    true.

    Args:
        dataset_id (UUID):
        body (DeleteEmbeddings): Which embeddings of a dataset to delete: `ids` or `filter`.
            Example: {'filter': {'path': '/page', 'gte': 10}}.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[DeletedEmbeddings | Problem]
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
    body: DeleteEmbeddings,
) -> DeletedEmbeddings | Problem | None:
    """Delete embeddings

     Those of some ids or those with some metadata, or, when both are given, those of the ids that have
    the metadata. One request deletes 10,000 at most, in one transaction; send it again while `more` is
    true.

    Args:
        dataset_id (UUID):
        body (DeleteEmbeddings): Which embeddings of a dataset to delete: `ids` or `filter`.
            Example: {'filter': {'path': '/page', 'gte': 10}}.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        DeletedEmbeddings | Problem
    """

    return (
        await asyncio_detailed(
            dataset_id=dataset_id,
            client=client,
            body=body,
        )
    ).parsed
