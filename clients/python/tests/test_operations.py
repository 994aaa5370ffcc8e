"""Every operation of the specification is called once by each kind of client, and its answer has the right type."""

from __future__ import annotations

import asyncio
import inspect
import json
import os
import re
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from types import NoneType, SimpleNamespace
from typing import Any
from uuid import uuid4

import httpx
import pytest
from agentdata import AgentData, AsyncAgentData, models, uuid7

SPEC = json.loads((Path(__file__).parents[3] / "openapi" / "openapi.json").read_text())
OPERATIONS = {
    operation["operationId"]: (method.upper(), path, operation)
    for path, methods in SPEC["paths"].items()
    for method, operation in methods.items()
    if method != "parameters"
}
# Before all events that there have been.
FIRST_EVENT = "0-00000000-0000-0000-0000-000000000000"

# Made once: it takes longer than all else.
TLS = httpx.create_ssl_context()


def credentials() -> dict[str, str]:
    """The client as forms name it."""
    return {
        "client_id": os.environ["AGENTDATA_CLIENT_ID"],
        "client_secret": os.environ["AGENTDATA_CLIENT_SECRET"],
    }


# A client, and the ids of what there is.
Call = Callable[[Any, SimpleNamespace], Any]
CALLS: dict[str, Call] = {
    "list_agents": lambda c, w: c.agents.list(name=w.name),
    "create_agent": lambda c, w: c.agents.create(name=f"new {uuid4()}", metadata={"a": [1, None]}),
    "get_agent": lambda c, w: c.agents.get(w.agent),
    "update_agent": lambda c, w: c.agents.update(w.agent, name=w.name),
    "patch_agent": lambda c, w: c.agents.patch(w.agent, status="paused", description=None),
    "delete_agent": lambda c, w: c.agents.delete(w.doomed_agent),
    "list_logs": lambda c, w: c.logs.list(w.agent, level=["info", "warn"], to=w.later),
    "create_log": lambda c, w: c.logs.create(w.agent, level="warn", message="one", timestamp=w.now),
    "create_log_batch": lambda c, w: c.logs.create_batch(w.agent, [{"level": "info", "message": "two"}]),
    "get_log": lambda c, w: c.logs.get(w.agent, w.log),
    "tail_logs": lambda c, w: c.logs.tail(w.agent, last_event_id=FIRST_EVENT),
    "export_logs": lambda c, w: c.logs.export(w.agent),
    "list_metrics": lambda c, w: c.metrics.list(w.agent, name="latency"),
    "create_metric": lambda c, w: c.metrics.create(w.agent, name="latency", kind="gauge", value=1.5, unit="ms"),
    "export_metrics": lambda c, w: c.metrics.export(w.agent),
    "create_metric_batch": lambda c, w: c.metrics.create_batch(
        w.agent, [{"name": "latency", "kind": "gauge", "value": 2}]
    ),
    "query_metrics": lambda c, w: c.metrics.query(w.agent, name="latency", aggregations=["avg"]),
    "metric_chart": lambda c, w: c.metrics.chart(w.agent, name="latency"),
    "list_metric_names": lambda c, w: c.metrics.list_names(w.agent),
    "list_tool_usage": lambda c, w: c.tool_usage.list(w.agent, tool_name=["search"]),
    "create_tool_usage": lambda c, w: c.tool_usage.create(
        w.agent, tool_name="search", status="success", input={"q": "x"}, cost_usd="0.01"
    ),
    "export_tool_usage": lambda c, w: c.tool_usage.export(w.agent),
    "create_tool_usage_batch": lambda c, w: c.tool_usage.create_batch(
        w.agent, [{"tool_name": "search", "status": "error", "duration_ms": 3}]
    ),
    "get_tool_usage": lambda c, w: c.tool_usage.get(w.agent, w.tool_usage),
    "tool_statistics": lambda c, w: c.tool_usage.statistics(w.agent),
    "list_prompts": lambda c, w: c.prompts.list(w.agent),
    "create_prompt": lambda c, w: c.prompts.create(
        w.agent, type="chat", messages=[{"role": "user", "content": "Hello {{ name }}"}]
    ),
    "get_prompt": lambda c, w: c.prompts.get(w.agent, 1),
    "render_prompt": lambda c, w: c.prompts.render(w.agent, 1, variables={"name": "you"}),
    "diff_prompts": lambda c, w: c.prompts.diff(w.agent, 2),
    "list_prompt_labels": lambda c, w: c.prompts.list_labels(w.agent),
    "get_prompt_by_label": lambda c, w: c.prompts.get_by_label(w.agent, "production"),
    "set_prompt_label": lambda c, w: c.prompts.set_label(w.agent, "staging", version=2),
    "delete_prompt_label": lambda c, w: c.prompts.delete_label(w.agent, "doomed"),
    "render_prompt_by_label": lambda c, w: c.prompts.render_by_label(w.agent, "production", variables={"name": "you"}),
    "list_prompt_label_moves": lambda c, w: c.prompts.list_label_moves(w.agent, "production"),
    "issue_token": lambda c, w: c.auth.issue_token(
        grant_type="client_credentials", scope="agents:read logs:read", **credentials()
    ),
    "revoke_token": lambda c, w: c.auth.revoke_token(token="no token", **credentials()),
    "introspect_token": lambda c, w: c.auth.introspect_token(token="no token", **credentials()),
    "get_protected_resource_metadata": lambda c, w: c.auth.get_protected_resource_metadata(),
    "list_oauth_clients": lambda c, w: c.auth.list_oauth_clients(),
    "create_oauth_client": lambda c, w: c.auth.create_oauth_client(name=f"new {uuid4()}", scopes=["logs:read"]),
    "get_oauth_client": lambda c, w: c.auth.get_oauth_client(w.oauth_client),
    "delete_oauth_client": lambda c, w: c.auth.delete_oauth_client(w.doomed_client),
    "rotate_oauth_client_secret": lambda c, w: c.auth.rotate_oauth_client_secret(w.oauth_client, overlap_seconds=60),
    "get_jwks": lambda c, w: c.auth.get_jwks(),
    "get_oauth_metadata": lambda c, w: c.auth.get_oauth_metadata(),
    "list_configs": lambda c, w: c.configs.list(w.agent, prefix="model."),
    "set_config": lambda c, w: c.configs.set(w.agent, key="model.name", value="small"),
    "get_config": lambda c, w: c.configs.get(w.agent, "model.name", version=1),
    "delete_config": lambda c, w: c.configs.delete(w.agent, "doomed"),
    "list_config_versions": lambda c, w: c.configs.list_versions(w.agent, "model.name"),
    "restore_config": lambda c, w: c.configs.restore(w.agent, "model.name", version=1),
    "watch_configs": lambda c, w: c.configs.watch(w.agent, after=0),
    "list_datasets": lambda c, w: c.datasets.list(w.agent),
    "create_dataset": lambda c, w: c.datasets.create(w.agent, name=f"new {uuid4()}", dimension=2, distance="l2"),
    "get_dataset": lambda c, w: c.datasets.get(w.agent, w.dataset),
    "update_dataset": lambda c, w: c.datasets.update(w.agent, w.dataset, name=f"other {uuid4()}"),
    "patch_dataset": lambda c, w: c.datasets.patch(w.agent, w.dataset, metadata={"a": 1}),
    "delete_dataset": lambda c, w: c.datasets.delete(w.agent, w.doomed_dataset),
    "rebuild_index": lambda c, w: c.datasets.rebuild_index(w.dataset),
    "measure_recall": lambda c, w: c.datasets.measure_recall(w.dataset, k=1, samples=1),
    "list_embeddings": lambda c, w: c.embeddings.list(w.dataset),
    "create_embeddings": lambda c, w: c.embeddings.create(
        w.dataset, items=[{"content": "three", "embedding": [1.0, 1.0], "metadata": {"page": 3}}]
    ),
    "get_embedding": lambda c, w: c.embeddings.get(w.dataset, w.embedding),
    "update_embedding": lambda c, w: c.embeddings.update(w.dataset, w.embedding, content="ONE"),
    "delete_embedding": lambda c, w: c.embeddings.delete(w.dataset, w.doomed_embedding),
    "delete_embeddings": lambda c, w: c.embeddings.delete_many(w.dataset, filter={"path": "/page", "eq": 99}),
    "search_embeddings": lambda c, w: c.embeddings.search(w.dataset, vector=[1.0, 0.0], k=1),
    "search_embeddings_batch": lambda c, w: c.embeddings.search_batch(w.dataset, queries=[{"vector": [1.0, 0.0]}]),
    "import_embeddings": lambda c, w: c.embeddings.import_(w.dataset, [{"content": "four", "embedding": [0, 1]}]),
    "export_embeddings": lambda c, w: c.embeddings.export(w.dataset),
    "get_health": lambda c, w: c.server.get_health(),
    "get_readiness": lambda c, w: c.server.get_readiness(),
    "get_metrics": lambda c, w: c.server.get_metrics(),
}


