from typing import Literal, cast

PromptConfigChangeKind = Literal["added", "changed", "removed"]

PROMPT_CONFIG_CHANGE_KIND_VALUES: set[PromptConfigChangeKind] = {
    "added",
    "changed",
    "removed",
}


def check_prompt_config_change_kind(value: str) -> PromptConfigChangeKind:
    # As it is: a newer server may have more values than this client knows.
    return cast(PromptConfigChangeKind, value)
