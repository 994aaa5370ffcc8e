"""What the database holds, by SQL through psql and through the API, in the form that `history.judge` compares."""

from __future__ import annotations

from collections import Counter
from typing import Any

import httpx
from history import Stored
from postgres import Database

# Rows whose agent or dataset does not exist, not even marked deleted.
_CHILDREN_OF_AGENTS = (
    "prompts",
    "prompt_heads",
    "prompt_labels",
    "prompt_label_moves",
    "configs",
    "config_heads",
    "config_versions",
    "logs",
    "metrics",
    "tool_usage",
    "datasets",
)
# Logs of agents that are there to be deleted have a session of this name, because maintenance purges them some time.
_RECORDS = {
    "log": "logs WHERE session_id IS DISTINCT FROM 'passing'",
    "metric": "metrics",
    "tool usage": "tool_usage",
}


def by_sql(database: Database) -> Stored:
    """Everything that the tables hold."""
    stored = Stored()

    def marks(kind: str, query: str) -> None:
        stored.marks[kind] = Counter(str(row["mark"]) for row in database.rows(query))

    living = "SELECT id AS mark FROM agents WHERE deleted_at IS NULL AND"
    marks("agent", f"{living} NOT tags @> '{{passing}}'")
    marks("passing agent", f"{living} tags @> '{{passing}}'")
    marks("dataset", "SELECT id AS mark FROM datasets WHERE deleted_at IS NULL")
    marks("embedding", "SELECT id AS mark FROM embeddings")
    for kind, table in _RECORDS.items():
        marks(kind, f"SELECT id AS mark FROM {table}")
    marks(
        "label",
        "SELECT concat_ws(' ', agent_id, label, version) AS mark FROM prompt_label_moves WHERE label <> 'newest'",
    )

    prompts = database.rows("SELECT agent_id, version, template AS mark FROM prompts")
    stored.marks["prompt"] = Counter(str(row["mark"]) for row in prompts)
    stored.places["prompt"] = {str(row["mark"]): str(row["version"]) for row in prompts}
    for row in prompts:
        stored.sequences.setdefault(f"prompts of {row['agent_id']}", []).append(int(str(row["version"])))
    configs = database.rows("SELECT agent_id, key, version, change, value->>'mark' AS mark FROM config_versions")
    stored.marks["config"] = Counter(str(row["mark"]) for row in configs)
    stored.places["config"] = {str(row["mark"]): str(row["version"]) for row in configs}
    for row in configs:
        name = f"config {row['key']} of {row['agent_id']}"
        stored.sequences.setdefault(name, []).append(int(str(row["version"])))
        stored.sequences.setdefault(f"changes of configs of {row['agent_id']}", []).append(int(str(row["change"])))
    for row in database.rows("SELECT agent_id, label, number, version FROM prompt_label_moves"):
        name = f"moves of {row['label']} of {row['agent_id']}"
        stored.sequences.setdefault(name, []).append(int(str(row["number"])))
        if row["label"] == "newest":  # every version was created with it, in the same transaction
            name = f"versions that were newest of {row['agent_id']}"
            stored.sequences.setdefault(name, []).append(int(str(row["version"])))

    def totals(name: str, query: str) -> None:
        for row in database.rows(query):
            stored.totals[f"{name} {row['id']}"] = (int(str(row["counter"])), int(str(row["counted"])))

    totals(
        "embedding_count of",
        "SELECT id, embedding_count AS counter, (SELECT count(*) FROM embeddings e WHERE e.dataset_id = d.id) AS counted"
        " FROM datasets d",
    )
    totals(
        "head of prompts of",
        "SELECT agent_id AS id, version AS counter,"
        " (SELECT count(*) FROM prompts p WHERE p.agent_id = h.agent_id) AS counted FROM prompt_heads h",
    )
    totals(
        "head of configs of",
        "SELECT agent_id AS id, change AS counter,"
        " (SELECT count(*) FROM config_versions v WHERE v.agent_id = h.agent_id) AS counted FROM config_heads h",
    )
    totals(
        "config's version of",
        "SELECT agent_id || ' ' || key AS id, version AS counter, (SELECT max(version) FROM config_versions v"
        " WHERE v.agent_id = c.agent_id AND v.key = c.key) AS counted FROM configs c",
    )
    totals(
        "label's moves of",
        "SELECT agent_id || ' ' || label AS id, moves AS counter, (SELECT count(*) FROM prompt_label_moves m"
        " WHERE m.agent_id = l.agent_id AND m.label = l.label) AS counted FROM prompt_labels l",
    )
    totals(
        "label's version of",
        "SELECT agent_id || ' ' || label AS id, version AS counter, (SELECT version FROM prompt_label_moves m"
        " WHERE m.agent_id = l.agent_id AND m.label = l.label ORDER BY number DESC LIMIT 1) AS counted FROM prompt_labels l",
    )

    def none(what: str, query: str) -> None:
        number = database.number(query)
        if number:
            stored.faults.append(f"{number} × {what}")

    for table in _CHILDREN_OF_AGENTS:
        agent = "SELECT 1 FROM agents a WHERE a.tenant_id = c.tenant_id AND a.id = c.agent_id"
        none(f"{table} without their agent", f"SELECT count(*) FROM {table} c WHERE NOT EXISTS ({agent})")
    dataset = "SELECT 1 FROM datasets d WHERE d.tenant_id = c.tenant_id AND d.id = c.dataset_id"
    none("embeddings without their dataset", f"SELECT count(*) FROM embeddings c WHERE NOT EXISTS ({dataset})")
    none("logs with another text", "SELECT count(*) FROM logs WHERE message <> id::text")
    none("metrics with another value", "SELECT count(*) FROM metrics WHERE attributes->>'mark' <> id::text")
    none("tool usage with another input", "SELECT count(*) FROM tool_usage WHERE input->>'mark' <> id::text")
    none("embeddings with another text", "SELECT count(*) FROM embeddings WHERE content <> id::text")
    none("idempotency keys without an answer", "SELECT count(*) FROM idempotency_keys WHERE answer IS NULL")
    return stored


