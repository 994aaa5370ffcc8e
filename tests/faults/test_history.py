"""The check of histories must be able to fail: each kind of harm is invented here, and found."""

from __future__ import annotations

from collections import Counter

import pytest
from history import Attempt, Outcome, Stored, Verdict, Write, judge


def write(*outcomes: Outcome, marks: tuple[str, ...] = ("a",), place: str | None = None) -> Write:
    return Write("log", marks, [Attempt("log", 0.0, 0.1, outcome) for outcome in outcomes], place)


def found(writes: list[Write], *marks: str, **more: object) -> Verdict:
    return judge(writes, Stored(marks={"log": Counter(marks)}, **more))  # type: ignore[arg-type]


OK, REFUSED, UNKNOWN = Outcome.OK, Outcome.REFUSED, Outcome.UNKNOWN


@pytest.mark.parametrize(
    ("outcomes", "stored"),
    [
        ([OK], ["a"]),
        ([REFUSED], []),
        ([UNKNOWN], []),
        ([UNKNOWN], ["a"]),
        ([UNKNOWN, REFUSED], ["a"]),  # the first attempt may have stored it
        ([UNKNOWN, OK], ["a"]),
        ([REFUSED, OK], ["a"]),
    ],
)
def test_what_may_be(outcomes: list[Outcome], stored: list[str]) -> None:
    assert found([write(*outcomes)], *stored).problems() == []


def test_a_lost_write_is_found() -> None:
    assert found([write(OK)]).lost == ["log a"]
    assert found([write(UNKNOWN, OK)]).lost == ["log a"]


def test_a_batch_of_which_a_part_is_there_is_found() -> None:
    assert found([write(OK, marks=("a", "b"))], "a").lost == ["log a, b"]
    assert found([write(UNKNOWN, marks=("a", "b"))], "b").torn == ["log a, b"]
    assert found([write(UNKNOWN, marks=("a", "b"))], "a", "b").problems() == []


def test_a_write_that_is_there_twice_is_found() -> None:
    for outcome in (OK, UNKNOWN):
        assert found([write(outcome)], "a", "a").duplicated == ["log a × 2"]


def test_a_refused_write_that_is_there_is_found() -> None:
    assert len(found([write(REFUSED)], "a").resurrected) == 1


def test_a_row_that_nobody_wrote_is_found() -> None:
    assert found([write(OK)], "a", "b").strange == ["log b"]


def test_a_version_that_is_not_the_answered_one_is_found() -> None:
    places = {"log": {"a": "2"}}
    assert found([write(OK, place="2")], "a", places=places).problems() == []
    assert found([write(OK, place="1")], "a", places=places).misplaced == ["log a at 2, answered 1"]


@pytest.mark.parametrize("versions", [[1, 3], [2], [1, 2, 2], [0, 1]])
def test_a_gap_in_versions_is_found(versions: list[int]) -> None:
    assert len(found([], sequences={"prompts": versions}).gaps) == 1
    assert found([], sequences={"prompts": [2, 1, 3]}).problems() == []


def test_a_wrong_count_is_found() -> None:
    assert found([], totals={"dataset": (3, 2)}).miscounted == ["dataset: says 3, is 2"]
    assert found([], totals={"dataset": (2, 2)}).problems() == []


def test_an_orphan_is_found() -> None:
    assert found([], faults=["1 row of logs without an agent"]).problems() != []
