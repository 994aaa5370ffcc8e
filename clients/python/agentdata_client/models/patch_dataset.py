from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

from ..models.distance import Distance, check_distance
from ..models.language import Language, check_language
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.patch_dataset_metadata_type_0 import PatchDatasetMetadataType0


T = TypeVar("T", bound="PatchDataset")


@_attrs_define
class PatchDataset:
    """Changes to a dataset, as a JSON Merge Patch (RFC 7396): absent fields stay, `null` clears, and
    `metadata` merges member by member.

        Example:
            {'description': 'Paragraphs of both handbooks.'}

        Attributes:
            name (str | Unset): Its name, unique among the agent's datasets that are not deleted.
            description (None | str | Unset): What is in it, in words; `null` removes it.
            metadata (None | PatchDatasetMetadataType0 | Unset): Members to set, or with `null` to remove; `null` for the
                whole removes all.
            dimension (int | None | Unset): Of how many numbers each of its embeddings is; `null` leaves that to the
                embeddings that it
                has, or else to the first one. It cannot change while there are embeddings.
            distance (Distance | None | Unset): How far two of its embeddings are apart; `null` goes back to `cosine`. It
                cannot change while
                there are embeddings.
            embedding_model (None | str | Unset): The model that makes its embeddings; `null` removes it.
            language (Language | None | Unset): The language of its texts, for searches by their words; `null` goes back to
                `simple`.
    """

    name: str | Unset = UNSET
    description: None | str | Unset = UNSET
    metadata: None | PatchDatasetMetadataType0 | Unset = UNSET
    dimension: int | None | Unset = UNSET
    distance: Distance | None | Unset = UNSET
    embedding_model: None | str | Unset = UNSET
    language: Language | None | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        from ..models.patch_dataset_metadata_type_0 import PatchDatasetMetadataType0

        name = self.name

        description: None | str | Unset
        if isinstance(self.description, Unset):
            description = UNSET
        else:
            description = self.description

        metadata: dict[str, Any] | None | Unset
        if isinstance(self.metadata, Unset):
            metadata = UNSET
        elif isinstance(self.metadata, PatchDatasetMetadataType0):
            metadata = self.metadata.to_dict()
        else:
            metadata = self.metadata

        dimension: int | None | Unset
        if isinstance(self.dimension, Unset):
            dimension = UNSET
        else:
            dimension = self.dimension

        distance: None | str | Unset
        if isinstance(self.distance, Unset):
            distance = UNSET
        elif isinstance(self.distance, str):
            distance = self.distance
        else:
            distance = self.distance

        embedding_model: None | str | Unset
        if isinstance(self.embedding_model, Unset):
            embedding_model = UNSET
        else:
            embedding_model = self.embedding_model

        language: None | str | Unset
        if isinstance(self.language, Unset):
            language = UNSET
        elif isinstance(self.language, str):
            language = self.language
        else:
            language = self.language

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if name is not UNSET:
            field_dict["name"] = name
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
        from ..models.patch_dataset_metadata_type_0 import PatchDatasetMetadataType0

        d = dict(src_dict)
        name = d.pop("name", UNSET)

        def _parse_description(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        description = _parse_description(d.pop("description", UNSET))

        def _parse_metadata(data: object) -> None | PatchDatasetMetadataType0 | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                metadata_type_0 = PatchDatasetMetadataType0.from_dict(data)

                return metadata_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | PatchDatasetMetadataType0 | Unset, data)

        metadata = _parse_metadata(d.pop("metadata", UNSET))

        def _parse_dimension(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        dimension = _parse_dimension(d.pop("dimension", UNSET))

        def _parse_distance(data: object) -> Distance | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                distance_type_1 = check_distance(data)

                return distance_type_1
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(Distance | None | Unset, data)

        distance = _parse_distance(d.pop("distance", UNSET))

        def _parse_embedding_model(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        embedding_model = _parse_embedding_model(d.pop("embedding_model", UNSET))

        def _parse_language(data: object) -> Language | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                language_type_1 = check_language(data)

                return language_type_1
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(Language | None | Unset, data)

        language = _parse_language(d.pop("language", UNSET))

        patch_dataset = cls(
            name=name,
            description=description,
            metadata=metadata,
            dimension=dimension,
            distance=distance,
            embedding_model=embedding_model,
            language=language,
        )

        return patch_dataset
