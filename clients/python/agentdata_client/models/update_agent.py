from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

from ..models.agent_status import AgentStatus, check_agent_status
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.update_agent_metadata import UpdateAgentMetadata


T = TypeVar("T", bound="UpdateAgent")


@_attrs_define
class UpdateAgent:
    """What an agent shall be from now on. An optional field that is absent goes back to its default.

    Example:
        {'name': 'support-triage', 'description': 'Sorts incoming support mail by urgency.', 'status': 'active',
            'model': 'claude-opus-4-5', 'tags': ['support', 'production'], 'metadata': {'team': 'customer-care', 'on_call':
            True}}

    Attributes:
        name (str): Its name, unique among the tenant's agents that are not deleted; compared byte by byte.
        description (None | str | Unset): What it does, in words. Default: null.
        status (AgentStatus | Unset): Whether an agent is in use. It is for people and for filters: the server does not
            act on it. Default: 'active'.
        model (None | str | Unset): The model that it runs on, such as `claude-opus-4-5`; free text. Default: null.
        tags (list[str] | Unset): A set of words to find it by, each of 1 to 100 characters.
        metadata (UpdateAgentMetadata | Unset): Whatever else belongs to it; at most 64 KiB of compact JSON.
    """

    name: str
    description: None | str | Unset = UNSET
    status: AgentStatus | Unset = "active"
    model: None | str | Unset = UNSET
    tags: list[str] | Unset = UNSET
    metadata: UpdateAgentMetadata | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        name = self.name

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
        from ..models.update_agent_metadata import UpdateAgentMetadata

        d = dict(src_dict)
        name = d.pop("name")

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
        metadata: UpdateAgentMetadata | Unset
        if isinstance(_metadata, Unset):
            metadata = UNSET
        else:
            metadata = UpdateAgentMetadata.from_dict(_metadata)

        update_agent = cls(
            name=name,
            description=description,
            status=status,
            model=model,
            tags=tags,
            metadata=metadata,
        )

        return update_agent
