"""What wrk and pgbench do in a second, and the CPU time that each item of it takes."""

import itertools
import json
import os
import re
import resource
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from server import HERE, Failure, Server, output, say

# Different for every run, for names that must be new.
RUNS = itertools.count(1)


@dataclass
class Run:
    """One run of a load generator. CPU time is in microseconds for each item, latency in milliseconds."""

    rate: float
    cpu: dict[str, float]
    p50: float = 0
    p99: float = 0
    errors: int = 0
    peak_mib: float = 0


def wrk(
    server: Server,
    connections: int,
    seconds: float,
    path: str,
    bodies: Path | None = None,
    *,
    items: int = 1,
    new_names: bool = False,
    tag: str = "",
) -> Run:
    """GET, or POST of the bodies in turn, each of which has so many items."""
    size = [f"-t{threads(connections)}", f"-c{connections}", f"-d{seconds}s", "--timeout", "60s"]
    headers = ["-H", f"Authorization: Bearer {server.token}"]
    if tag:
        headers += ["-H", f"If-None-Match: {tag}"]
    script = [str(bodies)] if bodies else []
    script += [f"wrk-{next(RUNS)}"] if new_names else []
    server.forget_peak()
    command = ["wrk", *size, *headers, "-s", HERE / "wrk.lua", server.url + path, "--", *script]
    text, cpu = metered(server, "wrk", lambda: output(command))
    seen = json.loads(text.splitlines()[-1])
    done = seen["requests"] * items
    if not done:
        raise Failure(f"no answer from {path} within {seconds} s")
    rate = done / (seen["duration"] / 1e6)
    say(f"  wrk, {connections} connections: {rate:.0f}/s of {path.rpartition('/')[2]}")
    return Run(
        rate=rate,
        cpu={who: 1e6 * used / done for who, used in cpu.items()},
        p50=seen["p50"] / 1e3,
        p99=seen["p99"] / 1e3,
        errors=seen["errors"],
        peak_mib=server.peak_mib(),
    )


@dataclass
class Pgbench:
    """pgbench with a statement."""

    server: Server
    statement: str
    define: dict[str, str] = field(default_factory=dict)
    items: int = 1
    protocol: str = "prepared"
    started: dict[int, tuple[int, float, dict[str, float]]] = field(default_factory=dict)

    def run(self, clients: int, seconds: int) -> Run:
        """Connecting and planning, which pgbench does once for each client, cost the run neither its time nor CPU time."""
        if clients not in self.started:
            # The lesser of two, because PostgreSQL may have had other work beside one of them.
            self.started[clients] = min(
                (self.start(clients) for _ in range(2)), key=lambda start: sum(start[2].values())
            )
        first, took, starting = self.started[clients]
        count, rate, cpu = self.measure(clients, f"--time={seconds + round(took)}")
        items = max(1, count - first) * self.items
        say(f"  pgbench, {clients} clients: {rate * self.items:.0f}/s")
        return Run(rate * self.items, {who: 1e6 * (used - starting[who]) / items for who, used in cpu.items()})

    def start(self, clients: int) -> tuple[int, float, dict[str, float]]:
        """How many transactions, the seconds and the seconds of CPU time when each client does as good as nothing."""
        began = time.perf_counter()
        count, _, cpu = self.measure(clients, "--transactions=1")
        return count, time.perf_counter() - began, cpu

    def measure(self, clients: int, length: str) -> tuple[int, float, dict[str, float]]:
        """How many transactions, how many a second without the time it takes to connect, and the seconds of CPU time."""
        define = self.define | {"made": "0", "run": str(next(RUNS))}
        command = ["-n", f"--protocol={self.protocol}", f"--client={clients}", f"--jobs={threads(clients)}", length]
        command += [f"--define={name}={value}" for name, value in define.items()]
        file = self.server.home / "pgbench.sql"
        file.write_text(self.statement)
        command.append(f"--file={file}")
        text, cpu = metered(self.server, "pgbench", lambda: self.server.postgres("pgbench", *command))
        tps, count = re.search(r"^tps = ([\d.]+)", text, re.MULTILINE), re.search(r"actually processed: (\d+)", text)
        if not tps or not count or "number of failed transactions: 0 " not in text:
            raise Failure(f"pgbench: {text[-2000:]}")
        return int(count[1]), float(tps[1]), cpu


def metered(server: Server, generator: str, load: Callable[[], str]) -> tuple[str, dict[str, float]]:
    """What a load prints, and the seconds of CPU time that it costs whom."""
    own = resource.getrusage(resource.RUSAGE_CHILDREN)
    before = server.cpu()
    text = load()
    after = server.cpu()
    end = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = {who: after[who] - before[who] for who in before}
    if cpu:
        cpu[generator] = end.ru_utime + end.ru_stime - own.ru_utime - own.ru_stime
    return text, cpu


def threads(connections: int) -> int:
    return min(connections, os.cpu_count() or 1)
