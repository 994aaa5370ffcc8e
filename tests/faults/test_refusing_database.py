"""PostgreSQL is there and takes no writes: read-only, out of space, out of connections, not up yet."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from arena import Arena
from conftest import Form, Trial
from history import Attempt, Outcome
from postgres import DATABASE, Postgres
from processes import USER, get, wait_until
from workload import Load

READS = {"read", "list", "series", "search"}


def within(load: Load, began: float, ended: float, *, reads: bool) -> list[Attempt]:
    """The reads, or the writes, that began and ended in a time."""
    return [one for one in load.attempts if (one.kind in READS) is reads and began <= one.began and one.ended <= ended]


def test_the_database_is_read_only(arena: Arena, trial: Trial, form: Form) -> None:
    """Writes are refused in the declared form, reads go on; afterwards writes go on in the same sessions."""
    postgres = arena.running_postgres()
    server = arena.server(postgres.url()).start()
    database = postgres.database()
    with trial.load(database, server) as load:
        load.lasts(0.5)
        with load.fault():
            database.sql("ALTER SYSTEM SET default_transaction_read_only = on")
            postgres.reload()
            wait_until("read-only", lambda: database.sql("SHOW default_transaction_read_only") == "on", 5)
            began = time.monotonic()
            time.sleep(form(2, 5))  # the fault lasts
            ended = time.monotonic()
            database.sql("SET default_transaction_read_only = off; ALTER SYSTEM RESET default_transaction_read_only")
            postgres.reload()
        load.settle()
    reads = within(load, began, ended, reads=True)
    assert reads
    assert {one.outcome for one in reads} == {Outcome.OK}, "reads go on"
    # The sessions hear of the reload a little later than ours.
    writes = within(load, began + 0.5, ended, reads=False)
    assert writes
    assert {one.status for one in writes} == {503}
    trial.conclude(load, server)


@pytest.mark.long
def test_sessions_that_stay_read_only_are_replaced(arena: Arena, trial: Trial) -> None:
    """As after a switch-over behind a fixed address: only new sessions can write, and nobody ends the old ones."""
    postgres = arena.running_postgres()
    server = arena.server(postgres.url()).start()
    database = postgres.database()
    others = f"FROM pg_stat_activity WHERE datname = '{DATABASE}' AND pid <> pg_backend_pid()"
    with trial.load(database, server) as load:
        load.lasts(0.5)
        with load.fault():
            database.sql(f"ALTER DATABASE {DATABASE} SET default_transaction_read_only = on")
            database.sql(f"SELECT pg_terminate_backend(pid) {others}")
            began = time.monotonic()

            def refused() -> bool:
                attempts = [one for one in load.attempts[-100:] if one.kind == "log" and one.began > began]
                return any(one.status == 503 for one in attempts)

            wait_until("refused writes", refused, 10)
            time.sleep(1)  # the fault lasts: more sessions meet it
            database.sql(
                f"SET default_transaction_read_only = off; ALTER DATABASE {DATABASE} RESET default_transaction_read_only"
            )
        load.settle()
    trial.conclude(load, server)


@contextlib.contextmanager
def small_disk(place: Path, megabytes: int) -> Iterator[Path]:
    """A file system of so many megabytes."""
    assert os.geteuid() == 0, "only root can mount a small file system: run `make faults` as root"
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=755", "tmpfs", str(place)], check=True)
    try:
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=True)


def fill(place: Path) -> Path:
    """A file that takes all the room that is left."""
    ballast = place / "ballast"
    with open(ballast, "wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(4096))
    return ballast


@pytest.mark.long
def test_the_disk_of_the_data_is_full(arena: Arena, trial: Trial, form: Form) -> None:
    """The tables cannot grow. Writes that need room are refused in the declared form, and go on when there is room again."""
    postgres = arena.postgres().init().start()
    with contextlib.ExitStack() as cleanup:
        disk = cleanup.enter_context(small_disk(arena.path("disk"), 200))
        cleanup.callback(postgres.end)  # before its disk goes
        space = disk / "space"
        space.mkdir()
        if USER:
            shutil.chown(space, USER)
        postgres.database("postgres").sql(f"CREATE TABLESPACE small LOCATION '{space}'")
        postgres.create(more="TABLESPACE small")
        server = arena.server(postgres.url()).start()
        cleanup.callback(server.end)
        with trial.load(postgres.database(), server) as load:
            load.lasts(0.5)
            with load.fault():
                ballast = fill(disk)

                def refused() -> bool:
                    return any(one.outcome is not Outcome.OK for one in load.attempts[-500:])

                wait_until("a write that does not fit", refused, 30)
                time.sleep(form(2, 10))  # the fault lasts
                assert get(f"{server.url}/readyz") == 200, "a full disk is no reason to be sent no reads"
                ballast.unlink()
            load.settle()
        trial.conclude(load, server)


@pytest.mark.long
def test_the_disk_of_the_log_is_full(arena: Arena, trial: Trial) -> None:
    """PostgreSQL cannot write its write-ahead log, and panics until there is room again."""
    with contextlib.ExitStack() as cleanup:
        disk = cleanup.enter_context(small_disk(arena.path("disk"), 400))
        data = disk / "data"
        data.mkdir(mode=0o700)
        if USER:
            shutil.chown(data, USER)
        postgres = arena.postgres(data, min_wal_size="32MB", max_wal_size="32MB").init()
        cleanup.callback(postgres.end)
        postgres.start().create()
        server = arena.server(postgres.url()).start()
        cleanup.callback(server.end)
        with trial.load(postgres.database(), server) as load:
            load.lasts(0.5)
            with load.fault():
                ballast = fill(disk)
                postgres.database().sql("SELECT pg_switch_wal()", check=False)
                wait_until("PostgreSQL's end", lambda: _is_down(postgres), 60)
                ballast.unlink()
                wait_until("PostgreSQL", lambda: _is_up_again(postgres), 60)
            load.settle()
        trial.conclude(load, server)


def _is_up_again(postgres: Postgres) -> bool:
    """Whether it is up; one that has given up for good is started."""
    if postgres.pid is None:
        postgres.start()
    return not _is_down(postgres)


def _is_down(postgres: Postgres) -> bool:
    return postgres.database().sql("SELECT 1", check=False) != "1"


@pytest.mark.long
def test_postgresql_takes_no_connections(arena: Arena, trial: Trial) -> None:
    """The server has lost its connections and gets no others, as when somebody else has taken all of them."""
    postgres = arena.running_postgres()
    server = arena.server(postgres.url()).start()
    other = postgres.database("postgres")
    with trial.load(postgres.database(), server) as load:
        load.lasts(0.5)
        with load.fault():
            other.sql(f"ALTER DATABASE {DATABASE} ALLOW_CONNECTIONS false")
            other.sql(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{DATABASE}'")
            wait_until("readiness is gone", lambda: get(f"{server.url}/readyz") == 503, 5)
            other.sql(f"ALTER DATABASE {DATABASE} ALLOW_CONNECTIONS true")
        load.settle()
    trial.conclude(load, server)


def test_postgresql_is_down_when_the_server_starts(arena: Arena) -> None:
    """The server waits for its database and is ready soon after it is there; meanwhile it lives and is not ready."""
    postgres = arena.running_postgres()
    postgres.stop()
    server = arena.server(postgres.url()).spawn()
    wait_until("some attempts", lambda: len(server.log_lines("waiting for the database")) >= 3, 20)
    assert server.is_running(), f"the server gave up:\n{server.log_tail()}"
    assert get(f"{server.url}/readyz") in (503, None)
    postgres.start()
    assert server.wait_until_ready(10) < 10
