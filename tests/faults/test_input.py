"""The faults of input, every one in every place where it can be sent: refused in the declared form and in its place, with nothing
stored, or accepted and read back as it was. The table is in `inputs`, a module for each part of the list; `pytest -v` prints it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from arena import Arena
from inputs import bodies, examples, floats, http, numbers, postgres_facts, tenancy, texts
from inputs.bench import Bench
from inputs.coverage import COVERED
from inputs.judge import problems_of
from inputs.row import Row
from processes import get

TABLE = {
    "examples": examples.ROWS,
    "PostgreSQL": postgres_facts.ROWS,
    "floats": floats.ROWS,
    "text": texts.ROWS,
    "numbers/time": numbers.ROWS,
    "HTTP": http.ROWS,
    "bodies": bodies.ROWS,
    "tenancy": tenancy.ROWS,
}
ROWS = [pytest.param(row, id=f"{part}: {row.fault}") for part, rows in TABLE.items() for row in rows]
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    """One server for the whole table: whatever a row does to it shows in the next."""
    with Arena() as arena:
        # No row is about time: on a busy machine a statement may take as long as it likes.
        server = arena.server(AGENTDATA_STATEMENT_TIMEOUT="60", AGENTDATA_ACQUIRE_TIMEOUT="60").start()
        bench = Bench(server, short=request.config.getoption("--short"))
        yield bench
        bench.close()
        assert server.log_lines("panicked") == []
        server.terminate()


@pytest.mark.parametrize("row", ROWS)
def test_input(bench: Bench, row: Row) -> None:
    cases = list(row.cases(bench))
    assert cases
    changes_nothing = all(case.stores_nothing for case in cases)
    before = bench.fingerprint() if changes_nothing else ""
    problems = [problem for case in cases for problem in problems_of(bench, case)]
    if changes_nothing and (changed := bench.difference(before)):
        problems.append(f"something was stored: {changed}")
    if problems:
        # What should have been refused may have deleted what the other rows need.
        bench.ids = bench.made()
    count = len(problems)
    assert not problems, "\n".join([*problems[:25], f"({count} problems in {len(cases)} requests)"])
    assert get(f"{bench.server.url}/readyz") == 200


@pytest.mark.parametrize("line", COVERED)
def test_what_other_tests_cover_is_there(line: str) -> None:
    for test in COVERED[line]:
        file, function = test.split("::")
        assert re.search(rf"\b(fn|def) {function}\(", (ROOT / file).read_text()), test
