"""The network between agentdata and PostgreSQL fails, in a proxy that stands there."""

from __future__ import annotations

import time

import pytest
from arena import Arena
from conftest import Form, Trial
from network import Proxy
from postgres import Postgres
from processes import wait_until
from server import Server


def started(arena: Arena, **settings: str) -> tuple[Postgres, Proxy, Server]:
    """A PostgreSQL, a proxy before it, and a server that knows of the proxy only."""
    postgres = arena.running_postgres()
    proxy = arena.proxy(postgres.port)
    return postgres, proxy, arena.server(postgres.url(port=proxy.port), **settings).start()


def test_answers_of_the_database_are_lost(arena: Arena, trial: Trial, form: Form) -> None:
    """PostgreSQL commits, but the connection breaks before it can say so: nobody may be told that nothing was stored."""
    postgres, proxy, server = started(arena)
    with trial.load(postgres.database(), server, workers=24) as load:
        for _ in range(form(3, 10)):
            load.lasts(0.3)
            with load.fault():
                lost = proxy.lost
                proxy.robs = b"COMMIT"
                # What PostgreSQL answers to it, it has done.
                wait_until("a lost answer", lambda lost=lost: proxy.lost > lost, 10)
                proxy.robs = None
                proxy.cut()
            load.recovered()
        load.settle()
    assert load.tally()["unknown"] > 0
    trial.conclude(load, server)


@pytest.mark.long
def test_the_network_is_cut_and_comes_back(arena: Arena, trial: Trial, form: Form) -> None:
    """All connections are reset, and new ones too for a while."""
    postgres, proxy, server = started(arena)
    with trial.load(postgres.database(), server) as load:
        for _ in range(form(1, 3)):
            load.lasts(0.5)
            with load.fault():
                proxy.refuses = True
                proxy.cut()
                time.sleep(form(1, 5))  # the outage itself
                proxy.refuses = False
            load.recovered()
        load.settle()
    trial.conclude(load, server)


@pytest.mark.long
def test_every_packet_is_late(arena: Arena, trial: Trial, form: Form) -> None:
    """A slow network makes answers late, and nothing else: there is no window for errors."""
    postgres, proxy, server = started(arena)
    with trial.load(postgres.database(), server) as load:
        load.lasts(0.5)
        proxy.delay = 0.05
        load.lasts(form(3, 15))
        proxy.delay = 0.0
        load.wait_for_good_answers(time.monotonic(), 10)
    trial.conclude(load, server)


@pytest.mark.long
def test_the_network_stalls_and_goes_on(arena: Arena, trial: Trial, form: Form) -> None:
    """Nothing passes for longer than a statement may take, then all of it arrives."""
    postgres, proxy, server = started(arena, AGENTDATA_STATEMENT_TIMEOUT="3")
    with trial.load(postgres.database(), server) as load:
        for _ in range(form(1, 3)):
            load.lasts(0.5)
            with load.fault():
                proxy.freeze()
                time.sleep(5)  # longer than the statement timeout
                proxy.thaw()
            load.recovered()
        load.settle()
    trial.conclude(load, server)


def test_the_machine_of_the_database_vanishes(arena: Arena, trial: Trial) -> None:
    """The connections are dead and nobody says so, as when a machine loses its power and another takes its address.

    The statements under way cannot know; each waits for its timeout. After that the server must have found out and use
    new connections, which work.
    """
    postgres, proxy, server = started(arena, AGENTDATA_STATEMENT_TIMEOUT="3")
    with trial.load(postgres.database(), server) as load:
        load.lasts(0.5)
        with load.fault():
            proxy.freeze()  # those that there are; new ones pass
            time.sleep(3.5)  # a little longer than the statement timeout
        load.settle(3)
    trial.conclude(load, server)
