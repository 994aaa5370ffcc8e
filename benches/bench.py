#!/usr/bin/env python3
"""Measure the release build of agentdata against PostgreSQL's own pgbench, and the SDKs against plain HTTP, on a throwaway server.

usage: .venv/bin/python benches/bench.py [--binary PATH] [--seconds N] [--rounds N] [--only TEXT] [--record] [--json FILE]

wrk drives operations; pgbench runs their SQL at as many clients on the same PostgreSQL: for create_log one row in each
transaction, for its batch the rows of a batch in one statement. In every round they take turns, and a ratio is the
median of the rounds' ratios, because the pace of a machine changes from minute to minute. Everything shares this machine's
cores, the load generators included, so ratios tell more than rates. The tables are Markdown, on standard output.

Fails when requests failed, or when an operation takes more CPU time than ratios.json has recorded; see there. A goal that is
not met is told and fails nothing. The TypeScript client must be built. AGENTDATA_POSTGRES_BIN names the directory of
PostgreSQL's programs.
"""

import dataclasses
import json
import sys
import time
import urllib.request
from pathlib import Path

import regression
import report
import sdks
from operations import SCOPES, Operation, operations
from report import Row
from server import Failure, Server, cold_start_ms, parser, running, say

COLD_STARTS = 7
# What a server has to do after load before its memory is looked at: nothing.
REST_SECONDS = 5


def main() -> int:
    arguments = parser(__doc__)
    arguments.add_argument("--seconds", default=2, type=int, help="length of each measurement (default 2)")
    arguments.add_argument("--rounds", default=5, type=int, help="how often each is measured (default 5)")
    arguments.add_argument("--only", default="", metavar="TEXT", help="operations whose name begins so, or sdk")
    arguments.add_argument(
        "--record", action="store_true", help="write benches/ratios.json instead of comparing with it"
    )
    arguments.add_argument("--json", type=Path, metavar="FILE", help="write the figures of every round there")
    args = arguments.parse_args()

    with running(args.binary, SCOPES) as server:
        server.sql("ALTER SYSTEM SET max_connections = 200")  # pgbench opens a connection for each client
        server.restart()
        cold = [cold_start_ms(server) for _ in range(COLD_STARTS)]
        time.sleep(REST_SECONDS)
        memory = {"idle": server.resident_mib()}
        measured = operations(server, args.only)
        rows = measure(server, measured, args)
        time.sleep(REST_SECONDS)
        memory["after load"] = server.resident_mib()
        check_answers(server)
        calls = sdks.measure(server.url, server.token) if "sdk".startswith(args.only) else []
        machine = report.machine(server)

    if rows:
        report.table(rows)
        print()
    if calls:
        sdks.table(calls)
        print()
    print(f"{machine}; {args.rounds} rounds of {args.seconds} s, medians, in brackets the least and the most.\n")
    report.goals(report.of_operations(rows) + report.of_server(cold, memory) + report.of_sdks(calls))
    if args.json:
        figures = {"machine": machine, "cold_start_ms": cold, "memory_mib": memory, "sdks": calls}
        figures["operations"] = [dataclasses.asdict(row) for row in rows]
        args.json.write_text(json.dumps(figures, indent=2) + "\n")
    errors = sum(row.errors for row in rows)
    if errors:
        print(f"\n{errors} requests failed.")
    if args.record:
        regression.record(rows)
        return 1 if errors else 0
    return 1 if not regression.passes(rows) or errors else 0


def measure(server: Server, measured: list[Operation], args) -> list[Row]:
    turns = args.rounds * sum(1 + len(one.clients) for one in measured)
    say(f"warming up, then {turns} measurements of {args.seconds} s")
    rows = [Row(one.name, one.connections, {clients: [] for clients in one.clients}) for one in measured]
    for one in measured:
        one.by_wrk(args.seconds)
    for number in range(args.rounds):
        say(f"round {number + 1}")
        # Every round finds tables of the same size.
        server.sql("TRUNCATE logs")
        for one, row in zip(measured, rows, strict=True):
            sides = [None, *one.clients]  # the server, and pgbench with so many clients
            # Who begins takes turns too.
            for clients in sides if number % 2 == 0 else reversed(sides):
                if one.name.startswith("create"):
                    server.sql("CHECKPOINT")
                if clients is not None:
                    row.peers[clients].append(one.pgbench.run(clients, args.seconds))
                else:
                    row.runs.append(one.by_wrk(args.seconds))
    return rows


def check_answers(server: Server) -> None:
    """wrk calls only 4xx and 5xx errors; the server's own count must hold nothing but what was asked for: 2xx, and 304 where a tag was sent."""
    request = urllib.request.Request(f"{server.url}/metrics", headers={"Authorization": f"Bearer {server.token}"})
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
        raise Failure(f"there were answers other than 2xx and 304: {stray}")
    # 2xx means committed.
    stored = int(server.sql("SELECT count(*) FROM agents WHERE name LIKE 'wrk-%' OR name = 'bench'"))
    if stored < counts["create_agent", "201"]:
        raise Failure(f"{counts['create_agent', '201']} answers were 201, {stored} agents are stored")


if __name__ == "__main__":
    sys.exit(main())
