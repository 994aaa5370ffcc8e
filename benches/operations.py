"""What is measured: operations of the API, and the SQL by which pgbench does the same."""

import json
from dataclasses import dataclass
from pathlib import Path

import search
from load import Pgbench, Run, wrk
from server import Server

AGENTS = 10_000
PROMPTS = 50
BATCH = 1_000
SCOPES = (
    "agents:read agents:write prompts:read prompts:write logs:write datasets:read datasets:write embeddings:read"
    " embeddings:write admin"
)
# At so many clients pgbench's best rate of single rows is looked for.
SINGLE_ROW_CLIENTS = (8, 16, 32, 64)

COLUMNS = "id, name, description, status, model, tags, metadata, version, created_at, updated_at"
AGENT = {
    "description": "Answers questions about orders",
    "status": "active",
    "model": "some-model-large",
    "tags": ["support", "production"],
    "metadata": {"team": "care", "tier": 2},
}
SELECT = f"SELECT {COLUMNS} FROM agents WHERE tenant_id = :tenant AND deleted_at IS NULL AND id = :id LIMIT 1;\n"
# `made` lives as long as its client, so every name is new. The server makes the ids; the pinned PostgreSQL has uuidv7().
INSERT = f"""\\set made :made + 1
INSERT INTO agents (tenant_id, {COLUMNS}) VALUES (:tenant, uuidv7(),
    'pgbench-' || :run::text || '-' || :client_id::text || '-' || :made::text,
    '{AGENT["description"]}', '{AGENT["status"]}', '{AGENT["model"]}', '{{support,production}}',
    '{json.dumps(AGENT["metadata"])}', 1, now(), now()) RETURNING {COLUMNS};
"""
PROMPT_COLUMNS = (
    "agent_id, version, template, messages, config, variables, description, content_hash, identical_to_previous,"
    " created_by, created_at"
)
LIVING = "EXISTS (SELECT FROM agents WHERE tenant_id = :tenant AND id = :id AND deleted_at IS NULL)"
SELECT_PROMPT = f"""SELECT {PROMPT_COLUMNS} FROM prompts
    WHERE tenant_id = :tenant AND agent_id = :id AND version = :version AND {LIVING};
"""
SELECT_LABELLED = f"""SELECT {", ".join("p." + name for name in PROMPT_COLUMNS.split(", "))}
    FROM prompt_labels l JOIN prompts p USING (tenant_id, agent_id, version)
    WHERE l.tenant_id = :tenant AND l.agent_id = :id AND l.label = 'production' AND {LIVING};
"""
# What a prompt is like: about 2 kB.
TEMPLATE = "You answer questions of {{ customer }} about orders. Be short, be kind, name your sources.\n" * 22
# A log, and the row that a transaction of its own stores for it.
LOG = {
    "level": "info",
    "message": "The tool search answered within 312 ms; 5 documents go into the context.",
    "attributes": {"tool": "search", "ms": 312, "documents": 5},
    "session_id": "conversation-17",
}
INSERT_LOG = f"""INSERT INTO logs (tenant_id, agent_id, timestamp, id, level, message, attributes, session_id)
    SELECT :tenant::bigint, :id::uuid, now(), uuidv7(), 3, '{LOG["message"]}', '{json.dumps(LOG["attributes"])}',
    '{LOG["session_id"]}' WHERE {LIVING};
"""


def literal(values: list) -> str:
    """An array as PostgreSQL reads it, between quotes."""
    return "'{" + ",".join('"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"' for value in values) + "}'"


# The statement of a batch, with its rows in it, as any client would send them.
INSERT_LOGS = f"""WITH living AS MATERIALIZED (
    SELECT tenant_id, id FROM agents WHERE tenant_id = :tenant AND id = ':id'::uuid AND deleted_at IS NULL),
stored AS (INSERT INTO logs (tenant_id, agent_id, timestamp, id, level, message, attributes, session_id)
    SELECT :tenant, ':id'::uuid, now(), uuidv7(), r.*
    FROM unnest({literal(["3"] * BATCH)}::smallint[], {literal([LOG["message"]] * BATCH)}::text[],
        {literal([json.dumps(LOG["attributes"])] * BATCH)}::jsonb[], {literal([LOG["session_id"]] * BATCH)}::text[]) AS r
    WHERE EXISTS (SELECT FROM living) ON CONFLICT DO NOTHING RETURNING tenant_id, agent_id, timestamp, id),
outcome AS (SELECT count(*) = {BATCH} AS all_new FROM stored)
SELECT tenant_id, id, all_new, NULL::timestamptz, NULL::uuid FROM living, outcome
UNION ALL SELECT tenant_id, agent_id, all_new, timestamp, id FROM stored, outcome WHERE NOT all_new;
"""


