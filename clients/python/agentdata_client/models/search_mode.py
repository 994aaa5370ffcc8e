from typing import Literal, cast

SearchMode = Literal["hybrid", "text", "vector"]

SEARCH_MODE_VALUES: set[SearchMode] = {
    "hybrid",
    "text",
    "vector",
}


def check_search_mode(value: str) -> SearchMode:
    # As it is: a newer server may have more values than this client knows.
    return cast(SearchMode, value)
