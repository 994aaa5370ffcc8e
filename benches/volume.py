#!/usr/bin/env python3
"""Measure how logs and metrics fare when there are many, on throwaway servers of the release build.

usage: benches/volume.py [--binary PATH] [--logs N] [--points N] [--seconds N] [--rounds N]

Fills an agent's logs and metrics of 30 days by SQL, and compares ingest with that on the empty tables of another server, in
turns. AGENTDATA_POSTGRES_BIN names the directory of PostgreSQL's programs. The tables are Markdown, on standard output.
"""

import argparse
import json
import statistics
import sys
import time
import urllib.parse

import report
from load import Run, wrk
from operations import LOG, written
from report import Goal, median, print_row, spread
from server import Failure, Server, parser, running, say

SCOPES = "agents:write logs:read logs:write metrics:read metrics:write"
NAME = "queue.length"
CONNECTIONS = 128


def main() -> int:
    arguments = parser(__doc__)
    arguments.add_argument("--logs", default=10_000_000, type=int, help="how many logs (default 10,000,000)")
    arguments.add_argument("--points", default=2_592_000, type=int, help="how many data points (default one a second)")
    arguments.add_argument("--seconds", default=5, type=int, help="length of each measurement (default 5)")
    arguments.add_argument("--rounds", default=5, type=int, help="how often each is measured (default 5)")
    args = arguments.parse_args()
    with running(args.binary, SCOPES) as empty, running(args.binary, SCOPES) as full:
        measure(empty, full, args)
    return 0


def measure(empty: Server, full: Server, args: argparse.Namespace) -> None:
    paths = {}
    for server in (empty, full):
        agent = server.call("POST", "/agents", {"name": "volume"})["id"]
        paths[server.port] = f"/agents/{agent}"
    path = paths[full.port]
    fill(full, path.rpartition("/")[2], args.logs, args.points)
    ingested: dict[int, list[Run]] = {empty.port: [], full.port: []}
    for number in range(args.rounds):
        empty.sql("TRUNCATE logs")
        for server in (empty, full) if number % 2 == 0 else (full, empty):
            server.sql("CHECKPOINT")
            body = written(server.home / "log", LOG)
            run = wrk(server, CONNECTIONS, args.seconds, f"{paths[server.port]}/logs", body)
            ingested[server.port].append(run)
    say("  walking to page 10,000")
    cursor = deep_cursor(full, path)
    print_row(["with so many stored", "per second", "p50 ms", "p99 ms"])
    print("|---|--:|--:|--:|")
    requests(f"create_log at {CONNECTIONS} connections, empty tables", ingested[empty.port])
    requests(f"create_log at {CONNECTIONS} connections, {args.logs:,} logs", ingested[full.port])
    for what, query in [
        ("first page of 100", ""),
        ("page 10,000", f"?cursor={urllib.parse.quote(cursor)}"),
        ("first page of one level in 20,000", "?level=fatal"),
        ("first page without message and attributes", "?omit=message&omit=attributes"),
    ]:
        runs = [wrk(full, 16, args.seconds, f"{path}/logs{query}") for _ in range(args.rounds)]
        requests(f"list_logs at 16 connections: {what}", runs)
    for aggregations in (["avg"], ["avg", "p95"]):
        query = [("name", NAME), ("bucket", "6h"), ("from", start_of_range())]
        query += [("aggregations", name) for name in aggregations]
        times = [timed(full, f"{path}/metrics/series?{urllib.parse.urlencode(query)}") for _ in range(args.rounds)]
        what = f"query_metrics over 30 days, {args.points:,} points, {' and '.join(aggregations)}"
        print_row(
            [what, f"{1e3 / statistics.median(times):.1f}", f"{statistics.median(times):.0f}", f"{max(times):.0f}"]
        )
    print(f"\n{report.machine(full)}; {args.rounds} rounds of {args.seconds} s.\n")
    pairs = zip(ingested[full.port], ingested[empty.port], strict=True)
    peaks = [run.peak_mib for run in ingested[full.port]]
    report.goals(
        [
            Goal(f"`create_log` with {args.logs:,} logs, of empty tables", 0.8, [a.rate / b.rate for a, b in pairs]),
            Goal("memory (RSS), peak under that load", 150, peaks, " MiB", at_most=True),
        ]
    )


def fill(server: Server, agent: str, logs: int, points: int) -> None:
    say(f"  filling {logs:,} logs and {points:,} data points")
    began = time.monotonic()
    tenant = server.sql(f"SELECT tenant_id FROM agents WHERE id = '{agent}'")
    chunk = 500_000
    for begin in range(0, logs, chunk):
        server.sql(
            f"INSERT INTO logs SELECT {tenant}, '{agent}', now() - interval '30 days' * (1 - i / {logs}.0),"
            f" uuidv7(), CASE WHEN i % 20000 = 7 THEN 6 WHEN i % 10 = 1 THEN 4 ELSE 3 END, '{LOG['message']}',"
            f" '{json.dumps(LOG['attributes'])}', NULL, NULL, 'conversation-' || i / 50"
            f" FROM generate_series({begin}, {min(begin + chunk, logs) - 1}) AS i"
        )
    server.sql(
        f"INSERT INTO metrics SELECT {tenant}, '{agent}', now() - interval '30 days' * (1 - i / {points}.0), uuidv7(),"
        f" '{NAME}', 1, 50 + 30 * sin(i / 5000.0), '{{request}}', '{{\"queue\": \"mail\"}}'"
        f" FROM generate_series(0, {points - 1}) AS i"
    )
    server.sql("VACUUM ANALYZE logs, metrics")
    say(f"  filled in {time.monotonic() - began:.0f} s")


def deep_cursor(server: Server, path: str) -> str:
    """The cursor of the page behind a million logs, by walking there."""
    cursor = ""
    for _ in range(1_000):
        query = f"?limit=1000&omit=message&omit=attributes{cursor and '&cursor=' + urllib.parse.quote(cursor)}"
        cursor = server.call("GET", f"{path}/logs{query}")["next_cursor"]
        if cursor is None:
            raise Failure("there are not a million logs")
    return cursor


def timed(server: Server, path: str) -> float:
    began = time.perf_counter()
    server.call("GET", path)
    return (time.perf_counter() - began) * 1e3


def start_of_range() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 30 * 86_400))


def requests(what: str, runs: list[Run]) -> None:
    errors = sum(run.errors for run in runs)
    if errors:
        raise Failure(f"{what}: {errors} errors")
    rate = spread([run.rate for run in runs], "{:.0f}")
    print_row([what, rate, f"{median(runs, 'p50'):.1f}", f"{median(runs, 'p99'):.1f}"])


if __name__ == "__main__":
    sys.exit(main())
