"""What requests hold, as plain dictionaries.

Made from openapi/openapi.json by `make clients`. Do not edit: `make test` compares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import TypedDict
from uuid import UUID

from agentdata_client.models import (
    Include,
    Level,
    MetricKind,
    PromptRole,
    SearchMode,
    ToolStatus,
)

# A condition on the metadata of embeddings. Everything that it says must hold: a comparison of what
# is at `path`, or several, and whatever `and`, `or` and `not` say. It must say something.
#
# What is not there equals nothing, is in no range and contains nothing; so only `ne`, `not` and
# `"exists": false` hold for it.
Filter = TypedDict(
    "Filter",
    {
        # The place in the metadata that the comparisons are about, as a JSON Pointer (RFC 6901) such as
        # `/chapter` or `/author/name`; at most 16 deep.
        "path": "str",
        # It equals this value. Objects and arrays are equal in all that they hold.
        "eq": "object",
        # It does not equal this value.
        "ne": "object",
        # It equals one of these values.
        "in": "Sequence[object]",
        # It is less than this value and of its type; texts are compared by their code points.
        "lt": "str | float | bool",
        # It is less than this value, or equals it, and is of its type.
        "lte": "str | float | bool",
        # It is greater than this value and of its type.
        "gt": "str | float | bool",
        # It is greater than this value, or equals it, and is of its type.
        "gte": "str | float | bool",
        # Whether it is there; `null` is.
        "exists": "bool",
        # It is an array with this value among its items, or a text with this text in it.
        "contains": "str | float | bool",
        # It is a text that begins with this one.
        "prefix": "str",
        # All of these hold.
        "and": "Sequence[Filter]",
        # One of these holds.
        "or": "Sequence[Filter]",
        # This does not hold.
        "not": "Filter",
    },
    total=False,
)


class Fusion(TypedDict, total=False):
    """How the orders by vectors and by texts are fused into one: reciprocal rank fusion (Cormack, Clarke,
    Büttcher 2009). An embedding's score is the sum, over the orders that it is in, of weight ÷ (constant
    + rank). Each order goes as far as `k`, and as 100.
    """

    rank_constant: int
    """The constant. The larger it is, the less does it count to be the very first."""
    vector_weight: float
    """The weight of the order by vectors."""
    text_weight: float
    """The weight of the order by texts."""


class _NewEmbeddingRequired(TypedDict):
    content: str
    """The text."""


class NewEmbedding(_NewEmbeddingRequired, total=False):
    """A new embedding."""

    id: UUID | str | None
    """Its id, for resending it safely and for replacing it later; the server makes a UUIDv7 when
    absent or null.
    """
    embedding: Sequence[float] | str
    """The vector: an array of numbers, or a text that is the base64 of the numbers as little-endian
    float32. All of a dataset have as many numbers, at most 16000. Under the distance `cosine` they
    are within float32, of a Euclidean length up to 9.2e18, and not all zeros; otherwise between -65504
    and 65504. Without it the embedding provider makes one of the text; a server that has none wants
    it.
    """
    metadata: Mapping[str, object]
    """Whatever else belongs to it; at most 64 KiB of JSON as sent."""


class _NewLogRequired(TypedDict):
    level: Level
    """How grave it is."""
    message: str
    """What happened, in words."""


class NewLog(_NewLogRequired, total=False):
    """A new log."""

    id: UUID | str | None
    """Its id, a UUIDv7, for resending it safely: what is there already under the id and the
    `timestamp` is not stored again, and the first stays. The server makes one when absent or
    null.
    """
    timestamp: datetime | None
    """When it happened; must lie in the millisecond of `id`, not before 1970, and at most a day
    ahead. Default: the instant of `id`, or else now.
    """
    attributes: Mapping[str, object]
    """Whatever else belongs to it; at most 256 KiB of JSON as sent."""
    trace_id: str | None
    """The trace that it belongs to (W3C Trace Context): 32 hexadecimal digits."""
    span_id: str | None
    """The span that it belongs to: 16 hexadecimal digits."""
    session_id: str | None
    """The session or conversation that it belongs to."""


class _NewMetricRequired(TypedDict):
    name: str
    """The metric's name, by OpenTelemetry's rules: a letter, then letters, digits, `_`, `.`, `-` and
    `/`, at most 255 in all.
    """
    kind: MetricKind
    """What the value is."""
    value: float
    """The value, a finite double."""


class NewMetric(_NewMetricRequired, total=False):
    """A new data point."""

    id: UUID | str | None
    """Its id, a UUIDv7, for resending it safely: what is there already under the id and the
    `timestamp` is not stored again, and the first stays. The server makes one when absent or
    null.
    """
    timestamp: datetime | None
    """When it was measured; must lie in the millisecond of `id`, not before 1970, and at most a day
    ahead. Default: the instant of `id`, or else now.
    """
    unit: str | None
    """The unit of the value, in UCUM as OpenTelemetry writes it, such as `ms`, `By` or `{request}`;
    at most 63 visible ASCII characters.
    """
    attributes: Mapping[str, object]
    """What tells this series from others of the name: at most 32 members, each a string, a number or
    a boolean, in at most 16 KiB of JSON as sent.
    """


class _NewToolUsageRequired(TypedDict):
    tool_name: str
    """The tool's name."""
    status: ToolStatus
    """How the call ended."""


