#!/usr/bin/env python3
"""Measure what the SDKs cost: calls per second of get_agent with a token, against httpx and fetch alone with the same request.

usage: tools/with_server.py --binary PATH -- .venv/bin/python benches/sdks.py [--seconds N] [--rounds N]

Both take turns, so that the pace of the machine, which has the server too, is the same for both; the ratio is the median of the rounds.
The TypeScript client must be built. Fails when a ratio is below the goal, which is 0.8.
"""

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "clients/python"))

import httpx
from agentdata import AgentData, AsyncAgentData

GOAL = 0.8
# What is under way at once: one call after the other, and as many as keep a program busy.
AT_ONCE = (1, 16)
URL, TOKEN = os.environ["AGENTDATA_URL"], os.environ["AGENTDATA_TOKEN"]
HEADERS = {"Authorization": f"Bearer {TOKEN}"}

Row = tuple[str, float, float, float]
"""What it is, calls per second alone and by the SDK, and the ratio."""


def rate(call: Callable[[], object], seconds: float) -> float:
    count, began = 0, time.perf_counter()
    while time.perf_counter() - began < seconds:
        call()
        count += 1
    return count / (time.perf_counter() - began)


async def async_rate(call: Callable[[], Awaitable[object]], seconds: float, at_once: int) -> float:
    count, began = 0, time.perf_counter()

    async def work() -> None:
        nonlocal count
        while time.perf_counter() - began < seconds:
            await call()
            count += 1

    await asyncio.gather(*(work() for _ in range(at_once)))
    return count / (time.perf_counter() - began)


def row(name: str, pairs: list[tuple[float, float]]) -> Row:
    alone, sdk = (statistics.median(side) for side in zip(*pairs, strict=True))
    return name, alone, sdk, statistics.median(sdk / alone for alone, sdk in pairs)


def measure_sync(agent_id: str, seconds: float, rounds: int) -> Row:
    with httpx.Client(base_url=URL) as http, AgentData(URL, token=TOKEN) as client:

        def alone() -> None:
            http.get(f"/agents/{agent_id}", headers=HEADERS).raise_for_status().json()

        def sdk() -> None:
            client.agents.get(agent_id)

        for call in (alone, sdk):
            rate(call, seconds / 4)  # warm
        return row("Python, httpx.Client", [(rate(alone, seconds), rate(sdk, seconds)) for _ in range(rounds)])


async def measure_async(agent_id: str, seconds: float, rounds: int, at_once: int) -> Row:
    async with httpx.AsyncClient(base_url=URL) as http, AsyncAgentData(URL, token=TOKEN) as client:

        async def alone() -> None:
            (await http.get(f"/agents/{agent_id}", headers=HEADERS)).raise_for_status().json()

        async def sdk() -> None:
            await client.agents.get(agent_id)

        for call in (alone, sdk):
            await async_rate(call, seconds / 4, at_once)
        pairs = [
            (await async_rate(alone, seconds, at_once), await async_rate(sdk, seconds, at_once)) for _ in range(rounds)
        ]
        return row(f"Python, httpx.AsyncClient, {at_once} at once", pairs)


def measure_typescript(agent_id: str, seconds: float, rounds: int, at_once: int) -> Row:
    node = HERE.parent / ".venv/bin/node"
    command = [node, HERE / "sdk.mjs", agent_id, str(seconds), str(rounds), str(at_once)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return row(f"TypeScript, fetch, {at_once} at once", json.loads(done.stdout))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=1.0, help="length of a turn (default 1)")
    parser.add_argument("--rounds", type=int, default=7, help="how often each has its turn (default 7)")
    args = parser.parse_args()
    with AgentData(URL, token=TOKEN) as client:
        agent_id = str(client.agents.create(name="sdk bench", tags=["a", "b"], metadata={"team": "care", "tier": 2}).id)
    run = args.seconds, args.rounds
    rows = [measure_sync(agent_id, *run)]
    rows += [asyncio.run(measure_async(agent_id, *run, at_once)) for at_once in AT_ONCE]
    rows += [measure_typescript(agent_id, *run, at_once) for at_once in AT_ONCE]
    print("| get_agent | alone, calls/s | by the SDK | ratio |\n|---|--:|--:|--:|")
    for name, alone, sdk, ratio in rows:
        print(f"| {name} | {alone:.0f} | {sdk:.0f} | {ratio:.2f} |")
    return 0 if all(ratio >= GOAL for *_, ratio in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
