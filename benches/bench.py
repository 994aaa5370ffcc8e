#!/usr/bin/env python3
"""Measure the release build of agentdata against PostgreSQL's own pgbench, on a throwaway server.

usage: benches/bench.py [--binary PATH] [--seconds N] [--json FILE]

wrk drives operations; pgbench runs their SQL at the same number of clients, right after, on the same PostgreSQL: for
create_log one row in each transaction, for its batch the rows of a batch in one statement. AGENTDATA_POSTGRES_BIN names the directory of PostgreSQL's programs.
Everything shares this machine's cores, the load generators included, so ratios tell more than rates. The table is
Markdown, on standard output.
"""

import argparse
import json
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tools"))

import with_server

CONNECTIONS = (1, 32, 128)
COLD_STARTS = 7
AGENTS = 10_000

COLUMNS = "id, name, description, status, model, tags, metadata, version, created_at, updated_at"
VALUES = {
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
    'pgbench-' || :clients::text || '-' || :client_id::text || '-' || :made::text,
    '{VALUES["description"]}', '{VALUES["status"]}', '{VALUES["model"]}', '{{support,production}}',
    '{json.dumps(VALUES["metadata"])}', 1, now(), now()) RETURNING {COLUMNS};
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
PROMPTS = 50
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
BATCH = 1_000
# At so many clients pgbench's best rate of single rows is looked for.
SINGLE_ROW_CLIENTS = (8, 16, 32, 64)


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
    WHERE EXISTS (SELECT FROM living) ON CONFLICT DO NOTHING RETURNING tenant_id, agent_id, id)
