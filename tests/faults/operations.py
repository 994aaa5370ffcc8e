"""The requests of the load: every kind of record that the API stores, with marks by which the database knows them again."""

from __future__ import annotations

import random
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

BATCH = 20
DIMENSION = 3


def new_id() -> str:
    """A UUIDv7 of now (RFC 9562 §5.7), in the form that the API and PostgreSQL write."""
    milliseconds = time.time_ns() // 1_000_000
    return str(UUID(int=milliseconds << 80 | 7 << 76 | secrets.randbits(12) << 64 | 2 << 62 | secrets.randbits(62)))


@dataclass(frozen=True)
class Request:
    """A request, sent again as it is when its outcome is not known.

    Attributes:
        kind: Kind of the records that it stores; of the others, what it is for.
        marks: What it stores; empty when the check does not look for it.
        key: Its Idempotency-Key, where the operation takes one.
        place: Reads from the answer where the record is.
    """

    kind: str
    method: str
    path: str
    body: Any = None
    marks: tuple[str, ...] = ()
    key: str | None = None
    place: Callable[[Any], str] | None = None


@dataclass
class Targets:
    """What all workers write to, made before any fault."""

    agents: list[str] = field(default_factory=list)
    datasets: list[str] = field(default_factory=list)


@dataclass
class Worker:
    """Makes the requests of one worker, each kind in turn; remembers what it may read or move."""

    number: int
    targets: Targets
    readable: list[str] = field(default_factory=list)
    version: tuple[str, int] | None = None

    def __post_init__(self) -> None:
        self.chance = random.Random(self.number)

    @property
    def agent(self) -> str:
        return self.chance.choice(self.targets.agents)

    def new_agent(self, *, passing: bool = False) -> Request:
        """An agent; one that passes is there to be deleted."""
        agent = new_id()
        tags = ["passing"] if passing else ["faults"]
        body = {"id": agent, "name": f"agent {agent}", "tags": tags}
        return Request("agent", "POST", "/agents", body, () if passing else (agent,), key=agent)

    def delete_agent(self, agent: str) -> Request:
        return Request("deletion", "DELETE", f"/agents/{agent}", marks=(agent,))

    def passing_log(self, agent: str) -> Request:
        """A log of an agent that will be deleted."""
        log = new_id()
        body = {"id": log, "level": "info", "message": log, "session_id": "passing"}
        return Request("passing log", "POST", f"/agents/{agent}/logs", body)

    def new_prompt(self) -> Request:
        """A prompt's version, which takes the label `newest` in the same transaction."""
        mark = new_id()
        body = {"type": "text", "template": mark, "labels": ["newest"]}
        path = f"/agents/{self.agent}/prompts"
        return Request("prompt", "POST", path, body, (mark,), key=mark, place=lambda answer: str(answer["version"]))

    def move_label(self) -> Request | None:
        """A move of the worker's own label to a version that it has not been at."""
        if self.version is None:
            return None
        (agent, version), self.version = self.version, None
        label = f"worker-{self.number}"
        path = f"/agents/{agent}/prompts/labels/{label}"
        return Request("label", "PUT", path, {"version": version}, (f"{agent} {label} {version}",))

    def set_config(self) -> Request:
        mark = new_id()
        body = {"key": f"key-{self.chance.randrange(4)}", "value": {"mark": mark}}
        path = f"/agents/{self.agent}/configs"
        return Request("config", "POST", path, body, (mark,), key=mark, place=lambda answer: str(answer["version"]))

    def new_log(self) -> Request:
        return self._record("log", "logs", _log)

    def new_logs(self) -> Request:
        return self._batch("log", "logs", _log)

    def new_metric(self) -> Request:
        return self._record("metric", "metrics", _metric)

    def new_metrics(self) -> Request:
        return self._batch("metric", "metrics", _metric)

    def new_call(self) -> Request:
        return self._record("tool usage", "tool-usage", _call)

    def new_calls(self) -> Request:
        return self._batch("tool usage", "tool-usage", _call)

    def new_dataset(self) -> Request:
        dataset = new_id()
        body = {"id": dataset, "name": f"dataset {dataset}", "distance": "l2"}
        return Request("dataset", "POST", f"/agents/{self.agent}/datasets", body, (dataset,), key=dataset)

    def new_embeddings(self) -> Request:
        ids = [new_id() for _ in range(BATCH)]
        vectors = [[self.chance.random() for _ in range(DIMENSION)] for _ in ids]
        items = [
            {"id": id, "content": id, "embedding": vector, "metadata": {"mark": id}}
            for id, vector in zip(ids, vectors, strict=True)
        ]
        path = f"/datasets/{self.chance.choice(self.targets.datasets)}/embeddings"
        return Request("embedding", "POST", path, {"items": items}, tuple(ids))

    def search(self) -> Request:
        path = f"/datasets/{self.chance.choice(self.targets.datasets)}/embeddings/search"
        return Request("search", "POST", path, {"vector": [0.5] * DIMENSION, "k": 5})

    def read(self) -> Request | None:
        """A read of what was acknowledged to this worker; it must be there."""
        if not self.readable:
            return None
        return Request("read", "GET", self.chance.choice(self.readable[-50:]))

    def list_logs(self) -> Request:
        return Request("list", "GET", f"/agents/{self.agent}/logs?limit=10")

    def series(self) -> Request:
        return Request("series", "GET", f"/agents/{self.agent}/metrics/series?name=load&aggregations=avg")

    def acknowledged(self, request: Request, answer: Any) -> None:
        """Remembers what an answer allows to do next."""
        if request.kind in ("log", "metric", "tool usage") and request.path.endswith("/batch"):
            return
        if request.kind == "agent" and request.marks:
            self.readable.append(f"/agents/{request.marks[0]}")
        elif request.kind in ("log", "tool usage", "dataset", "embedding"):
            self.readable.append(f"{request.path}/{request.marks[0]}")
        elif request.kind == "prompt":
            agent = request.path.split("/")[2]
            self.readable.append(f"{request.path}/{answer['version']}")
            self.version = (agent, answer["version"])

    def _record(self, kind: str, path: str, make: Callable[[str], dict[str, Any]]) -> Request:
        id = new_id()
        return Request(kind, "POST", f"/agents/{self.agent}/{path}", make(id), (id,))

    def _batch(self, kind: str, path: str, make: Callable[[str], dict[str, Any]]) -> Request:
        ids = [new_id() for _ in range(BATCH)]
        return Request(kind, "POST", f"/agents/{self.agent}/{path}/batch", [make(id) for id in ids], tuple(ids))


def _log(id: str) -> dict[str, Any]:
    return {"id": id, "level": "info", "message": id, "attributes": {"mark": id}}


def _metric(id: str) -> dict[str, Any]:
    return {"id": id, "name": "load", "kind": "gauge", "value": 1.5, "attributes": {"mark": id}}


def _call(id: str) -> dict[str, Any]:
    return {"id": id, "tool_name": "hammer", "status": "success", "input": {"mark": id}, "cost_usd": "0.0001"}
