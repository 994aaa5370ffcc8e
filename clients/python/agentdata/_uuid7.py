"""UUIDs of version 7, which the standard library has only since Python 3.14."""

from __future__ import annotations

import secrets
import time
from datetime import datetime, timedelta, timezone
from uuid import UUID

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_MAX_MILLISECONDS = (1 << 48) - 1


def uuid7(at: datetime | None = None) -> UUID:
    """A UUID of version 7 (RFC 9562 §5.7) that carries an instant: `at`, which must have a time zone, or now.

    Ids order as their instants do, to the microsecond.

    Raises:
        ValueError: when `at` has no time zone, or lies before 1970.
    """
    nanoseconds = time.time_ns() if at is None else _nanoseconds(at)
    milliseconds, rest = divmod(nanoseconds, 1_000_000)
    if not 0 <= milliseconds <= _MAX_MILLISECONDS:
        raise ValueError("the instant of a UUIDv7 must not lie before 1970")
    fraction = rest * 4096 // 1_000_000
    return UUID(int=milliseconds << 80 | 7 << 76 | fraction << 64 | 2 << 62 | secrets.randbits(62))


def _nanoseconds(at: datetime) -> int:
    if at.tzinfo is None:
        raise ValueError("the instant must have a time zone")
    return (at - _EPOCH) // timedelta(microseconds=1) * 1000
