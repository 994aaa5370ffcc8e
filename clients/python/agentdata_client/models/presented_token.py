from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="PresentedToken")


@_attrs_define
class PresentedToken:
    """A token that a client asks about (RFC 7009 §2.1, RFC 7662 §2.1). The client authenticates as at the token
    endpoint.

        Example:
            {'token': 'eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJFUzI1NiJ9…', 'token_type_hint': 'access_token', 'client_id':
                '019308d4-6e65-7cc0-b5c5-2a0d8f1e4b11', 'client_secret': "the client's secret"}

        Attributes:
            token (str | Unset): The token. Example: eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJFUzI1NiJ9….
            token_type_hint (str | Unset): What kind of token the client takes it for. There are access tokens only, so it
                changes nothing. Example: access_token.
            client_id (str | Unset): The client's id, when it does not authenticate with HTTP Basic. Example:
                019308d4-6e65-7cc0-b5c5-2a0d8f1e4b11.
            client_secret (str | Unset): The client's secret, when it does not authenticate with HTTP Basic. Example: the
                client's secret.
    """

    token: str | Unset = UNSET
    token_type_hint: str | Unset = UNSET
    client_id: str | Unset = UNSET
    client_secret: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        token = self.token

        token_type_hint = self.token_type_hint

        client_id = self.client_id

        client_secret = self.client_secret

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if token is not UNSET:
            field_dict["token"] = token
        if token_type_hint is not UNSET:
            field_dict["token_type_hint"] = token_type_hint
        if client_id is not UNSET:
            field_dict["client_id"] = client_id
        if client_secret is not UNSET:
            field_dict["client_secret"] = client_secret

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        token = d.pop("token", UNSET)

        token_type_hint = d.pop("token_type_hint", UNSET)

        client_id = d.pop("client_id", UNSET)

        client_secret = d.pop("client_secret", UNSET)

        presented_token = cls(
            token=token,
            token_type_hint=token_type_hint,
            client_id=client_id,
            client_secret=client_secret,
        )

        presented_token.additional_properties = d
        return presented_token

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
