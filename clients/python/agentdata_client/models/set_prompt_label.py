from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="SetPromptLabel")


@_attrs_define
class SetPromptLabel:
    """Where a label shall sit.

    Example:
        {'version': 1}

    Attributes:
        version (int): A version of the agent's prompt.
    """

    version: int

    def to_dict(self) -> dict[str, Any]:
        version = self.version

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "version": version,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        version = d.pop("version")

        set_prompt_label = cls(
            version=version,
        )

        return set_prompt_label
