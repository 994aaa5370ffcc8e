//! The body of every request that has one: bounded, inflated, parsed and checked in one place.
//!
//! A body type derives three things: serde's `Deserialize` reads it, garde's `Validate` checks its
//! bounds, poem-openapi's `Object` documents it. A test generated from the spec proves that the
//! documented bounds are the checked ones.

use std::{
    collections::HashSet, fmt, hash::Hash, marker::PhantomData, ops::Deref, sync::Arc,
    time::Duration,
};

use async_compression::tokio::bufread::{GzipDecoder, ZstdDecoder};
use bytes::Bytes;
use futures_util::StreamExt;
use garde::Validate;
use poem::{FromRequest, Request, RequestBody, http::header};
use poem_openapi::{
    ApiExtractor, ApiExtractorType, ExtractParamOptions,
    payload::Payload,
    registry::{MetaMediaType, MetaRequest, MetaSchemaRef, Registry},
    types::Type,
};
use serde::{
    Deserialize, Deserializer,
    de::{self, DeserializeOwned},
};
use tokio::{
    io::BufReader,
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

use crate::{
    problem::{ApiError, FieldError, Problem, ProblemCode},
    settings::Limits,
};

mod unstorable;

/// What one read of a body takes from the budget at a time.
const CHUNK: usize = 16 * 1024;

/// The bytes of request bodies that may be in memory at once, over all requests.
#[derive(Clone)]
pub struct BodyBudget {
    limits: Limits,
    chunks: Arc<Semaphore>,
}

impl BodyBudget {
    /// How long a body may take, and the next part of a body that comes in parts.
    pub fn patience(&self) -> Duration {
        self.limits.body_timeout
    }

    /// Room for so many bytes.
    ///
    /// # Errors
    /// 503 when there is none.
    pub fn room(&self, bytes: usize) -> Result<OwnedSemaphorePermit, ApiError> {
        let chunks = u32::try_from(bytes.div_ceil(CHUNK)).unwrap_or(u32::MAX);
        Arc::clone(&self.chunks)
            .try_acquire_many_owned(chunks)
            .map_err(|_| {
                let detail = "The server holds as many request bodies as it may; try again.";
                ApiError::new(Problem::new(ProblemCode::Unavailable, detail))
            })
    }

    /// A budget with these limits.
    pub fn new(limits: &Limits) -> Self {
        let chunks = limits.body_budget / CHUNK;
        Self {
            limits: limits.clone(),
            chunks: Arc::new(Semaphore::new(chunks.max(1))),
        }
    }
}

/// Which of the server's limits of size a body has.
pub trait Limit: 'static {
    /// The limit in bytes.
    fn of(limits: &Limits) -> usize;
}

/// The limit of most bodies.
pub struct Ordinary;

impl Limit for Ordinary {
    fn of(limits: &Limits) -> usize {
        limits.max_body_bytes
    }
}

/// A JSON request body of the type `T` (`Content-Type: application/json`), read up to the server's
/// limit `L`, `Content-Encoding` `gzip` or `zstd` undone.
pub struct Body<T, L = Ordinary> {
    value: T,
    bytes: Bytes,
    limit: PhantomData<fn() -> L>,
    _budget: Vec<OwnedSemaphorePermit>,
}

impl<T, L> Body<T, L> {
    /// The body's bytes after inflation, by which an idempotent resend is recognised.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The parsed and checked value.
    pub fn into_inner(self) -> T {
        self.value
    }
}

impl<T, L> Deref for Body<T, L> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: Type, L: Limit> Payload for Body<T, L> {
    const CONTENT_TYPE: &'static str = "application/json";

    fn check_content_type(content_type: &str) -> bool {
        is_type(content_type, Self::CONTENT_TYPE)
    }

    fn schema_ref() -> MetaSchemaRef {
        T::schema_ref()
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }
}

impl<'a, T, L> ApiExtractor<'a> for Body<T, L>
where
    T: Type + DeserializeOwned + Validate<Context = ()>,
    L: Limit,
{
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];
    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        T::register(registry);
    }

    fn request_meta() -> Option<MetaRequest> {
        Some(MetaRequest {
            description: None,
            content: vec![MetaMediaType {
                content_type: <Self as Payload>::CONTENT_TYPE,
                schema: T::schema_ref(),
            }],
            required: true,
        })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        if !is_of_type(request, <Self as Payload>::CONTENT_TYPE) {
            return Err(unsupported("send the body as `Content-Type: application/json`").into());
        }
        let (bytes, budget) = read(request, body, L::of).await?;
        let Object(value) = parse::<Object<T>>(&bytes).map_err(ApiError::from)?;
        check(&value).map_err(ApiError::from)?;
        Ok(Self {
            value,
            bytes,
            limit: PhantomData,
            _budget: budget,
        })
    }
}

