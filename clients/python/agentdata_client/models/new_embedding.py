from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.new_embedding_metadata import NewEmbeddingMetadata


T = TypeVar("T", bound="NewEmbedding")


@_attrs_define
class NewEmbedding:
    """A new embedding.

    Example:
        {'id': None, 'content': 'Refunds are paid within five working days.', 'embedding': [0.12, -0.5, 0.33, 0.9],
            'metadata': {'chapter': 'refunds', 'page': 17}}

    Attributes:
        content (str): The text.
        id (None | Unset | UUID): Its id, for resending it safely and for replacing it later; the server makes a UUIDv7
            when
            absent or null.
        embedding (list[float] | str | Unset): The vector: an array of numbers, or a text that is the base64 of the
            numbers as little-endian
            float32. All of a dataset have as many numbers, at most 16000. Under the distance `cosine` they
            are within float32, of a Euclidean length up to 9.2e18, and not all zeros; otherwise between -65504
            and 65504. Without it the embedding provider makes one of the text; a server that has none wants
            it.
        metadata (NewEmbeddingMetadata | Unset): Whatever else belongs to it; at most 64 KiB of JSON as sent.
    """

    content: str
    id: None | Unset | UUID = UNSET
    embedding: list[float] | str | Unset = UNSET
    metadata: NewEmbeddingMetadata | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        content = self.content

        id: None | str | Unset
        if isinstance(self.id, Unset):
            id = UNSET
        elif isinstance(self.id, UUID):
            id = str(self.id)
        else:
            id = self.id

        embedding: list[float] | str | Unset
        if isinstance(self.embedding, Unset):
            embedding = UNSET
        elif isinstance(self.embedding, list):
            embedding = self.embedding

        else:
            embedding = self.embedding

        metadata: dict[str, Any] | Unset = UNSET
        if not isinstance(self.metadata, Unset):
            metadata = self.metadata.to_dict()

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "content": content,
            }
        )
        if id is not UNSET:
            field_dict["id"] = id
        if embedding is not UNSET:
            field_dict["embedding"] = embedding
        if metadata is not UNSET:
            field_dict["metadata"] = metadata

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.new_embedding_metadata import NewEmbeddingMetadata

        d = dict(src_dict)
        content = d.pop("content")

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

        def _parse_embedding(data: object) -> list[float] | str | Unset:
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                embedding_type_0 = cast(list[float], data)

                return embedding_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[float] | str | Unset, data)

        embedding = _parse_embedding(d.pop("embedding", UNSET))

        _metadata = d.pop("metadata", UNSET)
        metadata: NewEmbeddingMetadata | Unset
        if isinstance(_metadata, Unset):
            metadata = UNSET
        else:
            metadata = NewEmbeddingMetadata.from_dict(_metadata)

        new_embedding = cls(
            content=content,
            id=id,
            embedding=embedding,
            metadata=metadata,
        )

        return new_embedding
