from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.new_embedding import NewEmbedding


T = TypeVar("T", bound="NewEmbeddings")


@_attrs_define
class NewEmbeddings:
    """New embeddings of a dataset.

    Example:
        {'items': [{'id': None, 'content': 'Refunds are paid within five working days.', 'embedding': [0.12, -0.5, 0.33,
            0.9], 'metadata': {'chapter': 'refunds', 'page': 17}}]}

    Attributes:
        items (list[NewEmbedding]): The embeddings, stored all or none; no id twice.
    """

    items: list[NewEmbedding]

    def to_dict(self) -> dict[str, Any]:
        items = []
        for items_item_data in self.items:
            items_item = items_item_data.to_dict()
            items.append(items_item)

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "items": items,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.new_embedding import NewEmbedding

        d = dict(src_dict)
        items = []
        _items = d.pop("items")
        for items_item_data in _items:
            items_item = NewEmbedding.from_dict(items_item_data)

            items.append(items_item)

        new_embeddings = cls(
            items=items,
        )

        return new_embeddings
