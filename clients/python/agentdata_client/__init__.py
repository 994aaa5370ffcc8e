"""Generated from openapi/openapi.json by `make clients`. Do not edit: `make test` compares."""

from .client import AuthenticatedClient, Client

__all__ = (
    "AuthenticatedClient",
    "Client",
)
