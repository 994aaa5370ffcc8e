"""The thread behind a recorder."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from ._errors import AgentDataError
from ._outbox import BATCH_RECORDS, Batch, Outbox, Undelivered
from ._retry import backoff


@dataclass(frozen=True)
class Settings:
    """How a recorder delivers; `AgentHandle.recorder` tells what each means."""

    max_records: int
    max_bytes: int
    flush_interval: float
    close_timeout: float
    on_undelivered: Callable[[Undelivered], None] | None


class Worker:
    """Delivers what is in an outbox, batch by batch, in a thread of its own.

    Args:
        deliver: Sends a batch and returns when the server has stored it.
        settings: How to go about it.
    """

    def __init__(self, deliver: Callable[[Batch], None], settings: Settings) -> None:
        self._deliver, self._settings = deliver, settings
        self._condition = threading.Condition()
        self._flushing = 0
        self._deadline: float | None = None
        self.outbox = Outbox(settings.max_records, settings.max_bytes, self._wake, settings.on_undelivered)
        # As a daemon it does not keep a process alive whose recorder is never closed.
        self._thread = threading.Thread(target=self._work, name="agentdata recorder", daemon=True)
        self._thread.start()

    def flush(self, timeout: float) -> bool:
        """Waits until nothing is left to deliver. Whether that was so within `timeout` seconds."""
        with self._condition:
            self._flushing += 1
            self._condition.notify_all()
            try:
                return self._condition.wait_for(lambda: self.outbox.pending() == 0, timeout)
            finally:
                self._flushing -= 1

    def close(self) -> None:
        """Delivers what waits, for `close_timeout` seconds at most, and gives up the rest."""
        with self._condition:
            if self._deadline is None:
                self._deadline = time.monotonic() + self._settings.close_timeout
            self._condition.notify_all()
            left = self._deadline - time.monotonic()
        self._thread.join(max(0.0, left))
        self.outbox.close()

    def _wake(self) -> None:
        with self._condition:
            self._condition.notify_all()

    def _work(self) -> None:
        while True:
            with self._condition:
                self._condition.wait_for(lambda: self._is_hurried() or self.outbox.waiting() > 0)
                self._condition.wait_for(
                    lambda: self._is_hurried() or self.outbox.waiting() >= BATCH_RECORDS, self._settings.flush_interval
                )
            batch = self.outbox.take()
            if batch is not None:
                self._settle(batch)
            elif self._deadline is not None:
                return
            else:  # a flush, and nothing to do for it
                with self._condition:
                    self._condition.wait_for(
                        lambda: self._flushing == 0 or self._deadline is not None or self.outbox.waiting() > 0
                    )

    def _settle(self, batch: Batch) -> None:
        """Delivers a batch, or finds out which of its records cannot be."""
        todo, failures = [batch], 0
        while todo and not self._is_late():
            batch = todo[-1]
            try:
                self._deliver(batch)
            except Exception as error:  # noqa: BLE001 (the thread must go on)
                known = error if isinstance(error, AgentDataError) else AgentDataError(type(error).__name__)
                verdict = batch.without_culprits(known)
                if verdict is None:
                    failures = self._pause(failures)
                    continue
                again, culprits = verdict
                todo[-1:], failures = again, 0
                self.outbox.refused(batch, again, culprits, known)
            else:
                todo.pop()
                failures = 0
                self.outbox.delivered(batch)

    def _pause(self, failures: int) -> int:
        """Waits after a failure, when there were so many before. How many there are now.

        There is no wait after the first: the server may just have closed the connection while it was idle. When the
        recorder is closed meanwhile the count begins anew, to hurry.
        """
        if failures == 0:
            return 1
        with self._condition:
            if self._deadline is None:
                closed = self._condition.wait_for(lambda: self._deadline is not None, backoff(failures - 1))
                return 0 if closed else failures + 1
            left = max(0.0, self._deadline - time.monotonic())
            self._condition.wait_for(self._is_late, min(left, backoff(failures - 1)))
            return failures + 1

    def _is_hurried(self) -> bool:
        return self._deadline is not None or self._flushing > 0

    def _is_late(self) -> bool:
        return self._deadline is not None and time.monotonic() >= self._deadline
