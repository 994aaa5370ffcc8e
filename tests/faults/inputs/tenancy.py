"""Input, cursors: tampered with, of another list, another filter, another tenant. The rest of tenancy is in `coverage`."""

from __future__ import annotations

import base64
from collections.abc import Iterator

from .bench import Bench
from .numbers import LIMITS
from .row import Case, Refused, Row
from .wire import head

LISTS = [place.operation for place in LIMITS]
NO_CURSOR = Refused(422, "invalid_request", "cursor")


def query(cursor: str, *more: str) -> str:
    return "&".join([*more, f"cursor={cursor}"])


def made_up(bench: Bench) -> Iterator[Case]:
    texts = [
        "AAAA",
        "%25",
        "0",
        "null",
        "'%20OR%201=1",
        base64.urlsafe_b64encode(b'{"id":1}').decode().rstrip("="),
        "A" * 1999,
        "A" * 2001,
    ]
    for one in LISTS:
        for text in texts:
            yield Case(f"{one.id} {text[:20]}", bench.send_to(one, query=query(text)), NO_CURSOR)


def altered(bench: Bench) -> Iterator[Case]:
    """Each byte in turn, and cut off, and longer."""
    for one in LISTS:
        cursor = bench.cursor(one)
        bytes_ = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        variants = [bytes_[:n] + bytes([bytes_[n] ^ 1]) + bytes_[n + 1 :] for n in range(len(bytes_))]
        if bench.short:
            variants = variants[::7]
        for variant in [*variants, bytes_[:-1], bytes_ + b" "]:
            text = base64.urlsafe_b64encode(variant).decode().rstrip("=")
            yield Case(f"{one.id} {text[:20]}", bench.send_to(one, query=query(text)), NO_CURSOR)
        for text in (cursor + "=", cursor.swapcase(), cursor[:-2]):
            yield Case(f"{one.id} {text[:20]}", bench.send_to(one, query=query(text)), NO_CURSOR)


def of_another_list(bench: Bench) -> Iterator[Case]:
    cursors = {one.id: bench.cursor(one) for one in LISTS}
    for one in LISTS:
        for other in LISTS:
            if one is not other:
                request = bench.send_to(one, query=query(cursors[other.id]))
                yield Case(f"{one.id} with that of {other.id}", request, NO_CURSOR)


def of_another_filter(bench: Bench) -> Iterator[Case]:
    for one in LISTS:
        for parameter in one.parameters("query"):
            match parameter["name"]:
                case "q" | "prefix" | "tag" | "session_id" | "tool_name":
                    more = f"{parameter['name']}=name"
                case "from" | "created_after":
                    more = f"{parameter['name']}=2026-11-23T09:30:00Z"
                case "order":
                    more = "order=created_at_asc" if one.id == "list_agents" else "order=timestamp_asc"
                case _:
                    continue
            yield Case(f"{one.id} {more}", bench.send_to(one, query=query(bench.cursor(one), more)), NO_CURSOR)


def of_another_tenant(bench: Bench) -> Iterator[Case]:
    """On the one list that has the same path for every tenant; the Rust tests try it on all."""
    cursor = bench.cursor(next(one for one in LISTS if one.id == "list_agents"))
    request = head("GET", f"/agents?cursor={cursor}", f"Authorization: Bearer {bench.other_token}")
    yield Case("list_agents", request, NO_CURSOR)


ROWS = [
    Row("cursors made up", made_up),
    Row("cursors tampered", altered),
    Row("cursors of another list", of_another_list),
    Row("cursors of another filter or order", of_another_filter),
    Row("cursors foreign-tenant", of_another_tenant),
]
