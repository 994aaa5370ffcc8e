from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.set_config_schema_type_0 import SetConfigSchemaType0


T = TypeVar("T", bound="SetConfig")


@_attrs_define
class SetConfig:
    """What a key shall hold.

    Example:
        {'key': 'retry.policy', 'value': {'attempts': 3, 'backoff_seconds': 1.5}, 'description': 'How often calls to
            tools are tried.', 'schema': {'properties': {'attempts': {'type': 'integer', 'minimum': 1}}, 'required':
            ['attempts']}, 'secret': False}

    Attributes:
        key (str): The key.
        value (Any): Any JSON, null included; at most 256 KiB of compact JSON.
        description (None | str | Unset): What it is for, in words; null for nothing. Absent: as before.
        schema (None | SetConfigSchemaType0 | Unset): A JSON Schema (2020-12) that this and later values must fit; null
            for none. Absent: as
            before. At most 64 KiB of compact JSON. It may refer to places in itself only (`"$ref":
            "#/$defs/port"`), and not in a circle.
        secret (bool | None | Unset): Whether the value is to be encrypted in the database and shown to tokens with the
            scope
            `configs:secrets` only. Absent or null: as before, and false for a new key.
    """

    key: str
    value: Any
    description: None | str | Unset = UNSET
    schema: None | SetConfigSchemaType0 | Unset = UNSET
    secret: bool | None | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        from ..models.set_config_schema_type_0 import SetConfigSchemaType0

        key = self.key

        value = self.value

        description: None | str | Unset
        if isinstance(self.description, Unset):
            description = UNSET
        else:
            description = self.description

        schema: dict[str, Any] | None | Unset
        if isinstance(self.schema, Unset):
            schema = UNSET
        elif isinstance(self.schema, SetConfigSchemaType0):
            schema = self.schema.to_dict()
        else:
            schema = self.schema

        secret: bool | None | Unset
        if isinstance(self.secret, Unset):
            secret = UNSET
        else:
            secret = self.secret

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "key": key,
                "value": value,
            }
        )
        if description is not UNSET:
            field_dict["description"] = description
        if schema is not UNSET:
            field_dict["schema"] = schema
        if secret is not UNSET:
            field_dict["secret"] = secret

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.set_config_schema_type_0 import SetConfigSchemaType0

        d = dict(src_dict)
        key = d.pop("key")

        value = d.pop("value")

        def _parse_description(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        description = _parse_description(d.pop("description", UNSET))

        def _parse_schema(data: object) -> None | SetConfigSchemaType0 | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                schema_type_0 = SetConfigSchemaType0.from_dict(data)

                return schema_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | SetConfigSchemaType0 | Unset, data)

        schema = _parse_schema(d.pop("schema", UNSET))

        def _parse_secret(data: object) -> bool | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(bool | None | Unset, data)

        secret = _parse_secret(d.pop("secret", UNSET))

        set_config = cls(
            key=key,
            value=value,
            description=description,
            schema=schema,
            secret=secret,
        )

        return set_config
