"""Prompts that are kept for a while, and longer when the server cannot be reached."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from uuid import UUID

import httpx
from agentdata_client.models import Prompt

from ._call import Call, entity_tags, path
from ._errors import AgentDataError, ApiError, ConnectionFailed
from ._retry import Retry
from ._sender import Options

MAX_AGE = 60.0
STALE_IF_ERROR = 24 * 3600.0
_MAX_PROMPTS = 256
# After a failure the server is left alone for so long, while a kept prompt does.
_PAUSE_SECONDS = 5.0
# Nobody should wait long for a prompt that is at hand.
_QUICK = httpx.Timeout(5.0, connect=2.0)

Key = tuple[str, "str | int"]


@dataclass
class _Kept:
    prompt: Prompt
    checked: float
    failed: float = float("-inf")


class PromptCache:
    """The prompts that were used last, 256 at most. Threads may share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[Key, _Kept] = OrderedDict()

    def fresh(self, key: Key, max_age: float, stale_if_error: float) -> Prompt | None:
        """The prompt, when the server need not or, after a failure, should not be asked."""
        with self._lock:
            kept = self._kept.get(key)
            if kept is None:
                return None
            self._kept.move_to_end(key)
            now = time.monotonic()
            # A version never changes.
            if isinstance(key[1], int) or now - kept.checked < max_age:
                return kept.prompt
            pausing = now - kept.failed < _PAUSE_SECONDS and now - kept.checked < stale_if_error
            return kept.prompt if pausing else None

    def version(self, key: Key) -> int | None:
        """The version that is kept."""
        with self._lock:
            kept = self._kept.get(key)
            return kept.prompt.version if kept else None

    def store(self, key: Key, prompt: Prompt) -> Prompt:
        """Keeps what the server has answered."""
        with self._lock:
            self._kept[key] = _Kept(prompt, time.monotonic())
            self._kept.move_to_end(key)
            if len(self._kept) > _MAX_PROMPTS:
                self._kept.popitem(last=False)
        return prompt

    def unchanged(self, key: Key, version: int | None) -> Prompt | None:
        """The prompt after the server has said that it is still this version; None when it is gone from here."""
        with self._lock:
            kept = self._kept.get(key)
            if kept is None or kept.prompt.version != version:
                return None
            kept.checked, kept.failed = time.monotonic(), float("-inf")
            return kept.prompt

    def after_failure(self, key: Key, stale_if_error: float, error: AgentDataError) -> Prompt:
        """The prompt as it was, when the failure is a passing one.

        Raises:
            AgentDataError: the error, when it is not, or the prompt is not kept or too old.
        """
        passing = isinstance(error, ConnectionFailed) or (
            isinstance(error, ApiError) and (error.status == 429 or error.status >= 500)
        )
        with self._lock:
            kept = self._kept.get(key)
            now = time.monotonic()
            if kept is None or not passing or now - kept.checked >= stale_if_error:
                if not passing:
                    self._kept.pop(key, None)
                raise error
            kept.failed = now
            return kept.prompt


def prompt_key(agent_id: UUID | str, label: str, version: int | None) -> Key:
    """What a prompt is kept under."""
    return str(agent_id), label if version is None else version


def prompt_call(key: Key, kept_version: int | None) -> Call:
    """The request for a prompt, unless it is the version that is kept."""
    agent_id, name = key
    headers = {} if kept_version is None else {"If-None-Match": entity_tags(kept_version)}
    place = (
        path("/agents/{}/prompts/{}", agent_id, name)
        if isinstance(name, int)
        else path("/agents/{}/prompts/labels/{}", agent_id, name)
    )
    return Call("GET", place, headers=headers, safe=True)


def quick(options: Options) -> Options:
    """How to ask when there is a prompt to fall back on."""
    return Options(_QUICK, Retry(0), options.max_outage)
