from enum import Enum


class Scope(str, Enum):
    ADMIN = "admin"
    AGENTSREAD = "agents:read"
    AGENTSWRITE = "agents:write"
    CONFIGSREAD = "configs:read"
    CONFIGSSECRETS = "configs:secrets"
    CONFIGSWRITE = "configs:write"
    DATASETSREAD = "datasets:read"
    DATASETSWRITE = "datasets:write"
    EMBEDDINGSREAD = "embeddings:read"
    EMBEDDINGSWRITE = "embeddings:write"
    LOGSREAD = "logs:read"
    LOGSWRITE = "logs:write"
    METRICSREAD = "metrics:read"
    METRICSWRITE = "metrics:write"
    PROMPTSREAD = "prompts:read"
    PROMPTSWRITE = "prompts:write"
    TOOL_USAGEREAD = "tool-usage:read"
    TOOL_USAGEWRITE = "tool-usage:write"

    def __str__(self) -> str:
        return str(self.value)
