"""The server's clock jumps. `make faults` installs libfaketime and names it in FAKETIME_LIBRARY."""

from __future__ import annotations

import os
from datetime import datetime, timedelta, timezone

import httpx
import pytest
from arena import Arena
from conftest import Form, Trial

LIBRARY = os.environ.get("FAKETIME_LIBRARY", "")

pytestmark = pytest.mark.long


@pytest.mark.parametrize("hours", [1, -1])
def test_the_clock_jumps(arena: Arena, trial: Trial, form: Form, hours: int) -> None:
    """An hour ahead or back, under load, and back again: nothing fails, and versions and counts stay right.

    PostgreSQL and the clients keep their time, as on other machines.
    """
    assert LIBRARY, "FAKETIME_LIBRARY names no libfaketime"
    postgres = arena.running_postgres()
    setting = arena.path("clock")
    setting.write_text("+0")
    faked = {
        "LD_PRELOAD": LIBRARY,
        "FAKETIME_TIMESTAMP_FILE": str(setting),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
    server = arena.server(postgres.url(), **faked).start()
    with trial.load(postgres.database(), server) as load:

        def ahead() -> timedelta:
            """By how much the server's clock is ahead, as it stamps an agent."""
            headers = {"Authorization": f"Bearer {load.token}"}
            body = {"name": f"clock {datetime.now(timezone.utc)}", "tags": ["passing"]}
            answer = httpx.post(f"{server.url}/agents", json=body, headers=headers)
            answer.raise_for_status()
            made = datetime.fromisoformat(answer.json()["created_at"].replace("Z", "+00:00"))
            return made - datetime.now(timezone.utc)

        for jump in (timedelta(hours=hours), timedelta(0)):
            load.lasts(1)
            setting.write_text(f"{jump.total_seconds():+.0f}")
            assert abs(ahead() - jump) < timedelta(minutes=1), "the clock has not jumped"
            load.lasts(form(2, 5))
    trial.conclude(load, server)
