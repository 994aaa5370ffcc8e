from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

from ..models.distance import Distance, check_distance
from ..models.language import Language, check_language
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.update_dataset_metadata import UpdateDatasetMetadata


T = TypeVar("T", bound="UpdateDataset")


@_attrs_define
class UpdateDataset:
    """What a dataset shall be from now on. An optional field that is absent goes back to its default.

    Example:
        {'name': 'handbook', 'description': 'Paragraphs of the support handbook.', 'metadata': {'language': 'en'},
            'dimension': 4, 'distance': 'cosine', 'embedding_model': 'tiny-embedding-4', 'language': 'english'}

    Attributes:
        name (str): Its name, unique among the agent's datasets that are not deleted; compared byte by byte.
        description (None | str | Unset): What is in it, in words. Default: null.
        metadata (UpdateDatasetMetadata | Unset): Whatever else belongs to it; at most 64 KiB of compact JSON.
        dimension (int | None | Unset): Of how many numbers each of its embeddings is. Absent or null: that of the
            embeddings that it
            has, or else the first one fixes it. It cannot change while there are embeddings.
        distance (Distance | Unset): How far two embeddings of a dataset are apart. Default: 'cosine'.
        embedding_model (None | str | Unset): The model that makes its embeddings, such as `text-embedding-3-small`;
            free text. Default:
            null.
        language (Language | Unset): The language of texts, by which `PostgreSQL` takes words of one stem for the same
            and leaves out
            those that say nothing. Default: 'simple'.
    """

    name: str
    description: None | str | Unset = UNSET
    metadata: UpdateDatasetMetadata | Unset = UNSET
    dimension: int | None | Unset = UNSET
    distance: Distance | Unset = "cosine"
    embedding_model: None | str | Unset = UNSET
    language: Language | Unset = "simple"

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        description: None | str | Unset
        if isinstance(self.description, Unset):
            description = UNSET
        else:
            description = self.description

        metadata: dict[str, Any] | Unset = UNSET
        if not isinstance(self.metadata, Unset):
            metadata = self.metadata.to_dict()

        dimension: int | None | Unset
        if isinstance(self.dimension, Unset):
            dimension = UNSET
        else:
            dimension = self.dimension

        distance: str | Unset = UNSET
        if not isinstance(self.distance, Unset):
            distance = self.distance

        embedding_model: None | str | Unset
        if isinstance(self.embedding_model, Unset):
            embedding_model = UNSET
        else:
            embedding_model = self.embedding_model

        language: str | Unset = UNSET
        if not isinstance(self.language, Unset):
            language = self.language

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "name": name,
            }
        )
        if description is not UNSET:
            field_dict["description"] = description
        if metadata is not UNSET:
            field_dict["metadata"] = metadata
        if dimension is not UNSET:
            field_dict["dimension"] = dimension
        if distance is not UNSET:
            field_dict["distance"] = distance
        if embedding_model is not UNSET:
            field_dict["embedding_model"] = embedding_model
        if language is not UNSET:
            field_dict["language"] = language

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.update_dataset_metadata import UpdateDatasetMetadata

        d = dict(src_dict)
        name = d.pop("name")

        def _parse_description(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        description = _parse_description(d.pop("description", UNSET))

        _metadata = d.pop("metadata", UNSET)
        metadata: UpdateDatasetMetadata | Unset
        if isinstance(_metadata, Unset):
            metadata = UNSET
        else:
            metadata = UpdateDatasetMetadata.from_dict(_metadata)

        def _parse_dimension(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        dimension = _parse_dimension(d.pop("dimension", UNSET))

        _distance = d.pop("distance", UNSET)
        distance: Distance | Unset
        if isinstance(_distance, Unset):
            distance = UNSET
        else:
            distance = check_distance(_distance)

        def _parse_embedding_model(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        embedding_model = _parse_embedding_model(d.pop("embedding_model", UNSET))

        _language = d.pop("language", UNSET)
        language: Language | Unset
        if isinstance(_language, Unset):
            language = UNSET
        else:
            language = check_language(_language)

        update_dataset = cls(
            name=name,
            description=description,
            metadata=metadata,
            dimension=dimension,
            distance=distance,
            embedding_model=embedding_model,
            language=language,
        )

        return update_dataset
