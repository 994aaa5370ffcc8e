from typing import Literal, cast

LogField = Literal["attributes", "message"]

LOG_FIELD_VALUES: set[LogField] = {
    "attributes",
    "message",
}


def check_log_field(value: str) -> LogField:
    if value in LOG_FIELD_VALUES:
        return cast(LogField, value)
    raise TypeError(f"Unexpected value {value!r}. Expected one of {LOG_FIELD_VALUES!r}")
