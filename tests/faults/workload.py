"""The load: many clients in a thread of their own, which write every kind of record while a test does harm.

    with trial.load(database, server) as load:
        with load.fault():
            postgres.kill()
            postgres.start()
        load.settle()
    trial.conclude(load, server)

`fault()` declares the window in which errors are expected; it ends `RECOVERY` seconds after the block, because so long the
server may take to recover. Every answer outside of the windows must be good, and inside them a refusal in the declared form.
`conclude()` compares what was answered with what the database holds.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

import httpx
from history import Attempt, Outcome, Stored, Verdict, Write, judge
from inventory import by_api, by_sql
from operations import Request, Targets, Worker
from postgres import Database
from processes import wait_until

RECOVERY = 5.0  # seconds from the end of a fault until everything must work again
# Connection wait, statement time, and as much again as a busy machine may need.
DEADLINE = 3.0 + 10.0 + 5.0
PROBE_SECONDS = 0.1
RESENDS = 40


@dataclass
class Window:
    """A time in which errors are expected."""

    began: float
    over: float = float("inf")  # the fault itself
    ended: float = float("inf")  # and the recovery from it
    cut: bool = False  # connections to the server may break too
    stale: bool = False  # reads may come from before the last writes


@dataclass(frozen=True)
class Probe:
    """An answer of a health endpoint."""

    began: float
    seconds: float
    status: int | None


@dataclass
class Watched:
    """A server, and what its health endpoints answered during the load."""

    url: str
    live: list[Probe] = field(default_factory=list)
    ready: list[Probe] = field(default_factory=list)


class Load:
    """Clients that write and read as fast as they are answered, or with a pause after each request (`pace`, in seconds).

    With several servers each client takes them in turn.
    """

    def __init__(
        self, urls: Sequence[str], token: str, database: Database, *, workers: int = 12, short: bool = False
    ) -> None:
        self.servers = [Watched(url) for url in urls]
        self.token, self.database = token, database
        self.targets = Targets()
        self.writes: list[Write] = []
        self.attempts: list[Attempt] = []
        self.windows: list[Window] = []
        self.complaints: list[str] = []
        self.pace, self._workers, self._short = 0.0, workers, short
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._failure: BaseException | None = None

    def __enter__(self) -> Load:  # noqa: PYI034 (Python 3.10 has no Self)
        self._thread.start()
        self.wait_for_good_answers(time.monotonic(), 30)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Lets the requests under way end."""
        self._stop.set()
        self._thread.join(60)
        assert not self._thread.is_alive(), "the load does not end"
        if self._failure is not None:
            raise self._failure

    @contextlib.contextmanager
    def fault(self, *, cut: bool = False, stale: bool = False, recovery: float = RECOVERY) -> Iterator[Window]:
        """Declares that errors are expected during the block and for `recovery` seconds after it.

        Args:
            cut: Connections to the server itself may break too, or be refused.
            stale: Reads may come from before the last writes.
            recovery: How long the server may take to be well again.
        """
        window = Window(time.monotonic(), cut=cut, stale=stale)
        self.windows.append(window)
        yield window
        window.over = time.monotonic()
        window.ended = window.over + recovery

    def wait_for_good_answers(self, since: float, seconds: float) -> None:
        """Waits until every kind of request that began after an instant was answered well."""
        kinds = {
            "agent",
            "prompt",
            "label",
            "config",
            "log",
            "metric",
            "tool usage",
            "dataset",
            "embedding",
            "deletion",
        }
        kinds |= {"read", "search", "list", "series"}

        def missing() -> set[str]:
            if self._failure is not None:
                raise self._failure
            recent = self.attempts[-4000:]
            return kinds - {one.kind for one in recent if one.outcome is Outcome.OK and one.began >= since}

        try:
            wait_until("good answers of every kind", lambda: not missing(), seconds)
        except AssertionError as error:
            bad = Counter(
                f"{one.status} {one.note!r}"
                for one in self.attempts
                if one.began >= since and one.outcome is not Outcome.OK
            )
            raise AssertionError(f"{error}: none of {sorted(missing())}; the others: {bad.most_common(5)}") from None

    def recovered(self) -> None:
        """Waits until every kind of request has gone well after the last fault. Errors after its window are problems anyway."""
        self.wait_for_good_answers(self.windows[-1].over, 10)

    def settle(self, seconds: float = 1.0) -> None:
        """Waits for recovery; in the long form also until nothing may fail any more, and nothing has for some time."""
        self.recovered()
        if not self._short:
            end = self.windows[-1].ended
            time.sleep(max(0.0, end - time.monotonic()))
            self.wait_for_good_answers(end, 10)
            time.sleep(seconds)

    def lasts(self, seconds: float) -> None:
        """Lets the load go on undisturbed."""
        time.sleep(seconds)
        if self._failure is not None:
            raise self._failure

    # What the clients do.

    def _run(self) -> None:
        try:
            asyncio.run(self._all())
        except BaseException as error:  # noqa: BLE001 (handed over to the thread of the test)
            self._failure = error

    async def _all(self) -> None:
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=self._workers * 2)
        headers = {"Authorization": f"Bearer {self.token}"}
        async with httpx.AsyncClient(headers=headers, timeout=DEADLINE + 10, limits=limits, trust_env=False) as client:
            await self._make_targets(client)
            tasks = [self._work(client, number) for number in range(self._workers)]
            tasks += [self._probe(server, "live") for server in self.servers]
            tasks += [self._probe(server, "ready") for server in self.servers]
            await asyncio.gather(*tasks)

    async def _make_targets(self, client: httpx.AsyncClient) -> None:
        worker = Worker(-1, self.targets)
        for _ in range(3):
            request = worker.new_agent()
            await self._write(client, worker, request, 0, resend=False)
            self.targets.agents.append(request.marks[0])
        for _ in range(2):
            request = worker.new_dataset()
            await self._write(client, worker, request, 0, resend=False)
            self.targets.datasets.append(request.marks[0])

    async def _work(self, client: httpx.AsyncClient, number: int) -> None:
        worker = Worker(number, self.targets)
        # Half of the clients send again what did not go well, until it does; the others never do.
        resend = number % 2 == 0
        turn = number
        while not self._stop.is_set():
            requests = [
                worker.new_agent(),
                worker.new_log(),
                worker.read(),
                worker.new_prompt(),
                worker.move_label(),
                worker.new_metrics(),
                worker.set_config(),
                worker.read(),
                worker.new_call(),
                worker.new_embeddings(),
                worker.search(),
                worker.new_logs(),
                worker.list_logs(),
                worker.new_dataset(),
                worker.new_metric(),
                worker.read(),
                worker.new_calls(),
                worker.series(),
            ]
            turn += 1
            if turn % len(requests) == 0:
                await self._pass(client, worker, turn, resend=resend)
            request = requests[turn % len(requests)]
            if request is None:
                request = worker.new_log()
            if request.marks:
                await self._write(client, worker, request, turn, resend=resend)
            else:
                await self._read(client, request, turn)
            await asyncio.sleep(self.pace)

    async def _pass(self, client: httpx.AsyncClient, worker: Worker, turn: int, *, resend: bool) -> None:
        """An agent comes, logs, and goes."""
        request = worker.new_agent(passing=True)
        created = await self._write(client, worker, request, turn, resend=resend)
        agent = request.body["id"]
        if created.outcome is Outcome.OK:
            await self._write(client, worker, worker.passing_log(agent), turn, resend=False)
            deletion = await self._write(client, worker, worker.delete_agent(agent), turn, resend=resend)
            if deletion.outcome is Outcome.OK:
                read = await self._read(client, Request("read", "GET", f"/agents/{agent}"), turn, gone=True)
                if read.status == 200 and not self._may_be_stale(read):
                    self.complaints.append(f"the agent {agent} was read after its deletion was acknowledged")

    async def _write(
        self, client: httpx.AsyncClient, worker: Worker, request: Request, turn: int, *, resend: bool
    ) -> Write:
        write = Write(request.kind, request.marks)
        self.writes.append(write)
        for attempt in range(RESENDS):
            sent, answer = await self._send(client, request, turn + attempt)
            if sent.status == 404 and request.method == "DELETE" and write.outcome is Outcome.UNKNOWN:
                sent = Attempt(sent.kind, sent.began, sent.seconds, Outcome.OK, 204, note="was gone")
            write.attempts.append(sent)
            self.attempts.append(sent)
            if sent.outcome is Outcome.OK:
                if request.place is not None:
                    write.place = request.place(answer)
                worker.acknowledged(request, answer)
            elif sent.status is not None and 400 <= sent.status < 500:
                self.complaints.append(f"{request.method} {request.path} was answered {sent.status}: {sent.note}")
            if sent.outcome is Outcome.OK or not resend or self._stop.is_set():
                break
            await asyncio.sleep(0.2)
        return write

    async def _read(self, client: httpx.AsyncClient, request: Request, turn: int, *, gone: bool = False) -> Attempt:
        sent, _ = await self._send(client, request, turn)
        if gone and sent.status == 404:
            sent = Attempt(sent.kind, sent.began, sent.seconds, Outcome.OK, 404)
        elif (
            sent.status is not None
            and 400 <= sent.status < 500
            and not (sent.status == 404 and self._may_be_stale(sent))
        ):
            # Committed means readable: what was acknowledged is there for every reader.
            self.complaints.append(f"{request.method} {request.path} was answered {sent.status}: {sent.note}")
        self.attempts.append(sent)
        return sent

    async def _send(self, client: httpx.AsyncClient, request: Request, turn: int) -> tuple[Attempt, Any]:
        url = self.servers[turn % len(self.servers)].url + request.path
        headers = {"Content-Type": "application/json"}
        if request.key is not None:
            headers["Idempotency-Key"] = request.key
        content = None if request.body is None else json.dumps(request.body)
        began = time.monotonic()
        try:
            answer = await client.request(request.method, url, content=content, headers=headers)
        except httpx.RequestError as error:
            unsent = isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout)
            outcome = Outcome.REFUSED if unsent else Outcome.UNKNOWN
            return Attempt(request.kind, began, time.monotonic() - began, outcome, note=repr(error)), None
        seconds = time.monotonic() - began
        if answer.is_success:
            body = answer.json() if answer.content else None
            return Attempt(request.kind, began, seconds, Outcome.OK, answer.status_code), body
        detail, outcome = outcome_of(answer)
        after = answer.headers.get("Retry-After")
        return Attempt(request.kind, began, seconds, outcome, answer.status_code, after, detail), None

    async def _probe(self, server: Watched, which: str) -> None:
        """Asks a health endpoint again and again, over a connection for each request as a supervisor does."""
        path, probes = ("/healthz", server.live) if which == "live" else ("/readyz", server.ready)
        limits = httpx.Limits(max_keepalive_connections=0)
        async with httpx.AsyncClient(timeout=10, limits=limits, trust_env=False) as client:
            while not self._stop.is_set():
                began, status = time.monotonic(), None
                with contextlib.suppress(httpx.RequestError):
                    status = (await client.get(server.url + path)).status_code
                probes.append(Probe(began, time.monotonic() - began, status))
                await asyncio.sleep(PROBE_SECONDS)

    # What is made of it.

    def window_of(self, attempt: Attempt) -> Window | None:
        """The window in which a request was under way, if any."""
        for window in self.windows:
            if attempt.began < window.ended and attempt.ended > window.began:
                return window
        return None

    def _may_be_stale(self, attempt: Attempt) -> bool:
        window = self.window_of(attempt)
        return window is not None and window.stale

    def form_problems(self) -> list[str]:
        """Answers that have not the declared form, or come at the wrong time."""
        problems = list(dict.fromkeys(self.complaints))
        for attempt in self.attempts:
            what = f"{attempt.kind}: {attempt.status} after {attempt.seconds:.2f} s, {attempt.note!r}"
            window = self.window_of(attempt)
            if attempt.seconds > DEADLINE:
                problems.append(f"over the deadline: {what}")
            if attempt.outcome is Outcome.OK or (attempt.status or 500) < 500:
                continue
            if window is None:
                problems.append(f"outside of the declared windows: {what}")
            elif attempt.status is None and not window.cut:
                problems.append(f"the connection broke: {what}")
            elif attempt.status not in (None, 503, 504):
                problems.append(f"a status that is not declared: {what}")
            elif attempt.status == 503 and not (attempt.retry_after or "").isdecimal():
                problems.append(f"without Retry-After: {what}")
        return problems

    def stored(self) -> Stored:
        """What the database holds, by SQL."""
        stored = by_sql(self.database)
        living = stored.marks.pop("passing agent")
        deleted = [
            mark for write in self.writes if write.kind == "deletion" for mark in write.marks if not living[mark]
        ]
        stored.marks["deletion"] = Counter(set(deleted))
        return stored

    def verdict(self) -> tuple[Verdict, list[str]]:
        """How history and database disagree; and how the API and the database do."""
        stored = self.stored()
        verdict = judge([write for write in self.writes if write.marks], stored)
        answered = by_api(self.servers[0].url, self.token, self.targets.agents)
        differences = []
        for kind, marks in answered.items():
            marks = marks if kind != "agent" else Counter(dict.fromkeys(marks.keys() & stored.marks["agent"].keys(), 1))
            if marks != stored.marks[kind]:
                differences.append(
                    f"the API lists {marks.total()} of {kind}, the database has {stored.marks[kind].total()}"
                )
        return verdict, differences

    def tally(self) -> dict[str, int]:
        """How many of what, for the table."""
        outcomes = Counter(attempt.outcome for attempt in self.attempts)
        outside = [one for one in self.attempts if self.window_of(one) is None]
        return {
            "requests": len(self.attempts),
            "acknowledged": outcomes[Outcome.OK],
            "refused": outcomes[Outcome.REFUSED],
            "unknown": outcomes[Outcome.UNKNOWN],
            "5xx outside": sum(1 for one in outside if one.status is None or one.status >= 500),
        }


def outcome_of(answer: httpx.Response) -> tuple[str, Outcome]:
    """What an error says of the write, as docs/errors.md has it: by its code, and after a timeout by its detail."""
    try:
        problem = answer.json()
        detail, code = str(problem["detail"]), problem["code"]
    except (ValueError, KeyError, TypeError):
        return answer.text[:200], Outcome.UNKNOWN
    unknown = code in ("outcome_unknown", "internal") or (code == "timeout" and "Nothing was stored" not in detail)
    return detail, Outcome.UNKNOWN if unknown else Outcome.REFUSED
