from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.new_oauth_client import NewOauthClient
from ...models.oauth_client_secret import OauthClientSecret
from ...models.problem import Problem
from ...types import Response


def _get_kwargs(
    *,
    body: NewOauthClient,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/oauth/clients",
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> OauthClientSecret | Problem | None:
    if response.status_code == 201:
        response_201 = OauthClientSecret.from_dict(response.json())

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
) -> Response[OauthClientSecret | Problem]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    body: NewOauthClient,
) -> Response[OauthClientSecret | Problem]:
    """Create a client

     It may ask for access tokens of the given scopes, for the caller's tenant. The answer has its
    secret,
    which is stored as a hash only: a resend cannot have it again, so there is no `Idempotency-Key`
    here,
    and a client whose answer was lost is deleted or given a new secret.

    Args:
        body (NewOauthClient): A new client. Its tenant is that of who makes it. Example: {'name':
            'ingest', 'scopes': ['logs:write', 'metrics:write']}.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[OauthClientSecret | Problem]
    """

    kwargs = _get_kwargs(
        body=body,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient,
    body: NewOauthClient,
) -> OauthClientSecret | Problem | None:
    """Create a client

     It may ask for access tokens of the given scopes, for the caller's tenant. The answer has its
    secret,
    which is stored as a hash only: a resend cannot have it again, so there is no `Idempotency-Key`
    here,
    and a client whose answer was lost is deleted or given a new secret.

    Args:
        body (NewOauthClient): A new client. Its tenant is that of who makes it. Example: {'name':
            'ingest', 'scopes': ['logs:write', 'metrics:write']}.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        OauthClientSecret | Problem
    """

    return sync_detailed(
        client=client,
        body=body,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    body: NewOauthClient,
) -> Response[OauthClientSecret | Problem]:
    """Create a client

     It may ask for access tokens of the given scopes, for the caller's tenant. The answer has its
    secret,
    which is stored as a hash only: a resend cannot have it again, so there is no `Idempotency-Key`
    here,
    and a client whose answer was lost is deleted or given a new secret.

    Args:
        body (NewOauthClient): A new client. Its tenant is that of who makes it. Example: {'name':
            'ingest', 'scopes': ['logs:write', 'metrics:write']}.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[OauthClientSecret | Problem]
    """

    kwargs = _get_kwargs(
        body=body,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    body: NewOauthClient,
) -> OauthClientSecret | Problem | None:
    """Create a client

     It may ask for access tokens of the given scopes, for the caller's tenant. The answer has its
    secret,
    which is stored as a hash only: a resend cannot have it again, so there is no `Idempotency-Key`
    here,
    and a client whose answer was lost is deleted or given a new secret.

    Args:
        body (NewOauthClient): A new client. Its tenant is that of who makes it. Example: {'name':
            'ingest', 'scopes': ['logs:write', 'metrics:write']}.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        OauthClientSecret | Problem
    """

    return (
        await asyncio_detailed(
            client=client,
            body=body,
        )
    ).parsed
