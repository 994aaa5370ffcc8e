"""What the table begins with: the requests that its rows spoil are good."""

from __future__ import annotations

import json
from collections.abc import Iterator

from .bench import Bench
from .row import Accepted, Case, Row
from .spec import JSON, UNIQUE, operations


def everything(bench: Bench) -> Iterator[Case]:
    """But deletions, which would leave the other rows without their resources, and forms."""
    for one in operations():
        if one.media_type == JSON:
            for body in one.bodies():
                text = json.dumps(body).replace(UNIQUE, bench.fresh())
                yield Case(f"{one.id} {text}", bench.send_to(one, text.encode()), Accepted(), one.method)
        elif one.media_type is None and one.method != "DELETE":
            yield Case(one.id, bench.send_to(one), Accepted(), one.method)


ROWS = [Row("what the rows spoil is good", everything)]
