"""What the SDKs cost: calls per second of get_agent with a token, against httpx and fetch alone with the same request.

Both take turns, so that the pace of the machine, which has the server too, is the same for both. The TypeScript client must be
built.
"""

import asyncio
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "clients/python"))

import httpx
from agentdata import AgentData, AsyncAgentData

# What is under way at once: one call after the other, and as many as keep a program busy.
AT_ONCE = (1, 16)

Row = tuple[str, float, float, list[float]]
"""What it is, calls per second alone and by the SDK, and the ratio in every round."""


@dataclass
class Turns:
    """Whom the calls go to, and how long and how often each side has its turn."""

    url: str
    token: str
    agent_id: str
    seconds: float
    rounds: int

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


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
    return name, alone, sdk, [sdk / alone for alone, sdk in pairs]


def measure_sync(turns: Turns) -> Row:
    with httpx.Client(base_url=turns.url) as http, AgentData(turns.url, token=turns.token) as client:

        def alone() -> None:
            http.get(f"/agents/{turns.agent_id}", headers=turns.headers).raise_for_status().json()

        def sdk() -> None:
            client.agents.get(turns.agent_id)

        for call in (alone, sdk):
            rate(call, turns.seconds / 4)  # warm
        pairs = [(rate(alone, turns.seconds), rate(sdk, turns.seconds)) for _ in range(turns.rounds)]
        return row("httpx.Client", pairs)


async def measure_async(turns: Turns, at_once: int) -> Row:
    async with httpx.AsyncClient(base_url=turns.url) as http, AsyncAgentData(turns.url, token=turns.token) as client:

        async def alone() -> None:
            (await http.get(f"/agents/{turns.agent_id}", headers=turns.headers)).raise_for_status().json()

        async def sdk() -> None:
            await client.agents.get(turns.agent_id)

        for call in (alone, sdk):
            await async_rate(call, turns.seconds / 4, at_once)
        pairs = [
            (await async_rate(alone, turns.seconds, at_once), await async_rate(sdk, turns.seconds, at_once))
            for _ in range(turns.rounds)
        ]
        return row(f"httpx.AsyncClient, {at_once} at once", pairs)


def measure_typescript(turns: Turns, at_once: int) -> Row:
    node = HERE.parent / ".venv/bin/node"
    command = [node, HERE / "sdk.mjs", turns.agent_id, str(turns.seconds), str(turns.rounds), str(at_once)]
    env = os.environ | {"AGENTDATA_URL": turns.url, "AGENTDATA_TOKEN": turns.token}
    done = subprocess.run(command, env=env, check=True, stdout=subprocess.PIPE, text=True)
    return row(f"fetch, {at_once} at once", json.loads(done.stdout))


def measure(url: str, token: str, seconds: float = 1, rounds: int = 7) -> list[Row]:
    with AgentData(url, token=token) as client:
        agent = client.agents.create(name="sdk bench", tags=["a", "b"], metadata={"team": "care", "tier": 2})
    turns = Turns(url, token, str(agent.id), seconds, rounds)
    rows = [measure_sync(turns)]
    rows += [asyncio.run(measure_async(turns, at_once)) for at_once in AT_ONCE]
    rows += [measure_typescript(turns, at_once) for at_once in AT_ONCE]
    return rows


def table(rows: list[Row]) -> None:
    print("| get_agent | alone, calls/s | by the SDK | ratio |\n|---|--:|--:|--:|")
    for name, alone, sdk, ratios in rows:
        print(f"| {name} | {alone:.0f} | {sdk:.0f} | {statistics.median(ratios):.2f} |")
