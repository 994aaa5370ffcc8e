from typing import Literal, cast

Level = Literal["debug", "error", "fatal", "info", "trace", "warn"]

LEVEL_VALUES: set[Level] = {
    "debug",
    "error",
    "fatal",
    "info",
    "trace",
    "warn",
}


def check_level(value: str) -> Level:
    # As it is: a newer server may have more values than this client knows.
    return cast(Level, value)
