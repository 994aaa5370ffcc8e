from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.prompt_type import PromptType, check_prompt_type

if TYPE_CHECKING:
    from ..models.rendered_message import RenderedMessage
    from ..models.rendered_prompt_config import RenderedPromptConfig


T = TypeVar("T", bound="RenderedPrompt")


@_attrs_define
class RenderedPrompt:
    r"""A version with its variables in place.

    Example:
        {'version': 3, 'content_hash': 'd5ad084838f3541c7102fad215c9c1ce8f1484377ee298345faf2f07d23418fc', 'type':
            'text', 'text': 'Say in one word how urgent this mail to the makers of agentdata is.\n\nIt does not start any
            more!', 'messages': None, 'config': {'model': 'claude-opus-4-5', 'temperature': 0.2}}

    Attributes:
        version (int): The version that was rendered.
        content_hash (str): Its `content_hash`.
        type_ (PromptType): What a prompt is made of.
        text (None | str): The text; null for a chat.
        messages (list[RenderedMessage] | None): The messages of a chat, the placeholders filled; null for a text.
        config (RenderedPromptConfig): What goes with it: model, temperature and the like.
    """

    version: int
    content_hash: str
    type_: PromptType
    text: None | str
    messages: list[RenderedMessage] | None
    config: RenderedPromptConfig
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        version = self.version

        content_hash = self.content_hash

        type_: str = self.type_

        text: None | str
        text = self.text

        messages: list[dict[str, Any]] | None
        if isinstance(self.messages, list):
            messages = []
            for messages_type_0_item_data in self.messages:
                messages_type_0_item = messages_type_0_item_data.to_dict()
                messages.append(messages_type_0_item)

        else:
            messages = self.messages

        config = self.config.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "version": version,
                "content_hash": content_hash,
                "type": type_,
                "text": text,
                "messages": messages,
                "config": config,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.rendered_message import RenderedMessage
        from ..models.rendered_prompt_config import RenderedPromptConfig

        d = dict(src_dict)
        version = d.pop("version")

        content_hash = d.pop("content_hash")

        type_ = check_prompt_type(d.pop("type"))

        def _parse_text(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        text = _parse_text(d.pop("text"))

        def _parse_messages(data: object) -> list[RenderedMessage] | None:
            if data is None:
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                messages_type_0 = []
                _messages_type_0 = data
                for messages_type_0_item_data in _messages_type_0:
                    messages_type_0_item = RenderedMessage.from_dict(messages_type_0_item_data)

                    messages_type_0.append(messages_type_0_item)

                return messages_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[RenderedMessage] | None, data)

        messages = _parse_messages(d.pop("messages"))

        config = RenderedPromptConfig.from_dict(d.pop("config"))

        rendered_prompt = cls(
            version=version,
            content_hash=content_hash,
            type_=type_,
            text=text,
            messages=messages,
            config=config,
        )

        rendered_prompt.additional_properties = d
        return rendered_prompt

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
