"""Whether an answer is what its row says, and has the form that every answer has."""

from __future__ import annotations

from .bench import REGISTERED, Bench
from .row import Bare, Case, Finds, Kept, OAuth, Refused
from .wire import Answer, Connection, exact

MEMBERS = {"type", "title", "status", "detail", "instance", "code", "errors"}


def problems_of(bench: Bench, case: Case) -> list[str]:
    """What is wrong with the answer to a case; each problem says where."""
    try:
        if isinstance(case.expected, Bare):
            found = _bare(bench, case, case.expected)
        else:
            answer = bench.ask(case.request, case.method)
            found = judged(bench, case, answer)
    except (OSError, ValueError, AssertionError) as error:
        found = [f"{error!r}"]
    return [f"{case.where}: {problem}" for problem in found]


def judged(bench: Bench, case: Case, answer: Answer) -> list[str]:
    """What is wrong with this answer."""
    expected, what = case.expected, f"{answer.status} {answer.body[:300]!r}"
    if any(name == "x-injected" for name, _ in answer.headers):
        return [f"a header was injected: {answer.headers}"]
    if isinstance(expected, Refused):
        if answer.status != expected.status:
            return [f"expected {expected.status} {expected.code}, got {what}"]
        if case.method == "HEAD":
            return []
        return problems_of_form(answer) or problems_of_place(answer, expected)
    if isinstance(expected, OAuth):
        good = answer.status in (400, 401) and set(answer.json) == {"error", "error_description"}
        return [] if good else [f"expected an error of OAuth, got {what}"]
    if answer.status >= 300:
        return [f"expected a success, got {what}"]
    if isinstance(expected, Kept):
        read, wanted = bench.read_back(expected.place, answer), exact(expected.text)
        if expected.place.operation.method == "PATCH" and isinstance(wanted, dict):
            # RFC 7396: what the patch does not name stays.
            read = {name: read.get(name) for name in wanted}
        if not same(read, wanted):
            return [f"expected to read {wanted!r:.100}, got {read!r:.100}"]
    if isinstance(expected, Finds) and len(answer.json["items"]) != expected.count:
        return [f"expected {expected.count} items, got {what}"]
    return []


def problems_of_form(answer: Answer) -> list[str]:
    """Whether a refusal has the form of RFC 9457, with a code that docs/errors.md knows."""
    if answer.header("content-type") != "application/problem+json":
        return [f"the content type is {answer.header('content-type')!r}"]
    problem = answer.json
    instance = f"urn:uuid:{answer.header('x-request-id')}"
    if set(problem) != MEMBERS or problem["instance"] != instance or not problem["title"] or not problem["detail"]:
        return [f"not the form of a problem: {problem}"]
    if problem["status"] != answer.status or REGISTERED.get(problem["code"]) != answer.status:
        return [f"{problem['code']} is no code of {answer.status}"]
    return []


def problems_of_place(answer: Answer, expected: Refused) -> list[str]:
    """Whether it has the code and names the place."""
    problem = answer.json
    if problem["code"] != expected.code:
        return [f"expected {expected.code}, got {problem}"]
    if expected.place is None:
        return [] if answer.places == [] else [f"expected no place, got {answer.places}"]
    if expected.place in answer.places:
        return []
    if expected.inside and any(place.startswith(f"{expected.place}/") for place in answer.places):
        return []
    return [f"expected the place {expected.place!r}, got {problem['errors']}"]


def same(read: object, wanted: object) -> bool:
    """Whether two values are equal, the signs of zeros included."""
    if isinstance(read, list) and isinstance(wanted, list):
        return len(read) == len(wanted) and all(map(same, read, wanted))
    if isinstance(read, dict) and isinstance(wanted, dict):
        return read.keys() == wanted.keys() and all(same(read[key], wanted[key]) for key in read)
    if isinstance(read, bool) != isinstance(wanted, bool):
        return False
    return read == wanted and (read != 0 or str(read).startswith("-") == str(wanted).startswith("-"))


def _bare(bench: Bench, case: Case, expected: Bare) -> list[str]:
    with Connection(bench.server.port) as connection:
        connection.send(case.request)
        statuses = tuple(connection.answer(case.method).status for _ in expected.statuses)
        if statuses != expected.statuses:
            return [f"expected {expected.statuses}, got {statuses}"]
        if expected.closes and not connection.is_closed():
            return ["the connection was left open"]
    return []
