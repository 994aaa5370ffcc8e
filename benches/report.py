"""The tables of a bench, in Markdown: what was measured, and what of it was asked for."""

import os
import platform
import statistics
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from load import Run
from server import HERE, Server, output


@dataclass
class Row:
    """An operation at so many connections, with the runs of every round."""

    name: str
    connections: int
    peers: dict[int, list[Run]]
    """Those of pgbench, by its number of clients."""
    runs: list[Run] = field(default_factory=list)

    @property
    def key(self) -> str:
        return f"{self.name} {self.connections}"

    @property
    def errors(self) -> int:
        return sum(run.errors for run in self.runs)

    def best_clients(self) -> int:
        return max(self.peers, key=lambda clients: statistics.median(run.rate for run in self.peers[clients]))

    def peer(self) -> list[Run]:
        return self.peers[self.best_clients()]

    def ratios(self) -> list[float]:
        return [run.rate / peer.rate for run, peer in zip(self.runs, self.peer(), strict=True)]

    def cost_ratios(self) -> list[float]:
        """The CPU time of the server and PostgreSQL for one item, in that of pgbench and PostgreSQL; none without /proc."""
        pairs = zip(self.runs, self.peer(), strict=True)
        return [
            (run.cpu["agentdata"] + run.cpu["PostgreSQL"]) / (peer.cpu["PostgreSQL"] + peer.cpu["pgbench"])
            for run, peer in pairs
            if run.cpu and peer.cpu
        ]


@dataclass
class Goal:
    """What is asked for, and what came out in every round."""

    what: str
    asked: float
    values: list[float]
    unit: str = ""
    at_most: bool = False

    def cells(self) -> list[str]:
        measured = statistics.median(self.values)
        met = measured <= self.asked if self.at_most else measured >= self.asked
        sign = "≤" if self.at_most else "≥"
        form = "{:.0f}" if self.unit else "{:.2f}"
        asked = f"{sign} {self.asked:g}{self.unit}"
        return [self.what, asked, spread(self.values, form) + self.unit, "yes" if met else "**no**"]


def spread(values: list[float], form: str) -> str:
    """The median, and the least and the most."""
    if len(values) == 1:
        return form.format(values[0])
    return f"{form} [{form}–{form}]".format(statistics.median(values), min(values), max(values))


def print_row(cells: list) -> None:
    print("| " + " | ".join(str(cell) for cell in cells) + " |", flush=True)


def median(runs: list[Run], name: str) -> float:
    return statistics.median(getattr(run, name) for run in runs)


def cpu(runs: list[Run], *whose: str) -> str:
    """What each takes for an item; nothing where the system does not tell."""
    medians = [statistics.median(run.cpu[who] for run in runs) for who in whose if who in runs[0].cpu]
    return " + ".join(f"{used:.0f}" if used >= 10 else f"{used:.1f}" for used in medians)


def table(rows: list[Row]) -> None:
    print_row(
        ["operation", "connections", "items/s", "pgbench", "ratio", "p50 ms", "p99 ms", "CPU µs", "pgbench's", "MiB"]
    )
    print("|---" + "|--:" * 9 + "|")
    for row in rows:
        best = row.best_clients()
        at = "" if best == row.connections else f" ({best})"
        print_row(
            [
                row.name,
                row.connections,
                f"{median(row.runs, 'rate'):.0f}",
                f"{median(row.peer(), 'rate'):.0f}{at}",
                spread(row.ratios(), "{:.2f}"),
                f"{median(row.runs, 'p50'):.2f}",
                f"{median(row.runs, 'p99'):.1f}",
                cpu(row.runs, "agentdata", "PostgreSQL", "wrk"),
                cpu(row.peer(), "PostgreSQL", "pgbench"),
                f"{max(run.peak_mib for run in row.runs):.0f}",
            ]
        )


def goals(asked: list[Goal]) -> None:
    print_row(["goal", "asked", "measured", "met"])
    print("|---|--:|--:|---|")
    for goal in asked:
        print_row(goal.cells())


def of_operations(rows: list[Row]) -> list[Goal]:
    asked = {
        "get_agent 32": 0.75,
        "get_agent 128": 1.0,
        "get_prompt 32": 0.75,
        "get_prompt 128": 1.0,
        "create_log 128": 2.0,
        "create_log_batch 1": 0.8,
        "create_log_batch 8": 0.8,
        "create_log_batch 32": 0.8,
        "search_embeddings 16": 0.9,
    }
    found = []
    for row in rows:
        if row.key not in asked:
            continue
        what = f"`{row.name}` at {row.connections} connection{'s' if row.connections > 1 else ''}"
        best = "pgbench" if len(row.peers) == 1 else f"pgbench's best, at {row.best_clients()} clients"
        found.append(Goal(f"{what}, of {best}", asked[row.key], row.ratios()))
        if row.key == "create_log 128":
            found.append(Goal(f"{what}, p99", 50, [run.p99 for run in row.runs], " ms", at_most=True))
    return found


def of_server(cold_ms: list[float], memory_mib: dict[str, float]) -> list[Goal]:
    return [
        Goal("memory (RSS), idle", 40, [memory_mib["idle"]], " MiB", at_most=True),
        Goal("memory, after load", 64, [memory_mib["after load"]], " MiB", at_most=True),
        Goal("from start to the first 200, PostgreSQL being up", 150, cold_ms, " ms", at_most=True),
    ]


def of_sdks(calls: list[tuple]) -> list[Goal]:
    return [Goal(f"`get_agent` by the SDK, of plain {name}", 0.8, ratios) for name, *_, ratios in calls]


def kind_of_machine() -> str:
    """What ratios can be compared on: names of processors are vague, their numbers are not."""
    cpuinfo = Path("/proc/cpuinfo")
    name, numbers = platform.processor() or platform.machine(), []
    if cpuinfo.exists():
        pairs = (part.split(":", 1) for part in cpuinfo.read_text().split("\n\n")[0].splitlines() if ":" in part)
        told = {key.strip(): value.strip() for key, value in pairs}
        name = told.get("model name", name)
        numbers = [told[key] for key in ("cpu family", "model", "stepping") if key in told]
    return f"{name} {'/'.join(numbers)}".strip() + f", {os.cpu_count()} cores"


def machine(server: Server) -> str:
    """The machine and the versions, in a line."""
    vector = server.sql("SELECT extversion FROM pg_extension WHERE extname = 'vector'")
    wrk = subprocess.run(["wrk", "-v"], capture_output=True, text=True).stdout.split(" [")[0]
    git = ["git", "-C", str(HERE), "describe", "--always", "--dirty"]
    commit = subprocess.run(git, capture_output=True, text=True).stdout.strip()
    return (
        f"{kind_of_machine()} for everything, {platform.system()} {platform.release()};"
        f" PostgreSQL {server.sql('SHOW server_version')}, pgvector {vector}, {wrk};"
        f" {output([server.binary, '--version']).strip()} ({commit})"
    )
