"""Access tokens (OAuth 2.0).

Made from openapi/openapi.json by `make clients`. Do not edit: `make test` compares."""

from __future__ import annotations

from agentdata_client import models

from .._call import (
    UNSET,
    Call,
    Unset,
    form_body,
)
from .._sender import AsyncSender, Sender


class Auth:
    """Access tokens (OAuth 2.0)."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    def issue_token(
        self,
        *,
        grant_type: str | Unset = UNSET,
        scope: str | Unset = UNSET,
        client_id: str | Unset = UNSET,
        client_secret: str | Unset = UNSET,
    ) -> models.TokenResponse:
        """Issue an access token.

        The `client_credentials` grant of RFC 6749 §4.4. Errors have the form of RFC 6749 §5.2.

        Args:
            grant_type: `client_credentials`.
            scope: The scopes wanted, separated by spaces; all that the client may have when absent.
            client_id: The client's id, when it does not authenticate with HTTP Basic.
            client_secret: The client's secret, when it does not authenticate with HTTP Basic.

        Raises:
            ApiError: 400, 401, 503.
        """
        call = Call(
            "POST",
            "/oauth/token",
            headers={"Content-Type": "application/x-www-form-urlencoded"},
            content=form_body(
                {"grant_type": grant_type, "scope": scope, "client_id": client_id, "client_secret": client_secret}
            ),
            safe=True,
            authorized=False,
        )
        return self._sender.request(call, models.TokenResponse.from_dict)

    def get_jwks(
        self,
    ) -> models.JwkSet:
        """Get the public keys of the access tokens.

        A JWK Set (RFC 7517) for those who verify our tokens themselves.

        Raises:
            ApiError: 400, 500.
        """
        call = Call("GET", "/oauth/jwks", safe=True, authorized=False)
        return self._sender.request(call, models.JwkSet.from_dict)

    def get_oauth_metadata(
        self,
    ) -> models.AuthorizationServerMetadata:
        """Get what the authorization server offers.

        Authorization server metadata (RFC 8414).

        Raises:
            ApiError: 400, 500.
        """
        call = Call("GET", "/.well-known/oauth-authorization-server", safe=True, authorized=False)
        return self._sender.request(call, models.AuthorizationServerMetadata.from_dict)


class AsyncAuth:
    """Access tokens (OAuth 2.0)."""

    def __init__(self, sender: AsyncSender) -> None:
        self._sender = sender

    async def issue_token(
        self,
        *,
        grant_type: str | Unset = UNSET,
        scope: str | Unset = UNSET,
        client_id: str | Unset = UNSET,
        client_secret: str | Unset = UNSET,
    ) -> models.TokenResponse:
        """Issue an access token.

        The `client_credentials` grant of RFC 6749 §4.4. Errors have the form of RFC 6749 §5.2.

        Args:
            grant_type: `client_credentials`.
            scope: The scopes wanted, separated by spaces; all that the client may have when absent.
            client_id: The client's id, when it does not authenticate with HTTP Basic.
            client_secret: The client's secret, when it does not authenticate with HTTP Basic.

        Raises:
            ApiError: 400, 401, 503.
        """
        call = Call(
            "POST",
            "/oauth/token",
            headers={"Content-Type": "application/x-www-form-urlencoded"},
            content=form_body(
                {"grant_type": grant_type, "scope": scope, "client_id": client_id, "client_secret": client_secret}
            ),
            safe=True,
            authorized=False,
        )
        return await self._sender.request(call, models.TokenResponse.from_dict)

    async def get_jwks(
        self,
    ) -> models.JwkSet:
        """Get the public keys of the access tokens.

        A JWK Set (RFC 7517) for those who verify our tokens themselves.

        Raises:
            ApiError: 400, 500.
        """
        call = Call("GET", "/oauth/jwks", safe=True, authorized=False)
        return await self._sender.request(call, models.JwkSet.from_dict)

    async def get_oauth_metadata(
        self,
    ) -> models.AuthorizationServerMetadata:
        """Get what the authorization server offers.

        Authorization server metadata (RFC 8414).

        Raises:
            ApiError: 400, 500.
        """
        call = Call("GET", "/.well-known/oauth-authorization-server", safe=True, authorized=False)
        return await self._sender.request(call, models.AuthorizationServerMetadata.from_dict)
