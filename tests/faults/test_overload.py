"""More than can be served: what is accepted is served, the rest is refused, health answers, and memory stays bounded."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import json
import socket
import time
import typing
import urllib.parse
import urllib.request
from collections.abc import Iterator

import pytest
from arena import Arena
from conftest import Form
from crowd import Crowd, Health, answer, head
from postgres import Postgres
from processes import get, wait_until
from server import Server

MIB = 1024 * 1024
# That it answers at all is the point: the clients, PostgreSQL and whatever else the machine does share its two cores.
HEALTH_SECONDS = 15.0


@pytest.fixture
def postgres(arena: Arena) -> Postgres:
    return arena.running_postgres()


def post(server: Server, token: str, path: str, body: object) -> tuple[int, dict[str, object]]:
    """A request that must succeed."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    request = urllib.request.Request(server.url + path, json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request, timeout=30) as response:
        return response.status, json.load(response)


def get_json(server: Server, token: str, path: str) -> dict[str, typing.Any]:
    """A read that must succeed."""
    request = urllib.request.Request(server.url + path, headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(request, timeout=30) as response:
        return json.load(response)


def new_agent(server: Server, token: str) -> str:
    return str(post(server, token, "/agents", {"name": f"agent {time.time_ns()}"})[1]["id"])


def report(name: str, server: Server, crowd: Crowd, health: Health) -> None:
    """What was found, for whoever runs pytest with -s."""
    print(f"{name}: {dict(crowd.answers)}, health {health.worst}, memory at most {server.memory('VmHWM') // MIB} MiB")


def check(server: Server, crowd: Crowd, health: Health, *, memory: int) -> None:
    """Health answered at all times, answers had the declared form, memory stayed under a bound (MiB).

    Not ready is a true answer while the database is kept busy; it must be over when the crowd has gone.
    """
    assert set(health.answers) <= {"/healthz 200", "/readyz 200", "/readyz 503"}, health.answers
    wait_until("readiness after the crowd has gone", lambda: get(f"{server.url}/readyz") == 200, 5)
    assert max(health.worst.values()) < HEALTH_SECONDS, health.worst
    assert crowd.faults == []
    unexpected = {status for status in crowd.answers if status.startswith("5")} - {"503", "504"}
    assert not unexpected, crowd.answers
    assert server.memory("VmHWM") < memory * MIB, f"{server.memory('VmHWM') // MIB} MiB"
    assert server.log_lines("panicked") == []


def test_many_more_batches_than_can_be_stored(arena: Arena, postgres: Postgres, form: Form) -> None:
    """128 clients send batches without a pause. What is not stored is refused at once, what is acknowledged is there.

    The bound: 256 MiB of bodies (`--body-budget`), their rows, and 64 MiB of them in the queue.
    """
    server = arena.server(postgres.url(), AGENTDATA_STATEMENT_TIMEOUT="5").start()
    token = server.token()
    agent = new_agent(server, token)
    rows = 2000
    body = json.dumps([{"level": "info", "message": "x" * 500} for _ in range(rows)]).encode()
    request = head("POST", f"/agents/{agent}/logs/batch", token, len(body)) + body

    async def act(crowd: Crowd, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while crowd.goes_on:
            writer.write(request)
            crowd.note(*await answer(reader))
            await writer.drain()

    with Health(server) as health, Crowd(server, 128, act) as crowd:
        time.sleep(form(6, 30))
    report("batches", server, crowd, health)
    assert crowd.answers["201"] > 0
    assert crowd.answers["503"] > 0, "it was no overload"
    stored = postgres.database().number("SELECT count(*) FROM logs")
    uncertain = sum(crowd.answers[status] for status in ("503", "504", "closed")) + crowd.count
    assert crowd.answers["201"] * rows <= stored <= (crowd.answers["201"] + uncertain) * rows
    assert stored % rows == 0, "a batch is stored as a whole or not at all"
    check(server, crowd, health, memory=1024)
    assert post(server, token, f"/agents/{agent}/logs", {"level": "info", "message": "after"})[0] == 201


def test_two_thousand_idle_and_slow_connections(arena: Arena, postgres: Postgres, form: Form) -> None:
    """A quarter says nothing, a quarter sends its head byte by byte, a quarter its body, a quarter does not read answers.

    All others are served as if nobody were there, and the slow ones are closed when their time is over.
    """
    patience = form(4, 15)
    limits = {"AGENTDATA_HEADER_TIMEOUT": str(patience), "AGENTDATA_BODY_TIMEOUT": str(patience)}
    server = arena.server(postgres.url(), **limits).start()
    token = server.token()
    agent = new_agent(server, token)
    post(server, token, f"/agents/{agent}/logs/batch", [{"level": "info", "message": "y" * 10_000}] * 100)
    path = f"/agents/{agent}/logs"
    slow_head, slow_body = head("GET", path, token), head("POST", path, token, 100_000)
    numbers: Iterator[int] = iter(range(10**9))

    async def act(crowd: Crowd, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        kind = next(numbers) % 4
        if kind == 3:
            writer.write(head("GET", f"{path}?limit=100", token))  # a megabyte, of which nothing is read
            await asyncio.sleep(3600)
        if kind == 2:
            writer.write(slow_body)
        for byte in slow_head if kind == 1 else b" " * 3600:
            if kind != 0:
                writer.write(bytes([byte]))
            try:
                crowd.note(*await asyncio.wait_for(answer(reader), 1))
                return
            except asyncio.TimeoutError:
                pass

    with Health(server) as health, Crowd(server, 2000, act) as crowd:
        wait_until("all connections", lambda: crowd.open >= 1990, 60)
        # As the others are served.
        for _ in range(form(50, 500)):
            assert post(server, token, path, {"level": "info", "message": "z"})[0] == 201
            assert get(f"{server.url}/healthz") == 200
        wait_until("slow bodies are refused", lambda: crowd.answers["408"] >= 400, patience + 30)
        wait_until("slow heads and idle ones are closed", lambda: crowd.answers["closed"] >= 800, patience + 30)
    report("slow connections", server, crowd, health)
    check(server, crowd, health, memory=512)
    wait_until("their descriptors are free", lambda: server.descriptors() < 200, patience + 30)


def test_a_hundred_thousand_pages(arena: Arena, postgres: Postgres, form: Form) -> None:
    """A thousand clients read pages near and far at once, a hundred thousand of them in the long form, and each is whole."""
    server = arena.server(postgres.url()).start()
    token = server.token()
    agent = new_agent(server, token)
    path = f"/agents/{agent}/logs"
    limit, pages = 10, 200
    for _ in range(2):
        post(server, token, f"{path}/batch", [{"level": "info", "message": "page"}] * (limit * pages // 2))
    requests = [head("GET", f"{path}?limit={limit}", token)]
    page = get_json(server, token, f"{path}?limit={limit}")
    while page["next_cursor"]:
        assert len(page["items"]) == limit
        query = urllib.parse.urlencode({"limit": limit, "cursor": page["next_cursor"]})
        requests.append(head("GET", f"{path}?{query}", token))
        page = get_json(server, token, f"{path}?{query}")
    assert len(requests) == pages
    numbers: Iterator[int] = iter(range(10**9))

    async def act(crowd: Crowd, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while crowd.goes_on:
            writer.write(requests[next(numbers) % pages])
            crowd.note(*await answer(reader))

    wanted = form(5_000, 100_000)
    with Health(server) as health, Crowd(server, 1000, act) as crowd:
        wait_until("the pages", lambda: crowd.answers["200"] >= wanted, 300)
    report("pages", server, crowd, health)
    check(server, crowd, health, memory=256)


@pytest.mark.long
def test_readers_that_do_not_read(arena: Arena, postgres: Postgres) -> None:
    """Large answers that nobody takes must not pile up in memory: half a gigabyte is asked for, and much less than that is kept.

    After the write timeout nothing of them is left.
    """
    server = arena.server(postgres.url(), AGENTDATA_WRITE_TIMEOUT="10").start()
    token = server.token()
    agent = new_agent(server, token)
    path = f"/agents/{agent}/logs"
    for _ in range(2):
        post(server, token, f"{path}/batch", [{"level": "info", "message": "y" * 40_000}] * 100)
    with contextlib.ExitStack() as readers:
        for _ in range(64):
            reader = readers.enter_context(socket.socket())
            reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            reader.settimeout(30)
            reader.connect(("127.0.0.1", server.port))
            reader.sendall(head("GET", f"{path}?limit=200", token))  # 8 MiB
            # One after the other, until the answer begins: so the database is not what bounds it.
            assert reader.recv(12) in (b"HTTP/1.1 200", b"HTTP/1.1 503")
        assert get(f"{server.url}/readyz") == 200
        assert server.memory("VmHWM") < 384 * MIB, f"{server.memory('VmHWM') // MIB} MiB"
        wait_until("the readers are cut off", lambda: server.descriptors() < 64, 40)


@pytest.mark.long
def test_compressed_bombs(arena: Arena, postgres: Postgres, form: Form) -> None:
    """A megabyte that inflates to a gigabyte is refused after as much as a body may have."""
    server = arena.server(postgres.url()).start()
    token = server.token()
    agent = new_agent(server, token)
    bomb = gzip.compress(b"[" + b" " * (256 * MIB), 9)
    assert len(bomb) < MIB
    paths = ["/agents", f"/agents/{agent}/logs/batch", f"/agents/{agent}/configs"]
    requests = [head("POST", path, token, len(bomb), "Content-Encoding: gzip") + bomb for path in paths]
    numbers: Iterator[int] = iter(range(10**9))

    async def act(crowd: Crowd, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(requests[next(numbers) % len(requests)])
        crowd.note(*await answer(reader))

    with Health(server) as health, Crowd(server, 64, act) as crowd:
        wait_until("refusals", lambda: crowd.answers["413"] >= form(100, 1000), 120)
    report("bombs", server, crowd, health)
    assert set(crowd.answers) <= {"413", "503", "closed"}, crowd.answers
    check(server, crowd, health, memory=1024)


def test_a_lock_holds_every_write_up(arena: Arena, postgres: Postgres, form: Form) -> None:
    """Somebody locks the table of agents, and 300 clients want to write: each is refused in bounded time, then all is well."""
    server = arena.server(postgres.url()).start()
    token = server.token()

    async def act(crowd: Crowd, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while crowd.goes_on:
            body = json.dumps({"name": f"agent {time.time_ns()} {id(reader)}"}).encode()
            began = time.monotonic()
            writer.write(head("POST", "/agents", token, len(body)) + body)
            status, headers = await answer(reader)
            crowd.note(status, headers)
            if time.monotonic() - began > 3 + 10 + 5:
                crowd.faults.append(f"{status} after {time.monotonic() - began:.1f} s")

    with Health(server) as health, Crowd(server, 300, act) as crowd:
        # Readers are not held up, and so readiness is not either.
        lock = f"BEGIN; LOCK TABLE agents IN EXCLUSIVE MODE; SELECT pg_sleep({form(7, 20)}); COMMIT"
        postgres.database().sql(lock)
        good = crowd.answers["201"]
        wait_until("agents are made again", lambda: crowd.answers["201"] > good + 50, 10)
    report("a lock", server, crowd, health)
    assert crowd.answers["503"] > 0
    check(server, crowd, health, memory=512)
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state <> 'idle' AND pid <> pg_backend_pid()"
    wait_until("no statement is left behind", lambda: postgres.database().number(waiting) == 0, 15)


@pytest.mark.long
def test_more_than_a_client_may(arena: Arena, postgres: Postgres, form: Form) -> None:
    """With `--api-rate` one client's flood is answered 429, and another client does not notice."""
    server = arena.server(postgres.url(), AGENTDATA_API_RATE="20").start()
    token = server.token()
    name, secret = server.client()
    other = json.load(
        urllib.request.urlopen(
            urllib.request.Request(
                f"{server.url}/oauth/token",
                f"grant_type=client_credentials&client_id={name}&client_secret={secret}".encode(),
            )
        )
    )["access_token"]

    async def act(crowd: Crowd, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while crowd.goes_on:
            writer.write(head("GET", "/agents", token))
            crowd.note(*await answer(reader))

    with Health(server) as health, Crowd(server, 16, act) as crowd:
        began = time.monotonic()
        for _ in range(form(20, 100)):
            assert post(server, other, "/agents", {"name": f"agent {time.time_ns()}"})[0] == 201
            time.sleep(0.1)
        seconds = time.monotonic() - began
    report("a flood", server, crowd, health)
    assert crowd.answers["429"] > crowd.answers["200"]
    assert crowd.answers["200"] < 20 * (seconds + 3) + 20, "more than the rate"
    check(server, crowd, health, memory=512)