/// Whether the request says that its body is of this media type, and in UTF-8 if it says that too.
pub fn is_of_type(request: &Request, media_type: &str) -> bool {
    request
        .content_type()
        .is_some_and(|content_type| is_type(content_type, media_type))
}

fn is_type(content_type: &str, media_type: &str) -> bool {
    content_type.parse::<mime::Mime>().is_ok_and(|mime| {
        mime.essence_str() == media_type
            && mime
                .get_param(mime::CHARSET)
                .is_none_or(|charset| charset == mime::UTF_8)
    })
}

/// Reads and inflates the body within the server's limits of time and of size, of which there are
/// several.
pub async fn read(
    request: &Request,
    body: &mut RequestBody,
    limit: fn(&Limits) -> usize,
) -> Result<(Bytes, Vec<OwnedSemaphorePermit>), ApiError> {
    let Some(budget) = request.data::<BodyBudget>() else {
        return Err(ApiError::new(Problem::new(
            ProblemCode::Internal,
            "The server has no body limits.",
        )));
    };
    let declared = request
        .header(header::CONTENT_LENGTH)
        .and_then(|length| length.parse::<usize>().ok());
    let limit = limit(&budget.limits);
    if declared.is_some_and(|length| length > limit) {
        return Err(too_large(limit));
    }
    let body = inflated(request, body).await?;
    let read = read_bounded(body, budget, limit);
    timeout(budget.limits.body_timeout, read)
        .await
        .unwrap_or_else(|_| {
            let detail = "The body did not arrive in time.";
            Err(ApiError::new(Problem::new(
                ProblemCode::RequestTimeout,
                detail,
            )))
        })
}

/// The body, inflated as it comes.
///
/// # Errors
/// 415 when its coding is not understood.
pub async fn inflated(request: &Request, body: &mut RequestBody) -> Result<poem::Body, ApiError> {
    let raw = <poem::Body as FromRequest>::from_request(request, body)
        .await
        .map_err(|_| malformed("The body was read already."))?;
    // RFC 9110 §8.4.1: codings are named in any case.
    let Some(encoding) = request.header(header::CONTENT_ENCODING) else {
        return Ok(raw);
    };
    let reader = |raw: poem::Body| BufReader::new(raw.into_async_read());
    match encoding.to_ascii_lowercase().as_str() {
        "identity" => Ok(raw),
        // RFC 1952 §2.2, RFC 8878 §3.1: several members are one body; what is none is refused.
        "gzip" => {
            let mut decoder = GzipDecoder::new(reader(raw));
            decoder.multiple_members(true);
            Ok(poem::Body::from_async_read(decoder))
        }
        "zstd" => {
            let mut decoder = ZstdDecoder::new(reader(raw));
            decoder.multiple_members(true);
            Ok(poem::Body::from_async_read(decoder))
        }
        _ => Err(unsupported("`Content-Encoding` must be gzip or zstd")),
    }
}

async fn read_bounded(
    body: poem::Body,
    budget: &BodyBudget,
    limit: usize,
) -> Result<(Bytes, Vec<OwnedSemaphorePermit>), ApiError> {
    let mut parts = std::pin::pin!(body.into_bytes_stream());
    let mut bytes = Vec::new();
    let (mut permits, mut room) = (Vec::new(), 0);
    while let Some(part) = parts.next().await {
        let part =
            part.map_err(|error| malformed(format!("The body could not be read: {error}.")))?;
        let length = bytes.len() + part.len();
        if length > limit {
            return Err(too_large(limit));
        }
        if length > room {
            let more = (length - room).next_multiple_of(CHUNK);
            permits.push(budget.room(more)?);
            room += more;
        }
        bytes.extend_from_slice(&part);
    }
    Ok((bytes.into(), permits))
}

fn too_large(limit: usize) -> ApiError {
    let detail = format!("The body, once inflated, is larger than {limit} bytes.");
    ApiError::new(Problem::new(ProblemCode::TooLarge, detail))
}

fn malformed(detail: impl Into<String>) -> Box<Problem> {
    Box::new(Problem::new(ProblemCode::MalformedRequest, detail))
}

/// 415.
pub fn unsupported(detail: &str) -> ApiError {
    ApiError::new(Problem::new(ProblemCode::UnsupportedMediaType, detail))
}

