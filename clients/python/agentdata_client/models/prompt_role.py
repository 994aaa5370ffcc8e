from typing import Literal, cast

PromptRole = Literal["assistant", "developer", "system", "tool", "user"]

PROMPT_ROLE_VALUES: set[PromptRole] = {
    "assistant",
    "developer",
    "system",
    "tool",
    "user",
}


def check_prompt_role(value: str) -> PromptRole:
    if value in PROMPT_ROLE_VALUES:
        return cast(PromptRole, value)
    raise TypeError(f"Unexpected value {value!r}. Expected one of {PROMPT_ROLE_VALUES!r}")
