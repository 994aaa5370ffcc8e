//! What happens around every request: its id, its log line, its metrics, and the form of every
//! answer that no handler made.

use std::{
    net::IpAddr,
    panic::AssertUnwindSafe,
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::FutureExt;
use poem::{
    Endpoint, IntoResponse, Request, Response,
    error::{MethodNotAllowedError, NotFoundError},
    http::{HeaderName, HeaderValue, StatusCode, Version, header},
};
use poem_openapi::{
    OperationId,
    error::{
        AuthorizationError, ContentTypeError, ParseParamError, ParsePathError,
        ParseRequestPayloadError,
    },
};
use tokio::time::timeout;

use crate::{
    app::App,
    audit::{self, Answered},
    body,
    openapi::Routes,
    problem::{ApiError, Problem, ProblemCode, ProblemJson},
    server::AnswerBudget,
    settings::{Audit, Limits, ServeSettings},
    telemetry::{Metrics, REQUEST, RequestContext},
    values::Id,
};

mod checks;

/// About how many headers are added to every answer.
const ADDED_HEADERS: usize = 8;
const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// What the metrics and the log call requests that reached no operation.
const UNMATCHED: &str = "unmatched";

/// What is around every request.
#[derive(Clone)]
pub struct Around {
    metrics: Metrics,
    routes: Arc<Routes>,
    limits: Limits,
    answers: AnswerBudget,
    trusted_proxies: Arc<[IpAddr]>,
    audit: Audit,
    /// What a challenge adds, so that whoever has no token finds out where to get one (RFC 9728 §5.1).
    resource_metadata: Arc<str>,
}

impl Around {
    /// Around requests to these routes.
    pub fn new(app: &App, routes: Routes, settings: &ServeSettings) -> Self {
        let resource_metadata = format!(
            ", resource_metadata=\"{}/.well-known/oauth-protected-resource\"",
            app.public_url
        );
        Self {
            metrics: app.metrics.clone(),
            audit: settings.identity.audit,
            resource_metadata: resource_metadata.into(),
            routes: Arc::new(routes),
            limits: settings.limits.clone(),
            answers: AnswerBudget::new(settings.limits.answer_budget),
            trusted_proxies: settings.trusted_proxies.clone().into(),
        }
    }

    /// Answers a request, whatever happens on the way.
    pub async fn answer<E: Endpoint>(&self, endpoint: &E, request: Request) -> Response {
        let started = Instant::now();
        let id = request_id(&request);
        let method = request.method().clone();
        let path = request.uri().path().to_owned();
        let client_address = self.client_address(&request);
        // In HTTP/2 a request ends without its connection.
        let is_http_1 = request.version() <= Version::HTTP_11;
        let is_long = has_long_body(&request);
        let answer = async {
            let (response, operation) = self.guarded(endpoint, request).await;
            let mut response = self.answers.hold(response, method.is_safe());
            self.finish(&mut response, id);
            let unread = match response.status() {
                StatusCode::REQUEST_TIMEOUT | StatusCode::PAYLOAD_TOO_LARGE => is_http_1,
                status => is_http_1 && is_long && status.as_u16() >= 400,
            };
            if unread {
                // hyper closes a connection whose request was not read to its end. Said beforehand, the
                // client does not send its next request into it.
                let close = HeaderValue::from_static("close");
                response.headers_mut().insert(header::CONNECTION, close);
            }
            let (status, duration) = (response.status(), started.elapsed());
            self.metrics.observe(operation, status.as_u16(), duration);
            let answered = Answered {
                operation,
                method: &method,
                path: &path,
                from: client_address,
                response: &response,
            };
            audit::note(self.audit, &self.routes, &answered);
            // The path alone: a query can hold what does not belong in a log.
            macro_rules! answered {
                ($level:ident) => {
                    tracing::$level!(
                        %method,
                        path,
                        operation,
                        status = status.as_u16(),
                        milliseconds = duration.as_secs_f64() * 1e3,
                        from = client_address.map(tracing::field::display),
                        "answered"
                    )
                };
            }
            // A line for each success would cost a quarter of the CPU time of a read; the metrics count them.
            match status.as_u16() {
                500.. => answered!(warn),
                400.. => answered!(info),
                _ => answered!(debug),
            }
            response
        };
        let context = RequestContext::new(id, &method, client_address);
        REQUEST.scope(context, answer).await
    }

    /// The response and the id of the operation that made it.
    async fn guarded<E: Endpoint>(
        &self,
        endpoint: &E,
        request: Request,
    ) -> (Response, &'static str) {
        let path = request.uri().path().to_owned();
        let has_token = request.headers().contains_key(header::AUTHORIZATION);
        if let Err(error) = checks::check(&request, &self.routes) {
            return (error.into_response(), UNMATCHED);
        }
        let is_lines = body::is_of_type(&request, "application/x-ndjson");
        let time = if is_lines && self.routes.is_upload(request.method(), &path) {
            // A year. It waits for each part by itself.
            Duration::from_secs(365 * 86_400)
        } else {
            self.limits.request_timeout
        };
        let handled = AssertUnwindSafe(endpoint.call(request)).catch_unwind();
        match timeout(time, handled).await {
            Ok(Ok(Ok(output))) => {
                let response = output.into_response();
                let operation = response.data::<OperationId>().map_or(UNMATCHED, |id| id.0);
                (response, operation)
            }
            Ok(Ok(Err(error))) => {
                let operation = error.data::<OperationId>().map_or(UNMATCHED, |id| id.0);
                (self.error_response(error, &path, has_token), operation)
            }
            Ok(Err(_)) => {
                tracing::error!("a handler panicked");
                (ApiError::internal().into_response(), UNMATCHED)
            }
            Err(_) => {
                let detail = "The request took longer than a request may.";
                (
                    ApiError::new(Problem::new(ProblemCode::Timeout, detail)).into_response(),
                    UNMATCHED,
                )
            }
        }
    }

    /// Gives the framework's errors the form of all others; leaves those that handlers made.
    fn error_response(&self, error: poem::Error, path: &str, has_token: bool) -> Response {
        if error.is_from_response() {
            return error.into_response();
        }
        let invalid =
            |name: &str, reason: &str| ApiError::invalid_parameter(name, reason).into_response();
        if let Some(error) = error.downcast_ref::<ParseParamError>() {
            return invalid(error.name, plain_reason(&error.reason));
        }
        if let Some(error) = error.downcast_ref::<ParsePathError>() {
            // poem-openapi numbers the path's parameters: param0, param1, …
            let index = error.name.trim_start_matches("param").parse().unwrap_or(0);
            let name = self
                .routes
                .path_parameter(path, index)
                .unwrap_or(error.name);
            return invalid(name, plain_reason(&error.reason));
        }
        if error.is::<AuthorizationError>() {
            let error = if has_token {
                ApiError::bad_token("the Authorization header is not of the form `Bearer token`")
            } else {
                ApiError::no_token()
            };
            return error.into_response();
        }
        if error.is::<MethodNotAllowedError>() {
            let allow = self.routes.allow(path);
            let detail = format!("The path answers to {allow}.");
            let problem = Problem::new(ProblemCode::MethodNotAllowed, detail);
            let response = ProblemJson::from(problem)
                .into_response()
                .with_header(header::ALLOW, allow);
            return with_status(response.into_response(), StatusCode::METHOD_NOT_ALLOWED);
        }
        let problem = if error.is::<NotFoundError>() {
            Problem::new(ProblemCode::NotFound, "There is nothing at this path.")
        } else if error.is::<ContentTypeError>() {
            Problem::new(ProblemCode::UnsupportedMediaType, error.to_string())
        } else if error.is::<ParseRequestPayloadError>() {
            Problem::new(ProblemCode::MalformedRequest, error.to_string())
        } else {
            tracing::error!(%error, "the framework met a fault");
            return ApiError::internal().into_response();
        };
        ApiError::new(problem).into_response()
    }

    fn finish(&self, response: &mut Response, id: Id) {
        let tagged = response.headers().contains_key(header::ETAG);
        let headers = response.headers_mut();
        // At once, and not while they are added.
        headers.reserve(ADDED_HEADERS);
        if let Some(challenge) = headers.get_mut(header::WWW_AUTHENTICATE)
            && challenge.as_bytes().starts_with(b"Bearer")
        {
            let parts = [challenge.as_bytes(), self.resource_metadata.as_bytes()].concat();
            if let Ok(longer) = HeaderValue::from_bytes(&parts) {
                *challenge = longer;
            }
        }
        if let Ok(id) = HeaderValue::from_str(&id.to_string()) {
            headers.insert(X_REQUEST_ID, id);
        }
        for (name, value) in [
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (header::X_FRAME_OPTIONS, "DENY"),
            (header::REFERRER_POLICY, "no-referrer"),
            (
                header::CONTENT_SECURITY_POLICY,
                "default-src 'none'; frame-ancestors 'none'",
            ),
            (
                header::CACHE_CONTROL,
                if tagged {
                    "private, no-cache"
                } else {
                    "no-store"
                },
            ),
        ] {
            headers
                .entry(name)
                .or_insert(HeaderValue::from_static(value));
        }
    }

    /// Where the request comes from: the peer, or what a trusted proxy says of it.
    fn client_address(&self, request: &Request) -> Option<IpAddr> {
        let peer = request.remote_addr().as_socket_addr()?.ip();
        let forwarded = request
            .header("x-forwarded-for")
            .filter(|_| self.trusted_proxies.contains(&peer))
            // The last address is the one that our own proxy has seen.
            .and_then(|list| list.rsplit(',').next()?.trim().parse().ok());
        Some(forwarded.unwrap_or(peer))
    }
}

/// What a rule says, without what poem-openapi says of its types.
fn plain_reason(reason: &str) -> &str {
    let reason = match reason
        .strip_prefix("failed to parse ")
        .and_then(|rest| rest.split_once("\": "))
    {
        Some((_, reason)) => reason,
        None => reason.trim_start_matches("verification failed. "),
    };
    match reason.rsplit_once(" (occurred while parsing ") {
        Some((reason, _)) => reason,
        None => reason,
    }
}

/// Whether the request's body may be longer than what arrives with its head, so that an answer that does
/// not wait for it leaves some of it unread.
fn has_long_body(request: &Request) -> bool {
    const WITH_THE_HEAD: u64 = 8 * 1024;
    match request.header(header::CONTENT_LENGTH) {
        Some(length) => length
            .parse()
            .is_ok_and(|length: u64| length > WITH_THE_HEAD),
        None => request.headers().contains_key(header::TRANSFER_ENCODING),
    }
}

fn with_status(mut response: Response, status: StatusCode) -> Response {
    response.set_status(status);
    response
}

/// The caller's id when it is a UUID, so that a request can be followed through many services;
/// else a new one.
fn request_id(request: &Request) -> Id {
    request
        .header(X_REQUEST_ID)
        .and_then(|id| id.parse().ok())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use poem::{endpoint::make, http::Uri};

    use super::*;

    #[derive(Parser)]
    struct Settings {
        #[command(flatten)]
        serve: ServeSettings,
    }

    async fn answer_of<E: Endpoint>(endpoint: E, flags: &[&str]) -> (StatusCode, String) {
        let settings = Settings::parse_from(std::iter::once(&"test").chain(flags)).serve;
        let around = Around::new(
            &App::for_description().unwrap(),
            Routes::new(&serde_json::Value::Null),
            &settings,
        );
        let request = Request::builder()
            .uri(Uri::from_static("/x"))
            .header(header::HOST, "localhost")
            .finish();
        let response = around.answer(&endpoint, request).await;
        assert!(response.headers().contains_key(X_REQUEST_ID));
        (
            response.status(),
            response.into_body().into_string().await.unwrap(),
        )
    }

    #[tokio::test]
    async fn a_panic_is_a_problem_that_shows_nothing() {
        let endpoint = make(|_| async {
            if true {
                panic!("the secret reason");
            }
        });
        let (status, body) = answer_of(endpoint, &[]).await;
        assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
        assert!(
            body.contains("\"code\":\"internal\"") && !body.contains("secret"),
            "{body}"
        );
    }

    #[tokio::test]
    async fn a_fault_of_the_framework_is_a_problem_that_shows_nothing() {
        let fault = || poem::Error::from_string("the secret reason", StatusCode::BAD_GATEWAY);
        let (status, body) =
            answer_of(make(move |_| async move { Err::<(), _>(fault()) }), &[]).await;
        assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
        assert!(
            body.contains("\"code\":\"internal\"") && !body.contains("secret"),
            "{body}"
        );
    }

    #[tokio::test]
    async fn a_request_that_takes_too_long_is_given_up() {
        let endpoint = make(|_| std::future::pending::<()>());
        let (status, body) = answer_of(endpoint, &["--request-timeout", "0.01"]).await;
        assert_eq!(status, StatusCode::GATEWAY_TIMEOUT);
        assert!(body.contains("\"code\":\"timeout\""), "{body}");
    }
}
