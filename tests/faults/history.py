"""What clients were answered, what the database holds, and whether the two agree.

Nothing in here talks to anybody, so that `test_history.py` can show with invented histories that the check does fail.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import Enum


class Outcome(Enum):
    """What a client knows about its request when the answer is there."""

    OK = "acknowledged"
    REFUSED = "refused"  # surely did nothing
    UNKNOWN = "unknown"  # did it or not


@dataclass(frozen=True)
class Attempt:
    """A request that was sent once, and what came back."""

    kind: str
    began: float  # time.monotonic()
    seconds: float
    outcome: Outcome
    status: int | None = None  # none: the connection broke, or could not be made
    retry_after: str | None = None
    note: str = ""  # the problem's detail, or the connection's error

    @property
    def ended(self) -> float:
        return self.began + self.seconds


@dataclass
class Write:
    """A write, with all attempts of the client that resent it until it gave up or succeeded."""

    kind: str
    marks: tuple[str, ...]  # what it stores, all or nothing, as `Stored.marks` names it
    attempts: list[Attempt] = field(default_factory=list)
    place: str | None = None  # what the answer said of where it is: the version

    @property
    def outcome(self) -> Outcome:
        outcomes = {attempt.outcome for attempt in self.attempts}
        for outcome in (Outcome.OK, Outcome.UNKNOWN):
            if outcome in outcomes:
                return outcome
        return Outcome.REFUSED


@dataclass
class Stored:
    """What the database holds after a history.

    Attributes:
        marks: For each kind of record how often each mark is there.
        places: For each kind where marks are: the versions of prompts and configs.
        sequences: Numbers that must be 1 to N, such as the versions of one prompt.
        totals: Counters that are kept beside what they count: name → (counter, counted).
        faults: What must not be there at all, such as rows of agents that do not exist.
    """

    marks: dict[str, Counter[str]] = field(default_factory=dict)
    places: dict[str, dict[str, str]] = field(default_factory=dict)
    sequences: dict[str, list[int]] = field(default_factory=dict)
    totals: dict[str, tuple[int, int]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)


@dataclass
class Verdict:
    """How far a history and the database disagree. Everything here must be empty."""

    lost: list[str] = field(default_factory=list)  # acknowledged and not there
    duplicated: list[str] = field(default_factory=list)  # there more than once
    resurrected: list[str] = field(default_factory=list)  # refused and there
    torn: list[str] = field(default_factory=list)  # a batch of which a part is there
    strange: list[str] = field(default_factory=list)  # there, and nobody wrote it
    misplaced: list[str] = field(default_factory=list)  # at another version than was answered
    gaps: list[str] = field(default_factory=list)  # versions that are not 1 to N
    miscounted: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def problems(self) -> list[str]:
        """Everything that is wrong, in words; a few examples of each."""
        lines = []
        for name, found in vars(self).items():
            if found:
                lines.append(f"{name}: {len(found)}, such as {', '.join(found[:3])}")
        return lines


def judge(writes: list[Write], stored: Stored) -> Verdict:
    """Compares what clients were answered with what the database holds."""
    verdict = Verdict(faults=list(stored.faults))
    written: dict[str, set[str]] = {}
    for write in writes:
        written.setdefault(write.kind, set()).update(write.marks)
        there = stored.marks.get(write.kind, Counter())
        found = [mark for mark in write.marks if there[mark]]
        name = f"{write.kind} {', '.join(write.marks[:2])}"
        verdict.duplicated += [f"{write.kind} {mark} × {there[mark]}" for mark in found if there[mark] > 1]
        if write.outcome is Outcome.OK and len(found) < len(write.marks):
            verdict.lost.append(name)
        elif write.outcome is Outcome.REFUSED and found:
            notes = ", ".join(f"{attempt.status} {attempt.note!r}" for attempt in write.attempts)
            verdict.resurrected.append(f"{name} after {notes}")
        elif write.outcome is Outcome.UNKNOWN and 0 < len(found) < len(write.marks):
            verdict.torn.append(name)
        if write.place is not None and found:
            place = stored.places.get(write.kind, {}).get(write.marks[0])
            if place != write.place:
                verdict.misplaced.append(f"{name} at {place}, answered {write.place}")
    for kind, marks in stored.marks.items():
        verdict.strange += [f"{kind} {mark}" for mark in marks if mark not in written.get(kind, set())]
    for name, numbers in stored.sequences.items():
        if sorted(numbers) != list(range(1, len(numbers) + 1)):
            verdict.gaps.append(f"{name}: {sorted(numbers)[:20]}")
    for name, (counter, counted) in stored.totals.items():
        if counter != counted:
            verdict.miscounted.append(f"{name}: says {counter}, is {counted}")
    return verdict
