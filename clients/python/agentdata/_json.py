"""Values as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID


def encode(value: object, fallback: Callable[[Any], Any] | None = None) -> bytes:
    """A value as compact JSON.

    UUIDs and decimals become texts, instants RFC 3339, mappings objects, sets and arrays (whatever has
    `tolist`) arrays, models what their `to_dict` says; for all else `fallback` is asked.

    Raises:
        TypeError: when JSON cannot express it.
        ValueError: when a number is not finite, a text is not Unicode, an instant has no time zone, or the
            value holds itself.
    """

    def default(value: Any) -> Any:
        try:
            return plain(value)
        except TypeError:
            if fallback is None:
                raise
            return fallback(value)

    text = json.dumps(value, default=default, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.encode()


def plain(value: Any) -> Any:
    """What the JSON encoder does not know, in what it does."""
    if isinstance(value, datetime):
        return instant(value)
    if isinstance(value, UUID | Decimal):
        return str(value)
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, AbstractSet):
        return list(value)
    for name in ("to_dict", "tolist"):
        convert = getattr(value, name, None)
        if callable(convert):
            return convert()
    if isinstance(value, bytes | bytearray) or not hasattr(value, "__iter__"):
        raise TypeError(f"JSON cannot express a {type(value).__name__}")
    return list(value)


def instant(value: datetime) -> str:
    """An instant as RFC 3339.

    Raises:
        ValueError: when it has no time zone.
    """
    if value.tzinfo is None:
        raise ValueError("a datetime must have a time zone, such as datetime.now(timezone.utc)")
    return value.isoformat()
