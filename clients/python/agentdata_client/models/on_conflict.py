from typing import Literal, cast

OnConflict = Literal["refuse", "update"]

ON_CONFLICT_VALUES: set[OnConflict] = {
    "refuse",
    "update",
}


def check_on_conflict(value: str) -> OnConflict:
    if value in ON_CONFLICT_VALUES:
        return cast(OnConflict, value)
    raise TypeError(f"Unexpected value {value!r}. Expected one of {ON_CONFLICT_VALUES!r}")
