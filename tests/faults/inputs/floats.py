"""Input, floats: what JSON cannot carry, what overflows, and vectors."""

from __future__ import annotations

import base64
import struct
from collections.abc import Iterator

from .bench import Bench
from .row import MALFORMED, Case, Row, kept_at, refused_at, together
from .spec import where

NUMBERS = where(lambda place: place.kind == "body" and bool(place.types & {"number", "integer"}))
# Those of filters take a text too.
PURE_NUMBERS = [place for place in NUMBERS if "string" not in place.types]
DOUBLES = where(lambda place: place.kind == "body" and place.format == "double")
SINGLES = where(lambda place: place.kind == "body" and place.format == "float")
VECTORS = where(lambda place: place.kind == "body" and place.types == {"array", "string"})
VALUES = [place for place in DOUBLES if place.name.endswith("value")]
STORED_VECTORS = [place for place in VECTORS if "search" not in place.operation.id]


def base64_of(*numbers: float) -> str:
    """Little-endian float32 in base64, as JSON."""
    return '"' + base64.b64encode(struct.pack(f"<{len(numbers)}f", *numbers)).decode() + '"'


def zeros(bench: Bench) -> Iterator[Case]:
    """In the dataset of the examples, whose distance is cosine."""
    for place in VECTORS:
        for value in ("[0,0,0,0]", "[0.0,-0.0,0,1e-400]", base64_of(0, 0, 0, 0)):
            yield from refused_at([place], [value])(bench)


inf, nan = float("inf"), float("nan")
ROWS = [
    Row(
        "NaN/Infinity (JSON can't carry it)",
        together(
            refused_at(NUMBERS, ["NaN", "Infinity", "-Infinity", "nan", "inf"], MALFORMED),
            refused_at(PURE_NUMBERS, ['"NaN"', '"Infinity"', '"-inf"', "true"]),
        ),
    ),
    Row("1e309", refused_at(PURE_NUMBERS, ["1e309", "-1e309", "1e400", "1" + "0" * 400])),
    Row(
        "numbers that are none", refused_at(NUMBERS, ["01", "+1", ".5", "1.", "0x10", "1_000", "1e", "--1"], MALFORMED)
    ),
    Row(
        "1e-400 is the nearest double, as every number",
        kept_at(VALUES, [("1e-400", "0"), "5e-324", ("2.2250738585072011e-308", "2.225073858507201e-308")]),
    ),
    Row("the largest doubles", kept_at(VALUES, ["1.7976931348623157e308", "-1.7976931348623157e308"])),
    Row(
        "vectors: NaN/Inf -> 22000",
        refused_at(VECTORS, [base64_of(nan, 0, 0, 1), base64_of(1, inf, 0, 0), base64_of(1, 0, 0, -inf)]),
    ),
    Row("vectors: 1e39 (f32 overflow) -> 22003", refused_at(SINGLES, ["1e39", "-1e39", "3.5e38", "1e308"])),
    Row("vectors: dim 0 -> 22000", refused_at(VECTORS, ["[]", '""'])),
    Row("vectors: > 16000 -> 54000", refused_at(VECTORS, ["[" + "1," * 16_000 + "1]", base64_of(*[1.0] * 16_001)])),
    Row("vectors: dim mismatch -> 22000", refused_at(VECTORS, ["[1,2,3]", "[1,2,3,4,5]", base64_of(1.0, 2.0)])),
    Row(
        "vectors: base64 that is none, or of half a number",
        refused_at(VECTORS, ['"AAAAAAAAAAAAAAAAAAAA*"', '"AAAAAAAAAAA="', '"AAAA AAAA"', '"____________________"']),
    ),
    Row("vectors: zero vector (cosine = NaN)", zeros),
    Row(
        "vectors: denormals",
        kept_at(
            STORED_VECTORS, [("[1e-45,0,0,1]", "[1e-45,0,0,1]"), ("[1.1754942e-38,1,0,0]", "[1.1754942e-38,1,0,0]")]
        ),
    ),
    Row("vectors: -0.0", kept_at(STORED_VECTORS, ["[-0.0,1,-0.0,0]"])),
    Row("vectors: too long for distances", refused_at(VECTORS, ["[1e19,0,0,0]", base64_of(0, 0, 0, 3.4e38)])),
    Row(
        "vectors: base64 is kept",
        kept_at(STORED_VECTORS, [(base64_of(0.5, -0.25, 1, 16_777_217), "[0.5,-0.25,1,16777216]")]),
    ),
]
