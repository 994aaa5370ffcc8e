from http import HTTPStatus
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.imported_embeddings import ImportedEmbeddings
from ...models.on_conflict import OnConflict
from ...models.problem import Problem
from ...types import UNSET, File, Response, Unset


def _get_kwargs(
    dataset_id: UUID,
    *,
    body: File,
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
        "url": "/datasets/{dataset_id}/embeddings/import".format(
            dataset_id=quote(str(dataset_id), safe=""),
        ),
        "params": params,
    }

    _kwargs["content"] = body.payload

    headers["Content-Type"] = "application/x-ndjson"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> ImportedEmbeddings | Problem | None:
    if response.status_code == 200:
        response_200 = ImportedEmbeddings.from_dict(response.json())

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
) -> Response[ImportedEmbeddings | Problem]:
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
    body: File,
    on_conflict: OnConflict | Unset = "refuse",
) -> Response[ImportedEmbeddings | Problem]:
    """Import embeddings

     A `NewEmbedding` in JSON on each line (NDJSON), however many: they are stored as they come, some
    hundreds in a transaction, and a line has 2 MiB at most. An error names the first line that could
    not
    be stored by its number, from 0 and without counting blank ones; all lines before it are stored, and
    of
    those behind it perhaps some. To go on, send the same lines again: what is there already stays, and
    a
    line without an `id` gets one that its number and its text make.

    Args:
        dataset_id (UUID):
        on_conflict (OnConflict | Unset): What becomes of an embedding whose id is in the dataset
            already. Default: 'refuse'.
        body (File):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ImportedEmbeddings | Problem]
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
    body: File,
    on_conflict: OnConflict | Unset = "refuse",
) -> ImportedEmbeddings | Problem | None:
    """Import embeddings

     A `NewEmbedding` in JSON on each line (NDJSON), however many: they are stored as they come, some
    hundreds in a transaction, and a line has 2 MiB at most. An error names the first line that could
    not
    be stored by its number, from 0 and without counting blank ones; all lines before it are stored, and
    of
    those behind it perhaps some. To go on, send the same lines again: what is there already stays, and
    a
    line without an `id` gets one that its number and its text make.

    Args:
        dataset_id (UUID):
        on_conflict (OnConflict | Unset): What becomes of an embedding whose id is in the dataset
            already. Default: 'refuse'.
        body (File):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ImportedEmbeddings | Problem
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
    body: File,
    on_conflict: OnConflict | Unset = "refuse",
) -> Response[ImportedEmbeddings | Problem]:
    """Import embeddings

     A `NewEmbedding` in JSON on each line (NDJSON), however many: they are stored as they come, some
    hundreds in a transaction, and a line has 2 MiB at most. An error names the first line that could
    not
    be stored by its number, from 0 and without counting blank ones; all lines before it are stored, and
    of
    those behind it perhaps some. To go on, send the same lines again: what is there already stays, and
    a
    line without an `id` gets one that its number and its text make.

    Args:
        dataset_id (UUID):
        on_conflict (OnConflict | Unset): What becomes of an embedding whose id is in the dataset
            already. Default: 'refuse'.
        body (File):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ImportedEmbeddings | Problem]
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
    body: File,
    on_conflict: OnConflict | Unset = "refuse",
) -> ImportedEmbeddings | Problem | None:
    """Import embeddings

     A `NewEmbedding` in JSON on each line (NDJSON), however many: they are stored as they come, some
    hundreds in a transaction, and a line has 2 MiB at most. An error names the first line that could
    not
    be stored by its number, from 0 and without counting blank ones; all lines before it are stored, and
    of
    those behind it perhaps some. To go on, send the same lines again: what is there already stays, and
    a
    line without an `id` gets one that its number and its text make.

    Args:
        dataset_id (UUID):
        on_conflict (OnConflict | Unset): What becomes of an embedding whose id is in the dataset
            already. Default: 'refuse'.
        body (File):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ImportedEmbeddings | Problem
    """

    return (
        await asyncio_detailed(
            dataset_id=dataset_id,
            client=client,
            body=body,
            on_conflict=on_conflict,
        )
    ).parsed
