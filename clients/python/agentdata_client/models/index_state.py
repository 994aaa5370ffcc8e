from typing import Literal, cast

IndexState = Literal["building", "exact", "ready"]

INDEX_STATE_VALUES: set[IndexState] = {
    "building",
    "exact",
    "ready",
}


def check_index_state(value: str) -> IndexState:
    if value in INDEX_STATE_VALUES:
        return cast(IndexState, value)
    raise TypeError(f"Unexpected value {value!r}. Expected one of {INDEX_STATE_VALUES!r}")
