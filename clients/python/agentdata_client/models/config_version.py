from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field
from dateutil.parser import isoparse

if TYPE_CHECKING:
    from ..models.config_version_schema_type_0 import ConfigVersionSchemaType0


T = TypeVar("T", bound="ConfigVersion")


@_attrs_define
class ConfigVersion:
    """A version of a config: one that it has now, or had.

    Attributes:
        key (str): The config's key.
        version (int): The number of the version.
        deleted (bool): Whether this version deleted the config; then it has no value.
        value (Any): Any JSON; null when `masked` or `deleted`.
        masked (bool): Whether the value is a secret that the access token may not read.
        description (None | str): What the config was for, in words.
        schema (ConfigVersionSchemaType0 | None): The JSON Schema that the value had to fit.
        secret (bool): Whether the value is a secret.
        changed_at (datetime.datetime): When the version was made.
        changed_by (UUID): Id of the client that made it.
    """

    key: str
    version: int
    deleted: bool
    value: Any
    masked: bool
    description: None | str
    schema: ConfigVersionSchemaType0 | None
    secret: bool
    changed_at: datetime.datetime
    changed_by: UUID
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.config_version_schema_type_0 import ConfigVersionSchemaType0

        key = self.key

        version = self.version

        deleted = self.deleted

        value = self.value

        masked = self.masked

        description: None | str
        description = self.description

        schema: dict[str, Any] | None
        if isinstance(self.schema, ConfigVersionSchemaType0):
            schema = self.schema.to_dict()
        else:
            schema = self.schema

        secret = self.secret

        changed_at = self.changed_at.isoformat()

        changed_by = str(self.changed_by)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "key": key,
                "version": version,
                "deleted": deleted,
                "value": value,
                "masked": masked,
                "description": description,
                "schema": schema,
                "secret": secret,
                "changed_at": changed_at,
                "changed_by": changed_by,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.config_version_schema_type_0 import ConfigVersionSchemaType0

        d = dict(src_dict)
        key = d.pop("key")

        version = d.pop("version")

        deleted = d.pop("deleted")

        value = d.pop("value")

        masked = d.pop("masked")

        def _parse_description(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        description = _parse_description(d.pop("description"))

        def _parse_schema(data: object) -> ConfigVersionSchemaType0 | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                schema_type_0 = ConfigVersionSchemaType0.from_dict(data)

                return schema_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(ConfigVersionSchemaType0 | None, data)

        schema = _parse_schema(d.pop("schema"))

        secret = d.pop("secret")

        changed_at = isoparse(d.pop("changed_at"))

        changed_by = UUID(d.pop("changed_by"))

        config_version = cls(
            key=key,
            version=version,
            deleted=deleted,
            value=value,
            masked=masked,
            description=description,
            schema=schema,
            secret=secret,
            changed_at=changed_at,
            changed_by=changed_by,
        )

        config_version.additional_properties = d
        return config_version

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
