"""Where the programs are, and waiting for what they do."""

from __future__ import annotations

import os
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

START_SECONDS = 60.0
STOP_SECONDS = 40.0
# PostgreSQL and PgBouncer refuse to run as root.
USER = "nobody" if os.geteuid() == 0 else None
PROGRAMS = Path(os.environ.get("AGENTDATA_POSTGRES_BIN", "/nonexistent")).resolve()
BINARY = Path(os.environ.get("AGENTDATA_BINARY", "target/debug/agentdata")).resolve()


def free_port() -> int:
    """A port of 127.0.0.1 that nobody has."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until(what: str, true: Callable[[], object], seconds: float = START_SECONDS) -> float:
    """Waits for a condition; answers after how many seconds it held."""
    began = time.monotonic()
    while not true():
        if time.monotonic() - began > seconds:
            raise AssertionError(f"{what}: not within {seconds} s")
        time.sleep(0.02)
    return time.monotonic() - began


def get(url: str, timeout: float = 5.0) -> int | None:
    """The status of a GET; none when there is no answer."""
    try:
        with urllib.request.urlopen(url, timeout=timeout) as response:
            status: int = response.status
            return status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return None


def processes_of(pid: int) -> list[int]:
    """The children of a process."""
    children = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in children.read_text().split()] if children.exists() else []
