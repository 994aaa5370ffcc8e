from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="Recall")


@_attrs_define
class Recall:
    """How right the index of a dataset is.

    Example:
        {'recall': 0.996, 'samples': 50, 'indexed': True}

    Attributes:
        recall (float): How many of the nearest embeddings the index finds, as part of all, from 0 to 1; those at one
            distance are as good as each other. 1 when there is no index.
        samples (int): How many embeddings were searched for; fewer than asked for when the dataset has not as many or
            the
            time was over, and 0 when there is no index.
        indexed (bool): Whether there is an index.
    """

    recall: float
    samples: int
    indexed: bool
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        recall = self.recall

        samples = self.samples

        indexed = self.indexed

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "recall": recall,
                "samples": samples,
                "indexed": indexed,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        recall = d.pop("recall")

        samples = d.pop("samples")

        indexed = d.pop("indexed")

        recall = cls(
            recall=recall,
            samples=samples,
            indexed=indexed,
        )

        recall.additional_properties = d
        return recall

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