def by_api(url: str, token: str, agents: list[str]) -> dict[str, Counter[str]]:
    """What lists answer: all agents, and all that belongs to these."""
    found: dict[str, Counter[str]] = {}
    with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=60) as client:

        def items(path: str) -> list[dict[str, Any]]:
            """Every page of a list."""
            everything: list[dict[str, Any]] = []
            parameters: dict[str, str | int] = {"limit": 1000}
            while True:
                answer = client.get(path, params=parameters)
                assert answer.status_code == 200, f"GET {path}: {answer.status_code} {answer.text}"
                page = answer.json()
                everything += page["items"]
                if page["next_cursor"] is None:
                    return everything
                parameters["cursor"] = page["next_cursor"]

        def note(kind: str, marks: list[str]) -> None:
            found.setdefault(kind, Counter()).update(marks)

        note("agent", [agent["id"] for agent in items("/agents")])
        for agent in agents:
            note("log", [log["id"] for log in items(f"/agents/{agent}/logs")])
            note("metric", [point["id"] for point in items(f"/agents/{agent}/metrics")])
            note("tool usage", [call["id"] for call in items(f"/agents/{agent}/tool-usage")])
            note("prompt", [prompt["template"] for prompt in items(f"/agents/{agent}/prompts")])
            for config in items(f"/agents/{agent}/configs"):
                versions = items(f"/agents/{agent}/configs/{config['key']}/versions")
                note("config", [version["value"]["mark"] for version in versions])
            datasets = items(f"/agents/{agent}/datasets")
            note("dataset", [dataset["id"] for dataset in datasets])
            for dataset in datasets:
                note("embedding", [item["id"] for item in items(f"/datasets/{dataset['id']}/embeddings")])
    return found