@dataclass
class Operation:
    """An operation at so many connections, and pgbench with the same work; with several numbers of clients its best counts."""

    name: str
    connections: int
    path: str
    pgbench: Pgbench
    clients: tuple[int, ...] = ()
    bodies: Path | None = None
    items: int = 1
    new_names: bool = False
    tag: str = ""

    def __post_init__(self) -> None:
        self.clients = self.clients or (self.connections,)

    def by_wrk(self, seconds: int) -> Run:
        how = {"items": self.items, "new_names": self.new_names, "tag": self.tag}
        return wrk(self.pgbench.server, self.connections, seconds, self.path, self.bodies, **how)


def operations(server: Server, only: str) -> list[Operation]:
    """Stores what they need and says what they are: those whose name begins so."""
    agent = server.call("POST", "/agents", {"name": "bench", **AGENT})["id"]
    tenant = server.sql(f"SELECT tenant_id FROM agents WHERE id = '{agent}'")
    server.sql(
        f"INSERT INTO agents (tenant_id, {COLUMNS}) SELECT tenant_id, uuidv7(), 'bench-' || i, description, status,"
        f" model, tags, metadata, 1, now(), now() FROM agents, generate_series(2, {AGENTS}) AS i"
    )
    one, version = f"/agents/{agent}", PROMPTS // 2
    for number in range(1, PROMPTS + 1):
        prompt = {"type": "text", "template": f"{number} {TEMPLATE}", "config": {"model": "m"}}
        server.call("POST", f"{one}/prompts", prompt)
    server.call("PUT", f"{one}/prompts/labels/production", {"version": version})
    server.sql("VACUUM ANALYZE agents, prompts, prompt_labels")

    define = {"tenant": tenant, "id": agent, "version": str(version)}
    prompt, label, tag = f"{one}/prompts/{version}", f"{one}/prompts/labels/production", f'"{version}"'
    found = [
        Operation(name, connections, path, Pgbench(server, statement, define), tag=tag)
        for name, counts, path, tag, statement in [
            ("get_agent", (1, 8, 32, 128), one, "", SELECT),
            ("get_prompt", (1, 8, 32, 128), prompt, "", SELECT_PROMPT),
            ("get_prompt, 304", (32,), prompt, tag, SELECT_PROMPT),
            ("get_prompt_by_label", (32, 128), label, "", SELECT_LABELLED),
        ]
        for connections in counts
    ]
    if "search_embeddings".startswith(only):
        dataset, vectors = search.invented(server, agent)
        pgbench = Pgbench(server, search.statement(server, dataset, vectors))
        bodies = search.bodies(server.home / "searches", vectors)
        found.append(
            Operation("search_embeddings", 16, f"/datasets/{dataset}/embeddings/search", pgbench, bodies=bodies)
        )
    body = written(server.home / "agent", AGENT)
    inserts = Pgbench(server, INSERT, define)
    found.append(Operation("create_agent", 32, "/agents", inserts, bodies=body, new_names=True))
    body = written(server.home / "log", LOG)
    inserts = Pgbench(server, INSERT_LOG, define)
    found.append(Operation("create_log", 32, f"{one}/logs", inserts, bodies=body))
    found.append(Operation("create_log", 128, f"{one}/logs", inserts, SINGLE_ROW_CLIENTS, bodies=body))
    body = written(server.home / "batch", [LOG] * BATCH)
    inserts = Pgbench(server, INSERT_LOGS, define, BATCH, "simple")
    for connections in (1, 8, 32):
        path = f"{one}/logs/batch"
        found.append(Operation("create_log_batch", connections, path, inserts, bodies=body, items=BATCH))
    return [operation for operation in found if operation.name.startswith(only)]


def written(file: Path, body) -> Path:
    file.write_text(json.dumps(body) + "\n")
    return file
