"""Tails, watches, exports and imports: they go on where they were cut, and keep to bounded memory."""

from __future__ import annotations

import asyncio
import gzip
import tracemalloc
from collections.abc import AsyncIterator, Iterator
from itertools import islice
from secrets import token_hex
from uuid import UUID, uuid4

import httpx
import pytest
from agentdata import AgentData, AsyncAgentData, ConnectionFailed, NotFound, Unauthorized, UnexpectedAnswer, params
from agentdata._events import Decoder, Event
from agentdata._lines import MAX_LINE_BYTES, Inflater, LineBuffer
from conftest import CREDENTIALS, TOKEN
from faults import Proxy

MEBIBYTE = 1 << 20


def write(client: AgentData, agent_id: UUID, numbers: range) -> None:
    for number in numbers:
        client.logs.create(agent_id, level="info", message=f"log {number}")


def test_a_tail_goes_on_where_it_was_cut(client: AgentData, agent_id: UUID, proxy: Proxy) -> None:
    with AgentData(proxy.url, token=TOKEN) as flaky, flaky.agent(agent_id).tail() as tail:
        # Before anything has come: the stream tells its position first.
        proxy.cut()
        proxy.faults.append("refuse")
        write(client, agent_id, range(3))
        assert [log.message for log in islice(tail, 3)] == ["log 0", "log 1", "log 2"]
        proxy.cut()
        write(client, agent_id, range(3, 6))
        assert [log.message for log in islice(tail, 3)] == ["log 3", "log 4", "log 5"]
        assert proxy.connections == 4
        position = tail.last_event_id
    assert position is not None

    # Another process goes on from there; when the agent is deleted, so is what there was to follow.
    write(client, agent_id, range(6, 7))
    with client.logs.tail(agent_id, last_event_id=position) as tail:
        assert next(tail).message == "log 6"
        client.agents.delete(agent_id)
        assert list(tail) == []


def test_a_tail_goes_on_where_it_was_cut_in_asyncio(client: AgentData, agent_id: UUID, proxy: Proxy) -> None:
    async def main() -> None:
        async with AsyncAgentData(proxy.url, token=TOKEN) as flaky, flaky.agent(agent_id).tail() as tail:
            proxy.cut()
            proxy.faults.append("refuse")
            await asyncio.to_thread(write, client, agent_id, range(3))
            assert [(await anext(tail)).message for _ in range(3)] == ["log 0", "log 1", "log 2"]
            proxy.cut()
            await asyncio.to_thread(write, client, agent_id, range(3, 6))
            assert [(await anext(tail)).message for _ in range(3)] == ["log 3", "log 4", "log 5"]
            assert proxy.connections == 4
            await asyncio.to_thread(client.agents.delete, agent_id)
            assert [log async for log in tail] == []

    asyncio.run(main())


def test_a_tail_has_filters(client: AgentData, agent_id: UUID) -> None:
    with client.agent(agent_id).tail(min_level="warn") as tail:
        for level in ("info", "error"):
            client.logs.create(agent_id, level=level, message=level)
        assert next(tail).message == "error"


def test_a_watch_goes_on_where_it_was_cut(client: AgentData, agent_id: UUID, proxy: Proxy) -> None:
    with AgentData(proxy.url, token=TOKEN) as flaky, flaky.agent(agent_id).watch() as changes:
        for value in range(3):
            client.configs.set(agent_id, key="a", value=value)
            proxy.cut()
        assert [(change.change, change.value) for change in islice(changes, 3)] == [(1, 0), (2, 1), (3, 2)]
        assert changes.last_event_id == "3"
        client.configs.delete(agent_id, "a")
        deleted = next(changes)
        assert (deleted.key, deleted.deleted, deleted.value) == ("a", True, None)

    async def main() -> list[int]:
        async with AsyncAgentData() as other, other.agent(agent_id).watch(after=2) as changes:
            return [(await anext(changes)).change for _ in range(2)]

    assert asyncio.run(main()) == [3, 4]


def test_a_stream_goes_on_with_a_new_token(client: AgentData, agent_id: UUID, proxy: Proxy) -> None:
    with AgentData(proxy.url, **CREDENTIALS) as flaky, flaky.agent(agent_id).tail() as tail:
        flaky._sender.tokens._token = "refused by the server"
        proxy.cut()
        write(client, agent_id, range(1))
        assert next(tail).message == "log 0"
    with AgentData(proxy.url, token=TOKEN) as flaky, flaky.agent(agent_id).tail() as tail:
        flaky._sender.tokens._token = "refused by the server"
        proxy.cut()
        with pytest.raises(Unauthorized):
            next(tail)


def test_a_stream_of_nothing_is_refused_at_once(client: AgentData) -> None:
    with pytest.raises(NotFound):
        client.logs.tail("01a214b8-91a6-741f-b33a-b91b4c01f071").__enter__()


