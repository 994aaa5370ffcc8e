from typing import Literal, cast

PromptType = Literal["chat", "text"]

PROMPT_TYPE_VALUES: set[PromptType] = {
    "chat",
    "text",
}


def check_prompt_type(value: str) -> PromptType:
    if value in PROMPT_TYPE_VALUES:
        return cast(PromptType, value)
    raise TypeError(f"Unexpected value {value!r}. Expected one of {PROMPT_TYPE_VALUES!r}")
