"""agentdata: the data of AI agents, from a server.

`AgentData` is the client, `AsyncAgentData` the one for asyncio. Their resources, such as `client.agents` and
`client.logs`, have a method for each operation of the API; `client.agent(agent_id)` is one agent at work. Answers are
models of `agentdata.models`; what requests hold are plain arguments and dictionaries, whose types are in
`agentdata.params`.
"""

from agentdata_client import models
from agentdata_client.types import UNSET, Unset

from . import params
from ._agent import AgentHandle, AsyncAgentHandle
from ._client import AgentData, AsyncAgentData
from ._errors import (
    AgentDataError,
    ApiError,
    Conflict,
    ConnectionFailed,
    Forbidden,
    InvalidRequest,
    MalformedRequest,
    NotFound,
    NotModified,
    PreconditionFailed,
    ServerError,
    TimedOut,
    TooLarge,
    TooManyRequests,
    Unauthorized,
    UnexpectedAnswer,
)
from ._events import AsyncEvents, Events
from ._lines import AsyncLines, Lines
from ._outbox import Report, Undelivered
from ._pages import AsyncPages, Page, Pages
from ._recorder import AsyncRecorder, Recorder
from ._tool import ToolCall
from ._uuid7 import uuid7
from ._version import __version__

__all__ = [
    "UNSET",
    "AgentData",
    "AgentDataError",
    "AgentHandle",
    "ApiError",
    "AsyncAgentData",
    "AsyncAgentHandle",
    "AsyncEvents",
    "AsyncLines",
    "AsyncPages",
    "AsyncRecorder",
    "Conflict",
    "ConnectionFailed",
    "Events",
    "Forbidden",
    "InvalidRequest",
    "Lines",
    "MalformedRequest",
    "NotFound",
    "NotModified",
    "Page",
    "Pages",
    "PreconditionFailed",
    "Recorder",
    "Report",
    "ServerError",
    "TimedOut",
    "TooLarge",
    "TooManyRequests",
    "ToolCall",
    "Unauthorized",
    "Undelivered",
    "UnexpectedAnswer",
    "Unset",
    "__version__",
    "models",
    "params",
    "uuid7",
]
