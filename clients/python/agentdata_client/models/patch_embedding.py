from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.patch_embedding_metadata_type_0 import PatchEmbeddingMetadataType0


T = TypeVar("T", bound="PatchEmbedding")


@_attrs_define
class PatchEmbedding:
    """Changes to an embedding, as a JSON Merge Patch (RFC 7396): absent fields stay, and `metadata` merges
    member by member.

        Example:
            {'embed': False, 'metadata': {'page': 18}}

        Attributes:
            content (str | Unset): The text. The vector stays as it is unless it is told too.
            embedding (list[float] | str | Unset): The vector, in either form of a new embedding's.
            embed (bool | Unset): Have the embedding provider make the vector of the text: of `content`, or of the text that
                there
                is. `embedding` must be absent then. Default: False.
            metadata (None | PatchEmbeddingMetadataType0 | Unset): Members to set, or with `null` to remove; `null` for the
                whole removes all.
    """

    content: str | Unset = UNSET
    embedding: list[float] | str | Unset = UNSET
    embed: bool | Unset = False
    metadata: None | PatchEmbeddingMetadataType0 | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        from ..models.patch_embedding_metadata_type_0 import PatchEmbeddingMetadataType0

        content = self.content

        embedding: list[float] | str | Unset
        if isinstance(self.embedding, Unset):
            embedding = UNSET
        elif isinstance(self.embedding, list):
            embedding = self.embedding

        else:
            embedding = self.embedding

        embed = self.embed

        metadata: dict[str, Any] | None | Unset
        if isinstance(self.metadata, Unset):
            metadata = UNSET
        elif isinstance(self.metadata, PatchEmbeddingMetadataType0):
            metadata = self.metadata.to_dict()
        else:
            metadata = self.metadata

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if content is not UNSET:
            field_dict["content"] = content
        if embedding is not UNSET:
            field_dict["embedding"] = embedding
        if embed is not UNSET:
            field_dict["embed"] = embed
        if metadata is not UNSET:
            field_dict["metadata"] = metadata

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.patch_embedding_metadata_type_0 import PatchEmbeddingMetadataType0

        d = dict(src_dict)
        content = d.pop("content", UNSET)

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

        embed = d.pop("embed", UNSET)

        def _parse_metadata(data: object) -> None | PatchEmbeddingMetadataType0 | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                metadata_type_0 = PatchEmbeddingMetadataType0.from_dict(data)

                return metadata_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | PatchEmbeddingMetadataType0 | Unset, data)

        metadata = _parse_metadata(d.pop("metadata", UNSET))

        patch_embedding = cls(
            content=content,
            embedding=embedding,
            embed=embed,
            metadata=metadata,
        )

        return patch_embedding
