from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field
from dateutil.parser import isoparse

from ..models.agent_status import AgentStatus, check_agent_status

if TYPE_CHECKING:
    from ..models.agent_metadata import AgentMetadata


T = TypeVar("T", bound="Agent")


@_attrs_define
class Agent:
    """An AI agent.

    Example:
        {'id': '019308d4-6e65-7cc0-b5c5-2a0d8f1e4b11', 'name': 'support-triage', 'description': 'Sorts incoming support
            mail by urgency.', 'status': 'active', 'model': 'claude-opus-4-5', 'tags': ['support', 'production'],
            'metadata': {'team': 'customer-care', 'on_call': True}, 'version': 1, 'created_at':
            '2026-11-23T09:30:00.123456Z', 'updated_at': '2026-11-23T09:30:00.123456Z'}

    Attributes:
        id (UUID): Its id.
        name (str): Its name, unique among the tenant's agents that are not deleted; compared byte by byte.
        description (None | str): What it does, in words.
        status (AgentStatus): Whether an agent is in use. It is for people and for filters: the server does not act on
            it.
        model (None | str): The model that it runs on, such as `claude-opus-4-5`; free text.
        tags (list[str]): A set of words to find it by.
        metadata (AgentMetadata): Whatever else belongs to it.
        version (int): How often it was written: 1 when created, one more with each change. Its `ETag`.
        created_at (datetime.datetime): When it was created.
        updated_at (datetime.datetime): When it was last changed.
    """

    id: UUID
    name: str
    description: None | str
    status: AgentStatus
    model: None | str
    tags: list[str]
    metadata: AgentMetadata
    version: int
    created_at: datetime.datetime
    updated_at: datetime.datetime
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id = str(self.id)

        name = self.name

        description: None | str
        description = self.description

        status: str = self.status

        model: None | str
        model = self.model

        tags = self.tags

        metadata = self.metadata.to_dict()

        version = self.version

        created_at = self.created_at.isoformat()

        updated_at = self.updated_at.isoformat()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "name": name,
                "description": description,
                "status": status,
                "model": model,
                "tags": tags,
                "metadata": metadata,
                "version": version,
                "created_at": created_at,
                "updated_at": updated_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.agent_metadata import AgentMetadata

        d = dict(src_dict)
        id = UUID(d.pop("id"))

        name = d.pop("name")

        def _parse_description(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        description = _parse_description(d.pop("description"))

        status = check_agent_status(d.pop("status"))

        def _parse_model(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        model = _parse_model(d.pop("model"))

        tags = cast(list[str], d.pop("tags"))

        metadata = AgentMetadata.from_dict(d.pop("metadata"))

        version = d.pop("version")

        created_at = isoparse(d.pop("created_at"))

        updated_at = isoparse(d.pop("updated_at"))

        agent = cls(
            id=id,
            name=name,
            description=description,
            status=status,
            model=model,
            tags=tags,
            metadata=metadata,
            version=version,
            created_at=created_at,
            updated_at=updated_at,
        )

        agent.additional_properties = d
        return agent

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
