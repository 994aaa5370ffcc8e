"""The schema is brought up to date: from old databases with data, by many servers at once, and killed half-way."""

from __future__ import annotations

import json
import re
import subprocess
import time
import urllib.request
from pathlib import Path

from arena import Arena
from conftest import Form
from operations import new_id
from postgres import Database, Postgres
from processes import BINARY, PROGRAMS, wait_until

MIGRATIONS = sorted(path for path in (Path(__file__).parents[2] / "migrations").iterdir() if path.is_dir())
TABLE = """CREATE TABLE __diesel_schema_migrations (
    version varchar(50) PRIMARY KEY NOT NULL, run_on timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP)"""


def version_of(migration: Path) -> str:
    """diesel's rule: what stands before the first `_`, without `-`."""
    return migration.name.split("_")[0].replace("-", "")


def schema_of(url: str) -> str:
    """The schema as pg_dump writes it, without what differs from run to run."""
    command = [str(PROGRAMS / "pg_dump"), "--schema-only", "--no-owner", "--dbname", url]
    text = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
    return re.sub(r"^\\(un)?restrict .*$", "", text, flags=re.MULTILINE)


def data_of(database: Database) -> dict[str, str]:
    """Every row of the tables that the first migration made, in the columns that they had then."""
    tables = {
        "tenants": "id, name",
        "oauth_clients": "id, name, encode(secret_hash, 'hex'), scopes, tenant",
        "agents": "tenant_id, id, name, description, status, model, tags, metadata, version, created_at, deleted_at",
    }
    return {table: database.sql(f"SELECT {columns} FROM {table} ORDER BY 1, 2") for table, columns in tables.items()}


def answer_of(url: str, token: str) -> dict[str, object]:
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(request, timeout=20) as response:
        answer: dict[str, object] = json.load(response)
        return answer


def old_database(postgres: Postgres, name: str, count: int) -> Database:
    """A database with the first so many migrations and some data in it."""
    postgres.create(name)
    database = postgres.database(name)
    database.sql(TABLE)
    for migration in MIGRATIONS[:count]:
        text = (migration / "up.sql").read_text()
        database.sql(
            f"BEGIN; {text}; INSERT INTO __diesel_schema_migrations (version) VALUES ('{version_of(migration)}'); COMMIT"
        )
    database.sql(f"""
        INSERT INTO tenants (name, created_at) VALUES ('default', now()), ('other', now());
        INSERT INTO oauth_clients (id, name, secret_hash, scopes, tenant, created_at)
            VALUES ('{new_id()}', 'old', sha256('secret'), '{{agents:read,logs:read}}', 'default', now());
        INSERT INTO agents SELECT 1, gen_random_uuid(), 'agent ' || n, NULL, 'active', NULL, '{{old}}', '{{"n": 1}}', 1, now(), now(),
            CASE WHEN n % 10 = 0 THEN now() END FROM generate_series(1, 500) AS n;
        """)
    if count > 3:
        database.sql("""INSERT INTO logs (tenant_id, agent_id, timestamp, id, level, message, attributes)
            SELECT tenant_id, id, now() - interval '30 days', gen_random_uuid(), 3, 'old', '{}' FROM agents WHERE deleted_at IS NULL""")
    return database


def test_upgrade_from_old_schemas_with_data(arena: Arena, form: Form) -> None:
    """The first schema, and in the long form every one since, becomes the newest and keeps its rows."""
    postgres = arena.running_postgres()
    fresh = arena.server(postgres.url())
    fresh.command("migrate")
    for count in form_range(form):
        database = old_database(postgres, f"old{count}", count)
        before = data_of(database)
        server = arena.server(database.url)
        server.command("migrate")
        assert data_of(database) == before
        assert schema_of(database.url) == schema_of(postgres.url()), f"from {MIGRATIONS[count - 1].name}"
        server.start()
        agents = answer_of(f"{server.url}/agents?limit=1000", server.token("old"))["items"]
        assert isinstance(agents, list)
        assert len(agents) == 450
        if count > 3:
            logs = answer_of(f"{server.url}/agents/{agents[0]['id']}/logs", server.token("old"))["items"]
            assert isinstance(logs, list)
            assert [log["message"] for log in logs] == ["old"]
        server.terminate()


def form_range(form: Form) -> range:
    return range(1, 2) if form.short else range(1, len(MIGRATIONS))


def test_five_servers_start_at_once_on_an_empty_database(arena: Arena) -> None:
    """One migrates, the others wait; all of them serve."""
    postgres = arena.running_postgres()
    servers = [arena.server(postgres.url()) for _ in range(5)]
    for server in servers:
        server.spawn()
    for server in servers:
        server.wait_until_ready()
    database = postgres.database()
    assert database.number("SELECT count(*) FROM __diesel_schema_migrations") == len(MIGRATIONS)
    token = servers[0].token()
    for server in servers:
        assert answer_of(f"{server.url}/agents", token)["items"] == []
    locks = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"
    wait_until("no lock is left", lambda: database.number(locks) == 0, 5)


def test_migrations_killed_half_way(arena: Arena, form: Form) -> None:
    """Killed after any migration, even in the midst of one, the next start makes up for it."""
    postgres = arena.running_postgres()
    began = time.monotonic()
    arena.server(postgres.url()).command("migrate")
    whole = time.monotonic() - began
    expected = schema_of(postgres.url())
    reached = set()
    for number in range(form(4, 12)):
        name = f"killed{number}"
        server = arena.server(postgres.create(name))
        with open(server.log, "ab") as log:
            process = subprocess.Popen([BINARY, "migrate"], env=server.env, stdout=log, stderr=log)
        time.sleep(whole * (number + 0.5) / form(4, 12))  # the moment of the kill
        process.kill()
        process.wait()
        database = postgres.database(name)
        there = database.sql("SELECT to_regclass('__diesel_schema_migrations') IS NOT NULL") == "t"
        reached.add(database.number("SELECT count(*) FROM __diesel_schema_migrations") if there else 0)
        server.command("migrate")
        assert schema_of(postgres.url(name)) == expected
    assert len(reached) > 1, f"every kill found the same state: {reached}"
