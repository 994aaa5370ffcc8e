"""Input, PostgreSQL's facts: what text and jsonb cannot hold."""

from __future__ import annotations

from collections.abc import Iterator

from .bench import Bench
from .row import INVALID, MALFORMED, Case, Kept, Refused, Row, bodies, case, kept_at, refused_at, together
from .spec import JSON, Place, operations, where

STRINGS = where(lambda place: place.kind == "body" and "string" in place.types)
# Any JSON, or any object.
FREE = where(lambda place: place.is_free)
# What is stored of it and read again. Attributes of metrics have no levels, a schema is more than any object.
STORED = [
    place
    for place in FREE
    if not place.name.startswith(("/filter", "/queries", "/variables", "/schema"))
    and "metric" not in place.operation.id
]
IN_PATHS_AND_QUERIES = where(lambda place: place.kind in ("path", "query"))
TAKERS_OF_JSON = [one for one in operations() if one.media_type == JSON]
DEEPEST = 127


def is_passed_on(place: Place) -> bool:
    """Whether the JSON here is checked and stored as the text that it is, so that its faults have a place in a valid body."""
    if place.name.endswith(("/filter/path", "/filter/prefix")):
        return False
    return place.name.endswith(("/attributes", "/input", "/output", "/items/0/metadata")) or "/filter/" in place.name


def unreadable(place: Place) -> Refused:
    """JSON that the parser does not take."""
    return INVALID if is_passed_on(place) else MALFORMED


def levels(depth: int) -> str:
    """An object of so many levels."""
    return '{"a":' + "[" * (depth - 1) + "]" * (depth - 1) + "}"


def deepest(place: Place) -> int:
    """The most levels that a value here may have."""
    return DEEPEST if is_passed_on(place) else DEEPEST - place.name.count("/")


def depth_that_is_taken(bench: Bench) -> Iterator[Case]:
    for place in STORED:
        text = levels(deepest(place))
        yield case(bench, place, text, Kept(place, text))


def depth_that_is_refused(bench: Bench) -> Iterator[Case]:
    for place in FREE:
        for depth in (deepest(place) + 1, 128, 129, 100_000):
            expected = unreadable(place)
            if expected is INVALID:
                expected = Refused(422, "invalid_request", place.name)
            yield case(bench, place, levels(depth), expected)


def nul_at_the_deepest(bench: Bench) -> Iterator[Case]:
    for place in FREE:
        text = levels(deepest(place)).replace("[]", r'["\u0000"]')
        yield case(bench, place, text, Refused(422, "invalid_request", place.name, inside=True))


def whole_bodies_that_are_deep(bench: Bench) -> Iterator[Case]:
    for one in TAKERS_OF_JSON:
        place = "/0" if one.schema.get("type") == "array" else ""
        deep = b"[" * 100_000 + b"]" * 100_000
        yield Case(one.id, bench.send_to(one, deep), Refused(422, "invalid_request", place), one.method)


ROWS = [
    Row("NUL in text -> 22021", refused_at(STRINGS, [r'"\u0000"', r'"a\u0000b"'])),
    Row("NUL as a byte of the body", refused_at(STRINGS + FREE, ['"a\0b"'], MALFORMED)),
    Row("NUL in a path or a query", refused_at(IN_PATHS_AND_QUERIES, ["%00", "a%00b"], MALFORMED)),
    Row(
        r"`\u0000` in jsonb value or key -> 22P05, recursively",
        together(
            refused_at(FREE, [r'{"\u0000":1}', r'{"a\u0000b":[]}']),
            refused_at(FREE, [r'{"a":"\u0000"}'], lambda place: Refused(422, "invalid_request", place.name + "/a")),
            refused_at(
                FREE,
                [r'{"a":[{"b/c~d":"\u0000"}]}'],
                lambda place: Refused(422, "invalid_request", place.name + "/a/0/b~1c~0d"),
            ),
        ),
    ),
    Row(r"`\u0000` at the deepest level", nul_at_the_deepest),
    Row("an escaped backslash before u0000 is text", kept_at(STORED, [r'{"a":"\\u0000"}', r'{"\\u0000":1}'])),
    Row(
        "lone surrogate -> 22P02",
        together(
            refused_at(STRINGS, [r'"\ud800"', r'"\udc00"', r'"\udc00\ud800"'], unreadable),
            refused_at(FREE, [r'{"a":"\ud800"}', r'{"\udfff":1}'], unreadable),
        ),
    ),
    Row("a pair of surrogates is a character", kept_at(STORED, [r'{"a":"\ud83e\udd80"}'])),
    Row("jsonb depth: 127 levels", depth_that_is_taken),
    Row("jsonb depth: 128, 129, 100k -> 54001", depth_that_is_refused),
    Row("a body of 100k levels", whole_bodies_that_are_deep),
    Row("a body of 100k levels that do not end", bodies(TAKERS_OF_JSON, b"[" * 100_000, MALFORMED)),
    Row(
        "jsonb numbers: 1e400 accepted, 1e200000 -> 22003",
        refused_at(FREE, [f'{{"a":{number}}}' for number in ("1e400", "-1e200000", "1e-200000", "1e99999999999")]),
    ),
    Row("numbers of more than 4,000 digits", refused_at(FREE, ['{"a":0.' + "1" * 4000 + "}"])),
    Row(
        "big ints beyond 2^53 survive",
        kept_at(
            STORED,
            [
                f'{{"a":{number}}}'
                for number in (
                    "9007199254740993",
                    "-9223372036854775809",
                    "18446744073709551616",
                    "123456789012345678901234567890",
                    "0.1000000000000000055511151231257827",
                    "1e-400",
                    "1.7976931348623157e308",
                    "-0",
                    "0." + "1" * 3990,
                )
            ],
        ),
    ),
    Row(
        "serde_json's own names of numbers and raw values",
        refused_at(
            FREE,
            [
                f'{{"a":{{"{name}":{value}}}}}'
                for name in ("$serde_json::private::Number", r"\u0024serde_json::private::RawValue")
                for value in ('"17"', '"{}"', "1")
            ],
            lambda place: Refused(422, "invalid_request", place.name + "/a"),
        ),
    ),
    Row("those names as text", kept_at(STORED, ['{"a":"$serde_json::private::Number"}'])),
    Row("jsonb keeps last duplicate key", kept_at(STORED, [('{"a":1,"b":2,"a":3}', '{"a":3,"b":2}')])),
]
