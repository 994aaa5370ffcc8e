from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.oauth_client import OauthClient


T = TypeVar("T", bound="OauthClientSecret")


@_attrs_define
class OauthClientSecret:
    """A client and its new secret.

    Example:
        {'client': {'client_id': '019308d4-6e65-7cc0-b5c5-2a0d8f1e4b12', 'name': 'ingest', 'scopes': ['logs:write',
            'metrics:write'], 'tenant': 'default', 'created_at': '2026-11-23T09:30:00.123456Z', 'old_secret_until': None},
            'client_secret': 'kTz0…'}

    Attributes:
        client (OauthClient): A client of the built-in authorization server: a program that may ask for access tokens.
            Example: {'client_id': '019308d4-6e65-7cc0-b5c5-2a0d8f1e4b12', 'name': 'ingest', 'scopes': ['logs:write',
            'metrics:write'], 'tenant': 'default', 'created_at': '2026-11-23T09:30:00.123456Z', 'old_secret_until': None}.
        client_secret (str): The secret: 256 random bits. It is shown this once and not to be had again.
    """

    client: OauthClient
    client_secret: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        client = self.client.to_dict()

        client_secret = self.client_secret

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "client": client,
                "client_secret": client_secret,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.oauth_client import OauthClient

        d = dict(src_dict)
        client = OauthClient.from_dict(d.pop("client"))

        client_secret = d.pop("client_secret")

        oauth_client_secret = cls(
            client=client,
            client_secret=client_secret,
        )

        oauth_client_secret.additional_properties = d
        return oauth_client_secret

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
