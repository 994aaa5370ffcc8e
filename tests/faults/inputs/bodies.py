"""Input, HTTP: bodies that are no JSON, another JSON than they should be, or too many of it."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from functools import cache

from .bench import Bench
from .http import LARGE, MIB, TOO_LARGE
from .postgres_facts import TAKERS_OF_JSON
from .row import MALFORMED, Case, Refused, Row, bodies, case, refused_at
from .spec import operation, resolved, where
from .wire import head

UNSUPPORTED = Refused(415, "unsupported_media_type")
ARRAYS = where(lambda place: place.kind == "body" and "array" in place.types)
LINES = [operation("import_embeddings")]
WORDS = where(lambda place: place.kind == "body" and "enum" in resolved(place.schema))


@cache
def bomb() -> bytes:
    """Forty mebibytes in forty kilobytes."""
    return gzip.compress(b"[" + b" " * (40 * MIB), 9)


def broken_gzip(bench: Bench) -> Iterator[Case]:
    for one in TAKERS_OF_JSON:
        good = gzip.compress(json.dumps(one.bodies()[0]).encode())
        for body in (b"{}", good[:-5], good[: len(good) // 2], good + b"x", b""):
            yield Case(
                f"{one.id} {body[:8]!r}", bench.send_to(one, body, "Content-Encoding: gzip"), MALFORMED, one.method
            )


def million_items(bench: Bench) -> Iterator[Case]:
    """Where so large a body is taken it is refused in its place; elsewhere as a body."""
    for number, place in enumerate(ARRAYS):
        # Each takes a second in a debug build.
        if bench.short and number % 5:
            continue
        for item, count in (("0", 1_000_000), (("{}", '""')[number % 2], 200_000)):
            text = "[" + f"{item}," * (count - 1) + item + "]"
            large = place.operation.id not in LARGE and len(text) > MIB
            expected = TOO_LARGE if large else Refused(422, "invalid_request", place.name, inside=True)
            yield Case(f"{place} {count} of {item}", bench.request(place, text), expected, place.operation.method)
    for one in TAKERS_OF_JSON:
        if one.schema.get("type") == "array":
            example = json.dumps(one.bodies()[0][0])
            for count, item in ((10_001, example), (1_000_000, "{}")):
                body = f"[{f'{item},' * (count - 1)}{item}]".encode()
                expected = Refused(422, "invalid_request", "", inside=True)
                yield Case(f"{one.id} {count} items", bench.send_to(one, body), expected, one.method)


def wrong_types(bench: Bench) -> Iterator[Case]:
    types = ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/xml"]
    types += ["application/problem+json", "application/jsonx", "application/json; charset=utf-16", "nonsense", ""]
    for one in TAKERS_OF_JSON + LINES:
        for kind in [*types, "application/json" if one in LINES else "application/octet-stream"]:
            request = bench.send_to(one, b"{}", f"Content-Type: {kind}")
            yield Case(f"{one.id} {kind}", request, UNSUPPORTED, one.method)
        lines = [line for line in bench.lines(one, b"{}") if not line.startswith("Content-Type")]
        yield Case(f"{one.id} none", head(one.method, bench.path(one), *lines) + b"{}", UNSUPPORTED, one.method)
        for coding in ("br", "deflate", "compress", "gzip, gzip", "nonsense"):
            request = bench.send_to(one, b"{}", f"Content-Encoding: {coding}")
            yield Case(f"{one.id} {coding}", request, UNSUPPORTED, one.method)


def not_json(bench: Bench) -> Iterator[Case]:
    """Each around a body that would be good."""
    for one in TAKERS_OF_JSON:
        text = json.dumps(one.bodies()[0])
        for name, body in {
            "trailing data": text.encode() + b" {}",
            "trailing NUL": text.encode() + b"\0",
            "trailing comma": text.encode()[:-1] + b"," + text.encode()[-1:],
            "two": text.encode() * 2,
            "lines of it": text.encode() + b"\n" + text.encode(),
            "cut off": text.encode()[:-1],
            "a comment": text.encode() + b"//",
            "single quotes": text.replace('"', "'").encode(),
            "empty": b"",
            "blank": b" \r\n\t",
            "BOM": b"\xef\xbb\xbf" + text.encode(),
            "UTF-16": text.encode("utf-16"),
            "UTF-16 without BOM": text.encode("utf-16-le"),
            "UTF-32": text.encode("utf-32-be"),
            "UTF-7": b"+AHsAfQ-",
            "a form": b"name=x",
        }.items():
            yield Case(f"{one.id}: {name}", bench.send_to(one, body), MALFORMED, one.method)


def other_kinds_of_json(bench: Bench) -> Iterator[Case]:
    """Good JSON, and not what a body is."""
    for one in TAKERS_OF_JSON:
        for body in (b"null", b"true", b"17", b'"text"', b"[[]]" if one.schema.get("type") == "array" else b"[]"):
            yield Case(
                f"{one.id}: {body!r}",
                bench.send_to(one, body),
                Refused(422, "invalid_request", "", inside=True),
                one.method,
            )


def words_in_objects(bench: Bench) -> Iterator[Case]:
    """As Rust's serde writes enumerations that have more than words."""
    for place in WORDS:
        word = resolved(place.schema)["enum"][0]
        yield case(bench, place, f'{{"{word}":null}}', Refused(422, "invalid_request", place.name, inside=True))


def members_twice(bench: Bench) -> Iterator[Case]:
    """Two readers could read two things."""
    for place in where(lambda place: place.kind == "body" and place.name.count("/") == 1 and place.is_exemplary):
        if isinstance(place.operation.bodies()[0], dict):
            name = json.dumps(place.name[1:])
            value = bench.value_of(place)
            request = bench.request(place, f"{value}, {name}: {value}")
            yield Case(str(place), request, Refused(422, "invalid_request", place.name), place.operation.method)


def members_that_are_not_there(bench: Bench) -> Iterator[Case]:
    """Nobody sets what the server sets, or misspells a member unnoticed."""
    for one in TAKERS_OF_JSON:
        for name in ("tenant_id", "tenant", "created_at", "updated_at", "deleted_at", "__proto__", "Name", ""):
            body = one.bodies()[0]
            first = body[0] if isinstance(body, list) else body
            text = json.dumps([{**first, name: 1}] if isinstance(body, list) else {**first, name: 1})
            place = f"/0/{name}" if isinstance(body, list) else f"/{name}"
            yield Case(
                f"{one.id} {name!r}",
                bench.send_to(one, text.encode()),
                Refused(422, "invalid_request", place),
                one.method,
            )


ROWS = [
    Row("gzip bomb", lambda bench: bodies(TAKERS_OF_JSON, bomb(), TOO_LARGE, "Content-Encoding: gzip")(bench)),
    Row("gzip that is none", broken_gzip),
    Row("wrong content type 415", wrong_types),
    Row("trailing data after JSON; empty body; BOM; UTF-16", not_json),
    Row("JSON of another kind", other_kinds_of_json),
    Row("a word that is none", refused_at(WORDS, ["{}", "[]", "17", "true", '""', '"no such word"', '{"a":1}'])),
    Row("a word in an object", words_in_objects),
    Row("duplicate keys of a body", members_twice),
    Row("unknown fields; tenant_id, version, created_at in bodies", members_that_are_not_there),
    Row("1e6-element arrays (maxItems)", million_items),
]
