"""A server with one of everything in it, for two tenants, and what is asked of it."""

from __future__ import annotations

import itertools
import json
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

from server import Server

from .spec import HOLE, JSON, UNIQUE, Operation, Place, operation
from .wire import Answer, Connection, head

T = TypeVar("T")

# These make what the paths of the others name, in this order; each says what it has made.
MAKERS: dict[str, dict[str, str]] = {
    "create_agent": {"agent_id": "id"},
    "create_prompt": {"version": "version"},
    "set_config": {"key": "key"},
    "create_log": {"log_id": "id"},
    "create_metric": {},
    "create_tool_usage": {"tool_usage_id": "id"},
    "create_dataset": {"dataset_id": "id"},
    "create_embeddings": {"embedding_id": "ids/0"},
    "create_oauth_client": {"client_id": "client/client_id"},
}
# Of what is listed there are two, which differ in this.
SECONDS: list[tuple[str, dict[str, Any]]] = [
    ("create_agent", {}),
    ("create_prompt", {"labels": ["production", "staging"]}),
    ("set_config", {"value": 2}),
    ("set_config", {"key": "another"}),
    ("create_log", {}),
    ("create_metric", {"name": "another"}),
    ("create_tool_usage", {}),
    ("create_dataset", {}),
    ("create_embeddings", {}),
    ("create_oauth_client", {}),
]
_ERRORS = Path(__file__).parents[3] / "docs/errors.md"
# The codes and statuses that docs/errors.md knows.
REGISTERED = {
    code: int(status) for code, status in re.findall(r"^\| `(\w+)` \| (\d{3}) \|", _ERRORS.read_text(), re.MULTILINE)
}
# Rows of every table, with nothing left out, as one text.
_FINGERPRINT = """
    SELECT format($$SELECT %L, count(*), md5(string_agg(md5(t::text), '' ORDER BY md5(t::text))) FROM %s AS t;$$, oid::regclass, oid::regclass)
    FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition ORDER BY relname \\gexec
"""


