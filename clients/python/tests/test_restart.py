"""A server that is restarted while it is used: nothing fails, is lost, or happens twice."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from uuid import UUID

import pytest
from agentdata import AgentData, uuid7
from faults import OwnServer


@pytest.fixture(scope="module")
def server() -> Iterator[OwnServer]:
    with OwnServer() as server:
        yield server


def test_calls_a_tail_and_a_recorder_outlive_a_restart(server: OwnServer) -> None:
    with AgentData(server.url, token=server.token(), max_retries=8) as client:
        agent_id = client.agents.create(name="restarted").id
        written: list[tuple[UUID, float, float]] = []
        stopping = threading.Event()

        def write() -> None:
            while not stopping.is_set():
                log_id, start = uuid7(), time.monotonic()
                client.logs.create(agent_id, id=log_id, level="info", message="calls")
                written.append((log_id, start, time.monotonic()))

        failures: list[BaseException] = []

        def watched() -> None:
            try:
                write()
            except BaseException as error:  # noqa: BLE001 (it is looked at below)
                failures.append(error)

        with client.agent(agent_id).tail() as tail, client.agent(agent_id).recorder(close_timeout=30) as recorder:
            writer = threading.Thread(target=watched)
            writer.start()
            recorder.metric("before", 1)
            while not written and writer.is_alive():
                time.sleep(0.01)
            server.stop()
            stopped = time.monotonic()
            recorder.metric("meanwhile", 1)
            server.start()
            # Until the call that was under way is done, and another.
            while writer.is_alive() and written[-1][1] < stopped:
                time.sleep(0.01)
            stopping.set()
            writer.join()
            assert failures == []
            assert any(start < stopped < end for _, start, end in written)
            assert [next(tail).id for _ in written] == [log_id for log_id, _, _ in written]

        assert recorder.report().delivered == 2
        assert {metric.name for metric in client.metrics.list(agent_id)} == {"before", "meanwhile"}
        assert {log.id for log in client.logs.list(agent_id)} == {log_id for log_id, _, _ in written}
