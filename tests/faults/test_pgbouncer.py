"""PgBouncer stands between the server and PostgreSQL, in session mode. `make faults` installs it and names it in PGBOUNCER."""

from __future__ import annotations

import os
import time

import pytest
from arena import Arena
from conftest import Form, Trial
from postgres import PgBouncer, Postgres
from server import Server

PROGRAM = os.environ.get("PGBOUNCER", "")

pytestmark = pytest.mark.long


def started(arena: Arena) -> tuple[Postgres, PgBouncer, Server]:
    """A server that reaches PostgreSQL through PgBouncer, and directly for what a pooler cannot do."""
    assert PROGRAM, "PGBOUNCER names no PgBouncer"
    postgres = arena.running_postgres()
    bouncer = arena.pgbouncer(PROGRAM, postgres).start()
    return postgres, bouncer, arena.server(bouncer.url(), DATABASE_DIRECT_URL=postgres.url()).start()


def test_pgbouncer_dies_and_comes_back(arena: Arena, trial: Trial, form: Form) -> None:
    """All sessions are gone at once; PostgreSQL rolls back what was under way."""
    postgres, bouncer, server = started(arena)
    with trial.load(postgres.database(), server) as load:
        for _ in range(form(1, 2)):
            load.lasts(1)
            with load.fault():
                bouncer.kill()
                time.sleep(1)  # the outage itself
                bouncer.start()
            load.recovered()
        load.settle()
    trial.conclude(load, server)


def test_postgresql_restarts_behind_pgbouncer(arena: Arena, trial: Trial, form: Form) -> None:
    """PgBouncer keeps its clients waiting while it finds its server gone."""
    postgres, _, server = started(arena)
    with trial.load(postgres.database(), server) as load:
        for _ in range(form(1, 2)):
            load.lasts(1)
            with load.fault():
                postgres.stop("immediate")
                time.sleep(1)  # the outage itself
                postgres.start()
            load.recovered()
        load.settle()
    trial.conclude(load, server)
