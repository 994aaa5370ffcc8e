from typing import Literal, cast

RecordOrder = Literal["timestamp_asc", "timestamp_desc"]

RECORD_ORDER_VALUES: set[RecordOrder] = {
    "timestamp_asc",
    "timestamp_desc",
}


def check_record_order(value: str) -> RecordOrder:
    # As it is: a newer server may have more values than this client knows.
    return cast(RecordOrder, value)