class Bench:
    """A server in use, asked over one connection that is kept for as long as the server keeps it."""

    def __init__(self, server: Server, *, short: bool) -> None:
        self.server, self.short = server, short
        self.database = server.embedded_database()
        self._numbers = itertools.count()
        self._connection: Connection | None = None
        self.token = server.token()
        self.other_token = self._token_of_another_tenant()
        # A tenant is there from its first token on.
        self.ask(head("GET", "/agents", f"Authorization: Bearer {self.other_token}"))
        self.ids = self.made()

    def close(self) -> None:
        """Closes the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def fresh(self) -> str:
        """A name that nothing has."""
        return f"name {os.getpid()} {next(self._numbers)}"

    def made(self) -> dict[str, Any]:
        """One of everything, by the examples; what the parameters of paths are called it has."""
        ids: dict[str, Any] = {"label": "production"}
        for maker, told in MAKERS.items():
            one = operation(maker)
            answer = self.ask(self.example(one, ids), one.method)
            assert answer.status in (200, 201), f"{maker}: {answer}"
            for name, place in told.items():
                ids[name] = at(answer.json, place)
        for maker, changes in SECONDS:
            one = operation(maker)
            body = json.dumps({**one.bodies()[0], **changes}).replace(UNIQUE, self.fresh()).encode()
            answer = self.ask(head("POST", self.path(one, ids), *self.lines(one, body)) + body)
            assert answer.status in (200, 201), f"{maker}: {answer}"
        return ids

    def _token_of_another_tenant(self) -> str:
        client = ("client", "create", "--name", "other", "--scopes", "agents:read", "--tenant", "other")
        printed = dict(line.split("=", 1) for line in self.server.command(*client).stdout.splitlines() if "=" in line)
        form = "grant_type=client_credentials&client_id={client_id}&client_secret={client_secret}".format(**printed)
        lines = ("Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(form)}")
        return str(self.ask(head("POST", "/oauth/token", *lines) + form.encode()).json["access_token"])

    # Requests.

    def lines(self, one: Operation, body: bytes | None, *more: str) -> list[str]:
        """The header lines of a request to an operation."""
        lines = [f"Authorization: Bearer {self.token}"] if one.is_secured else []
        if body is not None and not any(line.lower().startswith("content-type") for line in more):
            lines.append(f"Content-Type: {one.media_type or JSON}")
        if body is not None:
            lines.append(f"Content-Length: {len(body)}")
        return [*lines, *more]

    def path(self, one: Operation, ids: dict[str, Any] | None = None, **others: str) -> str:
        """The path of an operation with the names of what there is, and others as they are given."""
        names = {**(ids or self.ids), **others}
        return re.sub(r"\{(\w+)\}", lambda found: str(names[found[1]]), one.path)

    def send_to(self, one: Operation, body: bytes | None = None, *more: str, query: str | None = None) -> bytes:
        """A request to an operation."""
        query = one.query() if query is None else query
        target = self.path(one) + (f"?{query}" if query else "")
        return head(one.method, target, *self.lines(one, body, *more)) + (body or b"")

    def example(self, one: Operation, ids: dict[str, Any] | None = None) -> bytes:
        """A request to an operation as its example has it."""
        body = None
        if one.media_type == JSON:
            body = json.dumps(one.bodies()[0]).replace(UNIQUE, self.fresh()).encode()
        target = self.path(one, ids) + (f"?{one.query()}" if one.query() else "")
        return head(one.method, target, *self.lines(one, body)) + (body or b"")

    def request(self, place: Place, value: str) -> bytes:
        """A request with this value in a place: JSON in a body, elsewhere percent-encoded already."""
        one = place.operation
        body = None if place.body is None else place.body.replace(UNIQUE, self.fresh()).replace(HOLE, value).encode()
        path, query, more = self.path(one), one.query(place.name), ()
        match place.kind:
            case "path":
                path = self.path(one, **{place.name: value})
            case "query":
                query = "&".join(filter(None, [query, f"{place.name}={value}"]))
            case "header":
                more = (f"{place.name}: {value}",)
        return head(one.method, path + (f"?{query}" if query else ""), *self.lines(one, body, *more)) + (body or b"")

    def chosen(self, places: Sequence[Place], values: Sequence[T]) -> Iterator[tuple[Place, T]]:
        """Every value in every place; in the short form, of many values one in each place, in turn."""
        if self.short and len(values) > 2:
            yield from zip(places, itertools.cycle(values))
        else:
            yield from itertools.product(places, values)

    def value_of(self, place: Place) -> str:
        """What stands there in the example, as JSON."""
        values = [at(body, place.name) for body in place.operation.bodies() if place.name[1:] in body]
        return json.dumps(values[0]).replace(UNIQUE, self.fresh())

    # Answers.

    def ask(self, request: bytes, method: str = "GET") -> Answer:
        """The answer to a request."""
        if self._connection is None:
            self._connection = Connection(self.server.port)
        try:
            self._connection.send(request)
            answer = self._connection.answer(method)
        except BaseException:
            self.close()
            raise
        if answer.header("connection") == "close" or answer.header("content-type") == "text/event-stream":
            self.close()
        return answer

    def get(self, path: str) -> Answer:
        """What is at a path."""
        return self.ask(head("GET", path, f"Authorization: Bearer {self.token}"))

    def cursor(self, one: Operation) -> str:
        """A cursor of a list of which there are two."""
        cursor = self.ask(self.send_to(one, query="limit=1")).json["next_cursor"]
        assert cursor is not None, f"{one.id} has one item"
        return str(cursor)

    def read_back(self, place: Place, answer: Answer) -> Any:
        """What is stored after a write, at the place of the value that was written."""
        one, path = place.operation, self.path(place.operation)
        pointer = place.name
        if one.path.endswith("/batch"):
            path, pointer = path.removesuffix("/batch"), pointer.removeprefix("/0")
        if one.id == "create_embeddings":
            pointer = pointer.removeprefix("/items/0")
        if location := answer.header("location"):
            path = location.removeprefix(self.server.url)
        elif one.id == "set_config":
            path = f"{path}/{answer.json['key']}"
        elif "metric" in one.id:
            id = answer.json["ids"][0] if "ids" in answer.json else answer.json["id"]
            found = [item for item in self.get(f"{path}?limit=1000").json["items"] if item["id"] == id]
            return at(found[0], pointer)
        elif one.method == "POST":
            path = f"{path}/{answer.json['ids'][0]}"
        stored = self.get(path)
        assert stored.status == 200, f"GET {path}: {stored}"
        return at(stored.json, pointer)

    def fingerprint(self) -> str:
        """Everything that the database holds."""
        return self.database.sql(_FINGERPRINT)

    def difference(self, before: str) -> list[str]:
        """What has changed since: table, count and sum."""
        return sorted(set(self.fingerprint().splitlines()) - set(before.splitlines()))


def at(value: Any, pointer: str) -> Any:
    """What stands at a JSON Pointer."""
    for part in filter(None, pointer.split("/")):
        value = value[int(part) if isinstance(value, list) else part]
    return value
