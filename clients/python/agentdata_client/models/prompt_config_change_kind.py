from typing import Literal, cast

PromptConfigChangeKind = Literal["added", "changed", "removed"]

PROMPT_CONFIG_CHANGE_KIND_VALUES: set[PromptConfigChangeKind] = {
    "added",
    "changed",
    "removed",
}


def check_prompt_config_change_kind(value: str) -> PromptConfigChangeKind:
    if value in PROMPT_CONFIG_CHANGE_KIND_VALUES:
        return cast(PromptConfigChangeKind, value)
    raise TypeError(f"Unexpected value {value!r}. Expected one of {PROMPT_CONFIG_CHANGE_KIND_VALUES!r}")
