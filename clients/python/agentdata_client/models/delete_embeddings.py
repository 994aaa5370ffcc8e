from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.filter_ import Filter


T = TypeVar("T", bound="DeleteEmbeddings")


@_attrs_define
class DeleteEmbeddings:
    """Which embeddings of a dataset to delete: `ids` or `filter`.

    Example:
        {'filter': {'path': '/page', 'gte': 10}}

    Attributes:
        ids (list[UUID] | Unset): Those of these ids; ids of nothing are passed over.
        filter_ (Filter | Unset): A condition on the metadata of embeddings. Everything that it says must hold: a
            comparison of what
            is at `path`, or several, and whatever `and`, `or` and `not` say. It must say something.

            What is not there equals nothing, is in no range and contains nothing; so only `ne`, `not` and
            `"exists": false` hold for it. Example: {'path': '/page', 'gte': 10}.
    """

    ids: list[UUID] | Unset = UNSET
    filter_: Filter | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        ids: list[str] | Unset = UNSET
        if not isinstance(self.ids, Unset):
            ids = []
            for ids_item_data in self.ids:
                ids_item = str(ids_item_data)
                ids.append(ids_item)

        filter_: dict[str, Any] | Unset = UNSET
        if not isinstance(self.filter_, Unset):
            filter_ = self.filter_.to_dict()

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if ids is not UNSET:
            field_dict["ids"] = ids
        if filter_ is not UNSET:
            field_dict["filter"] = filter_

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.filter_ import Filter

        d = dict(src_dict)
        _ids = d.pop("ids", UNSET)
        ids: list[UUID] | Unset = UNSET
        if _ids is not UNSET:
            ids = []
            for ids_item_data in _ids:
                ids_item = UUID(ids_item_data)

                ids.append(ids_item)

        _filter_ = d.pop("filter", UNSET)
        filter_: Filter | Unset
        if isinstance(_filter_, Unset):
            filter_ = UNSET
        else:
            filter_ = Filter.from_dict(_filter_)

        delete_embeddings = cls(
            ids=ids,
            filter_=filter_,
        )

        return delete_embeddings
