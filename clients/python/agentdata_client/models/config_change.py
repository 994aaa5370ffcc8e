from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field
from dateutil.parser import isoparse

T = TypeVar("T", bound="ConfigChange")


@_attrs_define
class ConfigChange:
    """A change of a config, as the stream of changes tells it.

    Attributes:
        change (int): The number of the change: 1 for the first of the agent's configs, one more with each. The id
            of the event.
        key (str): The config's key.
        version (int): The config's new version.
        deleted (bool): Whether the config was deleted.
        secret (bool): Whether its value is a secret.
        value (Any): Any JSON; null when the config was deleted, and of a secret, whatever the access token's
            scopes.
        updated_at (datetime.datetime): When it was changed.
        updated_by (UUID): Id of the client that changed it.
    """

    change: int
    key: str
    version: int
    deleted: bool
    secret: bool
    value: Any
    updated_at: datetime.datetime
    updated_by: UUID
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        change = self.change

        key = self.key

        version = self.version

        deleted = self.deleted

        secret = self.secret

        value = self.value

        updated_at = self.updated_at.isoformat()

        updated_by = str(self.updated_by)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "change": change,
                "key": key,
                "version": version,
                "deleted": deleted,
                "secret": secret,
                "value": value,
                "updated_at": updated_at,
                "updated_by": updated_by,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        change = d.pop("change")

        key = d.pop("key")

        version = d.pop("version")

        deleted = d.pop("deleted")

        secret = d.pop("secret")

        value = d.pop("value")

        updated_at = isoparse(d.pop("updated_at"))

        updated_by = UUID(d.pop("updated_by"))

        config_change = cls(
            change=change,
            key=key,
            version=version,
            deleted=deleted,
            secret=secret,
            value=value,
            updated_at=updated_at,
            updated_by=updated_by,
        )

        config_change.additional_properties = d
        return config_change

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
