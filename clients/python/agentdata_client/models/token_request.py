from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="TokenRequest")


@_attrs_define
class TokenRequest:
    """A request for an access token (RFC 6749 §4.4.2). The client authenticates with HTTP Basic or
    with `client_id` and `client_secret` in the form, not both (RFC 6749 §2.3.1).

        Example:
            {'grant_type': 'client_credentials', 'scope': 'agents:read agents:write', 'client_id':
                '019308d4-6e65-7cc0-b5c5-2a0d8f1e4b11', 'client_secret': "the client's secret"}

        Attributes:
            grant_type (str | Unset): `client_credentials`. Example: client_credentials.
            scope (str | Unset): The scopes wanted, separated by spaces; all that the client may have when absent. Example:
                agents:read agents:write.
            client_id (str | Unset): The client's id, when it does not authenticate with HTTP Basic. Example:
                019308d4-6e65-7cc0-b5c5-2a0d8f1e4b11.
            client_secret (str | Unset): The client's secret, when it does not authenticate with HTTP Basic. Example: the
                client's secret.
    """

    grant_type: str | Unset = UNSET
    scope: str | Unset = UNSET
    client_id: str | Unset = UNSET
    client_secret: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        grant_type = self.grant_type

        scope = self.scope

        client_id = self.client_id

        client_secret = self.client_secret

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if grant_type is not UNSET:
            field_dict["grant_type"] = grant_type
        if scope is not UNSET:
            field_dict["scope"] = scope
        if client_id is not UNSET:
            field_dict["client_id"] = client_id
        if client_secret is not UNSET:
            field_dict["client_secret"] = client_secret

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        grant_type = d.pop("grant_type", UNSET)

        scope = d.pop("scope", UNSET)

        client_id = d.pop("client_id", UNSET)

        client_secret = d.pop("client_secret", UNSET)

        token_request = cls(
            grant_type=grant_type,
            scope=scope,
            client_id=client_id,
            client_secret=client_secret,
        )

        token_request.additional_properties = d
        return token_request

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
