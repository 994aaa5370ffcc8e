from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field
from dateutil.parser import isoparse

from ..models.index_kind import IndexKind, check_index_kind
from ..models.index_state import IndexState, check_index_state

T = TypeVar("T", bound="DatasetIndex")


@_attrs_define
class DatasetIndex:
    """The index that searches of a dataset go by. The server makes it by itself when there are many
    embeddings.

        Example:
            {'state': 'exact', 'kind': None, 'progress': None, 'built_at': None}

        Attributes:
            state (IndexState): How searches of a dataset are answered now. New states may be added.
            kind (IndexKind | None): What kind of index it is; null when there is none.
            progress (float | None): How much of it is built, from 0 to 1; null when it is not being built, and in lists.
            built_at (datetime.datetime | None): When it was built; null when there is none.
    """

    state: IndexState
    kind: IndexKind | None
    progress: float | None
    built_at: datetime.datetime | None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        state: str = self.state

        kind: None | str
        if isinstance(self.kind, str):
            kind = self.kind
        else:
            kind = self.kind

        progress: float | None
        progress = self.progress

        built_at: None | str
        if isinstance(self.built_at, datetime.datetime):
            built_at = self.built_at.isoformat()
        else:
            built_at = self.built_at

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "state": state,
                "kind": kind,
                "progress": progress,
                "built_at": built_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        state = check_index_state(d.pop("state"))

        def _parse_kind(data: object) -> IndexKind | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                kind_type_1 = check_index_kind(data)

                return kind_type_1
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(IndexKind | None, data)

        kind = _parse_kind(d.pop("kind"))

        def _parse_progress(data: object) -> float | None:
            if data is None:
                return data
            return cast(float | None, data)

        progress = _parse_progress(d.pop("progress"))

        def _parse_built_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                built_at_type_0 = isoparse(data)

                return built_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        built_at = _parse_built_at(d.pop("built_at"))

        dataset_index = cls(
            state=state,
            kind=kind,
            progress=progress,
            built_at=built_at,
        )

        dataset_index.additional_properties = d
        return dataset_index

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
