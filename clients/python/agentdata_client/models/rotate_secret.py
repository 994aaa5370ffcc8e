from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="RotateSecret")


@_attrs_define
class RotateSecret:
    """How the secret of a client is replaced.

    Example:
        {'overlap_seconds': 86400}

    Attributes:
        overlap_seconds (int | Unset): Seconds that the present secret stays good, so that programs can be given the new
            one one after the
            other. At 0 it is refused at once, as when it has leaked. Of two rotations within the time the secret
            before both is refused. Default: 86400.
    """

    overlap_seconds: int | Unset = 86400

    def to_dict(self) -> dict[str, Any]:
        overlap_seconds = self.overlap_seconds

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if overlap_seconds is not UNSET:
            field_dict["overlap_seconds"] = overlap_seconds

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        overlap_seconds = d.pop("overlap_seconds", UNSET)

        rotate_secret = cls(
            overlap_seconds=overlap_seconds,
        )

        return rotate_secret
