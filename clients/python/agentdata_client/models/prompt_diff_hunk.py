from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.prompt_diff_line import PromptDiffLine


T = TypeVar("T", bound="PromptDiffHunk")


@_attrs_define
class PromptDiffHunk:
    """Lines that belong together, with changes among them.

    Attributes:
        old_start (int): The first of its lines in the other version, from 1; with no lines the one before.
        old_lines (int): How many lines of the other version it has.
        new_start (int): The first of its lines in the version, from 1; with no lines the one before.
        new_lines (int): How many lines of the version it has.
        lines (list[PromptDiffLine]): The lines.
    """

    old_start: int
    old_lines: int
    new_start: int
    new_lines: int
    lines: list[PromptDiffLine]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        old_start = self.old_start

        old_lines = self.old_lines

        new_start = self.new_start

        new_lines = self.new_lines

        lines = []
        for lines_item_data in self.lines:
            lines_item = lines_item_data.to_dict()
            lines.append(lines_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "old_start": old_start,
                "old_lines": old_lines,
                "new_start": new_start,
                "new_lines": new_lines,
                "lines": lines,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.prompt_diff_line import PromptDiffLine

        d = dict(src_dict)
        old_start = d.pop("old_start")

        old_lines = d.pop("old_lines")

        new_start = d.pop("new_start")

        new_lines = d.pop("new_lines")

        lines = []
        _lines = d.pop("lines")
        for lines_item_data in _lines:
            lines_item = PromptDiffLine.from_dict(lines_item_data)

            lines.append(lines_item)

        prompt_diff_hunk = cls(
            old_start=old_start,
            old_lines=old_lines,
            new_start=new_start,
            new_lines=new_lines,
            lines=lines,
        )

        prompt_diff_hunk.additional_properties = d
        return prompt_diff_hunk

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
