"""What the schema of a request cannot say, told to schemathesis, so that it can demand that valid requests are accepted."""

import base64
import itertools
import json
import os
import uuid

import schemathesis

fresh_key = itertools.count()


def client_of(token):
    """The client to which a token was issued."""
    claims = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))["client_id"]


own_client = client_of(os.environ["AGENTDATA_TOKEN"])


@schemathesis.serializer("application/x-ndjson")
def lines(context, value):
    """Lines are sent as they are."""
    return value if isinstance(value, bytes) else str(value).encode()


@schemathesis.hook
def before_call(context, case, kwargs):
    # Without its client the token of all requests would be refused from then on.
    if case.method == "DELETE" and (case.path_parameters or {}).get("client_id") == own_client:
        case.path_parameters["client_id"] = str(uuid.uuid4())
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return
    # Made up, these fit the schema and match nothing all the same.
    (case.headers or {}).pop("If-Match", None)
    if case.method == "POST":
        (case.headers or {}).pop("If-None-Match", None)
    (case.query or {}).pop("cursor", None)
    (case.query or {}).pop("filter", None)
    if case.path.endswith("/import"):
        case.body = b'{"content":"c","embedding":[0.5,-0.25,1.0,0.125]}\n'
    if case.operation.label == "POST /agents/{agent_id}/prompts" and isinstance(case.body, dict):
        complete_prompt(case.body)
    if "version" in (case.query or {}):
        case.query.pop("as_of", None)
    # A number that no change has yet.
    (case.query or {}).pop("after", None)
    (case.headers or {}).pop("Last-Event-ID", None)
    # A made-up value does not fit a made-up schema, and most objects are no schema.
    if isinstance(case.body, dict) and case.path.endswith("/configs"):
        case.body.pop("schema", None)
    # A stretch of time ends after it begins, and has not too many buckets; few names are those of time zones.
    (case.query or {}).pop("to", None)
    if case.path.endswith(("/series", "/chart.svg", "/statistics")):
        (case.query or {}).pop("from", None)
    (case.query or {}).pop("timezone", None)
    resource = case.path.removesuffix("/batch").rsplit("/", 1)[-1]
    if resource in ("logs", "metrics", "tool-usage"):
        records = case.body if isinstance(case.body, list) else [case.body]
        for record in records:
            if isinstance(record, dict):
                complete_record(record, resource)
    if isinstance(case.body, dict):
        fit_vectors(case.body, case.operation.label)
    # A key that was used for another body is refused.
    if "Idempotency-Key" in (case.headers or {}):
        case.headers["Idempotency-Key"] = f"contract-{next(fresh_key)}"


def fit_vectors(body, label):
    """All vectors of a dataset are of one dimension; an id is not twice in a request."""
    vector = [0.5, -0.25, 1.0, 0.125]
    if "/datasets" in label and "/embeddings" not in label:
        body.pop("dimension", None)
    for item in body.get("items") or [] if label.endswith("/embeddings") else []:
        item.pop("id", None)
        item["embedding"] = vector
    if "embed" in body:
        body["embed"] = False
    if "embedding" in body:
        body["embedding"] = vector
    if label.endswith("/search"):
        fit_search(body, vector)
    for query in body.get("queries") or [] if label.endswith("/search/batch") else []:
        fit_search(query, vector)
    if label.endswith("/embeddings/delete"):
        if "ids" not in body and "filter" not in body:
            body["filter"] = {"path": "/a", "exists": True}
        fit_filter(body.get("filter"))


def fit_search(search, vector):
    """Each mode has what it needs and nothing that says nothing; there is no provider."""
    mode = search.get("mode", "vector")
    search["vector"] = vector
    if mode == "text":
        for field in ("vector", "max_distance", "min_score"):
            search.pop(field, None)
    if mode == "vector":
        search.pop("text", None)
    else:
        search.setdefault("text", "refund")
    fit_filter(search.get("filter"))


def fit_filter(filter_):
    """A filter says something, and its paths are not too deep."""
    if not isinstance(filter_, dict):
        return
    if not set(filter_) - {"path"}:
        filter_["exists"] = True
    if isinstance(filter_.get("path"), str):
        filter_["path"] = "/".join(filter_["path"].split("/")[:17])
    for inner in (filter_.get("and") or []) + (filter_.get("or") or []) + [filter_.get("not")]:
        fit_filter(inner)


def complete_prompt(prompt):
    """A text has a template and no messages, a chat the other way round, and braces may be no template."""
    text = prompt.get("type") == "text"
    prompt.pop("messages" if text else "template", None)
    if text:
        prompt["template"] = (prompt.get("template") or "").replace("{", "(")
    else:
        messages = prompt.get("messages") or []
        for message in messages:
            if message.get("placeholder") is not None:
                message.pop("role", None)
                message.pop("content", None)
            else:
                message.pop("placeholder", None)
                message["role"] = message.get("role") or "user"
                message["content"] = (message.get("content") or "").replace("{", "(")
        prompt["messages"] = messages


def complete_record(record, resource):
    """An id is a UUIDv7 of the record's instant, which lies neither before 1970 nor ahead; a metric's attributes are flat.

    Numbers are small enough to be summed up."""
    record.pop("id", None)
    if not "1971" <= (record.get("timestamp") or "")[:4] <= "2025":
        record.pop("timestamp", None)
    for field in ("value", "input_tokens", "output_tokens"):
        if isinstance(record.get(field), int | float) and abs(record[field]) > 1e12:
            record[field] = 1
    if resource == "metrics" and isinstance(record.get("attributes"), dict):
        flat = [(k, v) for k, v in record["attributes"].items() if isinstance(v, str | int | float)]
        record["attributes"] = dict(flat[:32])
