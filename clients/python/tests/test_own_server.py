"""What a server of the tests' own is needed for: restarts, and other settings."""

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
    with OwnServer(AGENTDATA_MAX_BATCH_BYTES="100000") as server:
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


def test_batches_that_are_too_large_for_the_server_are_halved(server: OwnServer) -> None:
    with AgentData(server.url, token=server.token()) as client:
        agent_id = client.agents.create(name="halved").id
        with client.agent(agent_id).recorder() as recorder:
            for number in range(400):
                recorder.log("info", f"{number} " + "x" * 1_000)
            recorder.log("info", "too large by itself", attributes={"x": "x" * 100_000})
        assert recorder.report().delivered == 400
        assert recorder.report().reasons == {"413 too_large": 1}
        assert len(list(client.logs.list(agent_id))) == 400
