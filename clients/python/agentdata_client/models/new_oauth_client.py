from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

from ..models.scope import Scope, check_scope

T = TypeVar("T", bound="NewOauthClient")


@_attrs_define
class NewOauthClient:
    """A new client. Its tenant is that of who makes it.

    Example:
        {'name': 'ingest', 'scopes': ['logs:write', 'metrics:write']}

    Attributes:
        name (str): Its name, unique in the tenant.
        scopes (list[Scope]): The scopes that it may ask for.
    """

    name: str
    scopes: list[Scope]

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        scopes = []
        for scopes_item_data in self.scopes:
            scopes_item: str = scopes_item_data
            scopes.append(scopes_item)

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "name": name,
                "scopes": scopes,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        name = d.pop("name")

        scopes = []
        _scopes = d.pop("scopes")
        for scopes_item_data in _scopes:
            scopes_item = check_scope(scopes_item_data)

            scopes.append(scopes_item)

        new_oauth_client = cls(
            name=name,
            scopes=scopes,
        )

        return new_oauth_client
