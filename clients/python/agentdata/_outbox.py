"""What a recorder has yet to deliver, in bounded memory, and the account of it."""

from __future__ import annotations

import json
import logging
import re
import threading
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from ._errors import AgentDataError, ApiError, ConnectionFailed

Kind = Literal["logs", "metrics", "tool-usage"]
KINDS: tuple[Kind, ...] = ("logs", "metrics", "tool-usage")

# What one request carries: well below the server's 10,000 records and 16 MiB.
BATCH_RECORDS = 1000
_BATCH_BYTES = 4 * 1024 * 1024
_MAX_REASONS = 32
# What passes, and what may be the fault of some of the records only.
_PASSING = (429, 502, 503, 504)
_ONE_IS_WRONG = (400, 413, 422)
_INDEX = re.compile(r"/(\d{1,5})(?:/|$)")

logger = logging.getLogger("agentdata")


@dataclass(frozen=True)
class Undelivered:
    """Records that a recorder gave up.

    Attributes:
        kind: What they are.
        reason: Why, in words.
        data: Each of them in JSON, as it would have been sent; empty when it could not be put into JSON.
        error: The error of the server or the connection, if there was one.
    """

    kind: Kind
    reason: str
    data: Sequence[bytes] = field(repr=False)
    error: AgentDataError | None = None

    @property
    def records(self) -> list[dict[str, Any]]:
        """The records."""
        return [json.loads(record) for record in self.data]


@dataclass(frozen=True)
class Report:
    """What became of all records of a recorder: `recorded` is the sum of `delivered`, `undelivered` and `pending`.

    Attributes:
        recorded: How many there were.
        delivered: How many the server has stored.
        undelivered: How many were given up. Of those that were on their way at the end some may be stored.
        pending: How many wait.
        reasons: Why records were given up, and how many for each reason.
    """

    recorded: int
    delivered: int
    undelivered: int
    pending: int
    reasons: dict[str, int]


@dataclass(frozen=True, eq=False)
class Batch:
    """Records that go into one request."""

    kind: Kind
    records: list[bytes]

    def body(self) -> bytes:
        """The request's body."""
        return b"[" + b",".join(self.records) + b"]"

    def without_culprits(self, error: AgentDataError) -> tuple[list[Batch], Batch | None] | None:
        """After a refusal, which is one of all records: what to send again, and what to give up. None: all, later."""
        if isinstance(error, ConnectionFailed) or (isinstance(error, ApiError) and error.status in _PASSING):
            return None
        if not isinstance(error, ApiError) or error.status not in _ONE_IS_WRONG:
            return [], self
        culprits = {int(place.group(1)) for e in error.errors if (place := _INDEX.match(e.pointer or ""))}
        wrong = [record for index, record in enumerate(self.records) if index in culprits]
        if wrong:
            rest = [record for index, record in enumerate(self.records) if index not in culprits]
            return [Batch(self.kind, rest)] if rest else [], Batch(self.kind, wrong)
        if len(self.records) == 1:
            return [], self
        middle = len(self.records) // 2
        return [Batch(self.kind, self.records[:middle]), Batch(self.kind, self.records[middle:])], None


class Outbox:
    """The records of a recorder that are not delivered yet. Threads may share it."""

    def __init__(
        self, max_records: int, max_bytes: int, changed: Callable[[], None], told: Callable[[Undelivered], None] | None
    ) -> None:
        self._max_records, self._max_bytes = max_records, max_bytes
        self._changed, self._told = changed, told
        self._lock = threading.Lock()
        self._queues: dict[Kind, deque[bytes]] = {kind: deque() for kind in KINDS}
        self._flight: list[Batch] = []
        self._turns = deque(KINDS)
        self._bytes = 0
        self._recorded = self._delivered = self._undelivered = 0
        self._reasons: Counter[str] = Counter()
        self._closed = False

    def put(self, kind: Kind, record: bytes) -> None:
        """Takes a record to deliver; when there is no room it is given up."""
        with self._lock:
            self._recorded += 1
            reason = None
            if self._closed:
                reason = "the recorder is closed"
            elif self._waiting() >= self._max_records or self._bytes + len(record) > self._max_bytes:
                reason = "too many records wait for the server"
            else:
                self._queues[kind].append(record)
                self._bytes += len(record)
        if reason is not None:
            self._give_up(Undelivered(kind, reason, [record]))
        self._changed()

    def refuse(self, kind: Kind, reason: str) -> None:
        """Counts a record that could not be put into JSON."""
        with self._lock:
            self._recorded += 1
        self._give_up(Undelivered(kind, reason, []), 1)

    def waiting(self) -> int:
        """How many records are not delivered yet, without those on their way."""
        with self._lock:
            return self._waiting()

    def pending(self) -> int:
        """How many records are not delivered yet."""
        return self.report().pending

    def take(self) -> Batch | None:
        """The next batch; the kinds take turns. It is on its way until it is delivered or refused."""
        with self._lock:
            self._turns.rotate(-1)
            kind = next((kind for kind in self._turns if self._queues[kind]), KINDS[0])
            queue, size = self._queues[kind], 0
            records: list[bytes] = []
            while queue and len(records) < BATCH_RECORDS and (not records or size + len(queue[0]) <= _BATCH_BYTES):
                records.append(queue.popleft())
                size += len(records[-1])
            if not records:
                return None
            self._flight.append(Batch(kind, records))
            return self._flight[-1]

    def delivered(self, batch: Batch) -> None:
        """The server has stored a batch."""
        with self._lock:
            if self._closed:
                return
            self._flight.remove(batch)
            self._bytes -= sum(map(len, batch.records))
            self._delivered += len(batch.records)
        self._changed()

    def refused(self, batch: Batch, again: list[Batch], culprits: Batch | None, error: AgentDataError) -> None:
        """The server has refused a batch: some of its records are sent again, and some are given up."""
        with self._lock:
            if self._closed:
                return
            self._flight.remove(batch)
            self._flight += again
            if culprits is not None:
                self._bytes -= sum(map(len, culprits.records))
        if culprits is not None:
            reason = f"{error.status} {error.code}" if isinstance(error, ApiError) else type(error).__name__
            self._give_up(Undelivered(batch.kind, reason, culprits.records, error))
            self._changed()

    def close(self) -> None:
        """Gives up whatever is not delivered."""
        with self._lock:
            self._closed = True
            left = [*self._flight, *(Batch(kind, list(queue)) for kind, queue in self._queues.items() if queue)]
            self._flight.clear()
            for queue in self._queues.values():
                queue.clear()
        reason = "the recorder was closed before they were delivered"
        for batch in left:
            self._give_up(Undelivered(batch.kind, reason, batch.records))
        self._changed()

    def report(self) -> Report:
        """The account so far."""
        with self._lock:
            settled = self._delivered + self._undelivered
            return Report(
                self._recorded, self._delivered, self._undelivered, self._recorded - settled, dict(self._reasons)
            )

    def _waiting(self) -> int:
        return sum(map(len, self._queues.values()))

    def _give_up(self, lost: Undelivered, count: int | None = None) -> None:
        count = len(lost.data) if count is None else count
        with self._lock:
            self._undelivered += count
            reason = lost.reason if lost.reason in self._reasons or len(self._reasons) < _MAX_REASONS else "other"
            first = reason not in self._reasons
            self._reasons[reason] += count
        if first:
            logger.warning("%d record(s) of %s cannot be delivered: %s", count, lost.kind, lost.error or lost.reason)
        if self._told is not None:
            try:
                self._told(lost)
            except Exception:
                logger.exception("on_undelivered has failed")
