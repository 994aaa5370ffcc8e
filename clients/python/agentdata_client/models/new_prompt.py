from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

from ..models.prompt_type import PromptType, check_prompt_type
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.new_prompt_config import NewPromptConfig
    from ..models.prompt_message import PromptMessage


T = TypeVar("T", bound="NewPrompt")


@_attrs_define
class NewPrompt:
    r"""A new version of an agent's prompt.

    Example:
        {'type': 'text', 'template': 'Say in one word how urgent this mail to the makers of {{ product }} is.\n\n{{ mail
            }}', 'messages': None, 'config': {'model': 'claude-opus-4-5', 'temperature': 0.2}, 'description': 'Asks for one
            word.', 'labels': ['production'], 'parent_version': None}

    Attributes:
        type_ (PromptType): What a prompt is made of.
        template (None | str | Unset): The template of a text, in the syntax of MiniJinja as `render_prompt` describes
            it.
        messages (list[PromptMessage] | None | Unset): The messages of a chat. Each `content` is a template; together
            they may have 200,000
            characters.
        config (NewPromptConfig | Unset): What goes with it: model, temperature and the like; at most 64 KiB of compact
            JSON.
        description (None | str | Unset): What is new in this version, in words. Default: null.
        labels (list[str] | Unset): Labels to move to the new version at once. `latest` is always the newest version and
            not to
            be moved.
        parent_version (int | None | Unset): The version that the new one is made from; 0 means that there is none yet.
            When it is no
            longer the newest the answer is 409, so that two editors cannot overwrite each other unseen.
            Absent or null: whatever is the newest.
    """

    type_: PromptType
    template: None | str | Unset = UNSET
    messages: list[PromptMessage] | None | Unset = UNSET
    config: NewPromptConfig | Unset = UNSET
    description: None | str | Unset = UNSET
    labels: list[str] | Unset = UNSET
    parent_version: int | None | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        type_: str = self.type_

        template: None | str | Unset
        if isinstance(self.template, Unset):
            template = UNSET
        else:
            template = self.template

        messages: list[dict[str, Any]] | None | Unset
        if isinstance(self.messages, Unset):
            messages = UNSET
        elif isinstance(self.messages, list):
            messages = []
            for messages_type_0_item_data in self.messages:
                messages_type_0_item = messages_type_0_item_data.to_dict()
                messages.append(messages_type_0_item)

        else:
            messages = self.messages

        config: dict[str, Any] | Unset = UNSET
        if not isinstance(self.config, Unset):
            config = self.config.to_dict()

        description: None | str | Unset
        if isinstance(self.description, Unset):
            description = UNSET
        else:
            description = self.description

        labels: list[str] | Unset = UNSET
        if not isinstance(self.labels, Unset):
            labels = self.labels

        parent_version: int | None | Unset
        if isinstance(self.parent_version, Unset):
            parent_version = UNSET
        else:
            parent_version = self.parent_version

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "type": type_,
            }
        )
        if template is not UNSET:
            field_dict["template"] = template
        if messages is not UNSET:
            field_dict["messages"] = messages
        if config is not UNSET:
            field_dict["config"] = config
        if description is not UNSET:
            field_dict["description"] = description
        if labels is not UNSET:
            field_dict["labels"] = labels
        if parent_version is not UNSET:
            field_dict["parent_version"] = parent_version

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.new_prompt_config import NewPromptConfig
        from ..models.prompt_message import PromptMessage

        d = dict(src_dict)
        type_ = check_prompt_type(d.pop("type"))

        def _parse_template(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        template = _parse_template(d.pop("template", UNSET))

        def _parse_messages(data: object) -> list[PromptMessage] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                messages_type_0 = []
                _messages_type_0 = data
                for messages_type_0_item_data in _messages_type_0:
                    messages_type_0_item = PromptMessage.from_dict(messages_type_0_item_data)

                    messages_type_0.append(messages_type_0_item)

                return messages_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[PromptMessage] | None | Unset, data)

        messages = _parse_messages(d.pop("messages", UNSET))

        _config = d.pop("config", UNSET)
        config: NewPromptConfig | Unset
        if isinstance(_config, Unset):
            config = UNSET
        else:
            config = NewPromptConfig.from_dict(_config)

        def _parse_description(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        description = _parse_description(d.pop("description", UNSET))

        labels = cast(list[str], d.pop("labels", UNSET))

        def _parse_parent_version(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        parent_version = _parse_parent_version(d.pop("parent_version", UNSET))

        new_prompt = cls(
            type_=type_,
            template=template,
            messages=messages,
            config=config,
            description=description,
            labels=labels,
            parent_version=parent_version,
        )

        return new_prompt
