"""Twenty minutes at about 80 % of what the load can ask for: nothing may grow.

usage: soak.py [--minutes N] [--settle N]

AGENTDATA_BINARY and AGENTDATA_POSTGRES_BIN name the programs. First the load runs without a pause to find how much it can
ask for, then with a pause after each request for the given time. A line is printed for every minute; in the end the last
quarter is compared with the quarter after the warm-up, and connections with what the settings allow. Exit code 1 when
something grew, was lost, or failed.
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import dataclass

from arena import Arena
from history import Attempt, Outcome
from postgres import Database
from server import Server
from workload import Load

WORKERS = 16
SHARE = 0.8
# What a server with the usual settings may have: a pool of 16, which fills as it is needed, twice two shared ones, one for
# its health, one that listens. And one of psql, which counts them.
CONNECTIONS = 16 + 2 * 2 + 1 + 1 + 1
MIB = 1024 * 1024


@dataclass(frozen=True)
class Sample:
    """One minute. Bloat is the share of dead rows in the tables that are updated in place."""

    requests: float  # a second
    p50: float  # ms
    p99: float
    errors: int
    memory: float  # MiB
    descriptors: int
    connections: int
    dead: float  # %
    rows: int


def percentile(attempts: list[Attempt], share: float) -> float:
    times = sorted(one.seconds for one in attempts)
    return 1000 * times[min(len(times) - 1, int(share * len(times)))] if times else 0.0


def sample(load: Load, server: Server, database: Database, began: float, ended: float) -> Sample:
    attempts = [one for one in load.attempts if began <= one.began < ended]
    live, dead = (
        int(part)
        for part in database.sql(
            "SELECT coalesce(sum(n_live_tup), 0), coalesce(sum(n_dead_tup), 0) FROM pg_stat_user_tables"
        ).split("|")
    )
    connections = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    return Sample(
        requests=len(attempts) / (ended - began),
        p50=percentile(attempts, 0.5),
        p99=percentile(attempts, 0.99),
        errors=sum(1 for one in attempts if one.outcome is not Outcome.OK),
        memory=server.memory() / MIB,
        descriptors=server.descriptors(),
        connections=database.number(connections),
        dead=100 * dead / max(1, live + dead),
        rows=live,
    )


def line(name: str, one: Sample) -> str:
    return (
        f"| {name} | {one.requests:.0f} | {one.p50:.1f} | {one.p99:.1f} | {one.errors} | {one.memory:.0f} "
        f"| {one.descriptors} | {one.connections} | {one.dead:.1f} | {one.rows} |"
    )


def mean(samples: list[Sample]) -> Sample:
    """The mean of each figure."""
    values = {name: [getattr(one, name) for one in samples] for name in Sample.__dataclass_fields__}
    return Sample(**{name: type(found[0])(sum(found) / len(found)) for name, found in values.items()})


def grown(before: Sample, after: Sample) -> list[str]:
    """What was not flat."""
    problems = []
    if after.memory > before.memory * 1.15 + 8:
        problems.append(f"memory grew from {before.memory:.0f} to {after.memory:.0f} MiB")
    if after.descriptors > before.descriptors + 8:
        problems.append(f"descriptors grew from {before.descriptors} to {after.descriptors}")
    if after.connections > CONNECTIONS:
        problems.append(f"there were {after.connections} connections, and may be {CONNECTIONS}")
    if after.p99 > before.p99 * 2 + 20:
        problems.append(f"p99 grew from {before.p99:.0f} to {after.p99:.0f} ms")
    if after.dead > before.dead + 20:
        problems.append(f"dead rows grew from {before.dead:.0f} to {after.dead:.0f} %")
    return problems


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--settle", type=float, default=2, help="minutes of warm-up, which are not compared")
    args = parser.parse_args()
    with Arena() as arena:
        server = arena.server().start()
        token, database = server.token(), server.embedded_database()
        step = min(60.0, args.minutes * 60 / 8)
        samples: list[Sample] = []
        with Load([server.url], token, database, workers=WORKERS) as load:
            began = time.monotonic()
            time.sleep(min(20.0, step))
            most = sum(1 for one in load.attempts if one.began >= began) / (time.monotonic() - began)
            # A pause after each request, so long that this share of the rate is left.
            load.pace = WORKERS / (most * SHARE) - WORKERS / most
            print(f"At most {most:.0f} requests/s with {WORKERS} clients, of which {SHARE:.0%} are asked for.")
            print(
                "| minute | requests/s | p50 ms | p99 ms | errors | memory MiB | descriptors | connections | dead rows % | rows |"
            )
            print("|---|" + "--:|" * 9)
            start = time.monotonic()
            while time.monotonic() - start < args.minutes * 60:
                time.sleep(step)
                now = time.monotonic()
                samples.append(sample(load, server, database, now - step, now))
                print(line(f"{(now - start) / 60:.1f}", samples[-1]), flush=True)
        verdict, differences = load.verdict()
        problems = verdict.problems() + differences + load.form_problems()
        compared = samples[min(round(args.settle * 60 / step), len(samples) // 2) :]
        quarter = max(1, len(compared) // 4)
        before, after = mean(compared[:quarter]), mean(compared[-quarter:])
        print(line("first quarter", before))
        print(line("last quarter", after))
        problems += grown(before, after)
        tally = load.tally()
    print(
        f"{tally['requests']} requests, {tally['acknowledged']} acknowledged, {len(verdict.lost)} lost, {len(verdict.duplicated)} duplicated."
    )
    print("\n".join(problems) or "Nothing grew, nothing was lost.")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
