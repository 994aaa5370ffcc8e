from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="Fusion")


@_attrs_define
class Fusion:
    """How the orders by vectors and by texts are fused into one: reciprocal rank fusion (Cormack, Clarke,
    Büttcher 2009). An embedding's score is the sum, over the orders that it is in, of weight ÷ (constant
    + rank). Each order goes as far as `k`, and as 100.

        Example:
            {'rank_constant': 60, 'vector_weight': 1, 'text_weight': 1}

        Attributes:
            rank_constant (int | Unset): The constant. The larger it is, the less does it count to be the very first.
                Default: 60.
            vector_weight (float | Unset): The weight of the order by vectors. Default: 1.0.
            text_weight (float | Unset): The weight of the order by texts. Default: 1.0.
    """

    rank_constant: int | Unset = 60
    vector_weight: float | Unset = 1.0
    text_weight: float | Unset = 1.0

    def to_dict(self) -> dict[str, Any]:
        rank_constant = self.rank_constant

        vector_weight = self.vector_weight

        text_weight = self.text_weight

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if rank_constant is not UNSET:
            field_dict["rank_constant"] = rank_constant
        if vector_weight is not UNSET:
            field_dict["vector_weight"] = vector_weight
        if text_weight is not UNSET:
            field_dict["text_weight"] = text_weight

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        rank_constant = d.pop("rank_constant", UNSET)

        vector_weight = d.pop("vector_weight", UNSET)

        text_weight = d.pop("text_weight", UNSET)

        fusion = cls(
            rank_constant=rank_constant,
            vector_weight=vector_weight,
            text_weight=text_weight,
        )

        return fusion
