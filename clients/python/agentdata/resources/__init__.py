"""The resources of the API.

Made from openapi/openapi.json by `make clients`. Do not edit: `make test` compares."""

from __future__ import annotations

from .._sender import AsyncSender, Sender
from .agents import Agents, AsyncAgents
from .auth import AsyncAuth, Auth
from .configs import AsyncConfigs, Configs
from .datasets import AsyncDatasets, Datasets
from .embeddings import AsyncEmbeddings, Embeddings
from .logs import AsyncLogs, Logs
from .metrics import AsyncMetrics, Metrics
from .prompts import AsyncPrompts, Prompts
from .server import AsyncServer, Server
from .tool_usage import AsyncToolUsage, ToolUsage


class Resources:
    """The resources that an AgentData has."""

    agents: Agents
    """AI agents: what each one is."""
    auth: Auth
    """Access tokens, and the clients that may ask for them (OAuth 2.0)."""
    configs: Configs
    """What agents are configured with: JSON values by key, with every version."""
    datasets: Datasets
    """Datasets: what the embeddings in each have in common."""
    embeddings: Embeddings
    """Embeddings: texts and their vectors, and the search for the nearest."""
    logs: Logs
    """Logs: what agents said, and when."""
    metrics: Metrics
    """Metrics: data points that agents measured."""
    prompts: Prompts
    """Versions of what an agent is told, and the labels on them."""
    server: Server
    """Health and metrics of the server."""
    tool_usage: ToolUsage
    """Tool usage: the calls that agents made to tools."""

    def _bind(self, sender: Sender) -> None:
        self.agents = Agents(sender)
        self.auth = Auth(sender)
        self.configs = Configs(sender)
        self.datasets = Datasets(sender)
        self.embeddings = Embeddings(sender)
        self.logs = Logs(sender)
        self.metrics = Metrics(sender)
        self.prompts = Prompts(sender)
        self.server = Server(sender)
        self.tool_usage = ToolUsage(sender)


class AsyncResources:
    """The resources that an AsyncAgentData has."""

    agents: AsyncAgents
    """AI agents: what each one is."""
    auth: AsyncAuth
    """Access tokens, and the clients that may ask for them (OAuth 2.0)."""
    configs: AsyncConfigs
    """What agents are configured with: JSON values by key, with every version."""
    datasets: AsyncDatasets
    """Datasets: what the embeddings in each have in common."""
    embeddings: AsyncEmbeddings
    """Embeddings: texts and their vectors, and the search for the nearest."""
    logs: AsyncLogs
    """Logs: what agents said, and when."""
    metrics: AsyncMetrics
    """Metrics: data points that agents measured."""
    prompts: AsyncPrompts
    """Versions of what an agent is told, and the labels on them."""
    server: AsyncServer
    """Health and metrics of the server."""
    tool_usage: AsyncToolUsage
    """Tool usage: the calls that agents made to tools."""

    def _bind(self, sender: AsyncSender) -> None:
        self.agents = AsyncAgents(sender)
        self.auth = AsyncAuth(sender)
        self.configs = AsyncConfigs(sender)
        self.datasets = AsyncDatasets(sender)
        self.embeddings = AsyncEmbeddings(sender)
        self.logs = AsyncLogs(sender)
        self.metrics = AsyncMetrics(sender)
        self.prompts = AsyncPrompts(sender)
        self.server = AsyncServer(sender)
        self.tool_usage = AsyncToolUsage(sender)
