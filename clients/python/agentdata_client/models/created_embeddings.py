from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="CreatedEmbeddings")


@_attrs_define
class CreatedEmbeddings:
    """What was stored.

    Example:
        {'count': 1, 'stored': 1, 'ids': ['01a207bd-aa3b-774b-8000-2a0d8f1e4b13']}

    Attributes:
        count (int): How many embeddings the request had. All are committed.
        stored (int): How many of them are new; the ids of the others were there before.
        ids (list[UUID]): The ids of all embeddings, in the order of the request.
    """

    count: int
    stored: int
    ids: list[UUID]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        count = self.count

        stored = self.stored

        ids = []
        for ids_item_data in self.ids:
            ids_item = str(ids_item_data)
            ids.append(ids_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "count": count,
                "stored": stored,
                "ids": ids,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        count = d.pop("count")

        stored = d.pop("stored")

        ids = []
        _ids = d.pop("ids")
        for ids_item_data in _ids:
            ids_item = UUID(ids_item_data)

            ids.append(ids_item)

        created_embeddings = cls(
            count=count,
            stored=stored,
            ids=ids,
        )

        created_embeddings.additional_properties = d
        return created_embeddings

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
