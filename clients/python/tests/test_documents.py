"""The README's code and the examples run."""

from __future__ import annotations

import re
import runpy
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]


def test_the_readme_s_code_runs_from_top_to_bottom(capsys: pytest.CaptureFixture[str]) -> None:
    blocks = re.findall(r"^```python\n(.*?)^```", (ROOT / "README.md").read_text(), re.DOTALL | re.MULTILINE)
    assert len(blocks) == 3
    namespace: dict[str, Any] = {"__name__": "readme"}
    for block in blocks:
        exec(compile(block, "README.md", "exec"), namespace)  # noqa: S102 (our own)
    printed = capsys.readouterr().out
    assert re.search(r" info Started\n.* info Sunny in Bern\n", printed)
    assert f"{namespace['agent'].name} [('weather', 'Sunny in Bern')]\n" in printed
    assert printed.endswith("The mail server does not answer.\n")
    namespace["client"].close()


def test_the_agent_loop(capsys: pytest.CaptureFixture[str]) -> None:
    runpy.run_path(str(ROOT / "examples" / "agent_loop.py"), run_name="__main__")
    answer, report, usage = capsys.readouterr().out.splitlines()
    assert answer == "The answer is 42."
    assert "delivered=5, undelivered=0, pending=0" in report
    assert usage.startswith("add success {'a': 19, 'b': 23} 42 ")


def test_retrieval(capsys: pytest.CaptureFixture[str]) -> None:
    runpy.run_path(str(ROOT / "examples" / "retrieval.py"), run_name="__main__")
    stored, found, others, exported = capsys.readouterr().out.splitlines()
    assert stored == "3 texts"
    assert (
        found
        == f"When will my parcels arrive? - {'We ship parcels on the day you order, and they take two days to arrive.'}"
    )
    assert sorted(others.removeprefix("Of the others: ").split(", ")) == ["returns", "warranty"]
    assert exported == "3 exported"
