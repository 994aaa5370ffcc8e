"""The form of the table: a row is a fault by its name, and the requests in which it is sent."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from .bench import Bench
from .spec import UNIQUE, Operation, Place


@dataclass(frozen=True)
class Refused:
    """A problem, after which everything is as it was.

    Attributes:
        place: What `errors` must name; none when the problem has no place.
        inside: Whether it may also name something within that place.
    """

    status: int
    code: str
    place: str | None = None
    inside: bool = False


@dataclass(frozen=True)
class OAuth:
    """An error of RFC 6749 §5.2."""


@dataclass(frozen=True)
class Accepted:
    """A success."""


@dataclass(frozen=True)
class Kept:
    """A success, after which this JSON stands at the place where it was written."""

    place: Place
    text: str


@dataclass(frozen=True)
class Finds:
    """A list of so many items."""

    count: int


@dataclass(frozen=True)
class Bare:
    """Answers in this order over a connection of its own, as HTTP alone has it; then that is closed, or is not.

    What the HTTP library refuses before there is a request has no body.
    """

    statuses: tuple[int, ...]
    closes: bool


Expected = Refused | OAuth | Accepted | Kept | Finds | Bare
INVALID = Refused(422, "invalid_request")
MALFORMED = Refused(400, "malformed_request")


@dataclass(frozen=True)
class Case:
    """One request of a row; `where` is for people, the method tells how its answer is read."""

    where: str
    request: bytes
    expected: Expected
    method: str = "GET"

    @property
    def stores_nothing(self) -> bool:
        """Whether everything must be as it was afterwards."""
        return isinstance(self.expected, Refused | OAuth) or self.method in ("GET", "HEAD", "OPTIONS")


Cases = Callable[[Bench], Iterable[Case]]


@dataclass(frozen=True)
class Row:
    """A fault, as the list calls it, and its cases."""

    fault: str
    cases: Cases


def refused_at(places: list[Place], values: Iterable[str], by: Refused | Callable[[Place], Refused] = INVALID) -> Cases:
    """Each value in each place, refused. A 422 names the place.

    In a body values are JSON, in parameters they are percent-encoded already.
    """
    texts = list(values)

    def cases(bench: Bench) -> Iterator[Case]:
        for place, value in bench.chosen(places, texts):
            expected = by if isinstance(by, Refused) else by(place)
            if expected.status == 422 and expected.place is None:
                expected = replace(expected, place=place.name)
            yield case(bench, place, value, expected)

    return cases


def kept_at(places: list[Place], values: Iterable[str | tuple[str, str]]) -> Cases:
    """Each value (JSON) in each place, kept; of two the second is what is read."""
    pairs = [value if isinstance(value, tuple) else (value, value) for value in values]

    def cases(bench: Bench) -> Iterator[Case]:
        for place, (sent, read) in bench.chosen(places, pairs):
            name = bench.fresh()
            yield case(bench, place, sent.replace(UNIQUE, name), Kept(place, read.replace(UNIQUE, name)))

    return cases


def accepted_at(places: list[Place], values: Iterable[str]) -> Cases:
    """Each value in each place, accepted."""
    texts = list(values)

    def cases(bench: Bench) -> Iterator[Case]:
        for place, value in bench.chosen(places, texts):
            yield case(bench, place, value, Accepted())

    return cases


def case(bench: Bench, place: Place, value: str, expected: Expected) -> Case:
    """A value in a place."""
    where = f"{place} = {value if len(value) <= 60 else value[:60] + '…'}"
    return Case(where, bench.request(place, value), expected, place.operation.method)


def together(*all: Cases) -> Cases:
    """The cases of several."""

    def cases(bench: Bench) -> Iterator[Case]:
        for some in all:
            yield from some(bench)

    return cases


def bodies(operations: Iterable[Operation], body: bytes, expected: Expected, *more: str) -> Cases:
    """One body for each operation."""

    def cases(bench: Bench) -> Iterator[Case]:
        for one in operations:
            yield Case(one.id, bench.send_to(one, body, *more), expected, one.method)

    return cases
