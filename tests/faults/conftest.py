"""What the fault tests share: the form of the run, the arena of a test, and the table in the end."""

from __future__ import annotations

import faulthandler
import resource
import signal
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from arena import Arena
from postgres import Database
from processes import wait_until
from server import Server
from workload import Load, Probe, Window

TEST_SECONDS = 240
DESCRIPTORS = 8192
COLUMNS = ("requests", "acknowledged", "refused", "unknown", "lost", "duplicated", "5xx outside")


@dataclass
class Report:
    """A line for each fault, printed when all tests have run."""

    lines: list[tuple[str, dict[str, int]]] = field(default_factory=list)


REPORT = Report()


@dataclass(frozen=True)
class Form:
    """How much is done: the short form is for every change, the long one for `make faults`."""

    short: bool

    def __call__(self, short: int, long: int) -> int:
        """One number or the other."""
        return short if self.short else long


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--short", action="store_true", help="seconds instead of minutes for each fault")


def pytest_configure(config: pytest.Config) -> None:
    # Thousands of connections want as many descriptors, here and in the servers, which inherit the limit.
    now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = DESCRIPTORS if most == resource.RLIM_INFINITY else min(DESCRIPTORS, most)
    if now != resource.RLIM_INFINITY and now < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))
    config.addinivalue_line("markers", "long: only in the long form")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--short"):
        left_out = [item for item in items if item.get_closest_marker("long")]
        items[:] = [item for item in items if item not in left_out]
        config.hook.pytest_deselected(items=left_out)


@pytest.fixture
def form(request: pytest.FixtureRequest) -> Form:
    """The form of the run."""
    return Form(short=request.config.getoption("--short"))


@pytest.fixture(autouse=True)
def limited() -> Iterator[None]:
    """A test that waits for what never comes fails, and says where it waited."""

    def fail(*_: object) -> None:
        faulthandler.dump_traceback()
        pytest.fail(f"the test has not ended within {TEST_SECONDS} seconds")

    signal.signal(signal.SIGALRM, fail)
    signal.alarm(TEST_SECONDS)
    yield
    signal.alarm(0)


@pytest.fixture
def arena() -> Iterator[Arena]:
    """A place for the test's processes, which are gone when it ends."""
    with Arena() as arena:
        yield arena
        for server in arena.servers:
            assert server.log_lines("panicked") == [], "a task of the server panicked"


class Trial:
    """One fault: the load under which it happens, what must hold after it, and its line in the table."""

    def __init__(self, name: str, form: Form) -> None:
        self.name, self.form = name, form

    def load(self, database: Database, *servers: Server, workers: int = 12) -> Load:
        """Clients of these servers, whose database this is."""
        urls = [server.url for server in servers]
        return Load(urls, servers[0].token(), database, workers=workers, short=self.form.short)

    def conclude(self, load: Load, *servers: Server) -> None:
        """Judges a load that was stopped: answers, history, health and what connections carry over."""
        connections = (
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in%'"
        )
        wait_until("no transaction is left open", lambda: load.database.number(connections) == 0, 5)
        verdict, differences = load.verdict()
        counts = {**load.tally(), "lost": len(verdict.lost), "duplicated": len(verdict.duplicated)}
        REPORT.lines.append((self.name, counts))
        problems = verdict.problems() + differences + load.form_problems() + health_problems(load)
        # The causes of internal errors; what was merely unavailable is no news.
        logs = [
            line for server in servers for line in server.log_lines('"level":"ERROR"') if "unavailable:" not in line
        ]
        assert not problems, "\n".join([*problems[:20], f"({len(problems)} problems; {counts})", *logs[-10:]])
        assert counts["acknowledged"] > 0


@pytest.fixture
def trial(request: pytest.FixtureRequest, form: Form) -> Trial:
    """The fault of this test."""
    return Trial(request.node.name.removeprefix("test_").replace("_", " "), form)


def health_problems(load: Load) -> list[str]:
    """Answers of the health endpoints that are not true: /healthz has nothing to complain of while the process serves, and
    /readyz nothing outside of the windows."""
    problems = []

    def windows(probe: Probe) -> list[Window]:
        """The windows in which the probe was under way."""
        ended = probe.began + probe.seconds
        return [window for window in load.windows if probe.began < window.ended and ended > window.began]

    for server in load.servers:
        for probe in server.live:
            unreachable = probe.status is None and any(window.cut for window in windows(probe))
            if probe.status != 200 and not unreachable:
                problems.append(f"/healthz answered {probe.status} after {probe.seconds:.2f} s")
        for probe in server.ready:
            unreachable = probe.status is None and any(window.cut for window in windows(probe))
            not_ready = probe.status == 503 and windows(probe)
            if probe.status != 200 and not unreachable and not not_ready:
                problems.append(f"/readyz answered {probe.status} after {probe.seconds:.2f} s")
    return problems


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Prints the table of faults."""
    if not REPORT.lines:
        return
    write = terminalreporter.write_line
    write("")
    write(f"| fault | {' | '.join(COLUMNS)} |")
    write(f"|---|{'--:|' * len(COLUMNS)}")
    for name, counts in REPORT.lines:
        write(f"| {name} | {' | '.join(str(counts[column]) for column in COLUMNS)} |")
    total = {column: sum(counts[column] for _, counts in REPORT.lines) for column in COLUMNS}
    write(f"| all | {' | '.join(str(total[column]) for column in COLUMNS)} |")
