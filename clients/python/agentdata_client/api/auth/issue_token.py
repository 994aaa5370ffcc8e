from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.token_error import TokenError
from ...models.token_request import TokenRequest
from ...models.token_response import TokenResponse
from ...types import Response


def _get_kwargs(
    *,
    body: TokenRequest,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/oauth/token",
    }

    _kwargs["data"] = body.to_dict()

    headers["Content-Type"] = "application/x-www-form-urlencoded"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> TokenError | TokenResponse | None:
    if response.status_code == 200:
        response_200 = TokenResponse.from_dict(response.json())

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


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[TokenError | TokenResponse]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient | Client,
    body: TokenRequest,
) -> Response[TokenError | TokenResponse]:
    """Issue an access token

     The `client_credentials` grant of RFC 6749 §4.4. Errors have the form of RFC 6749 §5.2.

    Args:
        body (TokenRequest): A request for an access token (RFC 6749 §4.4.2). The client
            authenticates with HTTP Basic or
            with `client_id` and `client_secret` in the form, not both (RFC 6749 §2.3.1). Example:
            {'grant_type': 'client_credentials', 'scope': 'agents:read agents:write', 'client_id':
            '019308d4-6e65-7cc0-b5c5-2a0d8f1e4b11', 'client_secret': "the client's secret"}.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[TokenError | TokenResponse]
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
    body: TokenRequest,
) -> TokenError | TokenResponse | None:
    """Issue an access token

     The `client_credentials` grant of RFC 6749 §4.4. Errors have the form of RFC 6749 §5.2.

    Args:
        body (TokenRequest): A request for an access token (RFC 6749 §4.4.2). The client
            authenticates with HTTP Basic or
            with `client_id` and `client_secret` in the form, not both (RFC 6749 §2.3.1). Example:
            {'grant_type': 'client_credentials', 'scope': 'agents:read agents:write', 'client_id':
            '019308d4-6e65-7cc0-b5c5-2a0d8f1e4b11', 'client_secret': "the client's secret"}.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        TokenError | TokenResponse
    """

    return sync_detailed(
        client=client,
        body=body,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient | Client,
    body: TokenRequest,
) -> Response[TokenError | TokenResponse]:
    """Issue an access token

     The `client_credentials` grant of RFC 6749 §4.4. Errors have the form of RFC 6749 §5.2.

    Args:
        body (TokenRequest): A request for an access token (RFC 6749 §4.4.2). The client
            authenticates with HTTP Basic or
            with `client_id` and `client_secret` in the form, not both (RFC 6749 §2.3.1). Example:
            {'grant_type': 'client_credentials', 'scope': 'agents:read agents:write', 'client_id':
            '019308d4-6e65-7cc0-b5c5-2a0d8f1e4b11', 'client_secret': "the client's secret"}.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[TokenError | TokenResponse]
    """

    kwargs = _get_kwargs(
        body=body,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient | Client,
    body: TokenRequest,
) -> TokenError | TokenResponse | None:
    """Issue an access token

     The `client_credentials` grant of RFC 6749 §4.4. Errors have the form of RFC 6749 §5.2.

    Args:
        body (TokenRequest): A request for an access token (RFC 6749 §4.4.2). The client
            authenticates with HTTP Basic or
            with `client_id` and `client_secret` in the form, not both (RFC 6749 §2.3.1). Example:
            {'grant_type': 'client_credentials', 'scope': 'agents:read agents:write', 'client_id':
            '019308d4-6e65-7cc0-b5c5-2a0d8f1e4b11', 'client_secret': "the client's secret"}.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        TokenError | TokenResponse
    """

    return (
        await asyncio_detailed(
            client=client,
            body=body,
        )
    ).parsed
