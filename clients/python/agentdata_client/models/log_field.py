from typing import Literal, cast

LogField = Literal["attributes", "message"]

LOG_FIELD_VALUES: set[LogField] = {
    "attributes",
    "message",
}


def check_log_field(value: str) -> LogField:
    # As it is: a newer server may have more values than this client knows.
    return cast(LogField, value)
