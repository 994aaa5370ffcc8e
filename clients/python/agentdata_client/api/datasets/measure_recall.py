from http import HTTPStatus
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.problem import Problem
from ...models.recall import Recall
from ...types import UNSET, Response, Unset


def _get_kwargs(
    dataset_id: UUID,
    *,
    k: int | Unset = 10,
    samples: int | Unset = 50,
    ef_search: int | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["k"] = k

    params["samples"] = samples

    params["ef_search"] = ef_search

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/datasets/{dataset_id}/recall".format(
            dataset_id=quote(str(dataset_id), safe=""),
        ),
        "params": params,
    }

    return _kwargs


def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Problem | Recall | None:
    if response.status_code == 200:
        response_200 = Recall.from_dict(response.json())

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


def _build_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Response[Problem | Recall]:
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
    k: int | Unset = 10,
    samples: int | Unset = 50,
    ef_search: int | Unset = UNSET,
) -> Response[Problem | Recall]:
    """Measure how right the index is

     Takes some embeddings of the dataset at random, and searches for the `k` nearest to each by the
    index
    and by comparing with all: `recall` is how many of those the index finds. It ends when as many
    samples are measured, or half the time is over that a statement may take.

    Args:
        dataset_id (UUID):
        k (int | Unset):  Default: 10.
        samples (int | Unset):  Default: 50.
        ef_search (int | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | Recall]
    """

    kwargs = _get_kwargs(
        dataset_id=dataset_id,
        k=k,
        samples=samples,
        ef_search=ef_search,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    dataset_id: UUID,
    *,
    client: AuthenticatedClient,
    k: int | Unset = 10,
    samples: int | Unset = 50,
    ef_search: int | Unset = UNSET,
) -> Problem | Recall | None:
    """Measure how right the index is

     Takes some embeddings of the dataset at random, and searches for the `k` nearest to each by the
    index
    and by comparing with all: `recall` is how many of those the index finds. It ends when as many
    samples are measured, or half the time is over that a statement may take.

    Args:
        dataset_id (UUID):
        k (int | Unset):  Default: 10.
        samples (int | Unset):  Default: 50.
        ef_search (int | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | Recall
    """

    return sync_detailed(
        dataset_id=dataset_id,
        client=client,
        k=k,
        samples=samples,
        ef_search=ef_search,
    ).parsed


async def asyncio_detailed(
    dataset_id: UUID,
    *,
    client: AuthenticatedClient,
    k: int | Unset = 10,
    samples: int | Unset = 50,
    ef_search: int | Unset = UNSET,
) -> Response[Problem | Recall]:
    """Measure how right the index is

     Takes some embeddings of the dataset at random, and searches for the `k` nearest to each by the
    index
    and by comparing with all: `recall` is how many of those the index finds. It ends when as many
    samples are measured, or half the time is over that a statement may take.

    Args:
        dataset_id (UUID):
        k (int | Unset):  Default: 10.
        samples (int | Unset):  Default: 50.
        ef_search (int | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | Recall]
    """

    kwargs = _get_kwargs(
        dataset_id=dataset_id,
        k=k,
        samples=samples,
        ef_search=ef_search,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    dataset_id: UUID,
    *,
    client: AuthenticatedClient,
    k: int | Unset = 10,
    samples: int | Unset = 50,
    ef_search: int | Unset = UNSET,
) -> Problem | Recall | None:
    """Measure how right the index is

     Takes some embeddings of the dataset at random, and searches for the `k` nearest to each by the
    index
    and by comparing with all: `recall` is how many of those the index finds. It ends when as many
    samples are measured, or half the time is over that a statement may take.

    Args:
        dataset_id (UUID):
        k (int | Unset):  Default: 10.
        samples (int | Unset):  Default: 50.
        ef_search (int | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | Recall
    """

    return (
        await asyncio_detailed(
            dataset_id=dataset_id,
            client=client,
            k=k,
            samples=samples,
            ef_search=ef_search,
        )
    ).parsed
