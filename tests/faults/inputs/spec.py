"""What openapi/openapi.json says can be sent: every operation, its example, and every place in it where a value stands."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

SPEC = json.loads((Path(__file__).parents[3] / "openapi/openapi.json").read_text())
JSON = "application/json"
# Stands for the value in a body, and for a name that nothing has yet.
HOLE = "\ue000hole\ue000"
UNIQUE = "a unique name"


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema without the reference around it."""
    reference = schema.get("$ref") or next((part["$ref"] for part in schema.get("allOf", ()) if "$ref" in part), None)
    return schema if reference is None else SPEC["components"]["schemas"][reference.rsplit("/", 1)[1]]


@dataclass(frozen=True)
class Operation:
    """An operation of the specification."""

    id: str
    method: str
    path: str
    value: dict[str, Any]

    @property
    def is_secured(self) -> bool:
        """Whether it wants a token."""
        return bool(self.value.get("security"))

    @property
    def media_type(self) -> str | None:
        """What its body must be; none when it has none."""
        content = self.value.get("requestBody", {}).get("content")
        return None if content is None else next(iter(content))

    @property
    def schema(self) -> dict[str, Any]:
        """The schema of its body."""
        schema: dict[str, Any] = next(iter(self.value["requestBody"]["content"].values()))["schema"]
        return schema

    def parameters(self, kind: str) -> list[dict[str, Any]]:
        """Its parameters in the `path`, the `query` or a `header`."""
        return [parameter for parameter in self.value.get("parameters", ()) if parameter["in"] == kind]

    def query(self, without: str | None = None) -> str:
        """The query that it must have. Values are counted, because what other rows stored is too large to be added up."""
        required = [one for one in self.parameters("query") if one.get("required")]
        values = {one["name"]: one["schema"]["example"] for one in required}
        if any(one["name"] == "aggregations" for one in self.parameters("query")):
            values["aggregations"] = "count"
        return "&".join(f"{name}={value}" for name, value in values.items() if name != without)

    def bodies(self) -> list[Any]:
        """Bodies that it takes, if JSON: its example, and what has those members that exclude others of the example."""
        schema = self.schema
        if schema.get("type") == "array":
            return [[body] for body in examples(schema["items"])]
        return examples(schema)


def examples(schema: dict[str, Any]) -> list[dict[str, Any]]:
    """The example of a schema, and others of the kinds of content that exclude each other."""
    example = {name: value for name, value in resolved(schema)["example"].items() if value is not None}
    match resolved(schema).get("title"):
        case "NewAgent" | "UpdateAgent" | "NewDataset" | "UpdateDataset" | "NewOauthClient":
            return [{**example, "name": UNIQUE}]
        case "DeleteEmbeddings":
            return [{"filter": {"path": "/nowhere", "gte": 10}}]
        case "NewPrompt":
            chat = {"type": "chat", "messages": [{"role": "user", "content": "{{ question }}"}]}
            gap = {"type": "chat", "messages": [{"placeholder": "history"}]}
            return [example, chat, gap]
        case "SearchEmbeddings":
            # Distances of a search by words are none, and nothing is fused in a search by vectors alone.
            text = {"mode": "text", "text": "refunds"}
            fusion = {"rank_constant": 60, "vector_weight": 1, "text_weight": 1}
            hybrid = {"mode": "hybrid", "text": "refunds", "vector": example["vector"], "fusion": fusion}
            return [example, text, hybrid]
        case "SearchManyEmbeddings":
            return [{"queries": [query]} for query in examples(resolved(schema)["properties"]["queries"]["items"])]
        case "SetConfig":
            # No schema: it would judge every value but the example.
            return [{name: value for name, value in example.items() if name != "schema"}]
        case "NewEmbeddings":
            return [{"items": [{name: value for name, value in example["items"][0].items() if value is not None}]}]
    return [example]


@cache
def operations() -> tuple[Operation, ...]:
    """All operations."""
    return tuple(
        Operation(value["operationId"], method.upper(), path, value)
        for path, item in SPEC["paths"].items()
        for method, value in item.items()
    )


