from typing import Literal, cast

Bucket = Literal["10s", "15m", "1d", "1h", "1m", "1mo", "1s", "1w", "5m", "6h"]

BUCKET_VALUES: set[Bucket] = {
    "10s",
    "15m",
    "1d",
    "1h",
    "1m",
    "1mo",
    "1s",
    "1w",
    "5m",
    "6h",
}


def check_bucket(value: str) -> Bucket:
    # As it is: a newer server may have more values than this client knows.
    return cast(Bucket, value)
