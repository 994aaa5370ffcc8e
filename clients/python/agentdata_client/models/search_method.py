from typing import Literal, cast

SearchMethod = Literal["exact", "hnsw"]

SEARCH_METHOD_VALUES: set[SearchMethod] = {
    "exact",
    "hnsw",
}


def check_search_method(value: str) -> SearchMethod:
    if value in SEARCH_METHOD_VALUES:
        return cast(SearchMethod, value)
    raise TypeError(f"Unexpected value {value!r}. Expected one of {SEARCH_METHOD_VALUES!r}")
