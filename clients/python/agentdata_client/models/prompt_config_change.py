from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.prompt_config_change_kind import (
    PromptConfigChangeKind,
    check_prompt_config_change_kind,
)

T = TypeVar("T", bound="PromptConfigChange")


@_attrs_define
class PromptConfigChange:
    """A member of `config` that differs.

    Attributes:
        pointer (str): JSON Pointer (RFC 6901) to it in `config`.
        change (PromptConfigChangeKind): What happened to a member of `config`.
        old (Any): Its value in the other version; null when it is not there.
        new (Any): Its value in the version; null when it is not there.
    """

    pointer: str
    change: PromptConfigChangeKind
    old: Any
    new: Any
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        pointer = self.pointer

        change: str = self.change

        old = self.old

        new = self.new

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "pointer": pointer,
                "change": change,
                "old": old,
                "new": new,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        pointer = d.pop("pointer")

        change = check_prompt_config_change_kind(d.pop("change"))

        old = d.pop("old")

        new = d.pop("new")

        prompt_config_change = cls(
            pointer=pointer,
            change=change,
            old=old,
            new=new,
        )

        prompt_config_change.additional_properties = d
        return prompt_config_change

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
