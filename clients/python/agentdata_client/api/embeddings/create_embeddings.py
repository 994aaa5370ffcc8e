from http import HTTPStatus
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.created_embeddings import CreatedEmbeddings
from ...models.new_embeddings import NewEmbeddings
from ...models.on_conflict import OnConflict
from ...models.problem import Problem
from ...types import UNSET, Response, Unset


def _get_kwargs(
    dataset_id: UUID,
    *,
    body: NewEmbeddings,
    on_conflict: OnConflict | Unset = "refuse",
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    params: dict[str, Any] = {}

    json_on_conflict: str | Unset = UNSET
    if not isinstance(on_conflict, Unset):
        json_on_conflict = on_conflict

    params["on_conflict"] = json_on_conflict

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/datasets/{dataset_id}/embeddings".format(
            dataset_id=quote(str(dataset_id), safe=""),
        ),
        "params": params,
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> CreatedEmbeddings | Problem | None:
    if response.status_code == 201:
        response_201 = CreatedEmbeddings.from_dict(response.json())

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

    if response.status_code == 409:
        response_409 = Problem.from_dict(response.json())

        return response_409

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
) -> Response[CreatedEmbeddings | Problem]:
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
    body: NewEmbeddings,
    on_conflict: OnConflict | Unset = "refuse",
) -> Response[CreatedEmbeddings | Problem]:
    """Create embeddings

     Stores up to 1,000 embeddings, all or none; the body has at most 32 MiB unless the server is set
    otherwise. The first of a dataset fix its `dimension` when it has none. Of texts without vectors the
    embedding provider makes them, by the dataset's `embedding_model`. Give the embeddings ids
    to be able to resend the request safely: what is there already and the same is accepted, and
    what differs is refused with 409, or with `on_conflict=update` replaced.

    Args:
        dataset_id (UUID):
        on_conflict (OnConflict | Unset): What becomes of an embedding whose id is in the dataset
            already. Default: 'refuse'.
        body (NewEmbeddings): New embeddings of a dataset. Example: {'items': [{'id': None,
            'content': 'Refunds are paid within five working days.', 'embedding': [0.12, -0.5, 0.33,
            0.9], 'metadata': {'chapter': 'refunds', 'page': 17}}]}.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[CreatedEmbeddings | Problem]
    """

    kwargs = _get_kwargs(
        dataset_id=dataset_id,
        body=body,
        on_conflict=on_conflict,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    dataset_id: UUID,
    *,
    client: AuthenticatedClient,
    body: NewEmbeddings,
    on_conflict: OnConflict | Unset = "refuse",
) -> CreatedEmbeddings | Problem | None:
    """Create embeddings

     Stores up to 1,000 embeddings, all or none; the body has at most 32 MiB unless the server is set
    otherwise. The first of a dataset fix its `dimension` when it has none. Of texts without vectors the
    embedding provider makes them, by the dataset's `embedding_model`. Give the embeddings ids
    to be able to resend the request safely: what is there already and the same is accepted, and
    what differs is refused with 409, or with `on_conflict=update` replaced.

    Args:
        dataset_id (UUID):
        on_conflict (OnConflict | Unset): What becomes of an embedding whose id is in the dataset
            already. Default: 'refuse'.
        body (NewEmbeddings): New embeddings of a dataset. Example: {'items': [{'id': None,
            'content': 'Refunds are paid within five working days.', 'embedding': [0.12, -0.5, 0.33,
            0.9], 'metadata': {'chapter': 'refunds', 'page': 17}}]}.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        CreatedEmbeddings | Problem
    """

    return sync_detailed(
        dataset_id=dataset_id,
        client=client,
        body=body,
        on_conflict=on_conflict,
    ).parsed


async def asyncio_detailed(
    dataset_id: UUID,
    *,
    client: AuthenticatedClient,
    body: NewEmbeddings,
    on_conflict: OnConflict | Unset = "refuse",
) -> Response[CreatedEmbeddings | Problem]:
    """Create embeddings

     Stores up to 1,000 embeddings, all or none; the body has at most 32 MiB unless the server is set
    otherwise. The first of a dataset fix its `dimension` when it has none. Of texts without vectors the
    embedding provider makes them, by the dataset's `embedding_model`. Give the embeddings ids
    to be able to resend the request safely: what is there already and the same is accepted, and
    what differs is refused with 409, or with `on_conflict=update` replaced.

    Args:
        dataset_id (UUID):
        on_conflict (OnConflict | Unset): What becomes of an embedding whose id is in the dataset
            already. Default: 'refuse'.
        body (NewEmbeddings): New embeddings of a dataset. Example: {'items': [{'id': None,
            'content': 'Refunds are paid within five working days.', 'embedding': [0.12, -0.5, 0.33,
            0.9], 'metadata': {'chapter': 'refunds', 'page': 17}}]}.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[CreatedEmbeddings | Problem]
    """

    kwargs = _get_kwargs(
        dataset_id=dataset_id,
        body=body,
        on_conflict=on_conflict,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    dataset_id: UUID,
    *,
    client: AuthenticatedClient,
    body: NewEmbeddings,
    on_conflict: OnConflict | Unset = "refuse",
) -> CreatedEmbeddings | Problem | None:
    """Create embeddings

     Stores up to 1,000 embeddings, all or none; the body has at most 32 MiB unless the server is set
    otherwise. The first of a dataset fix its `dimension` when it has none. Of texts without vectors the
    embedding provider makes them, by the dataset's `embedding_model`. Give the embeddings ids
    to be able to resend the request safely: what is there already and the same is accepted, and
    what differs is refused with 409, or with `on_conflict=update` replaced.

    Args:
        dataset_id (UUID):
        on_conflict (OnConflict | Unset): What becomes of an embedding whose id is in the dataset
            already. Default: 'refuse'.
        body (NewEmbeddings): New embeddings of a dataset. Example: {'items': [{'id': None,
            'content': 'Refunds are paid within five working days.', 'embedding': [0.12, -0.5, 0.33,
            0.9], 'metadata': {'chapter': 'refunds', 'page': 17}}]}.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        CreatedEmbeddings | Problem
    """

    return (
        await asyncio_detailed(
            dataset_id=dataset_id,
            client=client,
            body=body,
            on_conflict=on_conflict,
        )
    ).parsed
