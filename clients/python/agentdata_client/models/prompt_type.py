from typing import Literal, cast

PromptType = Literal["chat", "text"]

PROMPT_TYPE_VALUES: set[PromptType] = {
    "chat",
    "text",
}


def check_prompt_type(value: str) -> PromptType:
    # As it is: a newer server may have more values than this client knows.
    return cast(PromptType, value)
