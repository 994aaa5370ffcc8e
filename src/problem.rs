//! Every answer that is not 2xx: `application/problem+json` as RFC 9457 defines it.

use std::time::Duration;

use poem::{IntoResponse, Response, http::StatusCode};
use poem_openapi::{
    ApiResponse, Enum, Object,
    payload::{Json, Payload},
    registry::{MetaMediaType, MetaResponse, MetaResponses, MetaSchemaRef, Registry},
    types::{ToJSON, Type},
};

use crate::{auth::Scope, db::DbError, telemetry};

/// How many seconds a client should wait before it tries again after a 503.
const RETRY_AFTER_SECONDS: &str = "1";

/// What went wrong, for programs. New kinds may be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(rename_all = "snake_case")]
pub enum ProblemCode {
    /// The request could not be parsed.
    MalformedRequest,
    /// The request could be parsed, but its content breaks a rule; `errors` names the places.
    InvalidRequest,
    /// There is no valid access token.
    Unauthorized,
    /// The access token lacks the scope that the operation needs.
    InsufficientScope,
    /// No such resource, or none that the caller may see.
    NotFound,
    /// The path exists, the method does not; `Allow` lists those that do.
    MethodNotAllowed,
    /// The body did not arrive in time.
    RequestTimeout,
    /// Another living resource has this name.
    NameTaken,
    /// Another resource has this id.
    IdTaken,
    /// `parent_version` is not the newest version.
    NotNewest,
    /// The dataset has embeddings, which fix its `dimension` and its `distance`.
    HasEmbeddings,
    /// The resource has changed since the `ETag` in `If-Match`.
    Stale,
    /// The body is larger than the operation accepts.
    TooLarge,
    /// The body's `Content-Type` or `Content-Encoding` is not one that the operation reads.
    UnsupportedMediaType,
    /// The `Idempotency-Key` was used before with another request.
    IdempotencyKeyReused,
    /// A secret cannot be decrypted, because the server's master key is another one.
    SecretUnreadable,
    /// The client sends more requests than it may; wait as long as `Retry-After` says.
    TooManyRequests,
    /// A fault of the server. The server's log has the cause under the request id.
    Internal,
    /// The server or its database is busy, starting or stopping. Nothing was stored; try again.
    Unavailable,
    /// Other requests for the same resource were in the way, several times. Nothing was stored; try again.
    Contended,
    /// The database was lost before it answered. Whether a write was stored is not known; send it again
    /// in a way that stores it once.
    OutcomeUnknown,
    /// The database took longer than it may. Whether a write was stored is not known, unless `detail` says
    /// that nothing was.
    Timeout,
    /// The embedding provider has refused the request, or its answer makes no sense.
    ProviderFailed,
    /// The embedding provider cannot be reached or is busy; try again.
    ProviderUnavailable,
    /// The embedding provider took longer than it may.
    ProviderTimeout,
}

impl ProblemCode {
    /// The status code and the title that go with the code.
    fn status_and_title(self) -> (StatusCode, &'static str) {
        match self {
            Self::MalformedRequest => (StatusCode::BAD_REQUEST, "The request could not be parsed"),
            Self::InvalidRequest => (StatusCode::UNPROCESSABLE_ENTITY, "The request is not valid"),
            Self::Unauthorized => (StatusCode::UNAUTHORIZED, "A valid access token is needed"),
            Self::InsufficientScope => (StatusCode::FORBIDDEN, "The access token lacks a scope"),
            Self::NotFound => (StatusCode::NOT_FOUND, "Not found"),
            Self::MethodNotAllowed => (StatusCode::METHOD_NOT_ALLOWED, "Method not allowed"),
            Self::RequestTimeout => (
                StatusCode::REQUEST_TIMEOUT,
                "The body did not arrive in time",
            ),
            Self::NameTaken => (StatusCode::CONFLICT, "The name is taken"),
            Self::IdTaken => (StatusCode::CONFLICT, "The id is taken"),
            Self::NotNewest => (StatusCode::CONFLICT, "There is a newer version"),
            Self::HasEmbeddings => (StatusCode::CONFLICT, "The dataset has embeddings"),
            Self::Stale => (StatusCode::PRECONDITION_FAILED, "The resource has changed"),
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "The body is too large"),
            Self::UnsupportedMediaType => (
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "The content type is not supported",
            ),
            Self::IdempotencyKeyReused => (
                StatusCode::UNPROCESSABLE_ENTITY,
                "The Idempotency-Key was used for another request",
            ),
            Self::SecretUnreadable => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "A secret cannot be decrypted",
            ),
            Self::TooManyRequests => (StatusCode::TOO_MANY_REQUESTS, "Too many requests"),
            Self::Internal => (StatusCode::INTERNAL_SERVER_ERROR, "Internal error"),
            Self::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "Temporarily unavailable"),
            Self::Contended => (
                StatusCode::SERVICE_UNAVAILABLE,
                "Other requests were in the way",
            ),
            Self::OutcomeUnknown => (StatusCode::SERVICE_UNAVAILABLE, "The outcome is not known"),
            Self::Timeout => (StatusCode::GATEWAY_TIMEOUT, "The database took too long"),
            Self::ProviderFailed => (StatusCode::BAD_GATEWAY, "The embedding provider failed"),
            Self::ProviderUnavailable => (
                StatusCode::SERVICE_UNAVAILABLE,
                "The embedding provider is unavailable",
            ),
            Self::ProviderTimeout => (
                StatusCode::GATEWAY_TIMEOUT,
                "The embedding provider took too long",
            ),
        }
    }
}

