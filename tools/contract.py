#!/usr/bin/env python3
"""The specification may only grow: openapi/openapi.json keeps what openapi/contract.json promises.

usage: tools/contract.py check     fail when a promise is broken and openapi/breaks.json does not say why, or when what is new is not promised yet
       tools/contract.py record    promise what is new; what is broken stays promised
       tools/contract.py release   begin anew: promise what there is, and forget the breaks

docs/compatibility.md says what a break is, and how to make one on purpose.
"""

import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests/spec"))

from compatible import Break, Comparison, units


def undeclared(found: list[Break], declared: list[dict], changelog: str) -> list[str]:
    """The breaks that nobody has declared, and the declarations that are not needed or say too little."""
    texts = [f"{unit}: {what}" for unit, what in found]
    errors = [text for text in texts if text not in [entry.get("break") for entry in declared]]
    for entry in declared:
        if entry.get("break") not in texts:
            errors.append(f"openapi/breaks.json declares what is no break: {entry.get('break')}")
        if not str(entry.get("reason") or "").strip():
            errors.append(f"openapi/breaks.json gives no reason: {entry.get('break')}")
        sentence = flowing(str(entry.get("changelog") or ""))
        if not sentence or sentence not in flowing(changelog):
            errors.append(f"CHANGELOG.md does not have the text that openapi/breaks.json names: {entry.get('break')}")
    return errors


def flowing(text: str) -> str:
    return " ".join(text.split())


def grown(old: dict[str, dict], new: dict[str, dict], found: list[Break]) -> dict[str, dict]:
    """What is promised from now on: what there is, but units with a break stay as they were until the next release."""
    broken = {unit for unit, _ in found}
    return new | {unit: part for unit, part in old.items() if unit in broken}


def written(parts: dict[str, dict]) -> str:
    """A unit is a line: small, and branches that change different ones can be merged."""
    lines = [f"{json.dumps(unit)}: {json.dumps(parts[unit], sort_keys=True)}" for unit in sorted(parts)]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def main(command: str, root: Path = ROOT) -> int:
    contract, breaks = root / "openapi/contract.json", root / "openapi/breaks.json"
    new = units(json.loads((root / "openapi/openapi.json").read_text()))
    if command == "release":
        contract.write_text(written(new))
        breaks.write_text("[]\n")
        return 0
    old = json.loads(contract.read_text())
    found = Comparison(old, new).breaks()
    promise = written(grown(old, new, found))
    if command == "record":
        contract.write_text(promise)
        print(
            *(f"This breaks the contract: {unit}: {what}" for unit, what in found), sep="\n", end="\n" if found else ""
        )
        return 0
    errors = undeclared(found, json.loads(breaks.read_text()), (root / "CHANGELOG.md").read_text())
    if promise != contract.read_text():
        errors.append("openapi/contract.json lacks what is new: run 'make openapi'")
    if errors:
        print("The specification may only grow; docs/compatibility.md says how to break it.", *errors, sep="\n")
        return 1
    print(f"The specification keeps the contract of {len(old)} parts.")
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in ("check", "record", "release"):
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
