from typing import Literal, cast

PromptDiffTag = Literal["delete", "equal", "insert"]

PROMPT_DIFF_TAG_VALUES: set[PromptDiffTag] = {
    "delete",
    "equal",
    "insert",
}


def check_prompt_diff_tag(value: str) -> PromptDiffTag:
    # As it is: a newer server may have more values than this client knows.
    return cast(PromptDiffTag, value)
