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
    # As it is: a newer server may have more values than this client knows.
    return cast(PromptRole, value)
