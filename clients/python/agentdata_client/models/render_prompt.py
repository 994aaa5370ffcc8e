from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.render_prompt_variables import RenderPromptVariables


T = TypeVar("T", bound="RenderPrompt")


@_attrs_define
class RenderPrompt:
    """A request to render a version.

    Example:
        {'variables': {'product': 'agentdata', 'mail': 'It does not start any more!'}}

    Attributes:
        variables (RenderPromptVariables | Unset): By name what the templates use, any JSON. For a placeholder a list of
            messages, each with
            `role` and `content`, which stand in the result as they are. What the prompt does not use is
            ignored.
    """

    variables: RenderPromptVariables | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        variables: dict[str, Any] | Unset = UNSET
        if not isinstance(self.variables, Unset):
            variables = self.variables.to_dict()

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if variables is not UNSET:
            field_dict["variables"] = variables

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.render_prompt_variables import RenderPromptVariables

        d = dict(src_dict)
        _variables = d.pop("variables", UNSET)
        variables: RenderPromptVariables | Unset
        if isinstance(_variables, Unset):
            variables = UNSET
        else:
            variables = RenderPromptVariables.from_dict(_variables)

        render_prompt = cls(
            variables=variables,
        )

        return render_prompt
