from typing import Literal, cast

Include = Literal["embedding", "none"]

INCLUDE_VALUES: set[Include] = {
    "embedding",
    "none",
}


def check_include(value: str) -> Include:
    if value in INCLUDE_VALUES:
        return cast(Include, value)
    raise TypeError(f"Unexpected value {value!r}. Expected one of {INCLUDE_VALUES!r}")