@pytest.fixture(scope="module", params=["AgentData", "AsyncAgentData"])
def kind(request: pytest.FixtureRequest) -> str:
    """Which of the two clients makes the calls."""
    return str(request.param)


@pytest.fixture(scope="module")
def world(client: AgentData, kind: str) -> SimpleNamespace:
    """What the calls of a client need."""
    w = SimpleNamespace(name=f"world of {kind} {uuid4()}", now=datetime.now(timezone.utc))
    w.later = w.now + timedelta(hours=1)
    w.agent = client.agents.create(name=w.name).id
    w.doomed_agent = client.agents.create(name=f"doomed {uuid4()}").id
    w.oauth_client, w.doomed_client = (
        client.auth.create_oauth_client(name=f"{kind} {uuid4()}", scopes=["logs:read"]).client.client_id
        for _ in range(2)
    )
    w.log = client.logs.create(w.agent, level="info", message="there").id
    client.metrics.create(w.agent, name="latency", kind="gauge", value=1)
    w.tool_usage = client.tool_usage.create(w.agent, tool_name="search", status="success").id
    for labels in (["production"], ["doomed"]):
        client.prompts.create(w.agent, type="text", template="Hello {{ name }}", labels=labels)
    client.configs.set(w.agent, key="model.name", value={"any": "JSON"})
    client.configs.set(w.agent, key="doomed", value=None)
    w.dataset = client.datasets.create(w.agent, name="texts").id
    w.doomed_dataset = client.datasets.create(w.agent, name="doomed").id
    w.embedding, w.doomed_embedding = uuid7(), uuid7()
    client.embeddings.create(
        w.dataset,
        items=[
            {"id": w.embedding, "content": "one", "embedding": [1, 0]},
            {"id": w.doomed_embedding, "content": "two", "embedding": [0, 1]},
        ],
    )
    return w


