from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

from ..models.agent_status import AgentStatus, check_agent_status
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.patch_agent_metadata_type_0 import PatchAgentMetadataType0


T = TypeVar("T", bound="PatchAgent")


@_attrs_define
class PatchAgent:
    """Changes to an agent, as a JSON Merge Patch (RFC 7396): absent fields stay, `null` clears, and
    `metadata` merges member by member.

        Example:
            {'status': 'paused'}

        Attributes:
            name (str | Unset): Its name, unique among the tenant's agents that are not deleted.
            description (None | str | Unset): What it does, in words; `null` removes it.
            status (AgentStatus | None | Unset): Whether it is in use; `null` goes back to `active`.
            model (None | str | Unset): The model that it runs on; `null` removes it.
            tags (list[str] | None | Unset): All of its tags; `null` removes them.
            metadata (None | PatchAgentMetadataType0 | Unset): Members to set, or with `null` to remove; `null` for the
                whole removes all.
    """

    name: str | Unset = UNSET
    description: None | str | Unset = UNSET
    status: AgentStatus | None | Unset = UNSET
    model: None | str | Unset = UNSET
    tags: list[str] | None | Unset = UNSET
    metadata: None | PatchAgentMetadataType0 | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        from ..models.patch_agent_metadata_type_0 import PatchAgentMetadataType0

        name = self.name

        description: None | str | Unset
        if isinstance(self.description, Unset):
            description = UNSET
        else:
            description = self.description

        status: None | str | Unset
        if isinstance(self.status, Unset):
            status = UNSET
        elif isinstance(self.status, str):
            status = self.status
        else:
            status = self.status

        model: None | str | Unset
        if isinstance(self.model, Unset):
            model = UNSET
        else:
            model = self.model

        tags: list[str] | None | Unset
        if isinstance(self.tags, Unset):
            tags = UNSET
        elif isinstance(self.tags, list):
            tags = self.tags

        else:
            tags = self.tags

        metadata: dict[str, Any] | None | Unset
        if isinstance(self.metadata, Unset):
            metadata = UNSET
        elif isinstance(self.metadata, PatchAgentMetadataType0):
            metadata = self.metadata.to_dict()
        else:
            metadata = self.metadata

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if name is not UNSET:
            field_dict["name"] = name
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
        from ..models.patch_agent_metadata_type_0 import PatchAgentMetadataType0

        d = dict(src_dict)
        name = d.pop("name", UNSET)

        def _parse_description(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        description = _parse_description(d.pop("description", UNSET))

        def _parse_status(data: object) -> AgentStatus | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                status_type_1 = check_agent_status(data)

                return status_type_1
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(AgentStatus | None | Unset, data)

        status = _parse_status(d.pop("status", UNSET))

        def _parse_model(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        model = _parse_model(d.pop("model", UNSET))

        def _parse_tags(data: object) -> list[str] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                tags_type_0 = cast(list[str], data)

                return tags_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[str] | None | Unset, data)

        tags = _parse_tags(d.pop("tags", UNSET))

        def _parse_metadata(data: object) -> None | PatchAgentMetadataType0 | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                metadata_type_0 = PatchAgentMetadataType0.from_dict(data)

                return metadata_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | PatchAgentMetadataType0 | Unset, data)

        metadata = _parse_metadata(d.pop("metadata", UNSET))

        patch_agent = cls(
            name=name,
            description=description,
            status=status,
            model=model,
            tags=tags,
            metadata=metadata,
        )

        return patch_agent
