"""The judge of the table of input finds what is wrong: answers that were made up, each with one fault."""

from __future__ import annotations

import json
from typing import Any, cast

import pytest
from inputs.bench import Bench
from inputs.judge import judged, same
from inputs.row import Accepted, Case, Expected, Finds, OAuth, Refused
from inputs.wire import Answer, exact

ID = "019308d4-6e65-7cc0-b5c5-2a0d8f1e4b11"
PROBLEM = {
    "type": "urn:agentdata:problem:invalid_request",
    "title": "The request is not valid",
    "status": 422,
    "detail": "/name: is too long",
    "instance": f"urn:uuid:{ID}",
    "code": "invalid_request",
    "errors": [{"pointer": "/name", "message": "is too long"}],
}
NAMED = Refused(422, "invalid_request", "/name")


def problems(expected: Expected, status: int, body: Any, **headers: str) -> list[str]:
    """What the judge says of an answer. It asks no server of these."""
    all_headers = {"content-type": "application/problem+json", "x-request-id": ID, **headers}
    answer = Answer(status, list(all_headers.items()), json.dumps(body).encode())
    return judged(cast(Bench, None), Case("", b"", expected), answer)


def test_a_good_refusal_is_good() -> None:
    assert problems(NAMED, 422, PROBLEM) == []
    assert problems(Refused(422, "invalid_request", "", inside=True), 422, PROBLEM) == []


@pytest.mark.parametrize(
    ("expected", "status", "body", "headers"),
    [
        pytest.param(NAMED, 500, PROBLEM, {}, id="500"),
        pytest.param(NAMED, 201, {}, {}, id="accepted"),
        pytest.param(NAMED, 422, PROBLEM, {"content-type": "application/json"}, id="content type"),
        pytest.param(NAMED, 422, {**PROBLEM, "status": 400}, {}, id="another status in the body"),
        pytest.param(NAMED, 422, {**PROBLEM, "code": "no_such_code"}, {}, id="a code that is not registered"),
        pytest.param(NAMED, 422, {**PROBLEM, "code": "idempotency_key_reused"}, {}, id="another code"),
        pytest.param(NAMED, 422, {**PROBLEM, "instance": "urn:uuid:0"}, {}, id="another request"),
        pytest.param(NAMED, 422, {**PROBLEM, "sql": "SELECT"}, {}, id="a member too many"),
        pytest.param(NAMED, 422, {**PROBLEM, "errors": []}, {}, id="no place"),
        pytest.param(Refused(422, "invalid_request", "/names"), 422, PROBLEM, {}, id="another place"),
        pytest.param(Refused(422, "invalid_request", "/n", inside=True), 422, PROBLEM, {}, id="a place beside"),
        pytest.param(Refused(422, "invalid_request"), 422, PROBLEM, {}, id="a place where none is"),
        pytest.param(Accepted(), 200, {}, {"x-injected": "1"}, id="a header that was injected"),
        pytest.param(Accepted(), 422, PROBLEM, {}, id="refused"),
        pytest.param(Finds(0), 200, {"items": [1]}, {}, id="an item too many"),
        pytest.param(OAuth(), 400, PROBLEM, {}, id="no error of OAuth"),
        pytest.param(OAuth(), 500, {"error": "a", "error_description": "b"}, {}, id="500 of OAuth"),
    ],
)
def test_a_bad_answer_is_found(expected: Expected, status: int, body: Any, headers: dict[str, str]) -> None:
    assert problems(expected, status, body, **headers) != []


@pytest.mark.parametrize(
    ("read", "wanted"),
    [
        ("9007199254740992", "9007199254740993"),
        ("0.1", "0.1000000000000000055511151231257827"),
        ("[0.0]", "[-0.0]"),
        ('{"a":1}', '{"a":1,"b":null}'),
        ('"caf\u00e9"', '"cafe\u0301"'),
        ("true", '"true"'),
        ("1", "true"),
        ("[1]", "[1,1]"),
    ],
)
def test_values_that_look_alike_differ(read: str, wanted: str) -> None:
    assert not same(exact(read), exact(wanted))
    assert same(exact(wanted), exact(wanted))
