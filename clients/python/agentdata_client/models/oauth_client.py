from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field
from dateutil.parser import isoparse

from ..models.scope import Scope, check_scope

T = TypeVar("T", bound="OauthClient")


@_attrs_define
class OauthClient:
    """A client of the built-in authorization server: a program that may ask for access tokens.

    Example:
        {'client_id': '019308d4-6e65-7cc0-b5c5-2a0d8f1e4b12', 'name': 'ingest', 'scopes': ['logs:write',
            'metrics:write'], 'tenant': 'default', 'created_at': '2026-11-23T09:30:00.123456Z', 'old_secret_until': None}

    Attributes:
        client_id (UUID): Its `client_id`.
        name (str): Its name, unique in its tenant.
        scopes (list[Scope]): The scopes that it may ask for.
        tenant (str): The tenant whose data its tokens open.
        created_at (datetime.datetime): When it was made.
        old_secret_until (datetime.datetime | None): Until when the secret before the present one is good, if it is.
    """

    client_id: UUID
    name: str
    scopes: list[Scope]
    tenant: str
    created_at: datetime.datetime
    old_secret_until: datetime.datetime | None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        client_id = str(self.client_id)

        name = self.name

        scopes = []
        for scopes_item_data in self.scopes:
            scopes_item: str = scopes_item_data
            scopes.append(scopes_item)

        tenant = self.tenant

        created_at = self.created_at.isoformat()

        old_secret_until: None | str
        if isinstance(self.old_secret_until, datetime.datetime):
            old_secret_until = self.old_secret_until.isoformat()
        else:
            old_secret_until = self.old_secret_until

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "client_id": client_id,
                "name": name,
                "scopes": scopes,
                "tenant": tenant,
                "created_at": created_at,
                "old_secret_until": old_secret_until,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        client_id = UUID(d.pop("client_id"))

        name = d.pop("name")

        scopes = []
        _scopes = d.pop("scopes")
        for scopes_item_data in _scopes:
            scopes_item = check_scope(scopes_item_data)

            scopes.append(scopes_item)

        tenant = d.pop("tenant")

        created_at = isoparse(d.pop("created_at"))

        def _parse_old_secret_until(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                old_secret_until_type_0 = isoparse(data)

                return old_secret_until_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        old_secret_until = _parse_old_secret_until(d.pop("old_secret_until"))

        oauth_client = cls(
            client_id=client_id,
            name=name,
            scopes=scopes,
            tenant=tenant,
            created_at=created_at,
            old_secret_until=old_secret_until,
        )

        oauth_client.additional_properties = d
        return oauth_client

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
