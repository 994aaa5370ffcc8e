"""Input, numbers and time: bounds of integers, instants, pages."""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.parse import quote

from .bench import Bench
from .row import Accepted, Case, Refused, Row, accepted_at, case, kept_at, refused_at
from .spec import Place, operation, where

INTEGERS = where(lambda place: place.kind == "body" and "integer" in place.types)
# Integers in paths, queries and headers.
PARAMETERS = where(lambda place: place.kind != "body" and "integer" in place.types)
LIMITS = [place for place in PARAMETERS if place.name == "limit"]
INSTANTS = where(lambda place: place.format == "date-time")
TIMESTAMPS = [place for place in INSTANTS if place.kind == "body"]
FROM = where(lambda place: place.name == "from")
NO_INSTANTS = {
    "naive": "2026-11-23T09:30:00",
    "a date": "2026-11-23",
    "24:00": "2026-11-23T24:00:00Z",
    "61 seconds": "2026-11-23T09:30:61Z",
    "offset +24:00": "2026-11-23T09:30:00+24:00",
    "offset +16:60": "2026-11-23T09:30:00+16:60",
    "offset by name": "2026-11-23T09:30:00 Europe/Berlin",
    "year 294277": "294277-01-01T00:00:00Z",
    "year 10000": "10000-01-01T00:00:00Z",
    "year 0": "0000-01-01T00:00:00Z",
    "year -1": "-0001-01-01T00:00:00Z",
    "year 10000 in UTC": "9999-12-31T23:59:59-01:00",
    "year 0 in UTC": "0001-01-01T00:00:00+01:00",
    "infinity": "infinity",
    "-infinity": "-infinity",
    "now": "now",
    "epoch": "epoch",
    "seconds": "1700000000",
    "no such day": "2026-02-30T00:00:00Z",
    "no such hour": "2026-11-23T25:00:00Z",
    "basic form": "20261123T093000Z",
    "a week": "2026-W48-1T00:00:00Z",
    "other digits": "٢026-11-23T09:30:00Z",
    "nothing": "",
}
# As they are written, and as they are read.
KEPT_INSTANTS = {
    "leap second :60 -> next minute": ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000000Z"),
    "offset +15:59": ("2026-11-23T09:30:00+15:59", "2026-11-22T17:31:00.000000Z"),
    "offset +16:00": ("2026-11-23T09:30:00+16:00", "2026-11-22T17:30:00.000000Z"),
    "offset -23:59": ("2026-11-22T09:30:00-23:59", "2026-11-23T09:29:00.000000Z"),
    "ns are cut off": ("2026-11-23T09:30:59.999999999Z", "2026-11-23T09:30:59.999999Z"),
    "DST gap": ("2026-03-29T02:30:00+01:00", "2026-03-29T01:30:00.000000Z"),
    "DST twice": ("2025-10-26T02:30:00+02:00", "2025-10-26T00:30:00.000000Z"),
    "small letters": ("2026-11-23t09:30:00z", "2026-11-23T09:30:00.000000Z"),
    "1970": ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000000Z"),
}


def out_of_bounds(place: Place) -> list[int]:
    """Integers around the type and the bounds that the schema says."""
    schema = place.schema
    most = schema.get("maximum", 2**31 - 1 if schema["format"] == "int32" else 2**63 - 1)
    beyond = {schema["minimum"] - 1, -1, -(2**31) - 1, -(2**63) - 1, most + 1, 2**31, 10**9, 2**63, 2**64}
    return sorted(number for number in beyond if not schema["minimum"] <= number <= most)


def integers_beyond(bench: Bench) -> Iterator[Case]:
    for place in PARAMETERS + INTEGERS:
        for number in out_of_bounds(place):
            yield case(bench, place, str(number), Refused(422, "invalid_request", place.name))


def the_largest_pages(bench: Bench) -> Iterator[Case]:
    for place in LIMITS:
        yield case(bench, place, str(place.schema["maximum"]), Accepted())


def offsets(bench: Bench) -> Iterator[Case]:
    """There are cursors."""
    for place in LIMITS:
        for name in ("offset", "page", "skip"):
            query = "&".join(filter(None, [place.operation.query(), f"{name}=1"]))
            request = bench.send_to(place.operation, query=query)
            yield Case(f"{place.operation.id} {name}", request, Refused(422, "invalid_request", name))


def backwards(bench: Bench) -> Iterator[Case]:
    """From after to: refused, or nothing lies between them."""
    for place in FROM:
        one = place.operation
        query = "&".join(filter(None, [one.query(), "from=2026-11-23T09:30:00Z&to=2026-11-23T09:29:00Z"]))
        yield Case(one.id, bench.send_to(one, query=query), Refused(422, "invalid_request", "to"))


def too_wide(bench: Bench) -> Iterator[Case]:
    """A second for each of two thousand years."""
    for id in ("query_metrics", "metric_chart", "tool_statistics"):
        one = operation(id)
        query = "&".join(filter(None, [one.query(), "from=0001-01-01T00:00:00Z&to=9999-12-31T23:59:59Z&bucket=1s"]))
        yield Case(id, bench.send_to(one, query=query), Refused(422, "invalid_request", "bucket"))


def years_before_1970_and_ahead(bench: Bench) -> Iterator[Case]:
    """Records are of a time that has a partition."""
    for place in TIMESTAMPS:
        for year in ("0001", "1969", "2300", "9999"):
            yield case(bench, place, f'"{year}-12-31T23:59:59.999Z"', Refused(422, "invalid_request", place.name))


ROWS = [
    Row("limit 0, -1, 2^31, 2^63, 1e9; int4/int8 overflow 22003", integers_beyond),
    Row(
        'limit "10abc", float',
        refused_at(
            PARAMETERS, ["10abc", "1.5", "1e2", "0x10", "NaN", "1%2C2", "%201", "%EF%BC%91", "1'", "null", "true"]
        ),
    ),
    Row(
        "an integer that is a float or a text",
        refused_at(INTEGERS, ["1.5", "1e2", "1.0", '"1"', "true", "[1]", "1e400"]),
    ),
    Row("limit: cap at max", the_largest_pages),
    Row("offset none", offsets),
    Row(
        "timestamps: naive, 24:00, +24, year 294277, infinity, > 9999, < 1",
        refused_at(
            [place for place in INSTANTS if place.kind == "query"],
            [quote(text, safe="") for text in NO_INSTANTS.values()],
        ),
    ),
    Row(
        "the same in bodies",
        refused_at(TIMESTAMPS, [json.dumps(text) for text in NO_INSTANTS.values()] + ["1700000000", "0"]),
    ),
    Row(
        "timestamps: :60, +15:59, ns rounding, DST gaps; always UTC RFC 3339 out",
        kept_at(TIMESTAMPS, [(json.dumps(sent), json.dumps(read)) for sent, read in KEPT_INSTANTS.values()]),
    ),
    Row(
        "the same in queries",
        accepted_at(
            [place for place in INSTANTS if place.kind == "query" and place.name not in ("to", "as_of")],
            [quote(sent, safe="") for sent, _ in KEPT_INSTANTS.values()],
        ),
    ),
    Row("timestamps outside of the partitions", years_before_1970_and_ahead),
    Row("from > to", backwards),
    Row("range too wide", too_wide),
]
