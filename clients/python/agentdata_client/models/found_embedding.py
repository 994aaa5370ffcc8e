from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.found_embedding_metadata import FoundEmbeddingMetadata
    from ..models.ranks import Ranks


T = TypeVar("T", bound="FoundEmbedding")


@_attrs_define
class FoundEmbedding:
    """An embedding that a search has found.

    Example:
        {'id': '01a207bd-aa3b-774b-8000-2a0d8f1e4b13', 'content': 'Refunds are paid within five working days.',
            'metadata': {'chapter': 'refunds', 'page': 17}, 'embedding': None, 'distance': 0.25, 'score': 0.75, 'ranks':
            None}

    Attributes:
        id (UUID): Its id.
        content (str): The text.
        metadata (FoundEmbeddingMetadata): Whatever else belongs to it.
        embedding (list[float] | None): The vector, in single precision; null when it was not asked for.
        distance (float | None): How far it is from the vector that was asked for, by the dataset's `distance`; null
            under the
            mode `text`.
        score (float): How well it fits, the more the better. Under the mode `vector` by its distance d: 1 − d with
            `cosine`, which is the cosine; −d with `inner_product`, which is the inner product; 1 ÷ (1 + d) with
            `l2` and `l1`. Under `text` the rank that PostgreSQL's `ts_rank` gives. Under `hybrid` what `fusion`
            makes of the ranks.
        ranks (None | Ranks): Where it stands in each of the two orders; null unless the mode is `hybrid`.
    """

    id: UUID
    content: str
    metadata: FoundEmbeddingMetadata
    embedding: list[float] | None
    distance: float | None
    score: float
    ranks: None | Ranks
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.ranks import Ranks

        id = str(self.id)

        content = self.content

        metadata = self.metadata.to_dict()

        embedding: list[float] | None
        if isinstance(self.embedding, list):
            embedding = self.embedding

        else:
            embedding = self.embedding

        distance: float | None
        distance = self.distance

        score = self.score

        ranks: dict[str, Any] | None
        if isinstance(self.ranks, Ranks):
            ranks = self.ranks.to_dict()
        else:
            ranks = self.ranks

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "content": content,
                "metadata": metadata,
                "embedding": embedding,
                "distance": distance,
                "score": score,
                "ranks": ranks,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.found_embedding_metadata import FoundEmbeddingMetadata
        from ..models.ranks import Ranks

        d = dict(src_dict)
        id = UUID(d.pop("id"))

        content = d.pop("content")

        metadata = FoundEmbeddingMetadata.from_dict(d.pop("metadata"))

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

        def _parse_distance(data: object) -> float | None:
            if data is None:
                return data
            return cast(float | None, data)

        distance = _parse_distance(d.pop("distance"))

        score = d.pop("score")

        def _parse_ranks(data: object) -> None | Ranks:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                ranks_type_1 = Ranks.from_dict(data)

                return ranks_type_1
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Ranks, data)

        ranks = _parse_ranks(d.pop("ranks"))

        found_embedding = cls(
            id=id,
            content=content,
            metadata=metadata,
            embedding=embedding,
            distance=distance,
            score=score,
            ranks=ranks,
        )

        found_embedding.additional_properties = d
        return found_embedding

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