def test_a_stream_is_given_up_after_its_longest_outage(agent_id: UUID, proxy: Proxy) -> None:
    with AgentData(proxy.url, token=TOKEN, max_outage=1) as flaky, flaky.agent(agent_id).tail() as tail:
        proxy.faults.extend(["refuse"] * 100)
        proxy.cut()
        with pytest.raises(ConnectionFailed):
            next(tail)


@pytest.fixture(scope="module")
def exported(client: AgentData) -> UUID:
    """An agent with 4 MiB of logs, which compression makes no less than half of."""
    agent_id = client.agents.create(name=f"large logs {uuid4()}").id
    message = token_hex(30_000) + "\u2028"
    client.logs.create_batch(agent_id, [{"level": "info", "message": message}] * 64)
    return agent_id


def test_an_export_is_complete_and_keeps_to_bounded_memory(client: AgentData, exported: UUID) -> None:
    tracemalloc.start()
    try:
        with client.logs.export(exported) as logs:
            lengths = [len(log.message) for log in logs]
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert lengths == [60_001] * 64
    assert peak < 2 * MEBIBYTE


def test_an_export_that_is_cut_off_is_no_end(exported: UUID, proxy: Proxy) -> None:
    with AgentData(proxy.url, token=TOKEN) as flaky:
        proxy.faults.append("lose the end")
        with pytest.raises(ConnectionFailed):
            list(flaky.logs.export(exported))

        # One that is left early gives its connection back.
        with flaky.logs.export(exported) as logs:
            next(logs)
        assert list(logs) == []

    async def main() -> int:
        async with AsyncAgentData(proxy.url, token=TOKEN) as flaky:
            proxy.faults.append("lose the end")
            with pytest.raises(ConnectionFailed):
                async for _ in flaky.logs.export(exported):
                    pass
            async with flaky.logs.export(exported) as logs:
                return len([log async for log in logs])

    assert asyncio.run(main()) == 64


def test_an_import_keeps_to_bounded_memory(client: AgentData, agent_id: UUID) -> None:
    dataset_id = client.datasets.create(agent_id, name="texts").id

    def items() -> Iterator[params.NewEmbedding]:
        for number in range(200):
            yield {"content": f"{number} " * 5_000, "embedding": [1, number], "metadata": {"number": number}}

    tracemalloc.start()
    try:
        imported = client.embeddings.import_(dataset_id, items())
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (imported.count, imported.stored) == (200, 200)
    assert peak < 2 * MEBIBYTE

    # What an export gives an import takes, here from one kind of client to the other.
    async def main() -> None:
        async with AsyncAgentData() as asynchronous:
            copy = await asynchronous.datasets.create(agent_id, name="copy")

            async def some() -> AsyncIterator[params.NewEmbedding]:
                yield {"content": "asynchronous", "embedding": [0, 1]}

            copied = await asynchronous.embeddings.import_(copy.id, client.embeddings.export(dataset_id))
            assert copied.stored == 200
            assert (await asynchronous.embeddings.import_(copy.id, some())).stored == 1
            async with asynchronous.embeddings.export(copy.id) as embeddings:
                assert len([embedding async for embedding in embeddings]) == 201

    asyncio.run(main())


def test_lines_end_nowhere_but_at_their_ends() -> None:
    buffer = LineBuffer()
    text = 'a\u2028b\x85c\r\n\n{"d": 1}'.encode()
    lines = [line for byte in text for line in buffer.feed(bytes([byte]))]
    assert [*lines, *buffer.rest()] == ["a\u2028b\x85c\r".encode(), b"", b'{"d": 1}']
    assert LineBuffer().feed(text) == lines
    with pytest.raises(UnexpectedAnswer):
        for _ in range(MAX_LINE_BYTES // MEBIBYTE + 1):
            buffer.feed(b"x" * MEBIBYTE)


def test_a_small_answer_that_would_be_huge_keeps_to_bounded_memory() -> None:
    compressed = gzip.compress(b"x" * 64 * MEBIBYTE)
    inflater, buffer = Inflater(httpx.Response(200, headers={"Content-Encoding": "gzip"})), LineBuffer()
    tracemalloc.start()
    try:
        with pytest.raises(UnexpectedAnswer):
            for piece in inflater.feed(compressed):
                buffer.feed(piece)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 2 * MAX_LINE_BYTES
    with pytest.raises(ConnectionFailed):
        inflater.end()


def test_events_are_told_apart() -> None:
    text = b": a comment\n\nid: 1\n\nevent: log\r\ndata: {}\r\nid:2\r\n\r\ndata:a\ndata: b\n\nevent: end\ndata: c"
    whole = [event for event in Decoder().feed(text) if event != Event("", b"", None)]
    assert whole == [Event("", b"", "1"), Event("log", b"{}", "2"), Event("", b"a\nb", "2")]