class NewToolUsage(_NewToolUsageRequired, total=False):
    """A new call of a tool."""

    id: UUID | str | None
    """Its id, a UUIDv7, for resending it safely: what is there already under the id and the
    `timestamp` is not stored again, and the first stays. The server makes one when absent or
    null.
    """
    timestamp: datetime | None
    """When the call began; must lie in the millisecond of `id`, not before 1970, and at most a day
    ahead. Default: the instant of `id`, or else now.
    """
    tool_type: str | None
    """What kind of tool it is, such as `function`, `mcp` or `retrieval`; free text."""
    call_id: str | None
    """The id of the call that the model gave."""
    input: object
    """What the tool was given, any JSON of at most 256 KiB as sent; null is the same as nothing."""
    output: object
    """What the tool answered, any JSON of at most 256 KiB as sent; null is the same as nothing."""
    error_type: str | None
    """What kind of error it was, such as `ConnectionError`."""
    error_message: str | None
    """The error in words."""
    duration_ms: int | None
    """How long the call took, in milliseconds."""
    input_tokens: int | None
    """Tokens that went into the call."""
    output_tokens: int | None
    """Tokens that came out of it."""
    cost_usd: Decimal | str | None
    """What it cost in US dollars: a decimal number in a string, so that no digit is lost. Up to 10
    digits before the point and 10 behind.
    """
    prompt_version: int | None
    """The version of the agent's prompt that made the call."""
    trace_id: str | None
    """The trace that it belongs to (W3C Trace Context)."""
    span_id: str | None
    """The span that it belongs to."""
    session_id: str | None
    """The session or conversation that it belongs to."""


class PromptMessage(TypedDict, total=False):
    """A part of a chat: either a message (`role` and `content`), or a `placeholder` for a list of
    messages.
    """

    role: PromptRole | None
    """Who speaks."""
    content: str | None
    """What is said: a template. All messages together may have 200,000 characters."""
    placeholder: str | None
    """Name of the variable whose messages stand here, such as the turns of the conversation so
    far.
    """


class SearchEmbeddings(TypedDict, total=False):
    """A search for embeddings."""

    mode: SearchMode
    """By what embeddings are searched for."""
    vector: Sequence[float] | str
    """The vector, in either form of a new embedding's: of the dataset's dimension, and under the
    distance `cosine` not all zeros. Without it the embedding provider makes one of `text`.
    """
    text: str
    """The text: what the texts of embeddings are compared with under the modes `text` and `hybrid`, and
    under `vector` and `hybrid` what a vector is made of when none is given.
    """
    k: int
    """How many embeddings to find."""
    filter: Filter
    """Only embeddings with such metadata."""
    max_distance: float | None
    """Of what is searched by vectors, only embeddings at this distance or nearer. Default: at any."""
    min_score: float | None
    """Of what is searched by vectors, only embeddings whose score by their distance is this or more.
    Default: any.
    """
    exact: bool
    """Compare with every embedding, although the dataset has an index."""
    ef_search: int | None
    """How many embeddings the index keeps in sight on its way; more find more of the nearest and take
    longer. Default: 100, or `k` when that is more.
    """
    include: Include
    """What comes with each embedding beside its text and metadata."""
    fusion: Fusion
    """How the mode `hybrid` fuses the two orders. Default: with all defaults."""
