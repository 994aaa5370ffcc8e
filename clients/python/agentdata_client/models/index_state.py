from typing import Literal, cast

IndexState = Literal["building", "exact", "ready"]

INDEX_STATE_VALUES: set[IndexState] = {
    "building",
    "exact",
    "ready",
}


def check_index_state(value: str) -> IndexState:
    # As it is: a newer server may have more values than this client knows.
    return cast(IndexState, value)
