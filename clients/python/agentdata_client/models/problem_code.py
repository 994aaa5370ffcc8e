from typing import Literal, cast

ProblemCode = Literal[
    "contended",
    "has_embeddings",
    "id_taken",
    "idempotency_key_reused",
    "insufficient_scope",
    "internal",
    "invalid_request",
    "malformed_request",
    "method_not_allowed",
    "name_taken",
    "not_found",
    "not_newest",
    "outcome_unknown",
    "provider_failed",
    "provider_timeout",
    "provider_unavailable",
    "request_timeout",
    "secret_unreadable",
    "stale",
    "timeout",
    "too_large",
    "too_many_requests",
    "unauthorized",
    "unavailable",
    "unsupported_media_type",
]

PROBLEM_CODE_VALUES: set[ProblemCode] = {
    "contended",
    "has_embeddings",
    "id_taken",
    "idempotency_key_reused",
    "insufficient_scope",
    "internal",
    "invalid_request",
    "malformed_request",
    "method_not_allowed",
    "name_taken",
    "not_found",
    "not_newest",
    "outcome_unknown",
    "provider_failed",
    "provider_timeout",
    "provider_unavailable",
    "request_timeout",
    "secret_unreadable",
    "stale",
    "timeout",
    "too_large",
    "too_many_requests",
    "unauthorized",
    "unavailable",
    "unsupported_media_type",
}


def check_problem_code(value: str) -> ProblemCode:
    # As it is: a newer server may have more values than this client knows.
    return cast(ProblemCode, value)
