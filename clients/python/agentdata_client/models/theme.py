from typing import Literal, cast

Theme = Literal["dark", "light"]

THEME_VALUES: set[Theme] = {
    "dark",
    "light",
}


def check_theme(value: str) -> Theme:
    # As it is: a newer server may have more values than this client knows.
    return cast(Theme, value)
