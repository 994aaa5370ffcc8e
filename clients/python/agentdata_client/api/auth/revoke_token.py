from http import HTTPStatus
from typing import Any, cast

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.presented_token import PresentedToken
from ...models.token_error import TokenError
from ...types import Response


def _get_kwargs(
    *,
    body: PresentedToken,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/oauth/revoke",
    }

    _kwargs["data"] = body.to_dict()

    headers["Content-Type"] = "application/x-www-form-urlencoded"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Any | TokenError | None:
    if response.status_code == 200:
        response_200 = cast(Any, None)
        return response_200

    if response.status_code == 400:
        response_400 = TokenError.from_dict(response.json())

        return response_400

    if response.status_code == 401:
        response_401 = TokenError.from_dict(response.json())

        return response_401

    if response.status_code == 404:
        response_404 = TokenError.from_dict(response.json())

        return response_404

    if response.status_code == 429:
        response_429 = TokenError.from_dict(response.json())

        return response_429

    if response.status_code == 503:
        response_503 = TokenError.from_dict(response.json())

        return response_503

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Response[Any | TokenError]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient | Client,
    body: PresentedToken,
) -> Response[Any | TokenError]:
    """Revoke an access token

     RFC 7009. The token is refused from now on by this server, and within five seconds by all others. A
    client can revoke its own tokens. A token that is not good anyway is answered with 200 too.

    Args:
        body (PresentedToken): A token that a client asks about (RFC 7009 §2.1, RFC 7662 §2.1).
            The client authenticates as at the token
            endpoint. Example: {'token': 'eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJFUzI1NiJ9…',
            'token_type_hint': 'access_token', 'client_id': '019308d4-6e65-7cc0-b5c5-2a0d8f1e4b11',
            'client_secret': "the client's secret"}.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Any | TokenError]
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
    client: AuthenticatedClient | Client,
    body: PresentedToken,
) -> Any | TokenError | None:
    """Revoke an access token

     RFC 7009. The token is refused from now on by this server, and within five seconds by all others. A
    client can revoke its own tokens. A token that is not good anyway is answered with 200 too.

    Args:
        body (PresentedToken): A token that a client asks about (RFC 7009 §2.1, RFC 7662 §2.1).
            The client authenticates as at the token
            endpoint. Example: {'token': 'eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJFUzI1NiJ9…',
            'token_type_hint': 'access_token', 'client_id': '019308d4-6e65-7cc0-b5c5-2a0d8f1e4b11',
            'client_secret': "the client's secret"}.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Any | TokenError
    """

    return sync_detailed(
        client=client,
        body=body,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient | Client,
    body: PresentedToken,
) -> Response[Any | TokenError]:
    """Revoke an access token

     RFC 7009. The token is refused from now on by this server, and within five seconds by all others. A
    client can revoke its own tokens. A token that is not good anyway is answered with 200 too.

    Args:
        body (PresentedToken): A token that a client asks about (RFC 7009 §2.1, RFC 7662 §2.1).
            The client authenticates as at the token
            endpoint. Example: {'token': 'eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJFUzI1NiJ9…',
            'token_type_hint': 'access_token', 'client_id': '019308d4-6e65-7cc0-b5c5-2a0d8f1e4b11',
            'client_secret': "the client's secret"}.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Any | TokenError]
    """

    kwargs = _get_kwargs(
        body=body,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient | Client,
    body: PresentedToken,
) -> Any | TokenError | None:
    """Revoke an access token

     RFC 7009. The token is refused from now on by this server, and within five seconds by all others. A
    client can revoke its own tokens. A token that is not good anyway is answered with 200 too.

    Args:
        body (PresentedToken): A token that a client asks about (RFC 7009 §2.1, RFC 7662 §2.1).
            The client authenticates as at the token
            endpoint. Example: {'token': 'eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJFUzI1NiJ9…',
            'token_type_hint': 'access_token', 'client_id': '019308d4-6e65-7cc0-b5c5-2a0d8f1e4b11',
            'client_secret': "the client's secret"}.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Any | TokenError
    """

    return (
        await asyncio_detailed(
            client=client,
            body=body,
        )
    ).parsed
