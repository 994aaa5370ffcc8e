from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.prompt_config_change import PromptConfigChange
    from ..models.prompt_diff_hunk import PromptDiffHunk


T = TypeVar("T", bound="PromptDiff")


@_attrs_define
class PromptDiff:
    """What one version has and another has not.

    Attributes:
        version (int): The version that is looked at.
        against (int | None): The version that it is compared with; null for the first version, which is compared with
            nothing.
        identical (bool): Whether both have the same content.
        unified (str): The differences of the versions' text form as a unified diff with three lines around each
            change; empty when they are identical.
        hunks (list[PromptDiffHunk]): The same, line by line. It ends after 20,000 lines.
        hunks_truncated (bool): Whether `hunks` ends before the differences do.
        config (list[PromptConfigChange]): The members of `config` that differ. Objects are compared member by member,
            anything else as
            a whole.
        variables_added (list[str]): Variables that only the version has.
        variables_removed (list[str]): Variables that only the other one has.
    """

    version: int
    against: int | None
    identical: bool
    unified: str
    hunks: list[PromptDiffHunk]
    hunks_truncated: bool
    config: list[PromptConfigChange]
    variables_added: list[str]
    variables_removed: list[str]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        version = self.version

        against: int | None
        against = self.against

        identical = self.identical

        unified = self.unified

        hunks = []
        for hunks_item_data in self.hunks:
            hunks_item = hunks_item_data.to_dict()
            hunks.append(hunks_item)

        hunks_truncated = self.hunks_truncated

        config = []
        for config_item_data in self.config:
            config_item = config_item_data.to_dict()
            config.append(config_item)

        variables_added = self.variables_added

        variables_removed = self.variables_removed

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "version": version,
                "against": against,
                "identical": identical,
                "unified": unified,
                "hunks": hunks,
                "hunks_truncated": hunks_truncated,
                "config": config,
                "variables_added": variables_added,
                "variables_removed": variables_removed,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.prompt_config_change import PromptConfigChange
        from ..models.prompt_diff_hunk import PromptDiffHunk

        d = dict(src_dict)
        version = d.pop("version")

        def _parse_against(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        against = _parse_against(d.pop("against"))

        identical = d.pop("identical")

        unified = d.pop("unified")

        hunks = []
        _hunks = d.pop("hunks")
        for hunks_item_data in _hunks:
            hunks_item = PromptDiffHunk.from_dict(hunks_item_data)

            hunks.append(hunks_item)

        hunks_truncated = d.pop("hunks_truncated")

        config = []
        _config = d.pop("config")
        for config_item_data in _config:
            config_item = PromptConfigChange.from_dict(config_item_data)

            config.append(config_item)

        variables_added = cast(list[str], d.pop("variables_added"))

        variables_removed = cast(list[str], d.pop("variables_removed"))

        prompt_diff = cls(
            version=version,
            against=against,
            identical=identical,
            unified=unified,
            hunks=hunks,
            hunks_truncated=hunks_truncated,
            config=config,
            variables_added=variables_added,
            variables_removed=variables_removed,
        )

        prompt_diff.additional_properties = d
        return prompt_diff

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
