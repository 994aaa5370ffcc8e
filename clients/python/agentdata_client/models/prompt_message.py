from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..models.prompt_role import PromptRole, check_prompt_role
from ..types import UNSET, Unset

T = TypeVar("T", bound="PromptMessage")


@_attrs_define
class PromptMessage:
    """A part of a chat: either a message (`role` and `content`), or a `placeholder` for a list of
    messages.

        Example:
            {'role': 'user', 'content': '{{ question }}'}

        Attributes:
            role (None | PromptRole | Unset): Who speaks.
            content (None | str | Unset): What is said: a template. All messages together may have 200,000 characters.
            placeholder (None | str | Unset): Name of the variable whose messages stand here, such as the turns of the
                conversation so
                far.
    """

    role: None | PromptRole | Unset = UNSET
    content: None | str | Unset = UNSET
    placeholder: None | str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        role: None | str | Unset
        if isinstance(self.role, Unset):
            role = UNSET
        elif isinstance(self.role, str):
            role = self.role
        else:
            role = self.role

        content: None | str | Unset
        if isinstance(self.content, Unset):
            content = UNSET
        else:
            content = self.content

        placeholder: None | str | Unset
        if isinstance(self.placeholder, Unset):
            placeholder = UNSET
        else:
            placeholder = self.placeholder

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if role is not UNSET:
            field_dict["role"] = role
        if content is not UNSET:
            field_dict["content"] = content
        if placeholder is not UNSET:
            field_dict["placeholder"] = placeholder

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)

        def _parse_role(data: object) -> None | PromptRole | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                role_type_1 = check_prompt_role(data)

                return role_type_1
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | PromptRole | Unset, data)

        role = _parse_role(d.pop("role", UNSET))

        def _parse_content(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        content = _parse_content(d.pop("content", UNSET))

        def _parse_placeholder(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        placeholder = _parse_placeholder(d.pop("placeholder", UNSET))

        prompt_message = cls(
            role=role,
            content=content,
            placeholder=placeholder,
        )

        return prompt_message
