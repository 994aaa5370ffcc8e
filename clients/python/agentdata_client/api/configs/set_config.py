from http import HTTPStatus
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.config import Config
from ...models.problem import Problem
from ...models.set_config import SetConfig
from ...types import UNSET, Response, Unset


def _get_kwargs(
    agent_id: UUID,
    *,
    body: SetConfig,
    if_match: str | Unset = UNSET,
    if_none_match: str | Unset = UNSET,
    idempotency_key: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(if_match, Unset):
        headers["If-Match"] = if_match

    if not isinstance(if_none_match, Unset):
        headers["If-None-Match"] = if_none_match

    if not isinstance(idempotency_key, Unset):
        headers["Idempotency-Key"] = idempotency_key

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/agents/{agent_id}/configs".format(
            agent_id=quote(str(agent_id), safe=""),
        ),
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Config | Problem | None:
    if response.status_code == 200:
        response_200 = Config.from_dict(response.json())

        return response_200

    if response.status_code == 201:
        response_201 = Config.from_dict(response.json())

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


def _build_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Response[Config | Problem]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    agent_id: UUID,
    *,
    client: AuthenticatedClient,
    body: SetConfig,
    if_match: str | Unset = UNSET,
    if_none_match: str | Unset = UNSET,
    idempotency_key: str | Unset = UNSET,
) -> Response[Config | Problem]:
    """Set a config

     Creates the config (201) or changes it (200). Each change makes a new version; the same content
    again makes none. What the request does not say (`description`, `schema`, `secret`) stays as it
    is. Send `If-Match` so as not to overwrite what somebody else has changed meanwhile, or
    `If-None-Match: *` to create only. Send an `Idempotency-Key` to be able to resend the request
    safely.

    Args:
        agent_id (UUID):
        if_match (str | Unset):
        if_none_match (str | Unset):
        idempotency_key (str | Unset):
        body (SetConfig): What a key shall hold. Example: {'key': 'retry.policy', 'value':
            {'attempts': 3, 'backoff_seconds': 1.5}, 'description': 'How often calls to tools are
            tried.', 'schema': {'properties': {'attempts': {'type': 'integer', 'minimum': 1}},
            'required': ['attempts']}, 'secret': False}.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Config | Problem]
    """

    kwargs = _get_kwargs(
        agent_id=agent_id,
        body=body,
        if_match=if_match,
        if_none_match=if_none_match,
        idempotency_key=idempotency_key,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    agent_id: UUID,
    *,
    client: AuthenticatedClient,
    body: SetConfig,
    if_match: str | Unset = UNSET,
    if_none_match: str | Unset = UNSET,
    idempotency_key: str | Unset = UNSET,
) -> Config | Problem | None:
    """Set a config

     Creates the config (201) or changes it (200). Each change makes a new version; the same content
    again makes none. What the request does not say (`description`, `schema`, `secret`) stays as it
    is. Send `If-Match` so as not to overwrite what somebody else has changed meanwhile, or
    `If-None-Match: *` to create only. Send an `Idempotency-Key` to be able to resend the request
    safely.

    Args:
        agent_id (UUID):
        if_match (str | Unset):
        if_none_match (str | Unset):
        idempotency_key (str | Unset):
        body (SetConfig): What a key shall hold. Example: {'key': 'retry.policy', 'value':
            {'attempts': 3, 'backoff_seconds': 1.5}, 'description': 'How often calls to tools are
            tried.', 'schema': {'properties': {'attempts': {'type': 'integer', 'minimum': 1}},
            'required': ['attempts']}, 'secret': False}.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Config | Problem
    """

    return sync_detailed(
        agent_id=agent_id,
        client=client,
        body=body,
        if_match=if_match,
        if_none_match=if_none_match,
        idempotency_key=idempotency_key,
    ).parsed


async def asyncio_detailed(
    agent_id: UUID,
    *,
    client: AuthenticatedClient,
    body: SetConfig,
    if_match: str | Unset = UNSET,
    if_none_match: str | Unset = UNSET,
    idempotency_key: str | Unset = UNSET,
) -> Response[Config | Problem]:
    """Set a config

     Creates the config (201) or changes it (200). Each change makes a new version; the same content
    again makes none. What the request does not say (`description`, `schema`, `secret`) stays as it
    is. Send `If-Match` so as not to overwrite what somebody else has changed meanwhile, or
    `If-None-Match: *` to create only. Send an `Idempotency-Key` to be able to resend the request
    safely.

    Args:
        agent_id (UUID):
        if_match (str | Unset):
        if_none_match (str | Unset):
        idempotency_key (str | Unset):
        body (SetConfig): What a key shall hold. Example: {'key': 'retry.policy', 'value':
            {'attempts': 3, 'backoff_seconds': 1.5}, 'description': 'How often calls to tools are
            tried.', 'schema': {'properties': {'attempts': {'type': 'integer', 'minimum': 1}},
            'required': ['attempts']}, 'secret': False}.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Config | Problem]
    """

    kwargs = _get_kwargs(
        agent_id=agent_id,
        body=body,
        if_match=if_match,
        if_none_match=if_none_match,
        idempotency_key=idempotency_key,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    agent_id: UUID,
    *,
    client: AuthenticatedClient,
    body: SetConfig,
    if_match: str | Unset = UNSET,
    if_none_match: str | Unset = UNSET,
    idempotency_key: str | Unset = UNSET,
) -> Config | Problem | None:
    """Set a config

     Creates the config (201) or changes it (200). Each change makes a new version; the same content
    again makes none. What the request does not say (`description`, `schema`, `secret`) stays as it
    is. Send `If-Match` so as not to overwrite what somebody else has changed meanwhile, or
    `If-None-Match: *` to create only. Send an `Idempotency-Key` to be able to resend the request
    safely.

    Args:
        agent_id (UUID):
        if_match (str | Unset):
        if_none_match (str | Unset):
        idempotency_key (str | Unset):
        body (SetConfig): What a key shall hold. Example: {'key': 'retry.policy', 'value':
            {'attempts': 3, 'backoff_seconds': 1.5}, 'description': 'How often calls to tools are
            tried.', 'schema': {'properties': {'attempts': {'type': 'integer', 'minimum': 1}},
            'required': ['attempts']}, 'secret': False}.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Config | Problem
    """

    return (
        await asyncio_detailed(
            agent_id=agent_id,
            client=client,
            body=body,
            if_match=if_match,
            if_none_match=if_none_match,
            idempotency_key=idempotency_key,
        )
    ).parsed
