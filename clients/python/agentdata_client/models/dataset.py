from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field
from dateutil.parser import isoparse

from ..models.distance import Distance, check_distance
from ..models.language import Language, check_language

if TYPE_CHECKING:
    from ..models.dataset_index import DatasetIndex
    from ..models.dataset_metadata import DatasetMetadata


T = TypeVar("T", bound="Dataset")


@_attrs_define
class Dataset:
    """A dataset of embeddings.

    Example:
        {'id': '01a207bd-aa3b-774b-8000-2a0d8f1e4b12', 'agent_id': '019308d4-6e65-7cc0-b5c5-2a0d8f1e4b11', 'name':
            'handbook', 'description': 'Paragraphs of the support handbook.', 'metadata': {'language': 'en'}, 'dimension':
            4, 'distance': 'cosine', 'embedding_model': 'tiny-embedding-4', 'language': 'english', 'embedding_count': 0,
            'index': {'state': 'exact', 'kind': None, 'progress': None, 'built_at': None}, 'version': 1, 'created_at':
            '2026-11-23T09:30:00.123456Z', 'updated_at': '2026-11-23T09:30:00.123456Z'}

    Attributes:
        id (UUID): Its id.
        agent_id (UUID): The agent that it is of.
        name (str): Its name, unique among the agent's datasets that are not deleted; compared byte by byte.
        description (None | str): What is in it, in words.
        metadata (DatasetMetadata): Whatever else belongs to it.
        dimension (int | None): Of how many numbers each of its embeddings is; null until it is given or fixed by the
            first
            embedding.
        distance (Distance): How far two embeddings of a dataset are apart.
        embedding_model (None | str): The model that made its embeddings, such as `text-embedding-3-small`; free text.
        language (Language): The language of texts, by which `PostgreSQL` takes words of one stem for the same and
            leaves out
            those that say nothing.
        embedding_count (int): How many embeddings it has, exactly.
        index (DatasetIndex): The index that searches of a dataset go by. The server makes it by itself when there are
            many
            embeddings. Example: {'state': 'exact', 'kind': None, 'progress': None, 'built_at': None}.
        version (int): How often it or its embeddings were written: 1 when created, one more with each change. Its
            `ETag`.
        created_at (datetime.datetime): When it was created.
        updated_at (datetime.datetime): When it or its embeddings were last changed.
    """

    id: UUID
    agent_id: UUID
    name: str
    description: None | str
    metadata: DatasetMetadata
    dimension: int | None
    distance: Distance
    embedding_model: None | str
    language: Language
    embedding_count: int
    index: DatasetIndex
    version: int
    created_at: datetime.datetime
    updated_at: datetime.datetime
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id = str(self.id)

        agent_id = str(self.agent_id)

        name = self.name

        description: None | str
        description = self.description

        metadata = self.metadata.to_dict()

        dimension: int | None
        dimension = self.dimension

        distance: str = self.distance

        embedding_model: None | str
        embedding_model = self.embedding_model

        language: str = self.language

        embedding_count = self.embedding_count

        index = self.index.to_dict()

        version = self.version

        created_at = self.created_at.isoformat()

        updated_at = self.updated_at.isoformat()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "agent_id": agent_id,
                "name": name,
                "description": description,
                "metadata": metadata,
                "dimension": dimension,
                "distance": distance,
                "embedding_model": embedding_model,
                "language": language,
                "embedding_count": embedding_count,
                "index": index,
                "version": version,
                "created_at": created_at,
                "updated_at": updated_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.dataset_index import DatasetIndex
        from ..models.dataset_metadata import DatasetMetadata

        d = dict(src_dict)
        id = UUID(d.pop("id"))

        agent_id = UUID(d.pop("agent_id"))

        name = d.pop("name")

        def _parse_description(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        description = _parse_description(d.pop("description"))

        metadata = DatasetMetadata.from_dict(d.pop("metadata"))

        def _parse_dimension(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        dimension = _parse_dimension(d.pop("dimension"))

        distance = check_distance(d.pop("distance"))

        def _parse_embedding_model(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        embedding_model = _parse_embedding_model(d.pop("embedding_model"))

        language = check_language(d.pop("language"))

        embedding_count = d.pop("embedding_count")

        index = DatasetIndex.from_dict(d.pop("index"))

        version = d.pop("version")

        created_at = isoparse(d.pop("created_at"))

        updated_at = isoparse(d.pop("updated_at"))

        dataset = cls(
            id=id,
            agent_id=agent_id,
            name=name,
            description=description,
            metadata=metadata,
            dimension=dimension,
            distance=distance,
            embedding_model=embedding_model,
            language=language,
            embedding_count=embedding_count,
            index=index,
            version=version,
            created_at=created_at,
            updated_at=updated_at,
        )

        dataset.additional_properties = d
        return dataset

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
