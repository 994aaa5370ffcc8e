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
    # As it is: a newer server may have more values than this client knows.
    return cast(Scope, value)
