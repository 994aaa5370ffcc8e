"""Access tokens, and the clients that may ask for them (OAuth 2.0).

Made from openapi/openapi.json by `make clients`. Do not edit: `make test` compares."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from agentdata_client import models

from .._call import (
    UNSET,
    Call,
    Unset,
    form_body,
    json_body,
    path,
)
from .._pages import AsyncPages, Pages
from .._sender import AsyncSender, Sender


class Auth:
    """Access tokens, and the clients that may ask for them (OAuth 2.0)."""

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
            ApiError: 400, 401, 404, 429, 503.
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

    def revoke_token(
        self,
        *,
        token: str | Unset = UNSET,
        token_type_hint: str | Unset = UNSET,
        client_id: str | Unset = UNSET,
        client_secret: str | Unset = UNSET,
    ) -> None:
        """Revoke an access token.

        RFC 7009. The token is refused from now on by this server, and within five seconds by all others. A
        client can revoke its own tokens. A token that is not good anyway is answered with 200 too.

        Args:
            token: The token.
            token_type_hint: What kind of token the client takes it for. There are access tokens only, so it changes
                nothing.
            client_id: The client's id, when it does not authenticate with HTTP Basic.
            client_secret: The client's secret, when it does not authenticate with HTTP Basic.

        Raises:
            ApiError: 400, 401, 404, 429, 503.
        """
        call = Call(
            "POST",
            "/oauth/revoke",
            headers={"Content-Type": "application/x-www-form-urlencoded"},
            content=form_body(
                {
                    "token": token,
                    "token_type_hint": token_type_hint,
                    "client_id": client_id,
                    "client_secret": client_secret,
                }
            ),
            safe=True,
            authorized=False,
        )
        self._sender.request_nothing(call)

    def introspect_token(
        self,
        *,
        token: str | Unset = UNSET,
        token_type_hint: str | Unset = UNSET,
        client_id: str | Unset = UNSET,
        client_secret: str | Unset = UNSET,
    ) -> models.Introspection:
        """Introspect an access token.

        RFC 7662, for services that take tokens of this server and do not verify them themselves. A client
        is told about tokens of its own tenant; of any other token, whatever is wrong with it, only that it is
        not active.

        Args:
            token: The token.
            token_type_hint: What kind of token the client takes it for. There are access tokens only, so it changes
                nothing.
            client_id: The client's id, when it does not authenticate with HTTP Basic.
            client_secret: The client's secret, when it does not authenticate with HTTP Basic.

        Raises:
            ApiError: 400, 401, 404, 429, 503.
        """
        call = Call(
            "POST",
            "/oauth/introspect",
            headers={"Content-Type": "application/x-www-form-urlencoded"},
            content=form_body(
                {
                    "token": token,
                    "token_type_hint": token_type_hint,
                    "client_id": client_id,
                    "client_secret": client_secret,
                }
            ),
            safe=True,
            authorized=False,
        )
        return self._sender.request(call, models.Introspection.from_dict)

    def get_jwks(
        self,
    ) -> models.JwkSet:
        """Get the public keys of the access tokens.

        A JWK Set (RFC 7517) for those who verify our tokens themselves.

        Raises:
            ApiError: 400, 404, 500.
        """
        call = Call("GET", "/oauth/jwks", safe=True, authorized=False)
        return self._sender.request(call, models.JwkSet.from_dict)

    def get_oauth_metadata(
        self,
    ) -> models.AuthorizationServerMetadata:
        """Get what the authorization server offers.

        Authorization server metadata (RFC 8414).

        Raises:
            ApiError: 400, 404, 500.
        """
        call = Call("GET", "/.well-known/oauth-authorization-server", safe=True, authorized=False)
        return self._sender.request(call, models.AuthorizationServerMetadata.from_dict)

    def get_protected_resource_metadata(
        self,
    ) -> models.ProtectedResourceMetadata:
        """Get whose tokens this server takes.

        Protected resource metadata (RFC 9728). The answer 401 names their URL.

        Raises:
            ApiError: 400, 500.
        """
        call = Call("GET", "/.well-known/oauth-protected-resource", safe=True, authorized=False)
        return self._sender.request(call, models.ProtectedResourceMetadata.from_dict)

    def list_oauth_clients(
        self,
        *,
        page_size: int | Unset = UNSET,
        cursor: str | Unset = UNSET,
    ) -> Pages[models.OauthClient]:
        """List clients.

        Those of the caller's tenant, by name. Secrets are not shown.

        Args:
            page_size: The most items on a page. Default: 100.
            cursor: Where the page begins: the `next_cursor` of the page before.

        Raises, when it is iterated over:
            ApiError: 400, 401, 403, 422, 429, 500, 503, 504.
        """
        call = Call("GET", "/oauth/clients", query={"limit": page_size, "cursor": cursor}, safe=True)
        return Pages(self._sender, call, models.OauthClientPage.from_dict)

    def create_oauth_client(
        self,
        *,
        name: str,
        scopes: Sequence[models.Scope],
    ) -> models.OauthClientSecret:
        """Create a client.

        It may ask for access tokens of the given scopes, for the caller's tenant. The answer has its secret,
        which is stored as a hash only: a resend cannot have it again, so there is no `Idempotency-Key` here,
        and a client whose answer was lost is deleted or given a new secret.

        Args:
            name: Its name, unique in the tenant.
            scopes: The scopes that it may ask for.

        Raises:
            ApiError: 400, 401, 403, 404, 408, 409, 413, 415, 422, 429, 500, 503, 504.
        """
        call = Call(
            "POST",
            "/oauth/clients",
            headers={"Content-Type": "application/json"},
            content=json_body({"name": name, "scopes": scopes}),
        )
        return self._sender.request(call, models.OauthClientSecret.from_dict)

    def get_oauth_client(
        self,
        client_id: UUID | str,
    ) -> models.OauthClient:
        """Get a client.

        One of the caller's tenant. Its secret is not shown.

        Args:
            client_id: Id of the client.

        Raises:
            ApiError: 400, 401, 403, 404, 422, 429, 500, 503, 504.
        """
        call = Call("GET", path("/oauth/clients/{}", client_id), safe=True)
        return self._sender.request(call, models.OauthClient.from_dict)

    def delete_oauth_client(
        self,
        client_id: UUID | str,
    ) -> None:
        """Delete a client.

        Its tokens end with it.

        Args:
            client_id: Id of the client.

        Raises:
            ApiError: 400, 401, 403, 404, 422, 429, 500, 503, 504.
        """
        call = Call("DELETE", path("/oauth/clients/{}", client_id), safe=True)
        self._sender.request_nothing(call)

    def rotate_oauth_client_secret(
        self,
        client_id: UUID | str,
        *,
        overlap_seconds: int | Unset = UNSET,
    ) -> models.OauthClientSecret:
        """Give a client a new secret.

        The present one stays good for as long as is asked. Tokens that were issued are not touched.

        Args:
            client_id: Id of the client.
            overlap_seconds: Seconds that the present secret stays good, so that programs can be given the new one
                one after the other. At 0 it is refused at once, as when it has leaked. Of two rotations within the
                time the secret before both is refused. Default: 86400.

        Raises:
            ApiError: 400, 401, 403, 404, 408, 413, 415, 422, 429, 500, 503, 504.
        """
        call = Call(
            "POST",
            path("/oauth/clients/{}/secret", client_id),
            headers={"Content-Type": "application/json"},
            content=json_body({"overlap_seconds": overlap_seconds}),
        )
        return self._sender.request(call, models.OauthClientSecret.from_dict)


class AsyncAuth:
    """Access tokens, and the clients that may ask for them (OAuth 2.0)."""

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
            ApiError: 400, 401, 404, 429, 503.
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

    async def revoke_token(
        self,
        *,
        token: str | Unset = UNSET,
        token_type_hint: str | Unset = UNSET,
        client_id: str | Unset = UNSET,
        client_secret: str | Unset = UNSET,
    ) -> None:
        """Revoke an access token.

        RFC 7009. The token is refused from now on by this server, and within five seconds by all others. A
        client can revoke its own tokens. A token that is not good anyway is answered with 200 too.

        Args:
            token: The token.
            token_type_hint: What kind of token the client takes it for. There are access tokens only, so it changes
                nothing.
            client_id: The client's id, when it does not authenticate with HTTP Basic.
            client_secret: The client's secret, when it does not authenticate with HTTP Basic.

        Raises:
            ApiError: 400, 401, 404, 429, 503.
        """
        call = Call(
            "POST",
            "/oauth/revoke",
            headers={"Content-Type": "application/x-www-form-urlencoded"},
            content=form_body(
                {
                    "token": token,
                    "token_type_hint": token_type_hint,
                    "client_id": client_id,
                    "client_secret": client_secret,
                }
            ),
            safe=True,
            authorized=False,
        )
        await self._sender.request_nothing(call)

    async def introspect_token(
        self,
        *,
        token: str | Unset = UNSET,
        token_type_hint: str | Unset = UNSET,
        client_id: str | Unset = UNSET,
        client_secret: str | Unset = UNSET,
    ) -> models.Introspection:
        """Introspect an access token.

        RFC 7662, for services that take tokens of this server and do not verify them themselves. A client
        is told about tokens of its own tenant; of any other token, whatever is wrong with it, only that it is
        not active.

        Args:
            token: The token.
            token_type_hint: What kind of token the client takes it for. There are access tokens only, so it changes
                nothing.
            client_id: The client's id, when it does not authenticate with HTTP Basic.
            client_secret: The client's secret, when it does not authenticate with HTTP Basic.

        Raises:
            ApiError: 400, 401, 404, 429, 503.
        """
        call = Call(
            "POST",
            "/oauth/introspect",
            headers={"Content-Type": "application/x-www-form-urlencoded"},
            content=form_body(
                {
                    "token": token,
                    "token_type_hint": token_type_hint,
                    "client_id": client_id,
                    "client_secret": client_secret,
                }
            ),
            safe=True,
            authorized=False,
        )
        return await self._sender.request(call, models.Introspection.from_dict)

    async def get_jwks(
        self,
    ) -> models.JwkSet:
        """Get the public keys of the access tokens.

        A JWK Set (RFC 7517) for those who verify our tokens themselves.

        Raises:
            ApiError: 400, 404, 500.
        """
        call = Call("GET", "/oauth/jwks", safe=True, authorized=False)
        return await self._sender.request(call, models.JwkSet.from_dict)

    async def get_oauth_metadata(
        self,
    ) -> models.AuthorizationServerMetadata:
        """Get what the authorization server offers.

        Authorization server metadata (RFC 8414).

        Raises:
            ApiError: 400, 404, 500.
        """
        call = Call("GET", "/.well-known/oauth-authorization-server", safe=True, authorized=False)
        return await self._sender.request(call, models.AuthorizationServerMetadata.from_dict)

    async def get_protected_resource_metadata(
        self,
    ) -> models.ProtectedResourceMetadata:
        """Get whose tokens this server takes.

        Protected resource metadata (RFC 9728). The answer 401 names their URL.

        Raises:
            ApiError: 400, 500.
        """
        call = Call("GET", "/.well-known/oauth-protected-resource", safe=True, authorized=False)
        return await self._sender.request(call, models.ProtectedResourceMetadata.from_dict)

    def list_oauth_clients(
        self,
        *,
        page_size: int | Unset = UNSET,
        cursor: str | Unset = UNSET,
    ) -> AsyncPages[models.OauthClient]:
        """List clients.

        Those of the caller's tenant, by name. Secrets are not shown.

        Args:
            page_size: The most items on a page. Default: 100.
            cursor: Where the page begins: the `next_cursor` of the page before.

        Raises, when it is iterated over:
            ApiError: 400, 401, 403, 422, 429, 500, 503, 504.
        """
        call = Call("GET", "/oauth/clients", query={"limit": page_size, "cursor": cursor}, safe=True)
        return AsyncPages(self._sender, call, models.OauthClientPage.from_dict)

    async def create_oauth_client(
        self,
        *,
        name: str,
        scopes: Sequence[models.Scope],
    ) -> models.OauthClientSecret:
        """Create a client.

        It may ask for access tokens of the given scopes, for the caller's tenant. The answer has its secret,
        which is stored as a hash only: a resend cannot have it again, so there is no `Idempotency-Key` here,
        and a client whose answer was lost is deleted or given a new secret.

        Args:
            name: Its name, unique in the tenant.
            scopes: The scopes that it may ask for.

        Raises:
            ApiError: 400, 401, 403, 404, 408, 409, 413, 415, 422, 429, 500, 503, 504.
        """
        call = Call(
            "POST",
            "/oauth/clients",
            headers={"Content-Type": "application/json"},
            content=json_body({"name": name, "scopes": scopes}),
        )
        return await self._sender.request(call, models.OauthClientSecret.from_dict)

    async def get_oauth_client(
        self,
        client_id: UUID | str,
    ) -> models.OauthClient:
        """Get a client.

        One of the caller's tenant. Its secret is not shown.

        Args:
            client_id: Id of the client.

        Raises:
            ApiError: 400, 401, 403, 404, 422, 429, 500, 503, 504.
        """
        call = Call("GET", path("/oauth/clients/{}", client_id), safe=True)
        return await self._sender.request(call, models.OauthClient.from_dict)

    async def delete_oauth_client(
        self,
        client_id: UUID | str,
    ) -> None:
        """Delete a client.

        Its tokens end with it.

        Args:
            client_id: Id of the client.

        Raises:
            ApiError: 400, 401, 403, 404, 422, 429, 500, 503, 504.
        """
        call = Call("DELETE", path("/oauth/clients/{}", client_id), safe=True)
        await self._sender.request_nothing(call)

    async def rotate_oauth_client_secret(
        self,
        client_id: UUID | str,
        *,
        overlap_seconds: int | Unset = UNSET,
    ) -> models.OauthClientSecret:
        """Give a client a new secret.

        The present one stays good for as long as is asked. Tokens that were issued are not touched.

        Args:
            client_id: Id of the client.
            overlap_seconds: Seconds that the present secret stays good, so that programs can be given the new one
                one after the other. At 0 it is refused at once, as when it has leaked. Of two rotations within the
                time the secret before both is refused. Default: 86400.

        Raises:
            ApiError: 400, 401, 403, 404, 408, 413, 415, 422, 429, 500, 503, 504.
        """
        call = Call(
            "POST",
            path("/oauth/clients/{}/secret", client_id),
            headers={"Content-Type": "application/json"},
            content=json_body({"overlap_seconds": overlap_seconds}),
        )
        return await self._sender.request(call, models.OauthClientSecret.from_dict)
