from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field
from dateutil.parser import isoparse

T = TypeVar("T", bound="PromptLabelMove")


@_attrs_define
class PromptLabelMove:
    """A move of a label.

    Example:
        {'number': 2, 'version': 3, 'moved_at': '2026-11-25T09:30:00.123456Z', 'moved_by':
            '019308d4-6e65-7cc0-b5c5-2a0d8f1e4b12'}

    Attributes:
        number (int): Its number: 1 for the label's first move, one more for each that follows.
        version (int | None): The version to which it went; null when the label was deleted.
        moved_at (datetime.datetime): When.
        moved_by (UUID): Id of the client that moved it.
    """

    number: int
    version: int | None
    moved_at: datetime.datetime
    moved_by: UUID
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        number = self.number

        version: int | None
        version = self.version

        moved_at = self.moved_at.isoformat()

        moved_by = str(self.moved_by)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "number": number,
                "version": version,
                "moved_at": moved_at,
                "moved_by": moved_by,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        number = d.pop("number")

        def _parse_version(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        version = _parse_version(d.pop("version"))

        moved_at = isoparse(d.pop("moved_at"))

        moved_by = UUID(d.pop("moved_by"))

        prompt_label_move = cls(
            number=number,
            version=version,
            moved_at=moved_at,
            moved_by=moved_by,
        )

        prompt_label_move.additional_properties = d
        return prompt_label_move

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
