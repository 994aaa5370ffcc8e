"""The recorder: what it delivers, what it cannot, and that nobody waits for it."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest
from agentdata import AgentData, ApiError, AsyncAgentData, Undelivered
from conftest import TOKEN
from faults import Proxy

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


@pytest.fixture
def flaky(proxy: Proxy) -> Iterator[AgentData]:
    """A client behind a proxy, with a connection for each request."""
    with AgentData(proxy.url, token=TOKEN, transport=proxy.transport()) as flaky:
        yield flaky


def test_all_is_delivered_when_the_block_is_left(client: AgentData, agent_id: UUID) -> None:
    with client.agent(agent_id).recorder(session_id="s", trace_id=TRACE) as recorder:
        for number in range(2_500):
            recorder.log("info", f"log {number}", attributes={"number": number})
        recorder.log("warn", "another", session_id="t", span_id="00f067aa0ba902b7")
        recorder.metric("tokens", 12, kind="counter", unit="{token}", attributes={"model": "small"})
        with recorder.tool_call("search", tool_type="retrieval", input={"q": "x"}) as call:
            call.output, call.cost_usd, call.input_tokens = ["found"], "0.002", 7

    report = recorder.report()
    assert (report.recorded, report.delivered, report.undelivered, report.pending) == (2_503, 2_503, 0, 0)
    logs = list(client.logs.list(agent_id, order="timestamp_asc", page_size=1_000))
    assert [log.message for log in logs] == [f"log {number}" for number in range(2_500)] + ["another"]
    assert {(log.session_id, log.trace_id) for log in logs} == {("s", TRACE), ("t", TRACE)}
    assert logs[7].attributes["number"] == 7
    [metric] = client.metrics.list(agent_id)
    assert (metric.name, metric.value, metric.unit, metric.attributes["model"]) == ("tokens", 12, "{token}", "small")
    [usage] = client.tool_usage.list(agent_id)
    assert (usage.tool_name, usage.tool_type, usage.status, usage.session_id) == ("search", "retrieval", "success", "s")
    assert (usage.input_, usage.output, usage.cost_usd, usage.input_tokens) == ({"q": "x"}, ["found"], "0.002", 7)


def test_a_decorator_records_calls(client: AgentData, agent_id: UUID) -> None:
    class Weather:
        def __repr__(self) -> str:
            return "Weather()"

    with client.agent(agent_id).recorder() as recorder:

        @recorder.tool
        def forecast(city: str, days: int = 1) -> object:
            """The weather."""
            if days < 0:
                raise TimeoutError("too long ago")
            time.sleep(0.02)
            return Weather()

        @recorder.tool(name="login", record_input=False, record_output=False)
        def login(password: str) -> str:
            return "secret"

        @recorder.tool
        def broken() -> None:
            raise KeyError("x\0" + "y" * 20_000)

        assert forecast.__doc__ == "The weather."
        forecast("Bern", days=2)
        login("secret")
        with pytest.raises(TimeoutError):
            forecast("Bern", -1)
        with pytest.raises(KeyError):
            broken()

    succeeded, logged_in, timed_out, failed = client.tool_usage.list(agent_id, order="timestamp_asc")
    assert (succeeded.tool_name, succeeded.status, succeeded.input_) == (
        "forecast",
        "success",
        {"city": "Bern", "days": 2},
    )
    assert succeeded.output == "Weather()"
    assert succeeded.duration_ms is not None
    assert 20 <= succeeded.duration_ms < 1_000
    assert (logged_in.tool_name, logged_in.input_, logged_in.output) == ("login", None, None)
    assert (timed_out.status, timed_out.error_type, timed_out.error_message) == (
        "timeout",
        "TimeoutError",
        "too long ago",
    )
    assert (failed.status, failed.error_type) == ("error", "KeyError")
    assert failed.error_message is not None
    assert failed.error_message.endswith("(cut)")


def test_asyncio(agent_id: UUID, client: AgentData) -> None:
    async def main() -> None:
        async with AsyncAgentData() as asynchronous:
            async with asynchronous.agent(agent_id).recorder() as recorder:

                @recorder.tool
                async def wait(seconds: float) -> str:
                    await asyncio.sleep(seconds)
                    return "waited"

                assert await wait(0.01) == "waited"
                task = asyncio.create_task(wait(60))
                await asyncio.sleep(0)
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
                recorder.log("info", "flushed")
                assert await recorder.flush()
                assert recorder.report().pending == 0
                recorder.log("info", "closed")
            assert recorder.report().delivered == 4

    asyncio.run(main())
    waited, cancelled = client.tool_usage.list(agent_id, order="timestamp_asc")
    assert (waited.status, waited.output) == ("success", "waited")
    assert (cancelled.status, cancelled.error_type) == ("cancelled", "CancelledError")
    assert [log.message for log in client.logs.list(agent_id, order="timestamp_asc")] == ["flushed", "closed"]


def test_the_culprits_are_sorted_out(client: AgentData, agent_id: UUID, caplog: pytest.LogCaptureFixture) -> None:
    lost: list[Undelivered] = []
    deep: dict[str, object] = {}
    for _ in range(200):
        deep = {"deeper": deep}
    with client.agent(agent_id).recorder(on_undelivered=lost.append) as recorder:
        for number in range(20):
            recorder.log("info", f"{number}")
        recorder.log("no such level", "wrong")  # type: ignore[arg-type]
        recorder.log("info", "too long ago", timestamp=client.agents.get(agent_id).created_at + timedelta(days=900))
        recorder.log("info", "no JSON", attributes={"x": float("nan")})
        recorder.log("info", "too large", attributes={"x": "x" * (300 << 10)})
        recorder.log("info", "too deep", attributes=deep)
        recorder.log("info", "\ud800 and \0")

    assert [log.message for log in client.logs.list(agent_id, order="timestamp_asc")] == [
        *(str(number) for number in range(20)),
        "? and \ufffd",
    ]
    report = recorder.report()
    assert (report.recorded, report.delivered, report.undelivered) == (26, 21, 5)
    assert sum(report.reasons.values()) == 5
    refused = [record["message"] for u in lost for record in u.records]
    assert sorted(refused) == ["too deep", "too large", "too long ago", "wrong"]
    assert all(isinstance(u.error, ApiError) for u in lost if u.data)
    warnings = [record for record in caplog.records if record.levelno == logging.WARNING]
    assert len(warnings) == len(report.reasons)


def test_an_agent_that_is_gone(client: AgentData, agent_id: UUID) -> None:
    client.agents.delete(agent_id)
    with client.agent(agent_id).recorder() as recorder:
        recorder.metric("x", 1)
    assert recorder.report().reasons == {"404 not_found": 1}


def test_records_outlive_an_outage_and_are_stored_once(
    flaky: AgentData, proxy: Proxy, client: AgentData, agent_id: UUID
) -> None:
    with flaky.agent(agent_id).recorder(flush_interval=0) as recorder:
        proxy.faults.extend(["refuse", "lose the answer", "refuse"])
        recorder.log("info", "first")
        assert recorder.flush(30)
        recorder.log("info", "second")
    assert recorder.report().delivered == 2
    assert [log.message for log in client.logs.list(agent_id, order="timestamp_asc")] == ["first", "second"]


def test_what_there_is_no_room_for_is_given_up(flaky: AgentData, proxy: Proxy, agent_id: UUID) -> None:
    # A delivery hangs for as long as its timeout, which is 10 seconds.
    proxy.faults.extend(["say nothing"] * 1_000)
    lost: list[Undelivered] = []
    recorder = flaky.agent(agent_id).recorder(
        max_records=100, flush_interval=0, close_timeout=0.5, on_undelivered=lost.append
    )
    slowest = 0.0
    for number in range(3_000):
        start = time.perf_counter()
        recorder.log("info", f"{number}")
        slowest = max(slowest, time.perf_counter() - start)
    assert slowest < 3
    # What waits and what is on its way are at most a batch each.
    assert 0 < recorder.report().pending <= 200

    start = time.monotonic()
    recorder.close()
    assert time.monotonic() - start < 5
    recorder.log("info", "late")
    report = recorder.report()
    assert (report.recorded, report.delivered, report.undelivered, report.pending) == (3_001, 0, 3_001, 0)
    assert set(report.reasons) == {
        "too many records wait for the server",
        "the recorder was closed before they were delivered",
        "the recorder is closed",
    }
    assert sorted(int(r["message"]) for u in lost for r in u.records if r["message"] != "late") == list(range(3_000))


def test_memory_is_bounded_by_bytes(flaky: AgentData, proxy: Proxy, agent_id: UUID) -> None:
    proxy.faults.extend(["refuse"] * 1_000)
    with flaky.agent(agent_id).recorder(max_bytes=100_000, close_timeout=0) as recorder:
        for _ in range(20):
            recorder.log("info", "x" * 10_000)
        assert recorder.report().pending == 9


def test_a_callback_that_fails_does_no_harm(client: AgentData, agent_id: UUID) -> None:
    def fail(undelivered: Undelivered) -> None:
        raise RuntimeError("no")

    with client.agent(agent_id).recorder(on_undelivered=fail) as recorder:
        recorder.metric("1", 1)
        recorder.metric("x", 1)
    assert recorder.report().delivered == 1


def test_many_threads(client: AgentData, agent_id: UUID) -> None:
    with client.agent(agent_id).recorder() as recorder:

        def work() -> None:
            for _ in range(500):
                recorder.log("info", "x")

        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert recorder.report().delivered == 4_000