/// Parses a JSON text.
///
/// # Errors
/// 400 when it is no JSON, 422 with the place that does not fit the type.
pub fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Box<Problem>> {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return Err(malformed("The body is not valid JSON: it is not UTF-8."));
    };
    if let Some((pointer, rule)) = unstorable::find(bytes) {
        return Err(invalid(pointer, rule));
    }
    serde_json::from_str(text).or_else(|_| {
        // Once more, to learn the place: to keep account of it takes longer than to parse.
        let mut json = serde_json::Deserializer::from_str(text);
        let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
            // What is not JSON at all is that first, wherever its type went wrong.
            match serde_json::from_str::<de::IgnoredAny>(text) {
                Err(syntax) => json_error("", &syntax),
                Ok(_) => json_error(&pointer_to(error.path()), error.inner()),
            }
        })?;
        json.end().map_err(|error| json_error("", &error))?;
        Ok(value)
    })
}

/// A value that stands in JSON as an object. serde's derive takes an array for a struct too, which no
/// schema of ours says.
pub struct Object<T>(pub T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> de::Visitor<'de> for Members<T> {
            type Value = T;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: de::MapAccess<'de>>(self, members: A) -> Result<T, A::Error> {
                T::deserialize(de::value::MapAccessDeserializer::new(members))
            }
        }

        deserializer
            .deserialize_map(Members(PhantomData))
            .map(Object)
    }
}

/// Reads a member that is not null when it is there; for `deserialize_with`, beside `default`.
///
/// # Errors
/// When it is null, or does not fit the type.
pub fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    from: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(from).map(Some)
}

/// Checks the bounds of a value.
///
/// # Errors
/// 422 with every place that breaks one.
pub fn check<T: Validate<Context = ()>>(value: &T) -> Result<(), Box<Problem>> {
    value.validate().map_err(|report| {
        let errors = report
            .iter()
            .map(|(path, error)| {
                FieldError::body(garde_pointer(&path.to_string()), error.message())
            })
            .collect();
        Box::new(Problem::invalid(errors))
    })
}

/// A rule for the lists of a body: no item is in it twice.
pub fn unique<T: Hash + Eq + fmt::Display>(items: &[T], (): &()) -> garde::Result {
    let mut seen = HashSet::new();
    match items.iter().find(|item| !seen.insert(*item)) {
        Some(twice) => Err(garde::Error::new(format!("has `{twice}` twice"))),
        None => Ok(()),
    }
}

/// 400 for what is not JSON, 422 for JSON that does not fit the type.
fn json_error(pointer: &str, error: &serde_json::Error) -> Box<Problem> {
    let message = error.to_string();
    // That is a number which fits no double; as JSON it is in order.
    if !error.is_data() && !message.starts_with("number out of range") {
        return malformed(format!("The body is not valid JSON: {error}."));
    }
    // serde names the type's own place for a member that is missing or there twice; the member's place
    // helps more.
    let member = message
        .strip_prefix("missing field `")
        .or_else(|| message.strip_prefix("duplicate field `"))
        .and_then(|rest| rest.split('`').next());
    let pointer = match member {
        Some(member) => format!("{pointer}/{member}"),
        None => pointer.to_owned(),
    };
    invalid(pointer, message)
}

/// 422 for one place.
pub fn invalid(pointer: impl Into<String>, message: impl Into<String>) -> Box<Problem> {
    Box::new(Problem::invalid(vec![FieldError::body(pointer, message)]))
}

/// RFC 6901 §3: `~` and `/` are escaped in a reference token.
fn escape_token(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

fn pointer_to(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    path.iter()
        .map(|segment| match segment {
            Segment::Seq { index } => format!("/{index}"),
            Segment::Map { key } => format!("/{}", escape_token(key)),
            Segment::Enum { variant } => format!("/{variant}"),
            Segment::Unknown => String::new(),
        })
        .collect()
}

/// garde writes `tags[3]` and `items[0].name`; the field names are ours, so they hold no separators.
fn garde_pointer(path: &str) -> String {
    path.split(['.', '['])
        // Not `part.is_empty()`: poem-openapi's `Type`, in scope here, has one that is always false.
        .filter(|part| **part != *"")
        .map(|part| format!("/{}", part.trim_end_matches(']').trim_start_matches("r#")))
        .collect()
}

#[cfg(any(test, fuzzing))]
pub mod fuzz;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn garde_paths_become_json_pointers() {
        assert_eq!(garde_pointer("items[0].name"), "/items/0/name");
        assert_eq!(garde_pointer("tags[3]"), "/tags/3");
        assert_eq!(garde_pointer("filter.r#in"), "/filter/in");
        assert_eq!(garde_pointer(""), "");
    }
}
