"""Health and metrics of the server.

Made from openapi/openapi.json by `make clients`. Do not edit: `make test` compares."""

from __future__ import annotations

from agentdata_client import models

from .._call import (
    Call,
)
from .._sender import AsyncSender, Sender


class Server:
    """Health and metrics of the server."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    def get_health(
        self,
    ) -> models.Health:
        """Check that the server lives.

        Answers as long as the process serves at all; it does not ask the database.

        Raises:
            ApiError: 400, 500.
        """
        call = Call("GET", "/healthz", safe=True, authorized=False)
        return self._sender.request(call, models.Health.from_dict)

    def get_readiness(
        self,
    ) -> models.Health:
        """Check that the server is ready.

        Ready means that the database answers and the server is not stopping.

        Raises:
            ApiError: 503.
        """
        call = Call("GET", "/readyz", safe=True, authorized=False)
        return self._sender.request(call, models.Health.from_dict)

    def get_metrics(
        self,
    ) -> str:
        """Get the server's metrics.

        For Prometheus, which gets its token by itself with the `oauth2` section of its scrape
        configuration. The server can be set to serve them without a token.

        Raises:
            ApiError: 400, 401, 403, 429, 500, 503, 504.
        """
        call = Call("GET", "/metrics", safe=True)
        return self._sender.request_text(call)


class AsyncServer:
    """Health and metrics of the server."""

    def __init__(self, sender: AsyncSender) -> None:
        self._sender = sender

    async def get_health(
        self,
    ) -> models.Health:
        """Check that the server lives.

        Answers as long as the process serves at all; it does not ask the database.

        Raises:
            ApiError: 400, 500.
        """
        call = Call("GET", "/healthz", safe=True, authorized=False)
        return await self._sender.request(call, models.Health.from_dict)

    async def get_readiness(
        self,
    ) -> models.Health:
        """Check that the server is ready.

        Ready means that the database answers and the server is not stopping.

        Raises:
            ApiError: 503.
        """
        call = Call("GET", "/readyz", safe=True, authorized=False)
        return await self._sender.request(call, models.Health.from_dict)

    async def get_metrics(
        self,
    ) -> str:
        """Get the server's metrics.

        For Prometheus, which gets its token by itself with the `oauth2` section of its scrape
        configuration. The server can be set to serve them without a token.

        Raises:
            ApiError: 400, 401, 403, 429, 500, 503, 504.
        """
        call = Call("GET", "/metrics", safe=True)
        return await self._sender.request_text(call)
