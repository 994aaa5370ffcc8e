"""agentdata is killed, alone and beside another, and replaced under load."""

from __future__ import annotations

from arena import Arena
from conftest import Form, Trial


def test_kill_9_of_the_server_again_and_again(arena: Arena, trial: Trial, form: Form) -> None:
    """What was acknowledged outlasts every kill; the embedded PostgreSQL lives on and is taken over."""
    server = arena.server().start()
    with trial.load(server.embedded_database(), server) as load:
        for _ in range(form(3, 20)):
            load.lasts(0.5)
            # Once the new process is ready nothing may fail any more.
            with load.fault(cut=True, recovery=0):
                server.kill()
                server.start()
            load.recovered()
        load.settle()
    trial.conclude(load, server)
