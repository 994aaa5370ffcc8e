from typing import Literal, cast

PromptDiffTag = Literal["delete", "equal", "insert"]

PROMPT_DIFF_TAG_VALUES: set[PromptDiffTag] = {
    "delete",
    "equal",
    "insert",
}


def check_prompt_diff_tag(value: str) -> PromptDiffTag:
    if value in PROMPT_DIFF_TAG_VALUES:
        return cast(PromptDiffTag, value)
    raise TypeError(f"Unexpected value {value!r}. Expected one of {PROMPT_DIFF_TAG_VALUES!r}")
