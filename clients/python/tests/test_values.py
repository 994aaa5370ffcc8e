"""Ids, JSON, paths and forms: what requests are made of."""

from __future__ import annotations

import json
import math
from collections import OrderedDict
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from urllib.parse import parse_qs
from uuid import UUID

import pytest
from agentdata import UNSET, models, uuid7
from agentdata._call import form_body, json_body, path, with_id
from agentdata._json import encode


def test_a_uuid7_carries_its_instant() -> None:
    at = datetime(2026, 1, 2, 3, 4, 5, 678_901, tzinfo=timezone(timedelta(hours=2)))
    made = uuid7(at)
    assert (made.version, made.variant) == (7, "specified in RFC 4122")
    assert made.int >> 80 == int(at.timestamp() * 1000)
    before = [uuid7(at + timedelta(microseconds=n)) for n in range(2_000)]
    assert before == sorted(before)
    assert uuid7(at) != uuid7(at)
    now = datetime.now(timezone.utc).timestamp() * 1000
    assert abs((uuid7().int >> 80) - now) < 1_000
    with pytest.raises(ValueError, match="time zone"):
        uuid7(datetime(2026, 1, 1))
    with pytest.raises(ValueError, match="1970"):
        uuid7(datetime(1969, 12, 31, tzinfo=timezone.utc))


def test_values_become_json() -> None:
    class Array:
        def tolist(self) -> list[float]:
            return [1.5]

    value = {
        "id": UUID(int=1),
        "at": datetime(2026, 1, 1, tzinfo=timezone.utc),
        "cost": Decimal("0.10"),
        "set": {1},
        "mapping": OrderedDict(a=None),
        "array": Array(),
        "range": range(2),
        "model": models.FieldError(message="x"),
        "text": "\u2028",
    }
    assert json.loads(encode(value)) == {
        "id": "00000000-0000-0000-0000-000000000001",
        "at": "2026-01-01T00:00:00+00:00",
        "cost": "0.10",
        "set": [1],
        "mapping": {"a": None},
        "array": [1.5],
        "range": [0, 1],
        "model": {"message": "x"},
        "text": "\u2028",
    }


@pytest.mark.parametrize("value", [math.nan, math.inf, "\ud800", datetime(2026, 1, 1), b"bytes", object(), UNSET])
def test_what_json_cannot_express_is_refused(value: object) -> None:
    with pytest.raises((TypeError, ValueError)):
        encode(value)


def test_what_is_left_out_and_null_are_two_things() -> None:
    assert json_body({"a": UNSET, "b": None, "c": False}) == b'{"b":null,"c":false}'
    form = form_body({"a": UNSET, "b": "x &=+%\u00e9", "c": ""})
    assert parse_qs(form.decode(), keep_blank_values=True) == {"b": ["x &=+%\u00e9"], "c": [""]}


def test_a_value_cannot_leave_its_place_in_a_path() -> None:
    assert path("/a/{}/b/{}", "x/../y?", UUID(int=0)) == "/a/x%2F..%2Fy%3F/b/00000000-0000-0000-0000-000000000000"
    for value in ("", ".", ".."):
        with pytest.raises(ValueError, match="path"):
            path("/a/{}", value)


def test_an_id_is_given_once() -> None:
    at = datetime(2026, 1, 1, tzinfo=timezone.utc)
    made = with_id({"timestamp": at, "id": None})["id"]
    assert isinstance(made, UUID)
    assert made.int >> 80 == at.timestamp() * 1000
    assert with_id({"id": "mine"}) == {"id": "mine"}


def test_answers_of_a_newer_server_are_read() -> None:
    spec = json.loads((Path(__file__).parents[3] / "openapi" / "openapi.json").read_text())
    answer = {**spec["components"]["schemas"]["Log"]["example"], "level": "loud", "new": 1}
    log = models.Log.from_dict(answer)
    assert (log.level, log["new"], log.message) == ("loud", 1, answer["message"])
