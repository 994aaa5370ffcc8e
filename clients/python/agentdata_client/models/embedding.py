from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field
from dateutil.parser import isoparse

if TYPE_CHECKING:
    from ..models.embedding_metadata import EmbeddingMetadata


T = TypeVar("T", bound="Embedding")


@_attrs_define
class Embedding:
    """A text and its vector.

    Example:
        {'id': '01a207bd-aa3b-774b-8000-2a0d8f1e4b13', 'dataset_id': '01a207bd-aa3b-774b-8000-2a0d8f1e4b12', 'content':
            'Refunds are paid within five working days.', 'metadata': {'chapter': 'refunds', 'page': 17}, 'embedding':
            [0.12, -0.5, 0.33, 0.9], 'version': 1, 'created_at': '2026-11-23T09:30:00.123456Z', 'updated_at':
            '2026-11-23T09:30:00.123456Z'}

    Attributes:
        id (UUID): Its id.
        dataset_id (UUID): The dataset that it is in.
        content (str): The text.
        metadata (EmbeddingMetadata): Whatever else belongs to it.
        embedding (list[float] | None): The vector, in single precision; null when it was not asked for.
        version (int): How often it was written: 1 when created, one more with each change. Its `ETag`.
        created_at (datetime.datetime): When it was created.
        updated_at (datetime.datetime): When it was last changed.
    """

    id: UUID
    dataset_id: UUID
    content: str
    metadata: EmbeddingMetadata
    embedding: list[float] | None
    version: int
    created_at: datetime.datetime
    updated_at: datetime.datetime
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id = str(self.id)

        dataset_id = str(self.dataset_id)

        content = self.content

        metadata = self.metadata.to_dict()

        embedding: list[float] | None
        if isinstance(self.embedding, list):
            embedding = self.embedding

        else:
            embedding = self.embedding

        version = self.version

        created_at = self.created_at.isoformat()

        updated_at = self.updated_at.isoformat()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "dataset_id": dataset_id,
                "content": content,
                "metadata": metadata,
                "embedding": embedding,
                "version": version,
                "created_at": created_at,
                "updated_at": updated_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.embedding_metadata import EmbeddingMetadata

        d = dict(src_dict)
        id = UUID(d.pop("id"))

        dataset_id = UUID(d.pop("dataset_id"))

        content = d.pop("content")

        metadata = EmbeddingMetadata.from_dict(d.pop("metadata"))

        def _parse_embedding(data: object) -> list[float] | None:
            if data is None:
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                embedding_type_0 = cast(list[float], data)

                return embedding_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[float] | None, data)

        embedding = _parse_embedding(d.pop("embedding"))

        version = d.pop("version")

        created_at = isoparse(d.pop("created_at"))

        updated_at = isoparse(d.pop("updated_at"))

        embedding = cls(
            id=id,
            dataset_id=dataset_id,
            content=content,
            metadata=metadata,
            embedding=embedding,
            version=version,
            created_at=created_at,
            updated_at=updated_at,
        )

        embedding.additional_properties = d
        return embedding

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
