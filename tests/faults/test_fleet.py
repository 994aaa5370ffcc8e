"""Several servers on one database: one is killed, all are replaced one after the other."""

from __future__ import annotations

from collections import Counter

from arena import Arena
from conftest import REPORT, Form, Trial
from history import Outcome, judge
from inventory import by_sql
from program import Program


def test_two_servers_and_one_is_killed(arena: Arena, trial: Trial, form: Form) -> None:
    """Clients that go on with the other server lose nothing, and the survivor does not notice."""
    postgres = arena.running_postgres()
    one, two = arena.server(postgres.url()).start(), arena.server(postgres.url()).start()
    with trial.load(postgres.database(), one, two) as load:
        for _ in range(form(2, 6)):
            load.lasts(0.5)
            with load.fault(cut=True, recovery=0):
                two.kill()
                load.lasts(1)
                two.start()
            load.recovered()
        load.settle()
    assert {probe.status for probe in load.servers[0].ready} == {200}, "the survivor was not ready all the time"
    trial.conclude(load, one, two)


def test_rolling_restart_behind_the_sdk(arena: Arena, trial: Trial, form: Form) -> None:
    """Both servers behind a balancer are replaced one after the other, and no call of the SDK fails."""
    postgres = arena.running_postgres()
    one = arena.server(postgres.url())
    balancer = arena.proxy(one.port)
    one.env["AGENTDATA_PUBLIC_URL"] = f"http://127.0.0.1:{balancer.port}"
    two = arena.server(postgres.url())
    balancer.targets.append(two.port)
    one.start()
    two.start()
    with Program(one.env["AGENTDATA_PUBLIC_URL"], one.client(), tasks=8) as program:
        program.wait_for_calls(50)
        for _ in range(form(1, 4)):
            for server in (one, two):
                server.terminate()
                server.start()
                program.wait_for_calls(50)
    stored = by_sql(postgres.database())
    verdict = judge(program.writes, stored)
    counts = Counter(write.outcome for write in program.writes)
    line = {
        "requests": program.calls,
        "acknowledged": counts[Outcome.OK],
        "refused": 0,
        "unknown": counts[Outcome.UNKNOWN],
        "lost": len(verdict.lost),
        "duplicated": len(verdict.duplicated),
        "5xx outside": len(program.failures),
    }
    REPORT.lines.append((trial.name, line))
    assert program.failures == []
    assert verdict.problems() == []
