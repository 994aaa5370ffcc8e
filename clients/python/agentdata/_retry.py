"""When a request is sent again."""

from __future__ import annotations

import random
from dataclasses import dataclass

from ._call import Call
from ._errors import AgentDataError, ApiError, ConnectionFailed

_FIRST_DELAY = 0.5
_LONGEST_DELAY = 8.0
_LONGEST_RETRY_AFTER = 60.0
_BUSY = (502, 503, 504)


def backoff(attempt: int) -> float:
    """Seconds to wait after the failure of this attempt, counted from 0: twice as long each time, less a part by lot."""
    longest = min(_LONGEST_DELAY, _FIRST_DELAY * 2.0 ** min(attempt, 10))
    return longest * random.uniform(0.5, 1)


@dataclass(frozen=True)
class Retry:
    """How often a request is sent again. One that might do its work twice is so only when it surely did nothing."""

    max_retries: int

    def delay(self, call: Call, attempt: int, error: AgentDataError) -> float | None:
        """Seconds to wait before the next attempt; None when there is to be none."""
        if attempt >= self.max_retries or not call.repeatable:
            return None
        if isinstance(error, ConnectionFailed):
            return backoff(attempt) if call.safe or error.unsent else None
        if not isinstance(error, ApiError) or not (error.status == 429 or (error.status in _BUSY and call.safe)):
            return None
        asked = error.retry_after or 0.0
        if asked > _LONGEST_RETRY_AFTER:
            return None
        return max(backoff(attempt), asked * random.uniform(1, 1.25))
