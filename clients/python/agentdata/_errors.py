"""What can go wrong. Everything that this package raises for a request is an `AgentDataError`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, cast

import httpx
from agentdata_client.models import FieldError, Problem, ProblemCode

_DETAIL_CHARACTERS = 500


class AgentDataError(Exception):
    """The root of all errors of this package."""


class ConnectionFailed(AgentDataError):
    """The server cannot be reached, or the connection broke.

    Attributes:
        unsent: Whether the request surely did not reach the server; if not, it may have taken effect or not.
    """

    unsent = False


class TimedOut(ConnectionFailed):
    """The server did not answer within the timeout."""


class UnexpectedAnswer(AgentDataError):
    """An answer that is not what the API describes, such as a proxy's page."""


class NotModified(AgentDataError):
    """304: the resource is still the one that `if_none_match` names."""


class ApiError(AgentDataError):
    """The server refused the request.

    Attributes:
        status: The HTTP status code.
        problem: The problem document (RFC 9457), made up from the answer when it has none.
        request_id: The request's id, under which the server's log has the cause; None when a proxy answered.
        retry_after: Seconds that the server asks to wait for, or None.
    """

    _by_status: ClassVar[dict[int, type[ApiError]]] = {}

    def __init_subclass__(cls, status: int | None = None) -> None:
        if status is not None:
            ApiError._by_status[status] = cls

    def __init__(
        self, status: int, problem: Problem, request_id: str | None = None, retry_after: float | None = None
    ) -> None:
        self.status = status
        self.problem = problem
        self.request_id = request_id
        self.retry_after = retry_after
        named = f" (request {request_id})" if request_id else ""
        super().__init__(f"{status} {problem.code}: {problem.detail}{named}")

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.status, self.problem, self.request_id, self.retry_after)

    @property
    def code(self) -> str:
        """The kind of problem as one word, such as `name_taken`; newer servers may have more of them."""
        return self.problem.code

    @property
    def errors(self) -> list[FieldError]:
        """The places of the request that break a rule."""
        return self.problem.errors


class MalformedRequest(ApiError, status=400):
    """400: the request could not be parsed, or the token endpoint refused it."""


class Unauthorized(ApiError, status=401):
    """401: the access token or the client's credentials are not valid."""


class Forbidden(ApiError, status=403):
    """403: the access token lacks the scope that the operation needs."""


class NotFound(ApiError, status=404):
    """404: no such resource, or none that the caller may see."""


class Conflict(ApiError, status=409):
    """409: a name or an id is taken, or there is a newer version."""


class PreconditionFailed(ApiError, status=412):
    """412: the resource is no longer the one that `if_match` names."""


class TooLarge(ApiError, status=413):
    """413: the body is larger than the operation accepts."""


class InvalidRequest(ApiError, status=422):
    """422: the request's content breaks a rule; `errors` names the places."""


class TooManyRequests(ApiError, status=429):
    """429: too many requests."""


class ServerError(ApiError):
    """5xx: the server, or what it depends on, has failed."""


def api_error(response: httpx.Response) -> ApiError:
    """The error that a refusal, whose content is read, stands for."""
    status = response.status_code
    default = ServerError if status >= 500 else ApiError
    problem = _problem(response)
    request_id = response.headers.get("X-Request-Id") or problem.instance.removeprefix("urn:uuid:") or None
    return ApiError._by_status.get(status, default)(status, problem, request_id, retry_after(response))


def connection_error(error: httpx.RequestError) -> AgentDataError:
    """The error that one of the transport stands for."""
    if isinstance(error, httpx.LocalProtocolError):
        # Its text may have the headers in it.
        return AgentDataError("the request has a header that HTTP does not allow")
    named = TimedOut if isinstance(error, httpx.TimeoutException) else ConnectionFailed
    failed = named(f"{type(error).__name__}: {error}")
    failed.unsent = isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout)
    return failed


def retry_after(response: httpx.Response) -> float | None:
    """Seconds that the answer asks to wait for. A date is not understood: this server gives seconds."""
    value = response.headers.get("Retry-After", "")
    return float(value) if value.isascii() and value.isdigit() else None


def _problem(response: httpx.Response) -> Problem:
    try:
        content = response.json()
    except ValueError:
        content = None
    if not isinstance(content, Mapping):
        content = {}
    # By hand: a `code` that is newer than this package must not hide the problem. The token endpoint's
    # errors have the form of RFC 6749.
    errors = content.get("errors")
    return Problem(
        type_=str(content.get("type", "about:blank")),
        title=str(content.get("title", response.reason_phrase)),
        status=response.status_code,
        code=cast(ProblemCode, str(content.get("code", content.get("error", "unknown")))),
        detail=str(
            content.get("detail", content.get("error_description", response.text[:_DETAIL_CHARACTERS] or "no details"))
        ),
        instance=str(content.get("instance", "")),
        errors=[_field_error(error) for error in errors if isinstance(error, Mapping)]
        if isinstance(errors, list)
        else [],
    )


def _field_error(error: Mapping[str, Any]) -> FieldError:
    return FieldError.from_dict({"message": "", **error})