/// One place of a request that breaks a rule.
#[derive(Clone, Debug, Default, PartialEq, Eq, Object)]
#[oai(skip_serializing_if_is_none)]
pub struct FieldError {
    /// JSON Pointer (RFC 6901) to the place in the body; empty for the body as a whole. Absent
    /// when the place is not in the body.
    pub pointer: Option<String>,
    /// Name of the path, query or header parameter. Absent when the place is in the body.
    pub parameter: Option<String>,
    /// The rule that is broken.
    pub message: String,
}

impl FieldError {
    /// An error at a place in the body.
    pub fn body(pointer: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            pointer: Some(pointer.into()),
            parameter: None,
            message: message.into(),
        }
    }

    /// An error in a parameter.
    pub fn parameter(name: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            pointer: None,
            parameter: Some(name.into()),
            message: message.into(),
        }
    }
}

/// What went wrong (RFC 9457).
#[derive(Clone, Debug, Object)]
#[oai(example)]
pub struct Problem {
    /// URI of the kind of problem: `urn:agentdata:problem:` and the `code`.
    #[oai(rename = "type")]
    pub kind: String,
    /// The kind of problem in words.
    pub title: String,
    /// The HTTP status code of this answer.
    pub status: i32,
    /// The kind of problem as one word, for programs.
    pub code: ProblemCode,
    /// What is wrong with this request in particular.
    pub detail: String,
    /// `urn:uuid:` and the request id, which the answer's `X-Request-Id` and the server's log carry
    /// too.
    pub instance: String,
    /// The places of the request that break a rule; empty when the problem has no place.
    pub errors: Vec<FieldError>,
}

impl poem_openapi::types::Example for Problem {
    fn example() -> Self {
        Self {
            kind: "urn:agentdata:problem:invalid_request".into(),
            title: "The request is not valid".into(),
            status: 422,
            code: ProblemCode::InvalidRequest,
            detail: "/name: length is greater than 200".into(),
            instance: "urn:uuid:019308d4-6e65-7cc0-b5c5-2a0d8f1e4b11".into(),
            errors: vec![FieldError::body("/name", "length is greater than 200")],
        }
    }
}

impl Problem {
    /// A problem of this request.
    pub fn new(code: ProblemCode, detail: impl Into<String>) -> Self {
        let (status, title) = code.status_and_title();
        let name = code.to_json().unwrap_or_default();
        Self {
            kind: format!(
                "urn:agentdata:problem:{}",
                name.as_str().unwrap_or_default()
            ),
            title: title.to_owned(),
            status: i32::from(status.as_u16()),
            code,
            detail: detail.into(),
            // Outside of a request (unit tests, the connection loop) the id is a fresh one.
            instance: format!("urn:uuid:{}", telemetry::request_id().unwrap_or_default()),
            errors: Vec::new(),
        }
    }

    /// A request that could be parsed but breaks these rules.
    pub fn invalid(errors: Vec<FieldError>) -> Self {
        let detail = errors
            .iter()
            .map(|error| {
                let place = error.parameter.as_deref().or(error.pointer.as_deref());
                match place {
                    Some("") | None => error.message.clone(),
                    Some(place) => format!("{place}: {}", error.message),
                }
            })
            .collect::<Vec<_>>()
            .join("; ");
        Self {
            errors,
            ..Self::new(ProblemCode::InvalidRequest, detail)
        }
    }

