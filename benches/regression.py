"""Whether the server takes more CPU time than it did, in comparison with pgbench in the same run."""

import json
import statistics

from report import Row, kind_of_machine
from server import HERE, say

FILE = HERE / "ratios.json"
# Of the same build, quartiles of five rounds differ by less.
ALLOWED = 0.10
# With fewer connections CPU time depends on how often threads fall asleep and are woken, so on what else runs.
CONNECTIONS = 16


def quartiles(values: list[float]) -> tuple[float, float]:
    if len(values) < 2:
        return values[0], values[0]
    lower, _, upper = statistics.quantiles(values, n=4, method="inclusive")
    return lower, upper


def compared(rows: list[Row]) -> dict[str, tuple[float, float]]:
    """The quartiles of what can be compared."""
    return {
        row.key: quartiles(row.cost_ratios()) for row in rows if row.connections >= CONNECTIONS and row.cost_ratios()
    }


def record(rows: list[Row]) -> None:
    recorded = json.loads(FILE.read_text())
    machine = recorded["machines"].setdefault(kind_of_machine(), {})
    machine |= {key: [round(quartile, 2) for quartile in found] for key, found in compared(rows).items()}
    FILE.write_text(json.dumps(recorded, indent=2) + "\n")
    say(f"recorded in {FILE.name}")


def passes(rows: list[Row]) -> bool:
    """Prints what takes more than it did."""
    recorded = json.loads(FILE.read_text())["machines"].get(kind_of_machine())
    if recorded is None:
        print(f"\nNot compared with earlier runs: {FILE.name} has none of this kind of machine; --record writes one.")
        return True
    found = {key: lower for key, (lower, _) in compared(rows).items() if key in recorded}
    allowed = {key: recorded[key][1] * (1 + ALLOWED) for key in found}
    worse = [key for key in found if found[key] > allowed[key]]
    print(f"\nOf {len(found)} operations, {len(worse)} take more CPU time than recorded.")
    for key in worse:
        print(f"- {key}: {found[key]:.2f} of pgbench's CPU time, {allowed[key]:.2f} is allowed")
    return not worse
