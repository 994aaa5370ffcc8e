from typing import Literal, cast

Scope = Literal[
    "admin",
    "agents:read",
    "agents:write",
    "configs:read",
    "configs:secrets",
    "configs:write",
    "datasets:read",
    "datasets:write",
    "embeddings:read",
    "embeddings:write",
    "logs:read",
    "logs:write",
    "metrics:read",
    "metrics:write",
    "prompts:read",
    "prompts:write",
    "tool-usage:read",
    "tool-usage:write",
]

SCOPE_VALUES: set[Scope] = {
    "admin",
    "agents:read",
    "agents:write",
    "configs:read",
    "configs:secrets",
    "configs:write",
    "datasets:read",
    "datasets:write",
    "embeddings:read",
    "embeddings:write",
    "logs:read",
    "logs:write",
    "metrics:read",
    "metrics:write",
    "prompts:read",
    "prompts:write",
    "tool-usage:read",
    "tool-usage:write",
}


def check_scope(value: str) -> Scope:
    if value in SCOPE_VALUES:
        return cast(Scope, value)
    raise TypeError(f"Unexpected value {value!r}. Expected one of {SCOPE_VALUES!r}")
