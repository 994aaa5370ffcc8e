from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.prompt_diff_tag import PromptDiffTag, check_prompt_diff_tag

T = TypeVar("T", bound="PromptDiffLine")


@_attrs_define
class PromptDiffLine:
    """A line.

    Attributes:
        tag (PromptDiffTag): Who has a line.
        text (str): The line without its line feed.
    """

    tag: PromptDiffTag
    text: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        tag: str = self.tag

        text = self.text

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "tag": tag,
                "text": text,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        tag = check_prompt_diff_tag(d.pop("tag"))

        text = d.pop("text")

        prompt_diff_line = cls(
            tag=tag,
            text=text,
        )

        prompt_diff_line.additional_properties = d
        return prompt_diff_line

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
