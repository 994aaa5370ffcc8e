from typing import Literal, cast

Distance = Literal["cosine", "inner_product", "l1", "l2"]

DISTANCE_VALUES: set[Distance] = {
    "cosine",
    "inner_product",
    "l1",
    "l2",
}


def check_distance(value: str) -> Distance:
    if value in DISTANCE_VALUES:
        return cast(Distance, value)
    raise TypeError(f"Unexpected value {value!r}. Expected one of {DISTANCE_VALUES!r}")
