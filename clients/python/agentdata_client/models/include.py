from typing import Literal, cast

Include = Literal["embedding", "none"]

INCLUDE_VALUES: set[Include] = {
    "embedding",
    "none",
}


def check_include(value: str) -> Include:
    # As it is: a newer server may have more values than this client knows.
    return cast(Include, value)
