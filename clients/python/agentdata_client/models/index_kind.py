from typing import Literal, cast

IndexKind = Literal["hnsw"]

INDEX_KIND_VALUES: set[IndexKind] = {
    "hnsw",
}


def check_index_kind(value: str) -> IndexKind:
    if value in INDEX_KIND_VALUES:
        return cast(IndexKind, value)
    raise TypeError(f"Unexpected value {value!r}. Expected one of {INDEX_KIND_VALUES!r}")
