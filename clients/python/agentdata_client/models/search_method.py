from typing import Literal, cast

SearchMethod = Literal["exact", "hnsw"]

SEARCH_METHOD_VALUES: set[SearchMethod] = {
    "exact",
    "hnsw",
}


def check_search_method(value: str) -> SearchMethod:
    # As it is: a newer server may have more values than this client knows.
    return cast(SearchMethod, value)
