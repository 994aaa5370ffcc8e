#!/usr/bin/env python3
"""Measure how logs and metrics fare when there are many, on a throwaway server of the release build.

usage: benches/volume.py [--binary PATH] [--logs N] [--points N] [--seconds N]

Fills an agent's logs and metrics of 30 days by SQL, and compares ingest and pages with those on empty tables.
AGENTDATA_POSTGRES_BIN names the directory of PostgreSQL's programs. The table is Markdown, on standard output.
"""

import argparse
import json
import os
import shutil
import statistics
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from pathlib import Path

import bench
import with_server
from bench import Server, say

NAME = "queue.length"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", default="target/release/agentdata", type=Path)
    parser.add_argument("--logs", default=10_000_000, type=int, help="how many logs (default 10,000,000)")
    parser.add_argument("--points", default=2_592_000, type=int, help="how many data points (default one a second)")
    parser.add_argument("--seconds", default=10, type=int, help="length of each measurement (default 10)")
    args = parser.parse_args()
    bench.ensure_wrk()
    home = Path(tempfile.mkdtemp(prefix="ad-", dir="/var/tmp"))
    home.chmod(0o755)
    keep = ("AGENTDATA_POSTGRES_BIN",)
    env = {k: v for k, v in os.environ.items() if k in keep or not k.startswith(("AGENTDATA_", "DATABASE_"))}
    port = with_server.free_port()
    env |= {"AGENTDATA_HOME": str(home), "AGENTDATA_LISTEN": f"127.0.0.1:{port}"}
    binary = args.binary.resolve()
    server = Server(binary, home, port, env, bench.start(binary, env, home))
    try:
        with_server.wait_until_ready(server.process, server.url)
        measure(server, args)
        return 0
    except with_server.Failure as error:
        print(f"volume: {error}", file=sys.stderr)
        return 1
    finally:
        if server.process.poll() is None:
            with_server.stop(server.process)
        bench.stop_postgres(home)
        shutil.rmtree(home, ignore_errors=True)


def measure(server: Server, args: argparse.Namespace) -> None:
    scopes = "agents:write logs:read logs:write metrics:read metrics:write"
    with_server.cli(server.binary, server.env, "client", "create", "--name", "volume", "--scopes", scopes)
    token = with_server.cli(server.binary, server.env, "token", "--client", "volume", "--lifetime", "86400").strip()
    agent = bench.call(server, token, "/agents", {"name": "volume"})["id"]
    path = f"/agents/{agent}"
    empty = ingest(server, token, path, args.seconds)
    began = time.monotonic()
    fill(server, agent, args.logs, args.points)
    say(f"  filled in {time.monotonic() - began:.0f} s")
    full = ingest(server, token, path, args.seconds)
    say("  walking to page 10,000")
    cursor = deep_cursor(server, token, path)
    print("| with so many stored | per second | p50 ms | p99 ms |")
    print("|---|--:|--:|--:|")
    line("create_log at 128 connections, empty tables", empty)
    line(f"create_log at 128 connections, {args.logs:,} logs", full)
    for what, query in [
        ("first page of 100", ""),
        ("page 10,000", f"?cursor={urllib.parse.quote(cursor)}"),
        ("first page of one level in 20,000", "?level=fatal"),
        ("first page without message and attributes", "?omit=message&omit=attributes"),
    ]:
        row = bench.wrk(server, token, 16, args.seconds, f"{path}/logs{query}")
        line(f"list_logs at 16 connections: {what}", row)
    for aggregations in (["avg"], ["avg", "p95"]):
        query = [("name", NAME), ("bucket", "6h"), ("from", start_of_range())]
        query += [("aggregations", name) for name in aggregations]
        times = [timed(server, token, f"{path}/metrics/series?{urllib.parse.urlencode(query)}") for _ in range(5)]
        what = f"query_metrics over 30 days, {args.points:,} points, {' and '.join(aggregations)}"
        print(f"| {what} | {1e3 / statistics.median(times):.1f} | {statistics.median(times):.0f} | {max(times):.0f} |")
    print(f"\nIngest is {full['requests_per_second'] / empty['requests_per_second']:.2f} of that on empty tables.")
    print(f"Memory (RSS): {bench.peak_mib(server):.0f} MiB at its peak.")


def ingest(server: Server, token: str, path: str, seconds: int) -> dict:
    """The middle one of five measurements, because they differ by a tenth and more."""
    rows = []
    for _ in range(5):
        server.sql("CHECKPOINT")
        rows.append(bench.wrk(server, token, 128, seconds, f"{path}/logs", "", json.dumps(bench.LOG), "1"))
    return sorted(rows, key=lambda row: row["requests_per_second"])[2]


def fill(server: Server, agent: str, logs: int, points: int) -> None:
    say(f"  filling {logs:,} logs and {points:,} data points")
    tenant = server.sql(f"SELECT tenant_id FROM agents WHERE id = '{agent}'")
    chunk = 500_000
    for begin in range(0, logs, chunk):
        server.sql(
            f"INSERT INTO logs SELECT {tenant}, '{agent}', now() - interval '30 days' * (1 - i / {logs}.0),"
            f" uuidv7(), CASE WHEN i % 20000 = 7 THEN 6 WHEN i % 10 = 1 THEN 4 ELSE 3 END, '{bench.LOG['message']}',"
            f" '{json.dumps(bench.LOG['attributes'])}', NULL, NULL, 'conversation-' || i / 50"
            f" FROM generate_series({begin}, {min(begin + chunk, logs) - 1}) AS i"
        )
    server.sql(
        f"INSERT INTO metrics SELECT {tenant}, '{agent}', now() - interval '30 days' * (1 - i / {points}.0), uuidv7(),"
        f" '{NAME}', 1, 50 + 30 * sin(i / 5000.0), '{{request}}', '{{\"queue\": \"mail\"}}'"
        f" FROM generate_series(0, {points - 1}) AS i"
    )
    server.sql("VACUUM ANALYZE logs, metrics")


def deep_cursor(server: Server, token: str, path: str) -> str:
    """The cursor of the page behind a million logs, by walking there."""
    cursor = ""
    for _ in range(1_000):
        query = f"?limit=1000&omit=message&omit=attributes{cursor and '&cursor=' + urllib.parse.quote(cursor)}"
        request = urllib.request.Request(
            f"{server.url}{path}/logs{query}", headers={"Authorization": f"Bearer {token}"}
        )
        with urllib.request.urlopen(request, timeout=60) as response:
            cursor = json.load(response)["next_cursor"]
        if cursor is None:
            raise with_server.Failure("there are not a million logs")
    return cursor


def timed(server: Server, token: str, path: str) -> float:
    began = time.perf_counter()
    request = urllib.request.Request(server.url + path, headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(request, timeout=60) as response:
        response.read()
    return (time.perf_counter() - began) * 1e3


def start_of_range() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 30 * 86_400))


def line(what: str, row: dict) -> None:
    print(
        f"| {what} | {row['requests_per_second']:.0f} | {row['p50'] / 1e3:.1f} | {row['p99'] / 1e3:.1f} |", flush=True
    )
    if row["errors"]:
        raise with_server.Failure(f"{what}: {row['errors']} errors")


if __name__ == "__main__":
    sys.exit(main())
