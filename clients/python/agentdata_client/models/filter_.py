from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="Filter")


@_attrs_define
class Filter:
    """A condition on the metadata of embeddings. Everything that it says must hold: a comparison of what
    is at `path`, or several, and whatever `and`, `or` and `not` say. It must say something.

    What is not there equals nothing, is in no range and contains nothing; so only `ne`, `not` and
    `"exists": false` hold for it.

        Example:
            {'path': '/page', 'gte': 10}

        Attributes:
            path (str | Unset): The place in the metadata that the comparisons are about, as a JSON Pointer (RFC 6901) such
                as
                `/chapter` or `/author/name`; at most 16 deep.
            eq (Any | Unset): It equals this value. Objects and arrays are equal in all that they hold.
            ne (Any | Unset): It does not equal this value.
            in_ (list[Any] | Unset): It equals one of these values.
            lt (bool | float | str | Unset): It is less than this value and of its type; texts are compared by their code
                points.
            lte (bool | float | str | Unset): It is less than this value, or equals it, and is of its type.
            gt (bool | float | str | Unset): It is greater than this value and of its type.
            gte (bool | float | str | Unset): It is greater than this value, or equals it, and is of its type.
            exists (bool | Unset): Whether it is there; `null` is.
            contains (bool | float | str | Unset): It is an array with this value among its items, or a text with this text
                in it.
            prefix (str | Unset): It is a text that begins with this one.
            and_ (list[Filter] | Unset): All of these hold.
            or_ (list[Filter] | Unset): One of these holds.
            not_ (Filter | Unset): A condition on the metadata of embeddings. Everything that it says must hold: a
                comparison of what
                is at `path`, or several, and whatever `and`, `or` and `not` say. It must say something.

                What is not there equals nothing, is in no range and contains nothing; so only `ne`, `not` and
                `"exists": false` hold for it. Example: {'path': '/page', 'gte': 10}.
    """

    path: str | Unset = UNSET
    eq: Any | Unset = UNSET
    ne: Any | Unset = UNSET
    in_: list[Any] | Unset = UNSET
    lt: bool | float | str | Unset = UNSET
    lte: bool | float | str | Unset = UNSET
    gt: bool | float | str | Unset = UNSET
    gte: bool | float | str | Unset = UNSET
    exists: bool | Unset = UNSET
    contains: bool | float | str | Unset = UNSET
    prefix: str | Unset = UNSET
    and_: list[Filter] | Unset = UNSET
    or_: list[Filter] | Unset = UNSET
    not_: Filter | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        path = self.path

        eq = self.eq

        ne = self.ne

        in_: list[Any] | Unset = UNSET
        if not isinstance(self.in_, Unset):
            in_ = self.in_

        lt: bool | float | str | Unset
        if isinstance(self.lt, Unset):
            lt = UNSET
        else:
            lt = self.lt

        lte: bool | float | str | Unset
        if isinstance(self.lte, Unset):
            lte = UNSET
        else:
            lte = self.lte

        gt: bool | float | str | Unset
        if isinstance(self.gt, Unset):
            gt = UNSET
        else:
            gt = self.gt

        gte: bool | float | str | Unset
        if isinstance(self.gte, Unset):
            gte = UNSET
        else:
            gte = self.gte

        exists = self.exists

        contains: bool | float | str | Unset
        if isinstance(self.contains, Unset):
            contains = UNSET
        else:
            contains = self.contains

        prefix = self.prefix

        and_: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.and_, Unset):
            and_ = []
            for and_item_data in self.and_:
                and_item = and_item_data.to_dict()
                and_.append(and_item)

        or_: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.or_, Unset):
            or_ = []
            for or_item_data in self.or_:
                or_item = or_item_data.to_dict()
                or_.append(or_item)

        not_: dict[str, Any] | Unset = UNSET
        if not isinstance(self.not_, Unset):
            not_ = self.not_.to_dict()

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if path is not UNSET:
            field_dict["path"] = path
        if eq is not UNSET:
            field_dict["eq"] = eq
        if ne is not UNSET:
            field_dict["ne"] = ne
        if in_ is not UNSET:
            field_dict["in"] = in_
        if lt is not UNSET:
            field_dict["lt"] = lt
        if lte is not UNSET:
            field_dict["lte"] = lte
        if gt is not UNSET:
            field_dict["gt"] = gt
        if gte is not UNSET:
            field_dict["gte"] = gte
        if exists is not UNSET:
            field_dict["exists"] = exists
        if contains is not UNSET:
            field_dict["contains"] = contains
        if prefix is not UNSET:
            field_dict["prefix"] = prefix
        if and_ is not UNSET:
            field_dict["and"] = and_
        if or_ is not UNSET:
            field_dict["or"] = or_
        if not_ is not UNSET:
            field_dict["not"] = not_

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        path = d.pop("path", UNSET)

        eq = d.pop("eq", UNSET)

        ne = d.pop("ne", UNSET)

        in_ = cast(list[Any], d.pop("in", UNSET))

        def _parse_lt(data: object) -> bool | float | str | Unset:
            if isinstance(data, Unset):
                return data
            return cast(bool | float | str | Unset, data)

        lt = _parse_lt(d.pop("lt", UNSET))

        def _parse_lte(data: object) -> bool | float | str | Unset:
            if isinstance(data, Unset):
                return data
            return cast(bool | float | str | Unset, data)

        lte = _parse_lte(d.pop("lte", UNSET))

        def _parse_gt(data: object) -> bool | float | str | Unset:
            if isinstance(data, Unset):
                return data
            return cast(bool | float | str | Unset, data)

        gt = _parse_gt(d.pop("gt", UNSET))

        def _parse_gte(data: object) -> bool | float | str | Unset:
            if isinstance(data, Unset):
                return data
            return cast(bool | float | str | Unset, data)

        gte = _parse_gte(d.pop("gte", UNSET))

        exists = d.pop("exists", UNSET)

        def _parse_contains(data: object) -> bool | float | str | Unset:
            if isinstance(data, Unset):
                return data
            return cast(bool | float | str | Unset, data)

        contains = _parse_contains(d.pop("contains", UNSET))

        prefix = d.pop("prefix", UNSET)

        _and_ = d.pop("and", UNSET)
        and_: list[Filter] | Unset = UNSET
        if _and_ is not UNSET:
            and_ = []
            for and_item_data in _and_:
                and_item = Filter.from_dict(and_item_data)

                and_.append(and_item)

        _or_ = d.pop("or", UNSET)
        or_: list[Filter] | Unset = UNSET
        if _or_ is not UNSET:
            or_ = []
            for or_item_data in _or_:
                or_item = Filter.from_dict(or_item_data)

                or_.append(or_item)

        _not_ = d.pop("not", UNSET)
        not_: Filter | Unset
        if isinstance(_not_, Unset):
            not_ = UNSET
        else:
            not_ = Filter.from_dict(_not_)

        filter_ = cls(
            path=path,
            eq=eq,
            ne=ne,
            in_=in_,
            lt=lt,
            lte=lte,
            gt=gt,
            gte=gte,
            exists=exists,
            contains=contains,
            prefix=prefix,
            and_=and_,
            or_=or_,
            not_=not_,
        )

        return filter_
