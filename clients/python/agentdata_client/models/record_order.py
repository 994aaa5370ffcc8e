from typing import Literal, cast

RecordOrder = Literal["timestamp_asc", "timestamp_desc"]

RECORD_ORDER_VALUES: set[RecordOrder] = {
    "timestamp_asc",
    "timestamp_desc",
}


def check_record_order(value: str) -> RecordOrder:
    if value in RECORD_ORDER_VALUES:
        return cast(RecordOrder, value)
    raise TypeError(f"Unexpected value {value!r}. Expected one of {RECORD_ORDER_VALUES!r}")
