from typing import Literal, cast

Distance = Literal["cosine", "inner_product", "l1", "l2"]

DISTANCE_VALUES: set[Distance] = {
    "cosine",
    "inner_product",
    "l1",
    "l2",
}


def check_distance(value: str) -> Distance:
    # As it is: a newer server may have more values than this client knows.
    return cast(Distance, value)