    /// The same problem of a part of the body, which lies at this pointer.
    #[must_use]
    pub fn within(mut self: Box<Self>, pointer: &str) -> Box<Self> {
        if self.errors.is_empty() {
            self.detail = format!("{pointer}: {}", self.detail);
            return self;
        }
        let errors = self.errors.into_iter().map(|error| FieldError {
            pointer: error.pointer.map(|inner| format!("{pointer}{inner}")),
            ..error
        });
        Box::new(Self::invalid(errors.collect()))
    }
}

/// A [`Problem`] as a payload of its own content type.
#[derive(Clone, Debug)]
pub struct ProblemJson(Box<Problem>);

impl From<Problem> for ProblemJson {
    fn from(problem: Problem) -> Self {
        Self(Box::new(problem))
    }
}

impl Payload for ProblemJson {
    const CONTENT_TYPE: &'static str = "application/problem+json";

    fn check_content_type(content_type: &str) -> bool {
        content_type == Self::CONTENT_TYPE
    }

    fn schema_ref() -> MetaSchemaRef {
        Problem::schema_ref()
    }

    fn register(registry: &mut Registry) {
        Problem::register(registry);
    }
}

impl IntoResponse for ProblemJson {
    fn into_response(self) -> Response {
        Json(*self.0)
            .into_response()
            .with_content_type(Self::CONTENT_TYPE)
            .into_response()
    }
}

impl ApiResponse for ProblemJson {
    fn meta() -> MetaResponses {
        MetaResponses {
            responses: vec![MetaResponse {
                description: "",
                status: Some(500),
                status_range: None,
                content: vec![MetaMediaType {
                    content_type: Self::CONTENT_TYPE,
                    schema: Self::schema_ref(),
                }],
                headers: vec![],
            }],
        }
    }

    fn register(registry: &mut Registry) {
        Problem::register(registry);
    }
}

/// The errors of every operation. `openapi.rs` leaves in each operation's documentation the
/// statuses that the operation can answer.
#[derive(Debug, ApiResponse)]
pub enum ApiError {
    /// The request could not be parsed: not JSON, not UTF-8, or more than one `Authorization`.
    #[oai(status = 400)]
    Malformed(ProblemJson),
    /// There is no access token, or it is expired, revoked or not for this server (RFC 6750 §3.1).
    #[oai(status = 401)]
    Unauthorized(
        ProblemJson,
        /// The `Bearer` challenge; with `error="invalid_token"` when there was a token.
        #[oai(header = "WWW-Authenticate")]
        String,
    ),
    /// The access token lacks the scope that the operation needs (RFC 6750 §3.1).
    #[oai(status = 403)]
    Forbidden(
        ProblemJson,
        /// The `Bearer` challenge with `error="insufficient_scope"` and the scope that is needed.
        #[oai(header = "WWW-Authenticate")]
        String,
    ),
    /// There is no such resource for this caller.
    #[oai(status = 404)]
    NotFound(ProblemJson),
    /// The body did not arrive in time.
    #[oai(status = 408)]
    RequestTimeout(ProblemJson),
    /// The request conflicts with another resource, such as one with the same name.
    #[oai(status = 409)]
    Conflict(ProblemJson),
    /// The resource is no longer the one that `If-Match` names.
    #[oai(status = 412)]
    Stale(ProblemJson),
    /// The body, once inflated, is larger than the server accepts.
    #[oai(status = 413)]
    TooLarge(ProblemJson),
    /// The body's `Content-Type` or `Content-Encoding` is not supported.
    #[oai(status = 415)]
    UnsupportedMediaType(ProblemJson),
    /// The request could be parsed but is not valid; `errors` names every place.
    #[oai(status = 422)]
    Invalid(ProblemJson),
    /// The client sends more requests than it may.
    #[oai(status = 429)]
    TooMany(
        ProblemJson,
        /// Seconds to wait before the next try.
        #[oai(header = "Retry-After")]
        String,
    ),
    /// A fault of the server; the server's log has the cause under the request id.
    #[oai(status = 500)]
    Internal(ProblemJson),
    /// The embedding provider has refused the request, or its answer makes no sense. Nothing was stored.
    #[oai(status = 502)]
    BadGateway(ProblemJson),
    /// The server, its database or the embedding provider is busy, starting or stopping; try again. Nothing
    /// was stored, unless `code` is `outcome_unknown`.
    #[oai(status = 503)]
    Unavailable(
        ProblemJson,
        /// Seconds to wait before the next try.
        #[oai(header = "Retry-After")]
        String,
    ),
    /// The database took longer than a statement may, or the embedding provider than it may.
    #[oai(status = 504)]
    Timeout(ProblemJson),
}

