"""A request before it is sent."""

from __future__ import annotations

from collections.abc import AsyncIterable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from urllib.parse import quote
from uuid import UUID, uuid4

from agentdata_client.types import UNSET, Unset

from ._json import encode, instant
from ._uuid7 import uuid7

NDJSON = "application/x-ndjson"


@dataclass(frozen=True)
class Call:
    """A request, as the resources describe it.

    Attributes:
        method: The HTTP method.
        path: The path, with all that is in it quoted.
        query: Its query parameters; those that are UNSET are left out.
        headers: Its headers; those that are UNSET are left out.
        content: Its body; what is neither bytes nor None can be sent once only.
        safe: Whether sending it twice does no more than sending it once.
        authorized: Whether it needs an access token.
    """

    method: str
    path: str
    query: Mapping[str, object] = field(default_factory=dict)
    headers: Mapping[str, object] = field(default_factory=dict)
    content: bytes | Iterable[bytes] | AsyncIterable[bytes] | None = field(default=None, repr=False)
    safe: bool = False
    authorized: bool = True

    @property
    def repeatable(self) -> bool:
        """Whether it can be sent again at all."""
        return self.content is None or isinstance(self.content, bytes)

    def parameters(self) -> tuple[tuple[str, str], ...]:
        """The query's names and values."""
        pairs = []
        for name, value in self.query.items():
            several = isinstance(value, Sequence) and not isinstance(value, str)
            for item in value if several else [value]:  # type: ignore[attr-defined]
                if not isinstance(item, Unset):
                    pairs.append((name, _text(item)))
        return tuple(pairs)

    def header_fields(self) -> dict[str, str]:
        """The headers that are set."""
        return {name: str(value) for name, value in self.headers.items() if not isinstance(value, Unset)}

    def at_cursor(self, cursor: str | None) -> Call:
        """The same list from this cursor on."""
        return self if cursor is None else replace(self, query={**self.query, "cursor": cursor})

    def after_event(self, event_id: str | None) -> Call:
        """The same stream from behind this event on."""
        return self if event_id is None else replace(self, headers={**self.headers, "Last-Event-ID": event_id})


def path(template: str, *values: object) -> str:
    """A path whose `{}` are these values.

    Raises:
        ValueError: when a value is empty or would lead to another path.
    """
    for value in values:
        if str(value) in ("", ".", ".."):
            raise ValueError(f"{str(value)!r} cannot be part of the path {template}")
    return template.format(*(quote(str(value), safe="") for value in values))


def json_body(fields: Mapping[str, object]) -> bytes:
    """The fields that are set, as a JSON object."""
    return encode(set_fields(fields))


def set_fields(fields: Mapping[str, object]) -> dict[str, Any]:
    """The fields that are not UNSET."""
    return {name: value for name, value in fields.items() if not isinstance(value, Unset)}


def form_body(fields: Mapping[str, str | Unset]) -> bytes:
    """The fields that are set, as a form."""
    pairs = ((name, value) for name, value in fields.items() if not isinstance(value, Unset))
    return "&".join(f"{name}={quote(value, safe='')}" for name, value in pairs).encode()


def with_id(record: Mapping[str, object]) -> Mapping[str, object]:
    """The record with an id, of its `timestamp`'s millisecond when it has one, so that it can be sent twice."""
    if record.get("id", None) is not None and not isinstance(record["id"], Unset):
        return record
    at = record.get("timestamp")
    return {**record, "id": uuid7(at if isinstance(at, datetime) else None)}


def key_or_new(given: str | Unset) -> str:
    """The caller's key, or a new one."""
    return str(uuid4()) if isinstance(given, Unset) else given


def entity_tags(version: int | str | Unset) -> str | Unset:
    """What `If-Match` and `If-None-Match` hold: a version's entity tag, or a text as it is."""
    return f'"{version}"' if isinstance(version, int) else version


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return instant(value)
    if isinstance(value, str | int | float | UUID):
        return str(value)
    raise TypeError(f"a query parameter cannot be a {type(value).__name__}")


__all__ = [
    "NDJSON",
    "UNSET",
    "Call",
    "Unset",
    "entity_tags",
    "form_body",
    "json_body",
    "key_or_new",
    "path",
    "set_fields",
    "with_id",
]