def operation(id: str) -> Operation:
    """The operation with this id."""
    return next(one for one in operations() if one.id == id)


@dataclass(frozen=True)
class Place:
    """A place in a request where a value stands.

    Attributes:
        kind: `body`, `query`, `path` or `header`.
        name: A JSON Pointer into the body, or the parameter's name.
        schema: The schema of the value.
        body: In a body: the JSON text around it, with a hole; elsewhere the whole body, if there is any.
        is_exemplary: Whether the body has a good value there too.
    """

    operation: Operation
    kind: str
    name: str
    schema: dict[str, Any]
    body: str | None
    is_exemplary: bool = False

    def __str__(self) -> str:
        return f"{self.operation.id} {self.name or '(the body)'}"

    @property
    def types(self) -> set[str]:
        """The types that the value may have; none when it may be anything."""
        return {one["type"] for one in [resolved(self.schema), *self.schema.get("anyOf", ())] if "type" in one}

    @property
    def is_free(self) -> bool:
        """Whether any JSON may stand here, or any object."""
        return self.kind == "body" and (
            self.schema.get("additionalProperties") == {} or not {"type", "anyOf", "allOf", "$ref"} & self.schema.keys()
        )

    @property
    def format(self) -> str | None:
        """The format that the schema names."""
        return self.schema.get("format")


@cache
def places() -> tuple[Place, ...]:
    """Every place of every operation. In a schema that holds itself once is enough."""
    found: dict[tuple[str, str, str], Place] = {}
    for one in operations():
        for place in _places_of(one):
            key = (one.id, place.kind, place.name)
            # Best where the value is one of several that fit together.
            if key not in found or place.is_exemplary > found[key].is_exemplary:
                found[key] = place
    return tuple(found.values())


def where(holds: Callable[[Place], bool]) -> list[Place]:
    """The places for which something holds; there must be some."""
    found = [place for place in places() if holds(place)]
    assert found
    return found


def _places_of(one: Operation) -> Iterator[Place]:
    has_json = one.media_type == JSON
    whole = json.dumps(one.bodies()[0]) if has_json else None
    for kind in ("path", "query", "header"):
        for parameter in one.parameters(kind):
            schema = parameter["schema"]
            yield Place(one, kind, parameter["name"], schema.get("items", schema), whole)
    if has_json:
        for body in one.bodies():
            for path, schema, value in _within(one.schema, body, (), ()):
                pointer = "".join(f"/{part}" for part in path)
                text = json.dumps(_put(body, path, HOLE)).replace(json.dumps(HOLE), HOLE)
                yield Place(one, "body", pointer, schema, text, value is not None)


Path_ = tuple[Any, ...]


def _within(
    schema: dict[str, Any], value: Any, path: Path_, names: tuple[str, ...]
) -> Iterator[tuple[Path_, dict[str, Any], Any]]:
    """The places in a value of this schema, each with its schema and what stands there, if anything."""
    if path:
        yield path, schema, value
    inner = resolved(schema)
    if (title := inner.get("title")) is not None:
        if title in names:
            return
        names = (*names, title)
    for name, member in inner.get("properties", {}).items():
        there = value.get(name) if isinstance(value, dict) else None
        yield from _within(member, there, (*path, name), names)
    for items in [one["items"] for one in (inner, *inner.get("anyOf", ())) if "items" in one]:
        first = value[0] if isinstance(value, list) and value else None
        yield from _within(items, first, (*path, 0), names)


def _put(body: Any, path: Path_, value: Any) -> Any:
    """The body with a value at a path; what is missing on the way is made."""
    if not path:
        return value
    first, *rest = path
    if isinstance(first, int):
        items = list(body) if isinstance(body, list) and body else [None]
        items[first] = _put(items[first], tuple(rest), value)
        return items
    members = dict(body) if isinstance(body, dict) else {}
    members[first] = _put(members.get(first), tuple(rest), value)
    return members
