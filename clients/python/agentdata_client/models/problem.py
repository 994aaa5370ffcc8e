from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.problem_code import ProblemCode, check_problem_code

if TYPE_CHECKING:
    from ..models.field_error import FieldError


T = TypeVar("T", bound="Problem")


@_attrs_define
class Problem:
    """What went wrong (RFC 9457).

    Example:
        {'type': 'urn:agentdata:problem:invalid_request', 'title': 'The request is not valid', 'status': 422, 'code':
            'invalid_request', 'detail': '/name: length is greater than 200', 'instance':
            'urn:uuid:019308d4-6e65-7cc0-b5c5-2a0d8f1e4b11', 'errors': [{'pointer': '/name', 'message': 'length is greater
            than 200'}]}

    Attributes:
        type_ (str): URI of the kind of problem: `urn:agentdata:problem:` and the `code`.
        title (str): The kind of problem in words.
        status (int): The HTTP status code of this answer.
        code (ProblemCode): What went wrong, for programs. New kinds may be added.
        detail (str): What is wrong with this request in particular.
        instance (str): `urn:uuid:` and the request id, which the answer's `X-Request-Id` and the server's log carry
            too.
        errors (list[FieldError]): The places of the request that break a rule; empty when the problem has no place.
    """

    type_: str
    title: str
    status: int
    code: ProblemCode
    detail: str
    instance: str
    errors: list[FieldError]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        type_ = self.type_

        title = self.title

        status = self.status

        code: str = self.code

        detail = self.detail

        instance = self.instance

        errors = []
        for errors_item_data in self.errors:
            errors_item = errors_item_data.to_dict()
            errors.append(errors_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "type": type_,
                "title": title,
                "status": status,
                "code": code,
                "detail": detail,
                "instance": instance,
                "errors": errors,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.field_error import FieldError

        d = dict(src_dict)
        type_ = d.pop("type")

        title = d.pop("title")

        status = d.pop("status")

        code = check_problem_code(d.pop("code"))

        detail = d.pop("detail")

        instance = d.pop("instance")

        errors = []
        _errors = d.pop("errors")
        for errors_item_data in _errors:
            errors_item = FieldError.from_dict(errors_item_data)

            errors.append(errors_item)

        problem = cls(
            type_=type_,
            title=title,
            status=status,
            code=code,
            detail=detail,
            instance=instance,
            errors=errors,
        )

        problem.additional_properties = d
        return problem

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
