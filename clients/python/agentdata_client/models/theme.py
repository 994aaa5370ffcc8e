from typing import Literal, cast

Theme = Literal["dark", "light"]

THEME_VALUES: set[Theme] = {
    "dark",
    "light",
}


def check_theme(value: str) -> Theme:
    if value in THEME_VALUES:
        return cast(Theme, value)
    raise TypeError(f"Unexpected value {value!r}. Expected one of {THEME_VALUES!r}")