/// Every error with its problem.
macro_rules! with_problem {
    ($problem:ident) => {
        (ApiError::Malformed($problem)
            | ApiError::Unauthorized($problem, _)
            | ApiError::Forbidden($problem, _)
            | ApiError::NotFound($problem)
            | ApiError::RequestTimeout($problem)
            | ApiError::Conflict($problem)
            | ApiError::Stale($problem)
            | ApiError::TooLarge($problem)
            | ApiError::UnsupportedMediaType($problem)
            | ApiError::Invalid($problem)
            | ApiError::TooMany($problem, _)
            | ApiError::Internal($problem)
            | ApiError::BadGateway($problem)
            | ApiError::Unavailable($problem, _)
            | ApiError::Timeout($problem))
    };
}

impl ApiError {
    /// The error for this problem, by its code.
    pub fn new(problem: Problem) -> Self {
        let code = problem.code;
        let json = ProblemJson::from(problem);
        match code {
            ProblemCode::MalformedRequest => Self::Malformed(json),
            ProblemCode::Unauthorized => Self::Unauthorized(json, challenge("")),
            ProblemCode::InsufficientScope => Self::Forbidden(json, challenge("")),
            ProblemCode::NotFound | ProblemCode::MethodNotAllowed => Self::NotFound(json),
            ProblemCode::RequestTimeout => Self::RequestTimeout(json),
            ProblemCode::NameTaken
            | ProblemCode::IdTaken
            | ProblemCode::NotNewest
            | ProblemCode::HasEmbeddings => Self::Conflict(json),
            ProblemCode::Stale => Self::Stale(json),
            ProblemCode::TooLarge => Self::TooLarge(json),
            ProblemCode::UnsupportedMediaType => Self::UnsupportedMediaType(json),
            ProblemCode::InvalidRequest | ProblemCode::IdempotencyKeyReused => Self::Invalid(json),
            ProblemCode::TooManyRequests => Self::TooMany(json, RETRY_AFTER_SECONDS.to_owned()),
            ProblemCode::SecretUnreadable | ProblemCode::Internal => Self::Internal(json),
            ProblemCode::Unavailable
            | ProblemCode::Contended
            | ProblemCode::OutcomeUnknown
            | ProblemCode::ProviderUnavailable => {
                Self::Unavailable(json, RETRY_AFTER_SECONDS.to_owned())
            }
            ProblemCode::Timeout | ProblemCode::ProviderTimeout => Self::Timeout(json),
            ProblemCode::ProviderFailed => Self::BadGateway(json),
        }
    }

    /// 503 for a while.
    pub fn unavailable(problem: Problem, wait: Duration) -> Self {
        Self::Unavailable(ProblemJson::from(problem), retry_after(wait))
    }

    /// 429 for a while.
    pub fn too_many(wait: Duration) -> Self {
        let detail = "The client sends more requests than it may.";
        let problem = Problem::new(ProblemCode::TooManyRequests, detail);
        Self::TooMany(ProblemJson::from(problem), retry_after(wait))
    }

    /// Whether the request itself is to blame, and what it wants to store.
    pub fn is_of_the_request(&self) -> bool {
        matches!(self, Self::Conflict(_) | Self::Invalid(_))
    }

    /// The same error that says one thing more.
    #[must_use]
    pub fn saying(mut self, more: &str) -> Self {
        let problem = self.problem_mut();
        problem.detail = format!("{} {more}", problem.detail);
        self
    }

    /// The kind of problem.
    pub fn code(&self) -> ProblemCode {
        self.problem().code
    }

