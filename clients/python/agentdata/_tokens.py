"""The access token: where it comes from and how long it is good for."""

from __future__ import annotations

import time

from agentdata_client.models import TokenResponse

from ._call import UNSET, Call, form_body

# A token is given up so long before it expires that a request which is sent with it arrives in time.
_MARGIN_SECONDS = 30.0


class Tokens:
    """An access token, given ready or fetched with a client's credentials. The senders lock it."""

    def __init__(self, client_id: str | None, client_secret: str | None, scope: str | None, token: str | None) -> None:
        if (client_id is None) != (client_secret is None):
            raise ValueError("client_id and client_secret go together")
        if token is None and client_id is None:
            raise ValueError(
                "give client_id and client_secret, or a token, or set AGENTDATA_CLIENT_ID and "
                "AGENTDATA_CLIENT_SECRET, or AGENTDATA_TOKEN"
            )
        if token is not None and not (token.isascii() and token.isprintable() and " " not in token and token):
            # Not shown: it may be most of a secret.
            raise ValueError("the token has characters that no token has, such as a line break at its end")
        self.client_id = client_id
        self._secret = client_secret
        self._scope = scope
        self._token = token
        self._expires = float("inf")
        self._asked = 0.0

    def __repr__(self) -> str:
        return f"Tokens(client_id={self.client_id!r})"

    @property
    def renewable(self) -> bool:
        """Whether there are credentials to fetch another token with."""
        return self._secret is not None

    def usable(self, rejected: str | None) -> str | None:
        """The token, unless there is none that is good for a while, or it is the rejected one."""
        if self._token is None or self._token == rejected:
            return None
        return self._token if time.monotonic() < self._expires or not self.renewable else None

    def request(self) -> Call:
        """The request for a new token."""
        self._asked = time.monotonic()
        fields = {
            "grant_type": "client_credentials",
            "client_id": self.client_id or "",
            "client_secret": self._secret or "",
            "scope": UNSET if self._scope is None else self._scope,
        }
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return Call("POST", "/oauth/token", headers=headers, content=form_body(fields), safe=True, authorized=False)

    def store(self, answer: TokenResponse) -> str:
        """Keeps a new token, and returns it."""
        margin = min(_MARGIN_SECONDS, answer.expires_in / 2)
        self._token = answer.access_token
        self._expires = self._asked + answer.expires_in - margin
        return answer.access_token
