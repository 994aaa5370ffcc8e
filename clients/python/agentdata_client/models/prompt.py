from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field
from dateutil.parser import isoparse

from ..models.prompt_type import PromptType, check_prompt_type

if TYPE_CHECKING:
    from ..models.prompt_config import PromptConfig
    from ..models.prompt_message import PromptMessage


T = TypeVar("T", bound="Prompt")


@_attrs_define
class Prompt:
    r"""A version of an agent's prompt. It never changes; which labels sit on it is told by the
    operations on labels.

        Example:
            {'agent_id': '019308d4-6e65-7cc0-b5c5-2a0d8f1e4b11', 'version': 3, 'type': 'text', 'template': 'Say in one word
                how urgent this mail to the makers of {{ product }} is.\n\n{{ mail }}', 'messages': None, 'config': {'model':
                'claude-opus-4-5', 'temperature': 0.2}, 'variables': ['mail', 'product'], 'description': 'Asks for one word.',
                'content_hash': 'd5ad084838f3541c7102fad215c9c1ce8f1484377ee298345faf2f07d23418fc', 'identical_to_previous':
                False, 'created_by': '019308d4-6e65-7cc0-b5c5-2a0d8f1e4b12', 'created_at': '2026-11-25T09:30:00.123456Z'}

        Attributes:
            agent_id (UUID): Id of the agent.
            version (int): Its number: 1 for the agent's first, one more for each that follows. Its `ETag`.
            type_ (PromptType): What a prompt is made of.
            template (None | str): The template of a text; null for a chat.
            messages (list[PromptMessage] | None): The messages of a chat; null for a text.
            config (PromptConfig): What goes with it: model, temperature and the like.
            variables (list[str]): The variables that it uses: those of its templates and its placeholders, in order of
                their
                names.
            description (None | str): What is new in this version, in words.
            content_hash (str): SHA-256, in lower-case hexadecimal digits, of the compact JSON text of an object of
                `config`,
                `type` and either `template` or `messages`: the keys of all objects in order of their code
                points, no white space, only what RFC 8259 demands escaped, numbers as they stand in
                `config`.
            identical_to_previous (bool): Whether its content is that of the version before it: both have one
                `content_hash`.
            created_by (UUID): Id of the client that wrote it.
            created_at (datetime.datetime): When it was written.
    """

    agent_id: UUID
    version: int
    type_: PromptType
    template: None | str
    messages: list[PromptMessage] | None
    config: PromptConfig
    variables: list[str]
    description: None | str
    content_hash: str
    identical_to_previous: bool
    created_by: UUID
    created_at: datetime.datetime
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        agent_id = str(self.agent_id)

        version = self.version

        type_: str = self.type_

        template: None | str
        template = self.template

        messages: list[dict[str, Any]] | None
        if isinstance(self.messages, list):
            messages = []
            for messages_type_0_item_data in self.messages:
                messages_type_0_item = messages_type_0_item_data.to_dict()
                messages.append(messages_type_0_item)

        else:
            messages = self.messages

        config = self.config.to_dict()

        variables = self.variables

        description: None | str
        description = self.description

        content_hash = self.content_hash

        identical_to_previous = self.identical_to_previous

        created_by = str(self.created_by)

        created_at = self.created_at.isoformat()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "agent_id": agent_id,
                "version": version,
                "type": type_,
                "template": template,
                "messages": messages,
                "config": config,
                "variables": variables,
                "description": description,
                "content_hash": content_hash,
                "identical_to_previous": identical_to_previous,
                "created_by": created_by,
                "created_at": created_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.prompt_config import PromptConfig
        from ..models.prompt_message import PromptMessage

        d = dict(src_dict)
        agent_id = UUID(d.pop("agent_id"))

        version = d.pop("version")

        type_ = check_prompt_type(d.pop("type"))

        def _parse_template(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        template = _parse_template(d.pop("template"))

        def _parse_messages(data: object) -> list[PromptMessage] | None:
            if data is None:
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
            return cast(list[PromptMessage] | None, data)

        messages = _parse_messages(d.pop("messages"))

        config = PromptConfig.from_dict(d.pop("config"))

        variables = cast(list[str], d.pop("variables"))

        def _parse_description(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        description = _parse_description(d.pop("description"))

        content_hash = d.pop("content_hash")

        identical_to_previous = d.pop("identical_to_previous")

        created_by = UUID(d.pop("created_by"))

        created_at = isoparse(d.pop("created_at"))

        prompt = cls(
            agent_id=agent_id,
            version=version,
            type_=type_,
            template=template,
            messages=messages,
            config=config,
            variables=variables,
            description=description,
            content_hash=content_hash,
            identical_to_previous=identical_to_previous,
            created_by=created_by,
            created_at=created_at,
        )

        prompt.additional_properties = d
        return prompt

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
