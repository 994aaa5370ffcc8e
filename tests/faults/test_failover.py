"""The primary is lost and its streaming standby takes over."""

from __future__ import annotations

import time

import pytest
from arena import Arena
from conftest import Form, Trial
from postgres import DATABASE, Postgres
from processes import wait_until


def pair(arena: Arena) -> tuple[Postgres, Postgres]:
    """A primary that commits only what its standby has too, and the standby."""
    primary = arena.postgres(synchronous_standby_names="*").init()
    synchronous = primary.settings.pop("synchronous_standby_names")
    primary.start()
    primary.create()
    standby = arena.postgres().copy_of(primary).start()
    # Only now: without a standby nothing would commit.
    primary.database("postgres").sql(f"ALTER SYSTEM SET synchronous_standby_names = '{synchronous}'")
    primary.reload()
    in_sync = "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'"
    wait_until("the standby", lambda: primary.database("postgres").number(in_sync) == 1, 20)
    return primary, standby


def url_of_both(first: Postgres, second: Postgres) -> str:
    hosts = f"127.0.0.1:{first.port},127.0.0.1:{second.port}"
    return f"postgresql://postgres@{hosts}/{DATABASE}?sslmode=disable&target_session_attrs=read-write"


def test_failover_to_the_standby(arena: Arena, trial: Trial, form: Form) -> None:
    """The URL names both; once the standby is promoted the server finds it by itself, and nothing committed is lost."""
    primary, standby = pair(arena)
    server = arena.server(url_of_both(primary, standby)).start()
    with trial.load(standby.database(), server) as load:
        load.lasts(1)
        with load.fault():
            primary.kill()
            time.sleep(form(1, 5))  # until somebody notices
            standby.promote()
        load.settle(5)
    trial.conclude(load, server)


@pytest.mark.long
def test_switch_over_behind_one_address(arena: Arena, trial: Trial) -> None:
    """An address moves to the standby while the old primary lives on, read-only: its connections must not be kept.

    Until a write meets the old primary nothing tells that it is one no longer, so reads may come from there for a moment.
    """
    primary, standby = pair(arena)
    proxy = arena.proxy(primary.port)
    server = arena.server(primary.url(port=proxy.port)).start()
    with trial.load(standby.database(), server) as load:
        load.lasts(1)
        with load.fault(stale=True):
            old = primary.database("postgres")
            old.sql("ALTER SYSTEM SET default_transaction_read_only = on")
            primary.reload()
            # What is under way ends before the standby is cut off from it.
            writing = "SELECT count(*) FROM pg_stat_activity WHERE backend_xid IS NOT NULL"
            wait_until("the last writes", lambda: old.number(writing) == 0, 10)
            position = old.sql("SELECT pg_current_wal_flush_lsn()")
            caught_up = f"SELECT pg_last_wal_replay_lsn() >= '{position}'"
            wait_until("the standby has all", lambda: standby.database("postgres").sql(caught_up) == "t", 10)
            standby.promote()
            proxy.targets[:] = [standby.port]
        load.settle(2)
    trial.conclude(load, server)
