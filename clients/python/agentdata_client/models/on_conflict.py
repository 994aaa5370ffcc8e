from typing import Literal, cast

OnConflict = Literal["refuse", "update"]

ON_CONFLICT_VALUES: set[OnConflict] = {
    "refuse",
    "update",
}


def check_on_conflict(value: str) -> OnConflict:
    # As it is: a newer server may have more values than this client knows.
    return cast(OnConflict, value)
