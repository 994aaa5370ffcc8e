"""PostgreSQL dies, stalls, loses sessions; agentdata answers all the while, and recovers by itself."""

from __future__ import annotations

import os
import signal
import time

import pytest
from arena import Arena
from conftest import Form, Trial
from postgres import Database, Postgres, kill_postmaster
from processes import wait_until
from server import Server
from workload import Load, Window

BACKENDS = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"


def started(arena: Arena) -> tuple[Postgres, Server]:
    """A PostgreSQL and a server on it."""
    postgres = arena.running_postgres()
    return postgres, arena.server(postgres.url()).start()


def readiness_was_false(load: Load, window: Window, down: tuple[float, float]) -> None:
    """While the database was surely gone, /readyz must have said so, and /healthz must not have minded."""
    ready = [
        probe for probe in load.servers[0].ready if down[0] <= probe.began and probe.began + probe.seconds <= down[1]
    ]
    assert ready, f"/readyz was not answered at all from {down[0]:.1f} to {down[1]:.1f}"
    assert {probe.status for probe in ready} == {503}, [(probe.began - window.began, probe.status) for probe in ready]
    live = [probe for probe in load.servers[0].live if down[0] <= probe.began <= down[1]]
    assert live
    assert {probe.status for probe in live} == {200}


def test_sigkill_of_the_embedded_postmaster(arena: Arena, trial: Trial, form: Form) -> None:
    """The server starts its PostgreSQL again by itself."""
    server = arena.server().start()
    data, database = server.embedded_data, server.embedded_database()
    with trial.load(database, server) as load:
        for _ in range(form(1, 2)):
            load.lasts(0.5)
            with load.fault():
                kill_postmaster(data)
                # Started again, and through its own recovery, which takes as long as its log wants.
                wait_until("PostgreSQL", lambda: database.sql("SELECT 1", check=False) == "1", 30)
            load.recovered()
        load.settle()
    trial.conclude(load, server)


@pytest.mark.long
def test_immediate_stop_and_start(arena: Arena, trial: Trial, form: Form) -> None:
    """A crash of all of PostgreSQL, with an outage and crash recovery."""
    postgres, server = started(arena)
    with trial.load(postgres.database(), server) as load:
        for _ in range(form(1, 2)):
            load.lasts(0.5)
            with load.fault() as window:
                postgres.stop("immediate")
                down = time.monotonic()
                time.sleep(form(1, 4))  # the outage itself
                readiness_was_false(load, window, (down, time.monotonic()))
                postgres.start()
            load.recovered()
        load.settle()
    trial.conclude(load, server)


@pytest.mark.long
def test_sigkill_of_one_backend(arena: Arena, trial: Trial, form: Form) -> None:
    """PostgreSQL ends all sessions and recovers, because one of them may have spoilt the shared memory."""
    postgres, server = started(arena)
    database = postgres.database()
    with trial.load(postgres.database(), server) as load:
        for _ in range(form(1, 2)):
            load.lasts(0.5)
            with load.fault():
                victim = database.number(f"SELECT pid {BACKENDS} ORDER BY state = 'active' DESC LIMIT 1")
                os.kill(victim, signal.SIGKILL)
                wait_until("recovery", lambda: database.sql("SELECT 1", check=False) == "1", 30)
            load.recovered()
        load.settle()
    trial.conclude(load, server)


def test_pg_terminate_backend_storm(arena: Arena, trial: Trial, form: Form) -> None:
    """All sessions are ended again and again, in the midst of transactions, without an outage."""
    postgres, server = started(arena)
    with trial.load(postgres.database(), server) as load:
        load.lasts(0.5)
        with load.fault():
            ended = _storm(postgres.database(), form(2, 15))
        load.settle()
    assert ended > 0
    trial.conclude(load, server)


def _storm(database: Database, seconds: float) -> int:
    begin, ended = time.monotonic(), 0
    while time.monotonic() - begin < seconds:
        ended += database.number(f"SELECT count(pg_terminate_backend(pid)) {BACKENDS}")
    return ended


def test_postgresql_stands_still(arena: Arena, trial: Trial, form: Form) -> None:
    """Every process of PostgreSQL is stopped for some seconds (SIGSTOP) and goes on as if nothing had been."""
    postgres, server = started(arena)
    with trial.load(postgres.database(), server) as load:
        for _ in range(form(1, 2)):
            load.lasts(0.5)
            with load.fault() as window, postgres.paused():
                down = time.monotonic()
                time.sleep(5)  # the standstill itself: longer than the readiness check's patience
                readiness_was_false(load, window, (down, time.monotonic()))
            load.recovered()
        load.settle()
    trial.conclude(load, server)
