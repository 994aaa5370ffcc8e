from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.search_method import SearchMethod, check_search_method

if TYPE_CHECKING:
    from ..models.found_embedding import FoundEmbedding


T = TypeVar("T", bound="FoundEmbeddings")


@_attrs_define
class FoundEmbeddings:
    """What a search has found.

    Attributes:
        items (list[FoundEmbedding]): The embeddings, best first; those that are equally good in the order of their ids.
        answered_by (SearchMethod): How a search was answered. New ways may be added.
        truncated (bool): Whether there were more, but the answer ends at 8 MiB.
    """

    items: list[FoundEmbedding]
    answered_by: SearchMethod
    truncated: bool
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        items = []
        for items_item_data in self.items:
            items_item = items_item_data.to_dict()
            items.append(items_item)

        answered_by: str = self.answered_by

        truncated = self.truncated

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "items": items,
                "answered_by": answered_by,
                "truncated": truncated,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.found_embedding import FoundEmbedding

        d = dict(src_dict)
        items = []
        _items = d.pop("items")
        for items_item_data in _items:
            items_item = FoundEmbedding.from_dict(items_item_data)

            items.append(items_item)

        answered_by = check_search_method(d.pop("answered_by"))

        truncated = d.pop("truncated")

        found_embeddings = cls(
            items=items,
            answered_by=answered_by,
            truncated=truncated,
        )

        found_embeddings.additional_properties = d
        return found_embeddings

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
