from enum import Enum


class ProblemCode(str, Enum):
    HAS_EMBEDDINGS = "has_embeddings"
    IDEMPOTENCY_KEY_REUSED = "idempotency_key_reused"
    ID_TAKEN = "id_taken"
    INSUFFICIENT_SCOPE = "insufficient_scope"
    INTERNAL = "internal"
    INVALID_REQUEST = "invalid_request"
    MALFORMED_REQUEST = "malformed_request"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    NAME_TAKEN = "name_taken"
    NOT_FOUND = "not_found"
    NOT_NEWEST = "not_newest"
    PROVIDER_FAILED = "provider_failed"
    PROVIDER_TIMEOUT = "provider_timeout"
    PROVIDER_UNAVAILABLE = "provider_unavailable"
    REQUEST_TIMEOUT = "request_timeout"
    SECRET_UNREADABLE = "secret_unreadable"
    STALE = "stale"
    TIMEOUT = "timeout"
    TOO_LARGE = "too_large"
    TOO_MANY_REQUESTS = "too_many_requests"
    UNAUTHORIZED = "unauthorized"
    UNAVAILABLE = "unavailable"
    UNSUPPORTED_MEDIA_TYPE = "unsupported_media_type"

    def __str__(self) -> str:
        return str(self.value)