SELECT tenant_id, id, NULL::uuid FROM living UNION ALL SELECT tenant_id, agent_id, id FROM stored;
"""


@dataclass
class Server:
    """A server of ours and how to reach it and its database."""

    binary: Path
    home: Path
    port: int
    env: dict[str, str]
    process: subprocess.Popen

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def bin_dir(self) -> Path:
        return Path(self.env["AGENTDATA_POSTGRES_BIN"])

    def postgres(self, program: str, *arguments: str) -> str:
        """Run one of PostgreSQL's programs against the server's database."""
        password = (self.home / "postgres-password").read_text().strip()
        login = {"PGHOST": self.home / "run", "PGUSER": "agentdata", "PGDATABASE": "agentdata", "PGPASSWORD": password}
        env = {k: v for k, v in os.environ.items() if not k.startswith("PG")} | {k: str(v) for k, v in login.items()}
        return run([self.bin_dir / program, *arguments], env)

    def sql(self, statement: str) -> str:
        return self.postgres("psql", "-XAtqc", statement).strip()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", default="target/release/agentdata", type=Path)
    parser.add_argument("--seconds", default=10, type=int, help="length of each measurement (default 10)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    args = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    ensure_wrk()

    # A short path, because that of the database's socket is limited; and not /tmp, which may be memory.
    home = Path(tempfile.mkdtemp(prefix="ad-", dir="/var/tmp"))
    home.chmod(0o755)  # as root the database runs as another user, who has to reach its data
    try:
        return bench(args, home)
    except with_server.Failure as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    finally:
        stop_postgres(home)
        shutil.rmtree(home, ignore_errors=True)


def bench(args: argparse.Namespace, home: Path) -> int:
    # Nothing of the caller's own settings reaches the server, but where PostgreSQL is.
    if "AGENTDATA_POSTGRES_BIN" not in os.environ:
        raise with_server.Failure("AGENTDATA_POSTGRES_BIN must name the directory of PostgreSQL's programs")
    keep = ("AGENTDATA_POSTGRES_BIN",)
    env = {k: v for k, v in os.environ.items() if k in keep or not k.startswith(("AGENTDATA_", "DATABASE_"))}
    port = with_server.free_port()
    env |= {"AGENTDATA_HOME": str(home), "AGENTDATA_LISTEN": f"127.0.0.1:{port}"}
    binary = args.binary.resolve()
    server = Server(binary, home, port, env, start(binary, env, home))
    try:
        with_server.wait_until_ready(server.process, server.url)
        # pgbench opens a connection for each client.
        server.sql(f"ALTER SYSTEM SET max_connections = {max(CONNECTIONS) + 50}")
        with_server.stop(server.process)
        server.process = start(binary, env, home)
        with_server.wait_until_ready(server.process, server.url)
        results = {"seconds": args.seconds, "cores": os.cpu_count(), "cold_start_ms": cold_starts(server)}
        time.sleep(3)
        results["idle_mib"] = resident_mib(server)
        results["operations"], results["best_single_rows"] = measure(server, args.seconds)
        results["after_load_mib"] = resident_mib(server)
        results["peak_mib"] = peak_mib(server)
    finally:
        if server.process.poll() is None:
            with_server.stop(server.process)
    if args.json:
        args.json.write_text(json.dumps(results, indent=2) + "\n")
    report(results)
    return 1 if any(row["errors"] for row in results["operations"]) else 0


def start(binary: Path, env: dict[str, str], home: Path) -> subprocess.Popen:
    # The log goes to a file with its default settings, one line a request, as it would in production.
    with open(home / "server.log", "ab") as log:
        return subprocess.Popen([binary, "serve"], env=env, stdout=log, stderr=log, start_new_session=True)


def cold_starts(server: Server) -> list[float]:
    """Milliseconds to the first 200 of a server that is killed and started again while PostgreSQL stays up."""
    times = []
    for _ in range(COLD_STARTS):
        server.process.kill()
        server.process.wait()
        began = time.perf_counter()
        server.process = start(server.binary, server.env, server.home)
        wait_for_200(server)
        times.append((time.perf_counter() - began) * 1e3)
    return times


def wait_for_200(server: Server) -> None:
    deadline = time.monotonic() + with_server.START_SECONDS
    while time.monotonic() < deadline and server.process.poll() is None:
        try:
            with socket.create_connection(("127.0.0.1", server.port), timeout=5) as connection:
                connection.sendall(b"GET /readyz HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n")
                if connection.recv(64).startswith(b"HTTP/1.1 200 "):
                    return
        except OSError:
            pass
        time.sleep(0.001)
    raise with_server.Failure("the server did not start again")


def measure(server: Server, seconds: int) -> tuple[list[dict], dict]:
    scopes = "agents:read agents:write prompts:read prompts:write logs:write admin"
    with_server.cli(server.binary, server.env, "client", "create", "--name", "bench", "--scopes", scopes)
    lifetime = str(600 + 65 * seconds)
    token = with_server.cli(server.binary, server.env, "token", "--client", "bench", "--lifetime", lifetime).strip()
    agent = call(server, token, "/agents", {"name": "bench", **VALUES})
    tenant = server.sql(f"SELECT tenant_id FROM agents WHERE id = '{agent['id']}'")
    server.sql(
        f"INSERT INTO agents (tenant_id, {COLUMNS}) SELECT tenant_id, uuidv7(), 'bench-' || i, description, status,"
        f" model, tags, metadata, 1, now(), now() FROM agents, generate_series(2, {AGENTS}) AS i"
    )
    server.sql("VACUUM ANALYZE agents")
    one = f"/agents/{agent['id']}"
    prompts = f"{one}/prompts"
    for version in range(1, PROMPTS + 1):
        call(server, token, prompts, {"type": "text", "template": f"{version} {TEMPLATE}", "config": {"model": "m"}})
    call(server, token, f"{prompts}/labels/production", {"version": PROMPTS // 2}, "PUT")
    server.sql("VACUUM ANALYZE prompts, prompt_labels")
    define = {"tenant": tenant, "id": agent["id"], "made": "0", "version": str(PROMPTS // 2)}
    tag = f'"{PROMPTS // 2}"'
    reads = [
        ("get_agent", one, "", SELECT),
        ("get_prompt", f"{prompts}/{PROMPTS // 2}", "", SELECT_PROMPT),
        ("get_prompt, 304", f"{prompts}/{PROMPTS // 2}", tag, SELECT_PROMPT),
        ("get_prompt_by_label", f"{prompts}/labels/production", "", SELECT_LABELLED),
        ("get_prompt_by_label, 304", f"{prompts}/labels/production", tag, SELECT_LABELLED),
    ]

    say(
        f"warming up, then {2 * (len(CONNECTIONS) * (len(reads) + 2) + 2) + len(SINGLE_ROW_CLIENTS)} measurements of {seconds} s"
    )
    wrk(server, token, 32, 2, one)
    rows = []
    for operation, path, tag, statement in reads:
        for connections in CONNECTIONS:
            row = wrk(server, token, connections, seconds, path, tag=tag)
            row["pgbench"] = pgbench(server, statement, define, connections, seconds)
            rows.append(row | {"operation": operation})
    for connections in CONNECTIONS:
        server.sql("CHECKPOINT")
        body = json.dumps(VALUES).removeprefix("{")
        row = wrk(server, token, connections, seconds, "/agents", f"wrk-{connections}", body)
        server.sql("CHECKPOINT")
        define["clients"] = str(connections)
        row |= {"operation": "create_agent", "pgbench": pgbench(server, INSERT, define, connections, seconds)}
        rows.append(row)
    for operation, path, records, counts in [
        ("create_log", "logs", 1, CONNECTIONS),
        (f"create_log_batch of {BATCH}", "logs/batch", BATCH, CONNECTIONS[:2]),
    ]:
        for connections in counts:
            server.sql("CHECKPOINT")
            row = wrk(server, token, connections, seconds, f"{one}/{path}", "", json.dumps(LOG), str(records))
            row["requests_per_second"] *= records
            server.sql("CHECKPOINT")
            if records == 1:
                peer = pgbench(server, INSERT_LOG, define, connections, seconds)
            else:
                peer = BATCH * pgbench(server, INSERT_LOGS, define, connections, seconds, "simple")
            rows.append(row | {"operation": operation, "pgbench": peer})
    check_answers(server, token)
    return rows, best_single_rows(server, define, seconds)


def best_single_rows(server: Server, define: dict[str, str], seconds: int) -> dict:
    """The most rows a second that transactions of one row each can store, at any number of clients."""
    rates = {}
    for clients in SINGLE_ROW_CLIENTS:
        server.sql("CHECKPOINT")
        rates[clients] = pgbench(server, INSERT_LOG, define, clients, seconds)
        say(f"  {clients} clients: {rates[clients]:.0f} rows/s of pgbench")
    clients = max(rates, key=rates.get)
    return {"clients": clients, "rows_per_second": rates[clients]}


def wrk(server: Server, token: str, connections: int, seconds: int, path: str, *script: str, tag: str = "") -> dict:
    size = [f"-t{threads(connections)}", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s"]
    header = ["-H", f"Authorization: Bearer {token}"]
    if tag:
        header += ["-H", f"If-None-Match: {tag}"]
    output = run(["wrk", *size, *header, "-s", HERE / "wrk.lua", server.url + path, "--", *script])
    row = json.loads(output.splitlines()[-1])
    per_second = row["requests"] / (row["duration"] / 1e6)
    say(f"  {connections} connections: {per_second:.0f} req/s of {path.split('/')[-1]}")
    return row | {"connections": connections, "requests_per_second": per_second}


def pgbench(
    server: Server, script: str, define: dict[str, str], clients: int, seconds: int, protocol: str = "prepared"
) -> float:
    file = server.home / "pgbench.sql"
    file.write_text(script)
    define = [f"--define={name}={value}" for name, value in define.items()]
    count = [f"--client={clients}", f"--jobs={threads(clients)}", f"--time={seconds}"]
    output = server.postgres("pgbench", "-n", f"--protocol={protocol}", *count, *define, f"--file={file}")
    tps = [line for line in output.splitlines() if line.startswith("tps = ")]
    if not tps or "number of failed transactions: 0 " not in output:
        raise with_server.Failure(f"pgbench: {output}")
    return float(tps[0].split()[2])


def check_answers(server: Server, token: str) -> None:
    """wrk calls only 4xx and 5xx errors; the server's own count must hold nothing but what was asked for: 2xx, and 304 where a tag was sent."""
    request = urllib.request.Request(f"{server.url}/metrics", headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(request, timeout=10) as response:
        lines = response.read().decode().splitlines()
    counts = {}
    for line in lines:
        if line.startswith("agentdata_http_request_duration_seconds_count"):
            labels, count = line.split("{")[1].split("} ")
            labels = dict(label.split("=") for label in labels.replace('"', "").split(","))
            counts[labels["operation"], labels["status"]] = int(float(count))
    stray = {key: n for key, n in counts.items() if not key[1].startswith("2") and key[1] != "304"}
    if stray:
        raise with_server.Failure(f"there were answers other than 2xx and 304: {stray}")
    # 2xx means committed.
    stored = int(server.sql("SELECT count(*) FROM agents WHERE name LIKE 'wrk-%' OR name = 'bench'"))
    if stored < counts["create_agent", "201"]:
        raise with_server.Failure(f"{counts['create_agent', '201']} answers were 201, {stored} agents are stored")


def call(server: Server, token: str, path: str, body: dict, method: str = "POST") -> dict:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    request = urllib.request.Request(server.url + path, json.dumps(body).encode(), headers, method=method)
    with urllib.request.urlopen(request, timeout=10) as response:
        return json.load(response)


def report(results: dict) -> None:
    heads = (
        "operation",
        "connections",
        "items/s",
        "pgbench",
        "ratio",
        "p50 ms",
        "p90 ms",
        "p99 ms",
        "max ms",
        "errors",
    )
    print("| " + " | ".join(heads) + " |")
    print("|---" + "|--:" * (len(heads) - 1) + "|")
    for row in results["operations"]:
        rate, tps = row["requests_per_second"], row["pgbench"]
        times = [f"{row[name] / 1e3:.2f}" for name in ("p50", "p90", "p99", "max")]
        cells = [row["operation"], str(row["connections"]), f"{rate:.0f}", f"{tps:.0f}", f"{rate / tps:.2f}", *times]
        print("| " + " | ".join([*cells, str(row["errors"])]) + " |")
    cold = results["cold_start_ms"]
    print()
    best = results["best_single_rows"]
    logs = [row for row in results["operations"] if row["operation"] == "create_log"]
    log = max(logs, key=lambda row: row["connections"])
    print(
        f"pgbench's best rate of single rows: {best['rows_per_second']:.0f}/s at {best['clients']} clients; create_log at"
        f" {log['connections']} connections is {log['requests_per_second'] / best['rows_per_second']:.2f} of it."
    )
    print(
        f"Memory (RSS) {results['idle_mib']:.1f} MiB idle, {results['after_load_mib']:.1f} MiB after the load,"
        f" {results['peak_mib']:.1f} MiB at its peak."
    )
    print(
        f"Cold start with PostgreSQL up: median {statistics.median(cold):.0f} ms, worst of {len(cold)} {max(cold):.0f} ms."
    )
    print(f"{results['seconds']} s each, {results['cores']} cores for server, PostgreSQL and load generators together.")


def ensure_wrk() -> None:
    if shutil.which("wrk"):
        return
    if os.geteuid() == 0 and shutil.which("apt-get"):
        say("installing wrk")
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        for command in (["update"], ["install", "--yes", "--no-install-recommends", "wrk"]):
            subprocess.run(["apt-get", "--quiet", *command], **quiet)
    if not shutil.which("wrk"):
        sys.exit("error: please install wrk (Debian: apt-get install wrk, macOS: brew install wrk)")


def stop_postgres(home: Path) -> None:
    """A killed server leaves its PostgreSQL running; nothing of it is needed any more."""
    try:
        pid = int((home / "postgres-data" / "postmaster.pid").read_text().split()[0])
        os.kill(pid, signal.SIGQUIT)
    except (OSError, ValueError, IndexError):
        return
    while (home / "postgres-data" / "postmaster.pid").exists() and alive(pid):
        time.sleep(0.05)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def threads(connections: int) -> int:
    return min(connections, os.cpu_count() or 1)


def resident_mib(server: Server) -> float:
    return int(run(["ps", "-o", "rss=", "-p", str(server.process.pid)])) / 1024


def peak_mib(server: Server) -> float:
    """The most memory that the server has had; 0 where the system does not tell."""
    status = Path(f"/proc/{server.process.pid}/status")
    if not status.exists():
        return 0.0
    return int(status.read_text().split("VmHWM:")[1].split()[0]) / 1024


def run(command: list, env: dict[str, str] | None = None) -> str:
    done = subprocess.run(command, env=env, capture_output=True, text=True)
    if done.returncode != 0:
        raise with_server.Failure(f"{Path(command[0]).name} failed: {done.stderr or done.stdout}")
    return done.stdout


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
