from typing import Literal, cast

IndexKind = Literal["hnsw"]

INDEX_KIND_VALUES: set[IndexKind] = {
    "hnsw",
}


def check_index_kind(value: str) -> IndexKind:
    # As it is: a newer server may have more values than this client knows.
    return cast(IndexKind, value)
