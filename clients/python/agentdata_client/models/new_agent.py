from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define

from ..models.agent_status import AgentStatus, check_agent_status
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.new_agent_metadata import NewAgentMetadata


T = TypeVar("T", bound="NewAgent")


@_attrs_define
class NewAgent:
    """A new agent.

    Example:
        {'id': None, 'name': 'support-triage', 'description': 'Sorts incoming support mail by urgency.', 'status':
            'active', 'model': 'claude-opus-4-5', 'tags': ['support', 'production'], 'metadata': {'team': 'customer-care',
            'on_call': True}}

    Attributes:
        name (str): Its name, unique among the tenant's agents that are not deleted; compared byte by byte.
        id (None | Unset | UUID): Its id; the server makes a UUIDv7 when absent or null.
        description (None | str | Unset): What it does, in words. Default: null.
        status (AgentStatus | Unset): Whether an agent is in use. It is for people and for filters: the server does not
            act on it. Default: 'active'.
        model (None | str | Unset): The model that it runs on, such as `claude-opus-4-5`; free text. Default: null.
        tags (list[str] | Unset): A set of words to find it by, each of 1 to 100 characters.
        metadata (NewAgentMetadata | Unset): Whatever else belongs to it; at most 64 KiB of compact JSON.
    """

    name: str
    id: None | Unset | UUID = UNSET
    description: None | str | Unset = UNSET
    status: AgentStatus | Unset = "active"
    model: None | str | Unset = UNSET
    tags: list[str] | Unset = UNSET
    metadata: NewAgentMetadata | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        id: None | str | Unset
        if isinstance(self.id, Unset):
            id = UNSET
        elif isinstance(self.id, UUID):
            id = str(self.id)
        else:
            id = self.id

        description: None | str | Unset
        if isinstance(self.description, Unset):
            description = UNSET
        else:
            description = self.description

        status: str | Unset = UNSET
        if not isinstance(self.status, Unset):
            status = self.status

        model: None | str | Unset
        if isinstance(self.model, Unset):
            model = UNSET
        else:
            model = self.model

        tags: list[str] | Unset = UNSET
        if not isinstance(self.tags, Unset):
            tags = self.tags

        metadata: dict[str, Any] | Unset = UNSET
        if not isinstance(self.metadata, Unset):
            metadata = self.metadata.to_dict()

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "name": name,
            }
        )
        if id is not UNSET:
            field_dict["id"] = id
        if description is not UNSET:
            field_dict["description"] = description
        if status is not UNSET:
            field_dict["status"] = status
        if model is not UNSET:
            field_dict["model"] = model
        if tags is not UNSET:
            field_dict["tags"] = tags
        if metadata is not UNSET:
            field_dict["metadata"] = metadata

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.new_agent_metadata import NewAgentMetadata

        d = dict(src_dict)
        name = d.pop("name")

        def _parse_id(data: object) -> None | Unset | UUID:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                id_type_0 = UUID(data)

                return id_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Unset | UUID, data)

        id = _parse_id(d.pop("id", UNSET))

        def _parse_description(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        description = _parse_description(d.pop("description", UNSET))

        _status = d.pop("status", UNSET)
        status: AgentStatus | Unset
        if isinstance(_status, Unset):
            status = UNSET
        else:
            status = check_agent_status(_status)

        def _parse_model(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        model = _parse_model(d.pop("model", UNSET))

        tags = cast(list[str], d.pop("tags", UNSET))

        _metadata = d.pop("metadata", UNSET)
        metadata: NewAgentMetadata | Unset
        if isinstance(_metadata, Unset):
            metadata = UNSET
        else:
            metadata = NewAgentMetadata.from_dict(_metadata)

        new_agent = cls(
            name=name,
            id=id,
            description=description,
            status=status,
            model=model,
            tags=tags,
            metadata=metadata,
        )

        return new_agent