    /// The same error, known to have stored nothing: one whose transaction was not to be committed yet.
    #[must_use]
    pub fn with_nothing_stored(self) -> Self {
        match self.code() {
            ProblemCode::OutcomeUnknown => DbError::Unavailable("before the commit".into()).into(),
            ProblemCode::Timeout => {
                let detail = "The database did not finish in time. Nothing was stored.";
                Self::new(Problem::new(ProblemCode::Timeout, detail))
            }
            _ => self,
        }
    }

    /// What is wrong with this request in particular.
    pub fn detail(mut self) -> String {
        std::mem::take(&mut self.problem_mut().detail)
    }

    fn problem(&self) -> &Problem {
        let with_problem!(problem) = self;
        &problem.0
    }

    fn problem_mut(&mut self) -> &mut Problem {
        let with_problem!(problem) = self;
        &mut problem.0
    }

    /// 500 that shows nothing; whoever makes one writes the cause to the log.
    pub fn internal() -> Self {
        let detail = "The server met a fault; its log has the cause under the request id.";
        Self::new(Problem::new(ProblemCode::Internal, detail))
    }

    /// 404 for a kind of resource. It says nothing about why, so that another tenant's resource
    /// and one that never was look the same.
    pub fn not_found(resource: &str) -> Self {
        Self::new(Problem::new(
            ProblemCode::NotFound,
            format!("There is no such {resource}."),
        ))
    }

    /// 401 when the request carries no token at all: RFC 6750 §3.1 wants no error code then.
    pub fn no_token() -> Self {
        Self::new(Problem::new(
            ProblemCode::Unauthorized,
            "The request has no access token; send one as `Authorization: Bearer …`.",
        ))
    }

    /// 401 when the token is not accepted.
    pub fn bad_token(reason: &str) -> Self {
        Self::Unauthorized(
            ProblemJson::from(Problem::new(
                ProblemCode::Unauthorized,
                format!("The access token is not accepted: {reason}."),
            )),
            challenge(&format!(
                ", error=\"invalid_token\", error_description=\"{reason}\""
            )),
        )
    }

    /// 403 when the token is good but has not this scope.
    pub fn missing_scope(scope: Scope) -> Self {
        let scope = scope.as_str();
        Self::Forbidden(
            ProblemJson::from(Problem::new(
                ProblemCode::InsufficientScope,
                format!("The operation needs the scope `{scope}`."),
            )),
            challenge(&format!(
                ", error=\"insufficient_scope\", scope=\"{scope}\""
            )),
        )
    }

    /// 422 for one parameter.
    pub fn invalid_parameter(name: &str, message: impl Into<String>) -> Self {
        Self::new(Problem::invalid(vec![FieldError::parameter(name, message)]))
    }
}

/// The value of `Retry-After` (RFC 9110 §10.2.3): whole seconds, at least one.
pub fn retry_after(wait: Duration) -> String {
    wait.as_secs_f64().ceil().max(1.0).to_string()
}

fn challenge(parameters: &str) -> String {
    format!("Bearer realm=\"agentdata\"{parameters}")
}

impl From<Box<Problem>> for ApiError {
    fn from(problem: Box<Problem>) -> Self {
        Self::new(*problem)
    }
}

impl From<DbError> for ApiError {
    fn from(error: DbError) -> Self {
        tracing::error!(%error, "database");
        let problem = match error {
            DbError::Unavailable(_) | DbError::Refused(_) => Problem::new(
                ProblemCode::Unavailable,
                "The database cannot be reached or is busy. Nothing was stored; try again.",
            ),
            DbError::Contended(_) => Problem::new(
                ProblemCode::Contended,
                "Others write there at the same time. Nothing was stored; try again.",
            ),
            DbError::Lost(_) if telemetry::request_is_safe() => Problem::new(
                ProblemCode::Unavailable,
                "The database was lost before it answered; try again.",
            ),
            DbError::Lost(_) => Problem::new(
                ProblemCode::OutcomeUnknown,
                "The database was lost before it answered, so a write may be stored or not.",
            ),
            DbError::Timeout if telemetry::request_is_safe() => {
                Problem::new(ProblemCode::Timeout, "The database did not answer in time.")
            }
            DbError::Timeout => Problem::new(
                ProblemCode::Timeout,
                "The database did not answer in time, so a write may be stored or not.",
            ),
            DbError::Query(_) => return Self::internal(),
        };
        Self::new(problem)
    }
}

impl From<diesel::result::Error> for ApiError {
    fn from(error: diesel::result::Error) -> Self {
        DbError::from(error).into()
    }
}
