from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field
from dateutil.parser import isoparse

if TYPE_CHECKING:
    from ..models.config_schema_type_0 import ConfigSchemaType0


T = TypeVar("T", bound="Config")


@_attrs_define
class Config:
    """A config: what a key holds.

    Example:
        {'key': 'retry.policy', 'value': {'attempts': 3, 'backoff_seconds': 1.5}, 'masked': False, 'description': 'How
            often calls to tools are tried.', 'schema': {'properties': {'attempts': {'type': 'integer', 'minimum': 1}},
            'required': ['attempts']}, 'secret': False, 'version': 2, 'created_at': '2026-11-23T09:30:00.123456Z',
            'updated_at': '2026-11-24T16:05:11.000042Z', 'updated_by': '019308d4-6e65-7cc0-b5c5-2a0d8f1e4b11'}

    Attributes:
        key (str): Its key, unique in the agent.
        value (Any): Any JSON; null when `masked`.
        masked (bool): Whether the value is a secret that the access token may not read: that needs the scope
            `configs:secrets`.
        description (None | str): What it is for, in words.
        schema (ConfigSchemaType0 | None): The JSON Schema (2020-12) that its values must fit.
        secret (bool): Whether its value is encrypted in the database and masked for most readers.
        version (int): The number of this version: 1 when the key was first set, one more with each change. Its
            `ETag`.
        created_at (datetime.datetime): When the key was first set, be it deleted since or not.
        updated_at (datetime.datetime): When this version was made.
        updated_by (UUID): Id of the client that made this version.
    """

    key: str
    value: Any
    masked: bool
    description: None | str
    schema: ConfigSchemaType0 | None
    secret: bool
    version: int
    created_at: datetime.datetime
    updated_at: datetime.datetime
    updated_by: UUID
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.config_schema_type_0 import ConfigSchemaType0

        key = self.key

        value = self.value

        masked = self.masked

        description: None | str
        description = self.description

        schema: dict[str, Any] | None
        if isinstance(self.schema, ConfigSchemaType0):
            schema = self.schema.to_dict()
        else:
            schema = self.schema

        secret = self.secret

        version = self.version

        created_at = self.created_at.isoformat()

        updated_at = self.updated_at.isoformat()

        updated_by = str(self.updated_by)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "key": key,
                "value": value,
                "masked": masked,
                "description": description,
                "schema": schema,
                "secret": secret,
                "version": version,
                "created_at": created_at,
                "updated_at": updated_at,
                "updated_by": updated_by,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.config_schema_type_0 import ConfigSchemaType0

        d = dict(src_dict)
        key = d.pop("key")

        value = d.pop("value")

        masked = d.pop("masked")

        def _parse_description(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        description = _parse_description(d.pop("description"))

        def _parse_schema(data: object) -> ConfigSchemaType0 | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                schema_type_0 = ConfigSchemaType0.from_dict(data)

                return schema_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(ConfigSchemaType0 | None, data)

        schema = _parse_schema(d.pop("schema"))

        secret = d.pop("secret")

        version = d.pop("version")

        created_at = isoparse(d.pop("created_at"))

        updated_at = isoparse(d.pop("updated_at"))

        updated_by = UUID(d.pop("updated_by"))

        config = cls(
            key=key,
            value=value,
            masked=masked,
            description=description,
            schema=schema,
            secret=secret,
            version=version,
            created_at=created_at,
            updated_at=updated_at,
            updated_by=updated_by,
        )

        config.additional_properties = d
        return config

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
