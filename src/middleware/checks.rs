//! What is refused before any handler sees it.

use std::collections::HashSet;

use percent_encoding::percent_decode_str;
use poem::{
    Request,
    http::{HeaderName, Version, header},
};

use crate::{
    openapi::Routes,
    problem::{ApiError, FieldError, Problem, ProblemCode},
};

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// Refuses a request that no operation could take for what it is meant to be.
///
/// # Errors
/// 400 for a URL or headers that are none, 422 for parameters that the operation does not have.
pub fn check(request: &Request, routes: &Routes) -> Result<(), ApiError> {
    check_head(request)?;
    check_query(request, routes)?;
    check_headers(request, routes)
}

/// Refuses a URL that decodes to something that no text of ours can be, and headers that contradict each other.
fn check_head(request: &Request) -> Result<(), ApiError> {
    let malformed = |detail: &str| {
        Err(ApiError::new(Problem::new(
            ProblemCode::MalformedRequest,
            detail,
        )))
    };
    let uri = request.uri();
    let parts = [uri.path(), uri.query().unwrap_or_default()];
    for part in parts.into_iter().filter(|part| part.contains('%')) {
        match percent_decode_str(part).decode_utf8() {
            Err(_) => return malformed("The URL is not UTF-8 once percent-decoded."),
            Ok(text) if text.contains('\0') => {
                return malformed("The URL contains the character U+0000.");
            }
            Ok(_) => {}
        }
    }
    // RFC 9112 §3.2; HTTP/2 names the host in the URI.
    let hosts = request.headers().get_all(header::HOST).iter().count();
    if hosts > 1 || (hosts == 0 && request.version() == Version::HTTP_11) {
        return malformed("The request must have one `Host` header.");
    }
    // Only the first would be read. Two `Authorization` headers are refused where tokens are.
    const ONCE: [HeaderName; 4] = [
        header::CONTENT_TYPE,
        header::CONTENT_ENCODING,
        IDEMPOTENCY_KEY,
        LAST_EVENT_ID,
    ];
    let is_repeated = |name: &&HeaderName| request.headers().get_all(*name).iter().nth(1).is_some();
    match ONCE.iter().find(is_repeated) {
        Some(name) => malformed(&format!("The request has more than one `{name}` header.")),
        None => Ok(()),
    }
}

/// Refuses query parameters that the operation does not have, or that are there twice where one is read: a
/// misspelt filter must not look like one that matched everything, nor two like one.
fn check_query(request: &Request, routes: &Routes) -> Result<(), ApiError> {
    let Some(query) = request.uri().query() else {
        return Ok(());
    };
    let Some(known) = routes.query_parameters(request.method(), request.uri().path()) else {
        return Ok(());
    };
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(query).unwrap_or_default();
    let mut seen = HashSet::new();
    let mut rule = |name: &str| match (known.get(name), seen.insert(name.to_owned())) {
        (None, _) => Some("is not a parameter of the operation"),
        (Some(false), false) => Some("must not be repeated"),
        _ => None,
    };
    let errors: Vec<_> = pairs
        .iter()
        .filter_map(|(name, _)| Some(FieldError::parameter(name, rule(name)?)))
        .collect();
    if errors.is_empty() {
        Ok(())
    } else {
        Err(ApiError::new(Problem::invalid(errors)))
    }
}

/// Refuses a header of an operation that is no ASCII text. The framework reads it as if it were not there,
/// and a write that asks for a condition must not go without it.
fn check_headers(request: &Request, routes: &Routes) -> Result<(), ApiError> {
    const PARAMETERS: [(HeaderName, &str); 4] = [
        (IDEMPOTENCY_KEY, "Idempotency-Key"),
        (header::IF_MATCH, "If-Match"),
        (header::IF_NONE_MATCH, "If-None-Match"),
        (LAST_EVENT_ID, "Last-Event-ID"),
    ];
    let is_text = |(name, _): &(HeaderName, &str)| {
        let mut values = request.headers().get_all(name).iter();
        values.all(|value| value.to_str().is_ok())
    };
    let Some((_, odd)) = PARAMETERS.into_iter().find(|parameter| !is_text(parameter)) else {
        return Ok(());
    };
    // Who says no 422 ignores what it does not know.
    match routes.query_parameters(request.method(), request.uri().path()) {
        Some(_) => Err(ApiError::invalid_parameter(odd, "must be ASCII text")),
        None => Ok(()),
    }
}