@pytest.mark.parametrize("operation_id", OPERATIONS)
def test_it_is_called_and_answers_as_described(operation_id: str, kind: str, world: SimpleNamespace) -> None:
    assert operation_id in CALLS, f"CALLS in {__file__} has no call of {operation_id}"
    call, requests = CALLS[operation_id], list[httpx.Request]()
    answer = called(call, world, requests) if kind == "AgentData" else asyncio.run(acalled(call, world, requests))
    assert isinstance(answer, expected_type(operation_id))

    method, path, _ = OPERATIONS[operation_id]
    pattern = re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path))
    assert any(r.method == method and re.fullmatch(pattern, r.url.path) for r in requests)


def test_there_is_no_call_of_what_is_gone() -> None:
    assert set(CALLS) <= set(OPERATIONS)


def called(call: Call, world: SimpleNamespace, requests: list[httpx.Request]) -> Any:
    """What the call gives; of a list or a stream, what comes first."""
    with AgentData(transport=httpx.HTTPTransport(verify=TLS)) as client:
        client._sender.http.event_hooks = {"request": [requests.append]}
        answer = call(client, world)
        if hasattr(answer, "pages"):
            return next(iter(answer))
        if hasattr(answer, "close"):
            with answer:
                return next(answer)
        return answer


async def acalled(call: Call, world: SimpleNamespace, requests: list[httpx.Request]) -> Any:
    async def seen(request: httpx.Request) -> None:
        requests.append(request)

    async with AsyncAgentData(transport=httpx.AsyncHTTPTransport(verify=TLS)) as client:
        client._sender.http.event_hooks = {"request": [seen]}
        answer = call(client, world)
        if hasattr(answer, "pages"):
            return await anext(aiter(answer))
        if hasattr(answer, "aclose"):
            async with answer:
                return await anext(answer)
        assert inspect.isawaitable(answer)
        return await answer


def expected_type(operation_id: str) -> type:
    """The type that the specification's answer has in this package; of a list or a stream, that of an item."""
    _, path, operation = OPERATIONS[operation_id]
    answer = next(answer for code, answer in sorted(operation["responses"].items()) if code.startswith("2"))
    if "content" not in answer:
        return NoneType
    [(media, content)] = answer["content"].items()
    schema = content["schema"]
    if media == "application/x-ndjson":
        # OpenAPI cannot say: what an export of logs has is what a list of logs has.
        listed = next(i for i, (m, p, _) in OPERATIONS.items() if m == "GET" and p == path.removesuffix("/export"))
        listed_type = expected_type(listed)
        return models.NewEmbedding if listed_type is models.Embedding else listed_type
    if media == "text/event-stream":
        return model(schema["items"])
    if media != "application/json":
        return str if media.startswith("text/") else bytes
    properties = SPEC["components"]["schemas"][name_of(schema)].get("properties", {})
    return model(properties["items"]["items"] if "next_cursor" in properties else schema)


def name_of(schema: dict[str, Any]) -> str:
    return str(schema["$ref"]).rsplit("/", 1)[1]


def model(schema: dict[str, Any]) -> type:
    found = getattr(models, name_of(schema))
    assert isinstance(found, type)
    return found
