from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.search_embeddings import SearchEmbeddings


T = TypeVar("T", bound="SearchManyEmbeddings")


@_attrs_define
class SearchManyEmbeddings:
    """Several searches of one dataset.

    Example:
        {'queries': [{'mode': 'vector', 'vector': [0.1, -0.4, 0.3, 0.8], 'k': 10, 'filter': {'path': '/page', 'gte':
            10}, 'max_distance': 0.5, 'exact': False, 'include': 'none'}]}

    Attributes:
        queries (list[SearchEmbeddings]): The searches.
    """

    queries: list[SearchEmbeddings]

    def to_dict(self) -> dict[str, Any]:
        queries = []
        for queries_item_data in self.queries:
            queries_item = queries_item_data.to_dict()
            queries.append(queries_item)

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "queries": queries,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.search_embeddings import SearchEmbeddings

        d = dict(src_dict)
        queries = []
        _queries = d.pop("queries")
        for queries_item_data in _queries:
            queries_item = SearchEmbeddings.from_dict(queries_item_data)

            queries.append(queries_item)

        search_many_embeddings = cls(
            queries=queries,
        )

        return search_many_embeddings
